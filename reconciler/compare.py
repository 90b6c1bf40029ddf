"""How a desired body differs from an actual one, looking only at what we declare.

| desired            | actual              | difference                          |
|--------------------|---------------------|-------------------------------------|
| {"a": 1}           | {"a": 1, "b": 2}    | none: `b` is somebody else's        |
| {"a": 1}           | {"a": 2}            | a: 2 -> 1                           |
| {"a": 1}           | {}                  | a: null -> 1                        |
| {"a": {"b": 1}}    | {"a": {"c": 3}}     | a.b: null -> 1                      |
| {"a": {}}          | {"a": null}         | none: nothing is declared in it     |
| {"a": [1, 2]}      | {"a": [2, 1]}       | a: the whole list (kinds sort sets) |
| {"a": Unknown}     | anything            | a: only apply can tell              |
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from reconciler.model import Body, Difference


def differences(
    desired: Body,
    actual: Body,
    *,
    write_only: Collection[str] = (),
    canonical: Mapping[str, Callable[[Any], Any]] | None = None,
) -> tuple[Difference, ...]:
    """The declared fields that differ, in the order of the paths.

    `write_only` are paths that Azure takes and never returns. `canonical` maps a path to a function that
    gives both sides one spelling before they are compared (letter case, order of a set).
    """
    found: list[Difference] = []
    _walk(desired, actual, "", write_only, canonical or {}, found)
    return tuple(sorted(found, key=lambda d: d.path))


def _walk(
    desired: Any,
    actual: Any,
    path: str,
    write_only: Collection[str],
    canonical: Mapping[str, Callable[[Any], Any]],
    found: list[Difference],
) -> None:
    if path in write_only:
        return
    if isinstance(desired, Mapping):
        inside = actual if isinstance(actual, Mapping) else {}
        for key, value in desired.items():
            _walk(value, inside.get(key), f"{path}.{key}" if path else key, write_only, canonical, found)
        return
    spell = canonical.get(path)
    same = spell(desired) == spell(actual) if spell else desired == actual
    if not same or isinstance(desired, bool) != isinstance(actual, bool):
        found.append(Difference(path, actual, desired))


def lower(value: Any) -> Any:
    """One spelling for what Azure compares without regard to case."""
    return value.lower() if isinstance(value, str) else value


def as_path(value: Any) -> Any:
    """One spelling for an API's path: Azure strips the leading slash (arm-wire.md §3.1)."""
    return value.strip("/").lower() if isinstance(value, str) else value


def as_lines(value: Any) -> Any:
    """One spelling for a text of several lines, whatever ends them; none is an empty one."""
    return "\n".join(value.splitlines()).strip() if isinstance(value, str) else value or ""


def as_set(value: Any) -> Any:
    """One spelling for a list whose order means nothing."""
    return sorted((lower(v) for v in value), key=str) if isinstance(value, list | tuple) else value

"""Where a world is read from, and whether that is a document at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from simulator.strict_json import DEEPEST, measured

JSON = dict[str, Any]
FOLDER = Path(__file__).parent / "worlds"  # NAME.json, or NAME.py with a function build()
DEFAULT = "contoso"


class WorldError(ValueError):
    """A world that cannot be: one sentence per mistake."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


@dataclass(frozen=True)
class World:
    """A document that describes a world, and what to call it in messages."""

    source: str
    document: JSON


def read_world(world: Mapping[str, Any] | str | Path | None) -> World:
    """A world given as such, by the name of a built-in one, or by a path."""
    if isinstance(world, Mapping):
        return _shallow(World("the world", dict(world)))
    if world is not None and not (isinstance(world, str | Path) and str(world)):
        called = type(world).__name__
        raise WorldError(
            [f"a world is an object, the name of a built-in one or a path, not {world!r:.60} ({called})"]
        )
    name = str(DEFAULT if world is None else world)
    if not Path(name).suffix and "/" not in name:
        return _built_in(name)
    hint = f"; give a world file or the name of a built-in one: {', '.join(names())}"
    return _shallow(_parsed(name, _text(name, hint)))


def _shallow(world: World) -> World:
    """What is nested more deeply could not be asked for in a request either."""
    try:
        _, depth = measured(world.document)
    except RecursionError:
        depth = DEEPEST + 1
    if depth > DEEPEST:
        raise WorldError([f"{world.source}: objects and lists are nested too deeply to be a world"])
    return world


def names() -> list[str]:
    """The built-in worlds."""
    return sorted(each.stem for each in FOLDER.iterdir() if each.suffix in {".json", ".py"} and each.stem[0] != "_")


def _built_in(name: str) -> World:
    if name not in names():
        known = ", ".join(names())
        raise WorldError(
            [f"there is no built-in world '{name}'; there are: {known} (a file is given as {name}.json)"]
        )
    source = f"the built-in world {name}"
    if (FOLDER / f"{name}.py").exists():
        return World(source, import_module(f"simulator.worlds.{name}").build())
    return _parsed(source, _kept(FOLDER / f"{name}.json"))


@lru_cache(maxsize=8)
def _kept(path: Path) -> str:
    return path.read_text("utf-8")


def _text(name: str, hint: str) -> str:
    try:
        return Path(name).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as mistake:
        wrong = f"byte {mistake.start} is 0x{mistake.object[mistake.start]:02x}"
        raise WorldError([f"{name}: this is no text in UTF-8 ({wrong}); save it as UTF-8"]) from mistake
    except (OSError, ValueError) as mistake:
        reason = mistake.strerror if isinstance(mistake, OSError) else mistake
        raise WorldError([f"{name}: cannot be read ({reason}){hint}"]) from mistake


def _parsed(source: str, text: str) -> World:
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> JSON:
        found = dict(pairs)
        if len(found) != len(pairs):
            repeated.extend(sorted({name for name, _ in pairs if [each for each, _ in pairs].count(name) > 1}))
        return found

    try:
        document = json.loads(text, object_pairs_hook=unique, parse_constant=_no_number)
    except json.JSONDecodeError as mistake:
        where = f"line {mistake.lineno}, column {mistake.colno}"
        raise WorldError([f"{source}: this is no JSON at {where}: {mistake.msg}"]) from mistake
    except RecursionError as mistake:
        raise WorldError([f"{source}: objects and lists are nested too deeply to be a world"]) from mistake
    except ValueError as mistake:
        raise WorldError([f"{source}: this is no JSON: {mistake}"]) from mistake
    if repeated:
        raise WorldError([f"{source}: the field '{name}' is given twice in one object" for name in repeated])
    if not isinstance(document, dict):
        raise WorldError([f'{source}: a world is an object: {{"subscriptions": {{…}}, "resources": […]}}'])
    return World(source, document)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")

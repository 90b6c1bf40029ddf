"""How the text of a configuration file becomes a `Config`, or one clear sentence per mistake.

YAML 1.2 through ruamel.yaml, which refuses duplicate keys (a reader that keeps the last one would flip
`prune` silently) and knows the line of every key.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from reconciler.config import Config
from reconciler.errors import ConfigError

_LARGEST = 1_000_000
_EMPTY = "{} is empty; a minimal file has owner, and gateways with an id and accounts"


def parse(text: str, name: str) -> Config:
    """The configuration in `text`; `name` is what messages call the file. Raises ConfigError."""
    if not text.strip():
        raise ConfigError(_EMPTY.format(name))
    if len(text) > _LARGEST:
        raise ConfigError(f"{name} is larger than {_LARGEST:,} characters; that is no configuration of ours")
    document = _load(text, name)
    if document is None:
        raise ConfigError(_EMPTY.format(name))
    if not isinstance(document, CommentedMap):
        raise ConfigError(f"{name} must be a mapping with the keys owner and gateways, not a {_word(document)}")
    try:
        return Config.model_validate(_plain(document))
    except ValidationError as error:
        raise ConfigError("\n".join(_sentences(error, document, name))) from None
    except UnicodeEncodeError:
        raise ConfigError(
            f"{name}: an escape such as \\ud800 is half a character; write the character itself"
        ) from None


_PLAIN = {
    "missing": "is missing; add it",
    "tuple_type": "must be a list; write each entry on a line that starts with '- '",
    "dict_type": "must be a mapping of settings to values",
    "model_type": "must be a mapping of settings to values",
    "too_short": "is an empty list; it needs at least one entry",
    "string_too_short": "is empty; give it a value, or leave it out",
}
_WANTED = {"bool_type": "true or false", "int_type": "a whole number", "string_type": "text (in quotes)"}


def _load(text: str, name: str) -> Any:
    try:
        return YAML(typ="rt").load(text)
    except DuplicateKeyError as error:
        mark = error.problem_mark
        key = str(error.problem).partition('"')[2].partition('"')[0]
        raise ConfigError(f"{name}{_at(mark)}: the key '{key}' stands twice; remove one of them") from None
    except MarkedYAMLError as error:
        raise ConfigError(f"{name}{_at(error.problem_mark)}: not YAML: {error.problem}") from None
    except YAMLError as error:
        raise ConfigError(f"{name}: not YAML: {' '.join(str(error).split())}") from None


def _at(mark: Any) -> str:
    return "" if mark is None else f" line {mark.line + 1}, column {mark.column + 1}"


def _plain(value: Any) -> Any:
    """Ruamel's containers and scalars as the builtins that strict validation expects."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    for builtin in (bool, int, float, str):
        if isinstance(value, builtin):
            return builtin(value)
    return value


def _word(value: Any) -> str:
    return "list" if isinstance(value, list) else "single value"


def _sentences(error: ValidationError, document: CommentedMap, name: str) -> Iterable[str]:
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == "too_short" and any(_within(d["loc"], detail["loc"]) for d in details):
            continue  # an entry that is itself wrong was not counted; its own sentence says so
        loc = detail.get("ctx", {}).get("at", detail["loc"])
        where = _path(loc)
        line = _line(document, loc)
        place = f"{name} line {line}" if line else name
        yield f"{place}: {_sentence(detail, where)}"


def _sentence(detail: ErrorDetails, where: str) -> str:
    match detail["type"]:
        case "extra_forbidden":
            known = _known_keys(detail["loc"])
            near = difflib.get_close_matches(str(detail["loc"][-1]), known, n=1, cutoff=0.5)
            hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(sorted(known))}"
            return f"'{where}' is not a setting; {hint}"
        case "literal_error":
            given = json.dumps(detail["input"], default=str)
            return f"'{where}' must be {detail['ctx']['expected']}, not {given}"
        case kind if kind in _PLAIN:
            return f"'{where}' {_PLAIN[kind]}"
        case kind if kind in _WANTED:
            return f"'{where}' must be {_WANTED[kind]}, not {json.dumps(detail['input'], default=str)}"
        case "value_error":
            text = str(detail["ctx"]["error"])
            return f"{where}: {text}" if where else text
        case _:
            shown = json.dumps(detail["input"], default=str)[:80]
            message = detail["msg"][:1].lower() + detail["msg"][1:]
            return f"'{where}' is {shown}: {message}"


def _within(inner: Sequence[str | int], outer: Sequence[str | int]) -> bool:
    return len(inner) > len(outer) and tuple(inner[: len(outer)]) == tuple(outer)


def _path(loc: Sequence[str | int]) -> str:
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _line(document: Any, loc: Sequence[str | int]) -> int | None:
    """The line (from 1) of the deepest part of `loc` that stands in the file."""
    line: int | None = None
    for part in loc:
        if isinstance(document, CommentedMap) and part in document:
            line = document.lc.key(part)[0] + 1
        elif isinstance(document, CommentedSeq) and isinstance(part, int) and part < len(document):
            line = document.lc.item(part)[0] + 1
        else:
            break
        document = document[part]
    return line


def _known_keys(loc: Sequence[str | int]) -> list[str]:
    """The settings that exist beside the unknown one."""
    model: Any = Config
    free = False  # the next part is a name that the file chose, such as a profile's
    for part in loc[:-1]:
        if isinstance(part, int) or free:
            free = False
        elif isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields:
            annotation = model.model_fields[part].annotation
            model, free = _model_in(annotation), get_origin(annotation) is dict
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _model_in(annotation: Any) -> Any:
    """The settings class inside an annotation such as `tuple[Gateway, ...]` or `dict[str, Profile]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in get_args(annotation) if (m := _model_in(a)) is not None), None)

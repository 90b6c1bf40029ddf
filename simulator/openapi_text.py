"""How the text of an API's description becomes data, and what API Management says of text that does not."""

import json
import math
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import Node, ScalarNode

from simulator import strict_json
from simulator.errors import not_modelled

JSON = dict[str, Any]
MOST_NODES = 200_000  # of a document whose aliases are spelt out; Foundry's longest has 16,000
_OAI = "https://github.com/OAI/OpenAPI-Specification/blob/master"
_INVALID = "The input OpenAPI file is not valid for the OpenAPI specification {0}/versions/{1}.md (schema {0}/{2})."
NOT_3_0 = _INVALID.format(
    _OAI, "3.0.1", "schemas/v3.0/schema.yaml"
)  # also said of 3.1 (MicrosoftDocs/azure-docs#123982)
NOT_2_0 = _INVALID.format(_OAI, "2.0", "schemas/v2.0/schema.json")


class Rejected(Exception):  # a verdict about a document
    """API Management does not take this document: one sentence per reason, about one field of the request."""

    def __init__(self, *reasons: str, target: str = "representation") -> None:
        self.reasons = reasons
        self.target = target
        super().__init__("; ".join(reasons))

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Target and message of each detail of the refusal (arm-wire 3.2)."""
        parsing = "" if self.target != "representation" else "Parsing error(s): "
        return [(self.target, f"{parsing}{reason}") for reason in self.reasons]


class _Texts(SafeConstructor):
    """Leaves dates as they were written: JSON knows no dates. Spells no aliases out that stand for too much."""

    def construct_document(self, node: Any) -> Any:
        if _nodes(node, {}) > MOST_NODES:
            raise not_modelled(f"YAML documents whose aliases stand for more than {MOST_NODES} values")
        return super().construct_document(node)


def _nodes(node: Node, known: dict[int, int]) -> int:
    """How many values a document has when every alias is spelt out; RecursionError if one stands for itself."""
    if isinstance(node, ScalarNode):
        return 1 + len(str(node.value)) // 100
    if id(node) not in known:
        parts = node.value
        inner = [each for pair in parts for each in (pair if isinstance(pair, tuple) else (pair,))]
        known[id(node)] = 1 + sum(_nodes(each, known) for each in inner)
    return known[id(node)]


_Texts.add_constructor("tag:yaml.org,2002:timestamp", lambda constructor, node: constructor.construct_scalar(node))


def read_json(text: str) -> JSON:
    """A Swagger document; the words are Newtonsoft's (reported: hashicorp/terraform-provider-azurerm#12519)."""
    bare = text.lstrip("\ufeff")
    try:
        return _object(strict_json.read_json(bare))
    except ValueError as mistake:
        first = re.search(r"\S", bare)
        if first is None or first[0] not in '{["-0123456789tfn':
            character = first[0] if first else ""
            said = (
                f"Unexpected character encountered while parsing value: {character}. Path '', line 0, position 0."
            )
        else:
            said = f"Invalid JSON: {mistake}."
        raise Rejected(said) from mistake


def read_any(text: str, *, yaml: bool) -> JSON:
    """An OpenAPI document: JSON, or YAML where the format says so."""
    bare = text.lstrip("\ufeff")
    try:
        return _object(strict_json.read_json(bare))
    except ValueError as mistake:
        found = _read_yaml(bare)
        if not yaml:
            raise Rejected(f"The document is not valid JSON: {mistake}", NOT_3_0) from mistake
    if isinstance(found, dict) and "swagger" in found:  # version 2 is for JSON only (DOC-import)
        return read_json(text)
    return _object(found)


def _read_yaml(text: str) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Texts
    try:
        return _shallow(_json_of(yaml.load(text)))
    except MarkedYAMLError as mistake:
        raise Rejected(_where_and_what(mistake), NOT_3_0) from mistake
    except (YAMLError, ValueError, TypeError, RecursionError) as mistake:
        raise Rejected(f"The document is not valid YAML: {type(mistake).__name__}.", NOT_3_0) from mistake


def _shallow(value: Any) -> Any:
    if strict_json.measured(value)[1] > strict_json.DEEPEST:
        raise ValueError("the document is nested too deeply")
    return value


def _where_and_what(mistake: MarkedYAMLError) -> str:
    """As reported: Azure/azure-cli#29405, hashicorp/terraform-provider-azurerm#24559."""
    mark = mistake.problem_mark or mistake.context_mark
    place = f"(Lin: {mark.line}, Col: {mark.column}, Chr: {mark.index})" if mark else "(Lin: 0, Col: 0, Chr: 0)"
    parts = (str(mistake.context or "").strip(), str(mistake.problem or "").strip())
    said = ", ".join(part for part in parts if part)
    said = said.replace("mapping values are not allowed here", "mapping values are not allowed in this context")
    return f"{place} - {place}: {said[:1].upper()}{said[1:]}."


def _json_of(value: Any) -> Any:
    """Names are strings, as in JSON: `200:` below `responses` is the number 200 in YAML."""
    if isinstance(value, dict):
        return {_name(name): _json_of(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_json_of(each) for each in value]
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ValueError("the value is none of JSON")  # .nan, .inf, !!binary, !!set


def _name(name: Any) -> str:
    return name if isinstance(name, str) else json.dumps(name)


def _object(value: Any) -> JSON:
    if not isinstance(value, dict):
        raise Rejected("The document is not an OpenAPI document.", NOT_3_0)
    return value

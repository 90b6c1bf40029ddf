"""Which fields the parts of an OpenAPI document may have: API Management's reader knows those of 3.0 and of 2.0.

A table has a line for each kind of object: its fields, and after a colon of what kind the field's value is: `Kind`,
`[Kind]` a list of them, `{Kind}` an object of them by name. Extensions (`x-…`) may stand anywhere. That a field it
does not know is refused, and with these words: stephaneey/azure-apim-extension#62, MicrosoftDocs/azure-docs#105288.
"""

from collections.abc import Iterator
from typing import Any

from simulator.openapi_text import NOT_3_0, Rejected

JSON = dict[str, Any]
Table = dict[str, dict[str, str]]


def _table(**lines: str) -> Table:
    return {
        kind: {name: of for name, _, of in (field.partition(":") for field in line.split())}
        for kind, line in lines.items()
    }


_METHODS = (
    "get:Operation put:Operation post:Operation delete:Operation options:Operation head:Operation patch:Operation"
)
OPENAPI_3_0 = _table(
    Document="openapi info:Info servers:[Server] paths:{Path} components:Components security tags:[Tag] "
    "externalDocs",
    Info="title description contact:Contact license:License termsOfService version",
    Contact="name url email",
    License="name url",
    Server="url description variables:{Variable}",
    Variable="enum default description",
    Tag="name description externalDocs",
    Components="schemas:{Schema} responses:{Response} parameters:{Parameter} examples requestBodies:{Body} "
    "headers:{Header} securitySchemes links callbacks",
    Path=f"$ref summary description servers:[Server] parameters:[Parameter] trace {_METHODS}",
    Operation="tags summary description externalDocs operationId parameters:[Parameter] requestBody:Body "
    "responses:{Response} callbacks deprecated security servers:[Server]",
    Parameter="name in description required deprecated allowEmptyValue style explode allowReserved schema:Schema "
    "example examples content:{Media}",
    Header="description required deprecated allowEmptyValue style explode allowReserved schema:Schema example "
    "examples content:{Media}",
    Body="description content:{Media} required",
    Media="schema:Schema example examples encoding",
    Response="description headers:{Header} content:{Media} links",
    Schema="title multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern "
    "maxItems minItems uniqueItems maxProperties minProperties required enum type allOf:[Schema] oneOf:[Schema] "
    "anyOf:[Schema] not:Schema items:Schema properties:{Schema} additionalProperties:Schema description format "
    "default nullable "
    "discriminator readOnly writeOnly xml externalDocs example deprecated",
)
SWAGGER_2 = _table(
    Document="swagger info:Info host basePath schemes consumes produces paths:{Path} definitions "
    "parameters:{Parameter} responses:{Response} securityDefinitions security tags:[Tag] externalDocs",
    Info="title description contact:Contact license:License termsOfService version",
    Contact="name url email",
    License="name url",
    Tag="name description externalDocs",
    Path=f"$ref parameters:[Parameter] {_METHODS}",
    Operation="tags summary description externalDocs operationId consumes produces parameters:[Parameter] "
    "responses:{Response} schemes deprecated security",
    Parameter="name in description required schema type format allowEmptyValue items collectionFormat default "
    "maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems "
    "enum "
    "multipleOf",
    Response="description schema headers examples",
)


def need_known_fields(source: JSON, table: Table, specification: str = NOT_3_0) -> None:
    """Refuse a document with fields that its version does not have, one reason each."""
    unknown = [
        f"{name} is not a valid property at {where}" for where, name in _unknown(table, "Document", source, "#")
    ]
    if unknown:
        raise Rejected(*unknown[:10], specification)


def _unknown(table: Table, kind: str, value: Any, where: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict) or ("$ref" in value and kind != "Path"):  # beside a reference nothing counts
        return
    fields = table[kind]
    for name, part in value.items():
        if name in fields:
            yield from _inside(table, fields[name], part, f"{where}/{_escaped(name)}")
        elif not name.startswith("x-"):
            yield where + ("/" if where == "#" else ""), name


def _inside(table: Table, of: str, part: Any, where: str) -> Iterator[tuple[str, str]]:
    kind = of.strip("[]{}")
    if of.startswith("["):
        for position, each in enumerate(part if isinstance(part, list) else []):
            yield from _unknown(table, kind, each, f"{where}/{position}")
    elif of.startswith("{"):
        for name, each in (part if isinstance(part, dict) else {}).items():
            if not (kind in {"Path", "Response"} and name.startswith("x-")):
                yield from _unknown(table, kind, each, f"{where}/{_escaped(name)}")
    elif kind:
        yield from _unknown(table, kind, part, where)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")

"""What becomes of the bodies, responses and schemas of an OpenAPI document.

Schemas that stand inside operations are hoisted under made-up names and marked `x-apim-inline`. Where a rule names
no source it is that of operations which services of others showed after imports (see openapi_parts.py).
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from simulator.errors import not_modelled
from simulator.openapi_examples import Examples
from simulator.openapi_parts import given_examples, parameter, path_words, type_words
from simulator.openapi_references import resolved, target
from simulator.openapi_shape import BODY, HEADER, RESPONSE, SCHEMA

JSON = dict[str, Any]
_BODILESS = {"get", "head", "options"}
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
_INLINE = "x-apim-inline"


class Bodies:
    """Reads the bodies of one document; collects the schemas as it goes."""

    def __init__(self, source: JSON, *, generated: bool) -> None:
        self._source = source
        given = (source.get("components") or {}).get("schemas") or {}
        self.schemas: JSON = deepcopy(given)
        self._examples = Examples(given) if generated else None

    def type_of(self, schema: JSON, name: str) -> str:
        """The name of a schema: of one that stands inside, the made-up one, with a number where it is taken."""
        reference = schema.get("$ref", "")
        if reference:
            target(self._source, reference)
            return str(reference).rsplit("/", 1)[-1]
        free, number = name, 0
        while free in self.schemas:
            number += 1
            free = f"{name}-{number}"
        self.schemas[free] = {**deepcopy(schema), _INLINE: True}
        return free

    def request(self, path: str, method: str, source: JSON) -> JSON:
        """What an operation takes besides parameters; bodies of GET, HEAD and OPTIONS are dropped (DOC-import)."""
        request: JSON = {"representations": []}
        body = source.get("requestBody")
        if body and method not in _BODILESS:
            body = resolved(self._source, body, BODY)
            if body.get("description"):
                request = {"description": body["description"], **request}
            name = f"{path_words(path)}{method.capitalize()}Request"
            request["representations"] = [
                self._representation(type, content, name) for type, content in (body.get("content") or {}).items()
            ]
        return request

    def responses(self, path: str, method: str, source: JSON) -> Iterator[JSON]:
        """By number; `default` is for 400 and 500, as the exports of Azure OpenAI APIs show."""
        given = {str(code): each for code, each in (source.get("responses") or {}).items()}
        for code, each in given.items():
            if code.startswith("x-"):
                continue
            if not re.fullmatch("[0-9]{3}", code) and code != "default":
                raise not_modelled(f"responses for '{code}' in OpenAPI documents")
            codes = [code] if code != "default" else [each for each in ("400", "500") if each not in given]
            made = self._response(
                resolved(self._source, each, RESPONSE), f"{path_words(path)}{method.capitalize()}{code}"
            )
            for number in codes:
                yield {"statusCode": int(number), **deepcopy(made)}

    def _response(self, response: JSON, name: str) -> JSON:
        described = {"description": response["description"]} if response.get("description") else {}
        return {
            **described,
            "representations": [
                self._representation(type, content, f"{name}{type_words(type)}Response")
                for type, content in (response.get("content") or {}).items()
            ],
            "headers": [
                self._header(header, resolved(self._source, each, HEADER), name)
                for header, each in (response.get("headers") or {}).items()
            ],
        }

    def _header(self, header: str, declared: JSON, name: str) -> JSON:
        schema = declared.get("schema") or {}
        type = self.type_of(schema, f"{name}{header}ResponseHeader") if schema else ""
        return parameter({**declared, "name": header}, resolved(self._source, schema, SCHEMA), type)

    def _representation(self, content_type: str, content: JSON, name: str) -> JSON:
        """A form has parameters and no schema of its own (arm-wire 4)."""
        representation: JSON = {"contentType": content_type}
        schema = content.get("schema")
        shown = given_examples(content) or self._generated(content_type, schema)
        if shown:
            representation["examples"] = shown
        if schema and content_type in _FORMS:
            representation["formParameters"] = self._form(schema, name)
        elif schema:
            representation["typeName"] = self.type_of(schema, name)
        return representation

    def _generated(self, content_type: str, schema: JSON | None) -> JSON:
        """Made up for JSON; other text gets an example without a value."""
        if self._examples is None or not schema:
            return {}
        if "json" not in content_type:
            return {"default": {}} if content_type.startswith("text/") else {}
        return {"default": {"value": self._examples.of(schema)}}

    def _form(self, schema: JSON, name: str) -> list[JSON]:
        """Its fields name their types, as azure-openai-2024-06-01.apim-export.yaml shows."""
        whole = resolved(self._source, schema, SCHEMA)
        required = set(whole.get("required") or [])
        return [
            parameter(
                {"name": field, "required": field in required},
                resolved(self._source, each, SCHEMA),
                self.type_of(each, name) if each else "",
            )
            for field, each in (whole.get("properties") or {}).items()
        ]

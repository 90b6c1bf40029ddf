"""Which example API Management makes up for a body whose document gives none.

The rules are read off two exports of real services (azure-openai-2024-02-01.apim-export.yaml and 2024-06-01): the
first value of an enumeration, `string`, 0, true; an object's own properties before those of its `allOf`; the first
of `oneOf`.
"""

from typing import Any

from simulator.errors import not_modelled
from simulator.openapi_references import SCHEMAS

JSON = dict[str, Any]
_SCALARS: JSON = {"string": "string", "integer": 0, "number": 0, "boolean": True}
_MOST = 100_000  # schemas looked at; circles are walked anew each time


class Examples:
    """Makes examples from the schemas of one document; each named schema once."""

    def __init__(self, schemas: JSON) -> None:
        self._schemas = schemas
        self._known: JSON = {}
        self._open: list[str] = []  # what is being made: a schema inside itself ends there
        self._circles = 0
        self._left = _MOST

    def of(self, schema: Any) -> Any:
        """A value that the schema describes."""
        self._left -= 1
        if self._left < 0:
            raise not_modelled("examples of schemas that contain each other so often")
        if not isinstance(schema, dict):
            return {}
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._named(reference.removeprefix(SCHEMAS))
        if "example" in schema:
            return schema["example"]
        for name in ("enum", "oneOf", "anyOf"):
            several = schema.get(name)
            if isinstance(several, list) and several:
                return several[0] if name == "enum" else self.of(several[0])
        return self._of_type(schema)

    def _of_type(self, schema: JSON) -> Any:
        type = schema.get("type")
        if type == "array":
            return [self.of(schema.get("items"))]
        if isinstance(type, str) and type in _SCALARS:
            return _SCALARS[type]
        properties, bases = schema.get("properties"), schema.get("allOf")
        made = {name: self.of(each) for name, each in (properties if isinstance(properties, dict) else {}).items()}
        for each in bases if isinstance(bases, list) else []:
            base = self.of(each)
            if not isinstance(base, dict):  # such as an enumeration with a description of its own
                return made or base
            made |= {name: value for name, value in base.items() if name not in made}
        return made

    def _named(self, name: str) -> Any:
        if name in self._known:
            return self._known[name]
        if name in self._open or name not in self._schemas:
            self._circles += 1
            return {}
        before = self._circles
        self._open.append(name)
        made = self.of(self._schemas[name])
        self._open.pop()
        if before == self._circles or not self._open:
            self._known[name] = made
        return made

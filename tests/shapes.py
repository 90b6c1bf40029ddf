"""Brings an OpenAPI document into a form in which two that say the same in different ways are the same."""

from collections.abc import Iterator
from typing import Any, NamedTuple

Json = dict[str, Any]

KINDS = ("role", "type", "object")
LIMITS = [("minimum", "maximum", ""), ("minItems", "maxItems", " items"), ("minLength", "maxLength", " characters")]


class Shape(NamedTuple):
    """What a place of a document holds, and by name what is under it: `.name`, `(kind)`, `[]`, `{}` of a map."""

    fact: str
    parts: dict[str, Any]


class Reader:
    """Reads requests, answers and errors: types, enums, limits, defaults, what is required and what may be null."""

    def __init__(self, document: Json) -> None:
        self.components: Json = document["components"]
        found = [each["discriminator"] for each in self.components["schemas"].values() if "discriminator" in each]
        self.kinds = {to: (each["propertyName"], value) for each in found for value, to in each["mapping"].items()}
        self.shape = Shape("", {})
        for operation in (item["post"] for item in document["paths"].values()):
            answers = {status: self.resolved(each) for status, each in operation["responses"].items()}
            sides = {
                " request": [operation["requestBody"]],
                " answer": [answers.pop("200")],
                " error": list(answers.values())[:1],
            }
            for side, bodies in sides.items():
                if schemas := [each["schema"] for body in bodies for each in body["content"].values()]:
                    self.shape.parts[operation["operationId"] + side] = self.read(schemas)

    def resolved(self, node: Json) -> Json:
        kind, name = node["$ref"].split("/")[2:] if "$ref" in node else ("", "")
        found: Json = self.components[kind][name] if name else node
        return found

    def whole(self, schema: Json) -> Json:
        """The schema with references and `allOf` written out; one that a discriminator names has that value."""
        if reference := schema.get("$ref"):
            found = self.whole(self.resolved(schema))
            name, value = self.kinds.get(reference, ("", ""))
            kind = {name: {"type": "string", "enum": [value]}} if name else {}
            return {**found, "properties": {**found["properties"], **kind}}
        parts = [self.whole(each) for each in schema.get("allOf", ())]
        parts = [*({key: part[key] for key in part if key != "discriminator"} for part in parts), schema]
        return {
            **{key: value for part in parts for key, value in part.items()},
            "properties": {name: each for part in parts for name, each in part.get("properties", {}).items()},
            "required": {name for part in parts for name in part.get("required", ())},
        }

    def choices(self, schema: Json) -> list[Json]:
        found = self.whole(schema)
        named = [{"$ref": to} for to in found.get("discriminator", {}).get("mapping", {}).values()]
        common = {key: found[key] for key in ("nullable", "default") if key in found}
        return [{**choice, **common} for each in found.get("oneOf", named) for choice in self.choices(each)] or [
            found
        ]

    def read(self, schemas: list[Json], *, required: bool = False) -> Shape:
        choices = [each for schema in schemas for each in self.choices(schema)]
        shape = Shape(fact(choices, required=required), {})
        several = len([each for each in choices if each["properties"]]) > 1
        for number, each in enumerate(choices, 1):
            properties, parts = each["properties"], shape.parts
            enums = [self.whole(properties[name]).get("enum", ()) for name in KINDS if name in properties]
            if kind := next((values[0] for values in enums if len(values) == 1), str(number) if several else ""):
                parts = parts.setdefault(f"({kind})", Shape("object", {})).parts
            for name in {**properties, **dict.fromkeys(each["required"])}:
                found = [properties[name]] if name in properties else []
                parts[f".{name}"] = self.read(found, required=name in each["required"])
            for key, mark in (("items", "[]"), ("additionalProperties", "{}")):
                if isinstance(each.get(key), dict):
                    parts[mark] = self.read([each[key]])
        return shape


def fact(choices: list[Json], *, required: bool) -> str:
    types = " or ".join(dict.fromkeys(each.get("type", "object") for each in choices)) or "undeclared"
    found = [f"required {types}" if required else types]
    for each in choices:
        found += ["nullable"] if each.get("nullable") else []
        found += ["|".join(sorted(filter(None, each.get("enum", ()))))]
        for low, high, unit in LIMITS:
            if {low, high} & set(each):
                ends = (f"{each[end]:g}" if end in each else "" for end in (low, high))
                found.append("..".join(ends) + unit)
        if (default := each.get("default")) is not None:
            found.append(f"default '{default}'")
    return ", ".join(dict.fromkeys(filter(None, found)))


def differences(theirs: Shape, ours: Shape, where: str = "") -> Iterator[str]:
    """What is not the same; what only one of the two has is told without what is under it."""
    if theirs.fact != ours.fact:
        yield f"{where}: {theirs.fact} -> {ours.fact}"
    for name in sorted({*theirs.parts, *ours.parts}):
        there, here = (side.parts.get(name, Shape("-", {})) for side in (theirs, ours))
        both = name in theirs.parts and name in ours.parts
        yield from (
            differences(there, here, where + name) if both else [f"{where}{name}: {there.fact} -> {here.fact}"]
        )

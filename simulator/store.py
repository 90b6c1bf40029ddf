"""Which resources exist, and which version of each."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from simulator.ids import key

JSON = dict[str, Any]


@dataclass
class Entity:
    """One resource as it is kept: its normalised body, without id, type and name."""

    id: str
    type: str
    body: JSON
    etag: str = ""
    notes: JSON = field(default_factory=dict)  # what Azure knows about it and never shows

    @property
    def name(self) -> str:
        """The last segment of the id."""
        return self.id.rsplit("/", 1)[-1]

    @property
    def properties(self) -> JSON:
        """The part of the body that differs from kind to kind."""
        found: JSON = self.body["properties"]
        return found


class Store:
    """All resources by id, whatever the case of the id."""

    def __init__(self) -> None:
        self._collections: dict[str, dict[str, Entity]] = {}
        self._types: dict[str, dict[str, Entity]] = {}
        self._below: dict[str, dict[str, None]] = {}  # prefix of ids -> the prefixes one segment longer
        self._row = 0x00000000089965A0

    def get(self, id: str) -> Entity | None:
        """The resource with this id, if there is one."""
        wanted = key(id)
        return self._collections.get(wanted.rsplit("/", 1)[0], {}).get(wanted)

    def put(self, entity: Entity) -> None:
        """Keep this resource, in place of one with the same id."""
        wanted = key(entity.id)
        self._collections.setdefault(wanted.rsplit("/", 1)[0], {})[wanted] = entity
        self._types.setdefault(entity.type.lower(), {})[wanted] = entity
        while wanted:
            above = wanted.rpartition("/")[0]
            longer = self._below.setdefault(above, {})
            if wanted in longer:
                break
            longer[wanted] = None
            wanted = above

    def collection(self, id: str) -> list[Entity]:
        """The resources directly in a collection, such as …/service/x/apis."""
        return list(self._collections.get(key(id), {}).values())

    def of_type(self, type: str) -> list[Entity]:
        """All resources of a type, wherever they are."""
        return list(self._types.get(type.lower(), {}).values())

    def below(self, id: str) -> list[Entity]:
        """Everything whose id starts with this id, the deepest first."""
        return sorted(self._inside(key(id)), key=lambda entity: -entity.id.count("/"))

    def _inside(self, prefix: str) -> Iterator[Entity]:
        for longer in self._below.get(prefix, ()):
            found = self._collections.get(prefix, {}).get(longer)
            if found is not None:
                yield found
            yield from self._inside(longer)

    def remove(self, id: str) -> list[Entity]:
        """Forget a resource and everything below it; returns what went."""
        gone = [*self.below(id), *filter(None, [self.get(id)])]
        for entity in gone:
            wanted = key(entity.id)
            self._collections[wanted.rsplit("/", 1)[0]].pop(wanted, None)
            self._types[entity.type.lower()].pop(wanted, None)
            self._forget_prefix(wanted)
        return gone

    def _forget_prefix(self, prefix: str) -> None:
        """Keep no prefix that nothing starts with; a service may be filled and emptied for days."""
        while prefix and not self._below.get(prefix) and self.get(prefix) is None:
            above = prefix.rpartition("/")[0]
            self._below.pop(prefix, None)
            self._below.get(above, {}).pop(prefix, None)
            prefix = above

    def __iter__(self) -> Iterator[Entity]:
        for collection in list(self._collections.values()):
            yield from list(collection.values())

    def next_row(self) -> str:
        """A new row version as API Management writes it: base64 of eight bytes, quoted (arm-wire 1.2)."""
        self._row += 7
        return '"' + base64.b64encode(self._row.to_bytes(8, "big")).decode() + '"'

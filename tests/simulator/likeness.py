"""Whether two JSON values are the same but for ids, times and ETags."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_GENERATED = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{24}\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_PLACEHOLDER = re.compile(  # what the recordings put in the place of names; `{id}` of a template is none
    r"\{(?:tenantId|clientId|callerObjectId|applicationId|userEmail|primaryKey|secondaryKey|instrumentationKey"
    r"|internalId|managementHost|publicIp|storageAccount|exportStorageHost|keyVaultHost|operationId"
    r"|t|c|s|h|sig|PASSWORD)\}"
)
_ETAGS = {"etag"}


@dataclass
class Likeness:
    """Compares values of one recording; a generated id stands for the same id all along."""

    ids: dict[str, str] = field(default_factory=dict)  # recorded -> simulated
    etags: dict[str, str] = field(default_factory=dict)

    def etag(self, recorded: str) -> str:
        """The simulator's ETag for a recorded one; `*` stays."""
        return self.etags.get(recorded, recorded)

    def same_etag(self, was: str, is_: str) -> bool:
        """Whether the simulator's ETag is new where the recorded one is new, and old where it is old."""
        if was in self.etags:
            return self.etags[was] == is_
        fresh = is_ not in self.etags.values()
        self.etags[was] = is_
        return fresh

    def translated(self, text: str) -> str:
        """A recorded text with the simulator's ids in place of the recorded ones."""
        return _GENERATED.sub(lambda found: self.ids.get(found[0], found[0]), text)

    def differences(self, where: str, was: Any, is_: Any) -> Iterator[tuple[str, str]]:
        """Each difference as (where, what): values, missing and additional fields, order of fields."""
        if isinstance(was, dict) and isinstance(is_, dict):
            trimmed = "...trimmed" in was
            was = {name: part for name, part in was.items() if name != "...trimmed"}
            if trimmed:
                kept = {each.get("name") for each in was.get("value", [])}
                is_ = is_ | {"value": [each for each in is_.get("value", []) if each.get("name") in kept]}
            yield from self._objects(where, was, is_)
        elif isinstance(was, list) and isinstance(is_, list) and len(was) == len(is_):
            for position, (one, other) in enumerate(zip(was, is_, strict=True)):
                yield from self.differences(f"{where}[{position}]", one, other)
        elif isinstance(was, str) and isinstance(is_, str):
            if not self._alike(was, is_):
                yield where, f"{was!r} != {is_!r}"
        elif was != is_ or type(was) is not type(is_):
            yield where, f"{was!r} != {is_!r}"

    def _objects(self, where: str, was: dict[str, Any], is_: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for name in [*was, *(name for name in is_ if name not in was)]:
            if name not in is_ or name not in was:
                yield f"{where}.{name}", "only recorded" if name in was else "only simulated"
            elif name in _ETAGS and isinstance(was[name], str) and isinstance(is_[name], str):
                if not self.same_etag(was[name].strip('"'), is_[name].strip('"')):
                    yield f"{where}.{name}", "changes where the recorded one stays, or stays where it changes"
            else:
                yield from self.differences(f"{where}.{name}", was[name], is_[name])
        if [name for name in was if name in is_] != [name for name in is_ if name in was]:
            yield f"{where} order", f"{list(was)} != {list(is_)}"

    def _alike(self, was: str, is_: str) -> bool:
        """Equal, or equal but for ids that were generated, times and placeholders."""
        if was == is_:
            return True
        pattern = re.escape(_PLACEHOLDER.sub("\0", _TIME.sub("\1", _GENERATED.sub("\2", was))))
        pattern = pattern.replace("\2", f"({_GENERATED.pattern})").replace("\1", _TIME.pattern)
        found = re.fullmatch(pattern.replace("\0", r"[^/]+"), is_, re.DOTALL)
        if found is None:
            return False
        pairs = list(zip(_GENERATED.findall(was), _GENERATED.findall(is_), strict=False))
        if any(self.ids.get(one, other) != other for one, other in pairs):
            return False
        self.ids.update(pairs)
        return True

"""What an API loses when it is imported anew, in place, from another document.

The import deletes every operation that the new document does not have, and its policy with it; a policy stays where
the name stays, and is copied where method and template stay (arm-wire.md §3.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler import openapi
from reconciler.kinds.operation import OPERATION, as_text, signature
from reconciler.model import Observed, Resource
from reconciler.world import World

OPERATION_POLICY = "operation-policy"
"""The kind under which observe files the policies of operations, which only this is about."""


def lost(world: World, api: Observed, brings: Sequence[Resource], there: Sequence[Observed]) -> tuple[str, ...]:
    """What is on the API that no document of ours had, or that has a policy and nowhere to keep it; in words.

    `brings` are the operations of the new document, `there` all that is below the API now.
    """
    operations = [o for o in there if o.kind == OPERATION.name and o.id.parent == api.id]
    known = {signature(r.body) for r in brings} | set(_before(world, api))
    ever = world.memory.operations.get(api.id, frozenset())
    foreign = [o for o in operations if signature(o.body) not in known and as_text(o.body) not in ever]
    names = {r.id.name.lower() for r in brings}
    templates = {_verbatim(r) for r in brings}
    kept = {o.id for o in operations if o.id.name.lower() in names or _verbatim(o) in templates}
    with_policy = {o.id.parent for o in there if o.kind == OPERATION_POLICY}
    orphaned = [o for o in operations if o.id in with_policy and o.id not in kept and o not in foreign]
    return (
        *(f"the operation {o.id.name}, which is of no document of ours" for o in sorted(foreign, key=_id)),
        *(f"the policy of the operation {o.id.name}" for o in sorted(orphaned, key=_id)),
    )


def _before(world: World, api: Observed) -> Iterator[tuple[object, object]]:
    """The operations of the document that the API was made from, where it is one that ships with us."""
    name = (api.mark.spec if api.mark else None) or ""
    document = world.documents.get(name.rpartition("@")[0])
    if document is not None:
        for operation in openapi.operations(document):
            yield signature({"properties": {"method": operation.method, "urlTemplate": operation.url_template}})


def _verbatim(operation: Resource | Observed) -> tuple[object, object]:
    properties = operation.body.get("properties") or {}
    return str(properties.get("method")).upper(), properties.get("urlTemplate")


def _id(observed: Observed) -> str:
    return observed.id.key

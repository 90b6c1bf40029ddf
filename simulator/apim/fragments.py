"""How a policy fragment behaves: its slow creation, its odd id and ETag, and who includes it."""

import base64
from typing import Any

from simulator.apim.common import service_of
from simulator.apim.in_use import need_unused
from simulator.apim.policies import accepted, kept
from simulator.apim.polls import child_put
from simulator.apim.references import used_by
from simulator.apim.versions import versions_of
from simulator.bodies import TEXT, Fields, Text, envelope
from simulator.cloud import Cloud
from simulator.kinds import Change, Kind, Later, View
from simulator.odata_filter import texts
from simulator.store import Entity
from simulator.wire import Answer, Ask
from simulator.writing import keep

JSON = dict[str, Any]
TYPE = "Microsoft.ApiManagement/service/policyFragments"


def _check(change: Change) -> None:
    """What it names and is not there may be found by the operation only: one report of a live gateway (a knob)."""
    later = change.cloud.knobs.fragment_refusal == "later" and not change.quiet
    change.found["document"] = accepted(change, "fragment", may_dangle=later)


def _fill(change: Change) -> JSON:
    description = change.properties.get("description")
    return {"properties": {"description": description, **kept(change, change.found["document"])}}


def _later(change: Change) -> Later:
    """Always slow (recording 14)."""
    return child_put(change, change.cloud.knobs.named_value_time, _write_late)


def _write_late(change: Change) -> None:
    change.found["document"] = accepted(change, "fragment")  # what it names may not be there, or have gone
    keep(change, _fill(change))


def _show(entity: Entity, view: View) -> JSON:
    """The id in lower case; `format` only for ?format=rawxml (recording 14, arm-wire 5.3)."""
    raw = view.format.lower() == "rawxml"
    properties: JSON = {
        "description": entity.properties["description"],
        **({"format": "rawxml"} if raw else {}),
        "value": entity.properties["rawxml" if raw else "xml"],
    }
    if view.version >= "2024-05-01" and view.mode != "list":
        properties["provisioningState"] = "Succeeded"
    id = entity.id.replace("/policyFragments/", "/policyfragments/")
    return {"id": id, "type": TYPE, "name": entity.name, "properties": properties}


def _reversed_row(cloud: Cloud) -> str:
    """A row version with its bytes the other way round (recording 14, arm-wire 1.2)."""
    row = base64.b64decode(cloud.store.next_row().strip('"'))
    return '"' + base64.b64encode(row[::-1]).decode() + '"'


def _users(cloud: Cloud, entity: Entity) -> list[Entity]:
    return used_by(cloud, service_of(entity.id), "fragment", entity.name)


def _need_unused(cloud: Cloud, entity: Entity) -> None:
    need_unused("Policy Fragment", entity.name, _users(cloud, entity))


def _references(cloud: Cloud, ask: Ask, entity: Entity) -> Answer:
    """Who includes it (the specification's PolicyFragment_ListReferences)."""
    del ask
    found = [{"id": each.id, "type": each.type, "name": each.name} for each in _users(cloud, entity)]
    return Answer(200, {"value": found, "count": len(found)}, {}, pretty=True)


FRAGMENT = Kind(
    type=TYPE,
    versions=versions_of("policyFragments"),
    shape=envelope(
        Fields(
            {"description": Text(most=1000), "format": Text(choices=("xml", "rawxml")), "value": TEXT}, ("value",)
        )
    ),
    noun="PolicyFragment",
    verbs=frozenset({"GET", "HEAD", "PUT", "DELETE", "LIST"}),
    names=r"(^[\w]+$)|(^[\w][\w\-]+[\w]$)",
    fill=_fill,
    check=_check,
    later=_later,
    show=_show,
    new_etag=_reversed_row,
    before_delete=_need_unused,
    filters=texts("name", "description", "value"),
    not_modelled_queries=frozenset({"$orderby"}),
    readonly=frozenset({"provisioningState"}),
    actions={"listReferences": _references},
)

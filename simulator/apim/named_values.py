"""How a named value behaves: its slow writes, its secrets, and what it takes from a key vault."""

import re
from typing import Any

from simulator.apim.common import given, service_of
from simulator.apim.in_use import naming_value, need_unused
from simulator.apim.polls import child_put, child_work
from simulator.apim.references import used_by
from simulator.apim.vaults import check_vault, read_vault
from simulator.apim.versions import versions_of
from simulator.bodies import FLAG, TEXT, Fields, Items, Text, envelope
from simulator.cloud import Cloud
from simulator.errors import apim, invalid, not_modelled
from simulator.fast_json import copied
from simulator.ids import key, parse
from simulator.kinds import Change, Kind, Later, View, order_by_display_name
from simulator.odata_filter import A_LIST, texts
from simulator.store import Entity
from simulator.wire import Answer, Ask
from simulator.writing import keep

JSON = dict[str, Any]
TYPE = "Microsoft.ApiManagement/service/namedValues"
_SHAPE = envelope(
    Fields(
        {
            "displayName": Text(1, 256, r"^[A-Za-z0-9-._]+$"),
            "keyVault": Fields({"identityClientId": TEXT, "secretIdentifier": TEXT}),
            "secret": FLAG,
            "tags": Items(Text(1, 32), most=32),
            "value": Text(most=4096),
        },
        ("displayName",),
    )
)
_SINCE_STATE = "2024-05-01"  # provisioningState in recording 15, none in 46


def _check(change: Change) -> None:
    """What is refused at once; the rest fails later (see _check_later)."""
    sent = change.properties
    if "value" in sent and "keyVault" in sent:  # arm-wire 6
        raise invalid(("value", "A value cannot be given together with keyVault."))
    if "value" in sent and not sent["value"].strip():
        raise invalid(("value", "The value may not be empty or consist only of whitespace."))
    if "keyVault" in sent and not re.match(
        r"https://[^/]+/secrets/[^/]+", sent["keyVault"].get("secretIdentifier", "")
    ):
        raise invalid(("secretIdentifier", "The secret identifier of a key vault is not valid."))
    merged = _merged(change)
    unseen = change.quiet and merged.get("secret")  # what a GET showed of a secret says nothing of its value
    if "value" not in merged and "keyVault" not in merged and not unseen:
        raise invalid(("value", "Either a value or a keyVault must be given."))
    if "keyVault" in merged and merged.get("secret") is False:
        raise invalid(("secret", "A named value from a key vault is a secret."))
    _check_name(change, merged["displayName"])
    if change.quiet:
        _check_later(change)


def _check_name(change: Change, name: str) -> None:
    """What becomes of policies that name a named value when its name changes was never seen."""
    was = change.before.properties["displayName"] if change.before else name
    if was.lower() != name.lower() and not change.quiet and _users(change.cloud, change.path.text, was):
        raise not_modelled("a new displayName of a named value that something names by its old one")


def _merged(change: Change) -> JSON:
    """The properties asked for; a value takes the place of a key vault, and the other way about."""
    merged: JSON = change.merged().get("properties") or {}
    for new, old in (("value", "keyVault"), ("keyVault", "value")):
        if change.verb == "PATCH" and new in change.properties:
            merged.pop(old, None)
    return {name: part for name, part in merged.items() if part is not None}


def _check_later(change: Change) -> None:
    """What is found out only while the write is being done (apiops #837, #257)."""
    merged = _merged(change)
    _check_name(change, merged["displayName"])
    for other in change.cloud.store.collection(f"{change.path.top}/namedValues"):
        same = other.properties["displayName"].lower() == merged["displayName"].lower()
        if same and key(other.id) != key(change.path.text):
            raise invalid(("name", "Property with the same name already exist."))
    if "keyVault" in merged:
        check_vault(change.cloud, service_of(change.path.text), merged["keyVault"])


def _fill(change: Change) -> JSON:
    merged = _merged(change)
    vault = merged.get("keyVault")
    properties: JSON = {"displayName": merged["displayName"], **given(merged, "value")}
    if vault is not None:
        properties["keyVault"] = {
            "secretIdentifier": vault["secretIdentifier"],
            "identityClientId": vault.get("identityClientId"),
            "lastStatus": read_vault(change.cloud),
        }
    return {
        "properties": {
            **properties,
            "tags": merged.get("tags"),
            "secret": merged.get("secret", vault is not None),
        }
    }


def _later(change: Change) -> Later:
    return child_put(change, change.cloud.knobs.named_value_time, _write_late)


def _write_late(change: Change) -> None:
    _check_later(change)
    keep(change, _fill(change))


def _show(entity: Entity, view: View) -> JSON:
    """A secret is never shown (recordings 43, 46)."""
    properties = copied(entity.properties)
    if properties["secret"]:
        properties.pop("value", None)
    if view.version >= _SINCE_STATE and view.mode != "list":
        properties["provisioningState"] = "Succeeded"
    return {"id": entity.id, "type": TYPE, "name": entity.name, "properties": properties}


def _value(cloud: Cloud, ask: Ask, entity: Entity) -> Answer:
    """With the ETag, counted as a write (recordings 43, 46)."""
    del ask, cloud
    stored = entity.properties.get("value")
    source = (entity.properties.get("keyVault") or {}).get("secretIdentifier") or entity.name
    value = stored if stored is not None else f"value-of-{source.split('/secrets/')[-1].split('/')[0]}"
    return Answer(200, {"value": value}, {"ETag": entity.etag}, pretty=True)


def _refresh(cloud: Cloud, ask: Ask, entity: Entity) -> Answer:
    """202, then the named value at …/refreshSecret (recording 46)."""
    if "keyVault" not in entity.properties:
        raise invalid(("keyVault", "Only a named value from a key vault can be refreshed."))

    def finish() -> None:
        now = cloud.store.get(entity.id)
        vault = now.properties.get("keyVault") if now else None
        if now is None or vault is None:
            raise apim(404, "ResourceNotFound", "NamedValue not found.")
        check_vault(cloud, service_of(entity.id), vault)
        now.body = {"properties": now.properties | {"keyVault": vault | {"lastStatus": read_vault(cloud)}}}
        now.etag = cloud.store.next_row()

    place = parse(f"{entity.id}/refreshSecret")
    change = Change(cloud, NAMED_VALUE, place, "POST", {}, entity, ask.version, ask.caller, ask.base, ask.query)
    return child_work(change, cloud.knobs.named_value_time, finish)


def _need_unused(cloud: Cloud, entity: Entity) -> None:
    """A named value that a policy names cannot be deleted (arm-wire 6)."""
    name = entity.properties["displayName"]
    need_unused("Named Value", name, _users(cloud, entity.id, name))


def _users(cloud: Cloud, id: str, name: str) -> list[Entity]:
    service = service_of(id)
    return [*used_by(cloud, service, "named-value", name), *naming_value(cloud, service, name)]


def _prepare(body: JSON) -> None:
    """Turn what a GET showed into what a PUT may send."""
    (body.get("properties", {}).get("keyVault") or {}).pop("lastStatus", None)


NAMED_VALUE = Kind(
    type=TYPE,
    versions=versions_of("namedValues"),
    shape=_SHAPE,
    noun="NamedValue",
    nouns={"2019-12-01": "Property"},  # recording 43
    name_limit=256,
    fill=_fill,
    check=_check,
    later=_later,
    show=_show,
    order=order_by_display_name,
    before_delete=_need_unused,
    prepare=_prepare,
    filters={**texts("displayName"), "tags": A_LIST},
    not_modelled_queries=frozenset({"isKeyVaultRefreshFailed"}),
    readonly=frozenset({"provisioningState"}),
    actions={"listValue": _value, "refreshSecret": _refresh},
)

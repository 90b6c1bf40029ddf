"""Which keys an account has, and who gets to see them."""

from typing import Any

from simulator.cloud import Cloud
from simulator.errors import provider
from simulator.store import Entity
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
_NAMES = {"key1": "key1", "key2": "key2"}


def list_keys(cloud: Cloud, ask: Ask, entity: Entity) -> Answer:
    """Both keys, unless keys are switched off."""
    del ask
    _need_keys(entity, "list")
    return Answer(200, dict(_keys(cloud, entity)))


def regenerate_key(cloud: Cloud, ask: Ask, entity: Entity) -> Answer:
    """A new key in place of one of the two."""
    _need_keys(entity, "regenerate")
    wanted = ask.body.get("keyName") if isinstance(ask.body, dict) else None
    name = _NAMES.get(str(wanted).lower())
    if name is None:
        raise provider(400, "InvalidRequestContent", f"The key name '{wanted}' is not valid. It is Key1 or Key2.")
    keys = _keys(cloud, entity)
    keys[name] = cloud.ids.hex(32)
    return Answer(200, dict(keys))


def _need_keys(entity: Entity, verb: str) -> None:
    """Reported, word for word for listing (terraform-azurerm-avm-res-cognitiveservices-account#130)."""
    if entity.properties.get("disableLocalAuth"):
        raise provider(400, "BadRequest", f"Failed to {verb} key. disableLocalAuth is set to be true")


def _keys(cloud: Cloud, entity: Entity) -> JSON:
    if "keys" not in entity.notes:
        entity.notes["keys"] = {name: cloud.ids.hex(32) for name in _NAMES.values()}
    found: JSON = entity.notes["keys"]
    return found

"""What all children of an API Management service have in common."""

import re
from typing import Any

from simulator.apim.versions import STABLE
from simulator.cloud import Cloud
from simulator.ids import ResourcePath, key, parse
from simulator.store import Entity

JSON = dict[str, Any]
VERSIONS = STABLE
NUMBER = "[1-9][0-9]*"  # of a revision
_PLAIN = r"(?:(?!(?i:;rev=))[^*#&+:<>?/])+"
API_NAMES = rf"^{_PLAIN}(?i:;rev={NUMBER})?\Z"
_REVISION = re.compile(rf"(?P<name>{_PLAIN});rev=(?P<number>{NUMBER})", re.IGNORECASE)
_DURATION = re.compile(
    r"P(?:(?P<days>[0-9]+)D)?"
    r"(?:T(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?(?:(?P<seconds>[0-9]+(?:\.[0-9]+)?)S)?)?"
)


def service_of(id: str) -> str:
    """The id of the service that something belongs to."""
    return parse(id).top


def api_of(path: ResourcePath) -> str | None:
    """The id of the API a path is about or below, whose operations lock it; a link of a product is not."""
    if len(path.types) < 2 or path.types[1].lower() != "apis" or len(path.names) < 2:  # noqa: PLR2004
        return None
    return f"{path.top}/{path.types[1]}/{split_revision(path.names[1])[0]}"


def split_revision(name: str) -> tuple[str, str]:
    """An API's name and its revision, which is empty for the current one: `x;rev=2` is x and 2."""
    found = _REVISION.fullmatch(name)
    return (found["name"], found["number"]) if found else (name, "")


def name_in(service: str, collection: str, reference: str) -> str:
    """The name in a reference, which is a name, `/backends/x` or a full id; nothing if it is of something else."""
    above, _, name = reference.rstrip("/").rpartition("/")
    above = f"/{above.lstrip('/')}"
    full = above.lower().find("/subscriptions/")
    if full >= 0:
        return name if key(above[full:]) == key(f"{service}/{collection}") else ""
    return name if above == "/" or above.rpartition("/")[2].lower() == collection.lower() else ""


def find_child(cloud: Cloud, service: str, collection: str, reference: str) -> Entity | None:
    """What a reference names, if it is there."""
    name = name_in(service, collection, reference)
    return cloud.store.get(f"{service}/{collection}/{name}") if name else None


def filled(source: JSON, defaults: JSON) -> JSON:
    """The properties in the order of `defaults`, each as given or else as the default."""
    return {name: source.get(name, default) for name, default in defaults.items()}


def given(source: JSON, *names: str) -> JSON:
    """Those of the properties that are there and not null: absent when unset."""
    return {name: source[name] for name in names if source.get(name) is not None}


def duration(text: str) -> str:
    """An ISO 8601 duration as .NET writes it back: PT60S is PT1M (arm-wire 7)."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return text
    amounts = {unit: float(found[unit] or 0) for unit in ("days", "hours", "minutes", "seconds")}
    total = ((amounts["days"] * 24 + amounts["hours"]) * 60 + amounts["minutes"]) * 60 + amounts["seconds"]
    days, rest = divmod(total, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    time = "".join(f"{amount:g}{unit}" for amount, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if amount)
    date = f"{days:g}D" if days else ""
    return f"P{date}" + (f"T{time}" if time else "") if date or time else "PT0S"


def is_duration(text: str) -> bool:
    """Whether Azure reads this as a duration."""
    return _DURATION.fullmatch(text) is not None and not text.endswith(("P", "T"))

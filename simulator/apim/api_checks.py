"""Which writes of an API Azure refuses."""

import re
from typing import Any

from simulator.apim import revisions
from simulator.apim.api_body import copied
from simulator.apim.common import NUMBER, find_child, service_of, split_revision
from simulator.apim.importing import check_import
from simulator.errors import apim, invalid, not_modelled
from simulator.ids import key
from simulator.kinds import Change
from simulator.store import Entity

JSON = dict[str, Any]


def check(change: Change) -> None:
    """Everything that a PUT or PATCH must hold; also finds out which revision it is about."""
    _find_revision(change)
    _check_settings(change.properties)
    if change.verb == "PUT":
        _check_new(change)
    check_neighbours(change)
    if "value" in change.properties or "format" in change.properties:
        check_import(change)
    elif change.before is None and "displayName" not in {*change.properties, *_given_by_another(change)}:
        raise invalid(("displayName", "'Display Name' must not be empty."))


def check_neighbours(change: Change) -> None:
    """What depends on other resources, and holds when a write is accepted and when it is done."""
    _check_version_set(change)
    if "beside" in change.found:  # revisions of one API share a path
        if revisions.current_of(change.cloud, change.path.text) is None:
            raise apim(404, "ResourceNotFound", "Api not found.")
    elif change.verb == "PUT" or {"path", "apiVersionSetId", "apiVersion"} & set(change.properties):
        _need_free_path(change)


def _given_by_another(change: Change) -> set[str]:
    return {"displayName"} if {"source", "beside"} & set(change.found) else set()


def _find_revision(change: Change) -> None:
    """Which revision it is: the name says it, the body does not (recordings 07, 31; terraform's wordRevision)."""
    root, wanted = split_revision(change.path.name)
    current = change.cloud.store.get(revisions.root_path(change.path).text)
    asked = change.properties
    if not wanted:
        kept = change.before.properties["apiRevision"] if change.before else None
        given = asked.get("apiRevision", "1") if change.quiet else "1"  # a world may say which one is current
        if not re.fullmatch(NUMBER, given):
            raise invalid(("apiRevision", f"'{given}' is no number of a revision."))
        change.found |= {"revision": kept or given, "current": True}
    elif current is None and change.quiet:  # in a world the API comes first
        raise invalid(("id", f"There is no API '{root}' that this could be a revision of."))
    elif current is None:  # a new API, whose first revision has this number
        change.path = revisions.root_path(change.path)
        change.found |= {"revision": wanted, "current": True}
    else:
        change.found |= {"revision": wanted, "current": False, "beside": current}
        _check_current_flag(change)
    if "sourceApiId" in asked:
        _find_source(change, root)


def _check_current_flag(change: Change) -> None:
    """Only a release makes a revision current; whether the wish is refused or ignored is disputed (a knob)."""
    if not change.properties.get("isCurrent") or change.cloud.knobs.revision_made_current == "ignored":
        return
    raise invalid(("IsCurrent", "Can't set new revision as current."))


def _find_source(change: Change, root: str) -> None:
    asked = change.properties
    source = revisions.find(change.cloud, service_of(change.path.text), asked["sourceApiId"])
    if source is None:
        raise apim(404, "ResourceNotFound", "Api not found.")  # inferred from version sets
    if change.before is not None:
        raise not_modelled("a copy (sourceApiId) over an API that exists")
    if "value" in asked or "format" in asked:
        raise not_modelled("a copy (sourceApiId) together with an import")
    beside: Entity | None = change.found.get("beside")
    if beside is not None and split_revision(source.name)[0].lower() != root.lower():
        raise not_modelled("a revision made from another API")
    change.found["source"] = source


def _check_settings(properties: JSON) -> None:
    settings = properties.get("authenticationSettings") or {}
    several = {"oAuth2AuthenticationSettings", "openidAuthenticationSettings"}
    if {"oAuth2", "openid"} & set(settings) and any(settings.get(name) for name in several):
        message = "OAuth2 and OpenID settings cannot be given both singly and as lists."
        raise invalid(("authenticationSettings", message))  # arm-wire 3.1, the round-trip trap


def _check_version_set(change: Change) -> None:
    """The set must be there, and reads back as a full id; details with an id name one, too (SDK models)."""
    asked = change.properties
    details = asked.pop("apiVersionSet", None)
    if details is not None and not details.get("id") and not asked.get("apiVersionSetId"):
        raise not_modelled("a version set that is made together with its API (apiVersionSet without an id)")
    reference = asked.get("apiVersionSetId") or (details or {}).get("id")
    if not reference:
        return
    found = find_child(change.cloud, service_of(change.path.text), "apiVersionSets", reference)
    if found is None:
        raise apim(404, "ResourceNotFound", "ApiVersionSet not found.")  # Azure/apiops#584
    asked["apiVersionSetId"] = reference if key(reference) == key(found.id) else found.id


def _check_new(change: Change) -> None:
    """A PUT says the path, unless it copies (published schema; Azure/apiops names a source and nothing else)."""
    if "path" not in change.properties and "source" not in change.found:
        raise invalid(("properties.path", "Required property 'path' not found in JSON."))


def _need_free_path(change: Change) -> None:
    """Two APIs may share a path only in one version set (arm-wire 11.1; two spaces before `unless`).

    INFERRED: and only as two versions, since nothing else of their URLs could differ.
    """
    source: Entity | None = change.found.get("source")
    merged = (copied(source.properties) if source else {}) | change.merged().get("properties", {})
    wanted, version = (merged.get("path") or "").strip("/"), merged.get("apiVersion") or ""
    for other in change.cloud.store.collection(f"{change.path.top}/apis"):
        if other.properties["path"].lower() != wanted.lower():
            continue
        if key(revisions.api_id(other)) == key(change.path.text):
            continue
        name, set_id = merged.get("displayName") or change.path.name, merged.get("apiVersionSetId") or ""
        message = (
            f"Cannot create API '{name}' with the same Path '{wanted}' as API '{other.properties['displayName']}'"
        )
        if not set_id or key(set_id) != key(other.properties.get("apiVersionSetId") or ""):
            raise invalid(("path", f"{message}  unless it's a part of the same version set"))
        if version.lower() == (other.properties.get("apiVersion") or "").lower():
            raise invalid(("apiVersion", f"{message} in the same version set with the same Version '{version}'"))


def refuse_deletion(change: Change) -> None:
    """The current revision cannot go alone (Azure/apiops#184, Azure/apiops-cli#260)."""
    entity = change.before or change.cloud.need(change.id)
    others = [each for each in revisions.all_of(change.cloud, entity.id) if each is not entity]
    if others and not change.asks_for("deleteRevisions") and not split_revision(entity.name)[1]:
        raise apim(400, "ValidationError", "Cannot delete the current revision of an API.")

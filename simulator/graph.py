"""What Microsoft Graph tells of the directory: the few calls by which the Azure CLI turns names into ids and back.

In Azure this is another host; here it shares the port of Resource Manager, below /v1.0. Paths, filters and answers
follow the documented v1.0 API (servicePrincipals, users, groups, directoryObjects: getByIds).
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.entra import Principal
from simulator.errors import Refusal, not_modelled
from simulator.signin import is_for_graph
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
_ROOT = "/v1.0/"
_COLLECTIONS = {"serviceprincipals": "ServicePrincipal", "users": "User", "groups": "Group"}
_KINDS = {"ServicePrincipal": "servicePrincipal", "User": "user", "Group": "group"}
_MOST_IDS = 1000
_ALTERNATE = re.compile(r"(?i)serviceprincipals\(appid='(?P<id>[^']+)'\)")
_FILTERS = {
    re.compile(
        r"(?i)servicePrincipalNames/any\(\s*(\w+)\s*:\s*\1\s+eq\s+'(?P<value>[^']*)'\s*\)"
    ): "servicePrincipalNames",
    re.compile(r"(?i)(?P<name>\w+)\s+eq\s+'(?P<value>(?:[^']|'')*)'"): "",
    re.compile(r"(?i)startswith\(\s*(?P<prefix>\w+)\s*,\s*'(?P<value>(?:[^']|'')*)'\s*\)"): "",
}


def serve(cloud: Cloud, ask: Ask) -> Answer | None:
    """Answer what is asked of the directory; nothing if this is not about Graph."""
    if not ask.path.startswith(_ROOT):
        return None
    if ask.token is None:
        raise _refusal(cloud, 401, "InvalidAuthenticationToken", "Access token is empty.")
    if not is_for_graph(ask):
        raise _refusal(
            cloud, 401, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience."
        )
    beyond = sorted(set(ask.query) - {"$filter", "$top", "$count"})
    if beyond:
        raise not_modelled(f"{', '.join(beyond)} of Microsoft Graph")
    parts = [unquote(part) for part in ask.path.removeprefix(_ROOT).strip("/").split("/")]
    match ask.method, [parts[0].lower(), *parts[1:]]:
        case "GET", ["me", *_]:
            message = "/me request is only valid with delegated authentication flow."
            raise _refusal(cloud, 400, "BadRequest", message)
        case "POST", ["directoryobjects", action] if action.lower() == "getbyids":
            return _by_ids(cloud, ask)
        case "GET", [collection] if collection in _COLLECTIONS:
            return _list(cloud, ask, parts[0], _COLLECTIONS[collection])
        case "GET", [collection, id] if collection in _COLLECTIONS:
            return _one(cloud, ask, parts[0], _named(cloud, _COLLECTIONS[collection], id), id)
        case "GET", [single] if alternate := _ALTERNATE.fullmatch(single):
            found = _named(cloud, "ServicePrincipal", alternate["id"], by_application=True)
            return _one(cloud, ask, "servicePrincipals", found, alternate["id"])
        case _:
            raise not_modelled(f"{ask.method} {ask.path} of Microsoft Graph")


def _refusal(cloud: Cloud, status: int, code: str, message: str) -> Refusal:
    inner = {"date": stamp(cloud.clock.now(), 0).rstrip("Z"), "request-id": cloud.ids.guid()}
    return Refusal(status, {"error": {"code": code, "message": message, "innerError": inner}})


def _shown(principal: Principal) -> JSON:
    match principal.type:
        case "User":
            return {
                "id": principal.id,
                "displayName": principal.name or None,
                "userPrincipalName": principal.upn or None,
            }
        case "ServicePrincipal":
            return {
                "id": principal.id,
                "displayName": principal.name or None,
                "appId": principal.app_id,
                "accountEnabled": True,
                "servicePrincipalNames": [principal.app_id],
            }
        case _:
            return {"id": principal.id, "displayName": principal.name or None, "securityEnabled": True}


def _by_ids(cloud: Cloud, ask: Ask) -> Answer:
    """Those of the ids that the directory knows, whatever they are."""
    body = ask.body if isinstance(ask.body, dict) else {}
    ids = body.get("ids")
    if not isinstance(ids, list) or not ids or len(ids) > _MOST_IDS:
        raise _refusal(cloud, 400, "Request_BadRequest", f"'ids' must be a list of 1 to {_MOST_IDS} ids.")
    types = {str(each).lower() for each in body.get("types") or []}
    wanted = {str(id).lower() for id in ids}
    found = [
        {"@odata.type": f"#microsoft.graph.{_KINDS[each.type]}", **_shown(each)}
        for each in cloud.directory.everybody()
        if each.id.lower() in wanted
        and each.type in _KINDS
        and (not types & {kind.lower() for kind in _KINDS.values()} or _KINDS[each.type].lower() in types)
    ]
    return Answer(200, {"@odata.context": _context(ask, "directoryObjects"), "value": found})


def _context(ask: Ask, what: str) -> str:
    return f"{ask.base}{_ROOT}$metadata#{what}"


def _list(cloud: Cloud, ask: Ask, collection: str, type: str) -> Answer:
    fits = _filter(cloud, ask.query.get("$filter", ""))
    found = [shown for each in cloud.directory.everybody() if each.type == type and fits(shown := _shown(each))]
    top = ask.query.get("$top", "")
    if top and not re.fullmatch("[0-9]{1,9}", top):
        raise _refusal(cloud, 400, "BadRequest", f"Invalid value '{top}' for $top query option found.")
    if top and int(top) < len(found):
        raise not_modelled("further pages of Microsoft Graph")
    return Answer(200, {"@odata.context": _context(ask, collection), "value": found})


def _filter(cloud: Cloud, text: str) -> Callable[[JSON], bool]:
    """One comparison; what is compared ignores case, as the directory does."""
    if not text:
        return lambda _shown: True
    for pattern, fixed in _FILTERS.items():
        found = pattern.fullmatch(text.strip())
        if found is None:
            continue
        parts = found.groupdict()
        value = parts["value"].replace("''", "'").lower()
        field = fixed or parts.get("name") or parts["prefix"]
        if parts.get("prefix"):
            return lambda shown: str(shown.get(field) or "").lower().startswith(value)
        return lambda shown: value in _values(shown.get(field))
    raise _refusal(cloud, 400, "BadRequest", f"Invalid filter clause: '{text}'.")


def _values(found: Any) -> list[str]:
    several = found if isinstance(found, list) else [] if found is None else [found]
    return [str(each).lower() for each in several]


def _named(cloud: Cloud, type: str, id: str, *, by_application: bool = False) -> Principal | None:
    for principal in cloud.directory.everybody():
        names = [principal.app_id] if by_application else [principal.id, principal.upn]
        if principal.type == type and id.lower() in {name.lower() for name in names if name}:
            return principal
    return None


def _one(cloud: Cloud, ask: Ask, collection: str, found: Principal | None, id: str) -> Answer:
    if found is None:
        message = (
            f"Resource '{id}' does not exist or one of its queried reference-property objects are not present."
        )
        raise _refusal(cloud, 404, "Request_ResourceNotFound", message)
    return Answer(200, {"@odata.context": _context(ask, f"{collection}/$entity"), **_shown(found)})

"""Which Event Grid events a write raises, and what they look like.

Resource Manager's events follow platform 1.1 (Event Grid schema, claims, casing as documented: `/resourcegroups/`
in the subject of a write, `/resourceGroups/` in the others), API Management's own follow platform 1.3.
"""

import re
from collections.abc import Callable
from typing import Any

from simulator.clock import Clock, stamp
from simulator.entra import Caller
from simulator.generated import Ids
from simulator.ids import parse

JSON = dict[str, Any]
_VERBS = {
    "write": "Microsoft.Resources.ResourceWriteSuccess",
    "delete": "Microsoft.Resources.ResourceDeleteSuccess",
    "action": "Microsoft.Resources.ResourceActionSuccess",
}
_OID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_TENANT = "http://schemas.microsoft.com/identity/claims/tenantid"
_UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"


class Events:
    """The events raised so far, oldest first; `listeners` hear of each new one."""

    def __init__(self, clock: Clock, ids: Ids, tenant: str) -> None:
        self.raised: list[JSON] = []
        self.listeners: list[Callable[[JSON], None]] = []
        self.muted = False
        self.tenant = tenant
        self._clock = clock
        self._ids = ids

    def action(self, name: str, id: str, type: str, caller: Caller, url: str) -> None:
        """Raise the event of a POST such as listKeys."""
        self.resource("action", id, f"{type}/{name}", caller, {"method": "POST", "url": url})

    def resource(self, verb: str, id: str, type: str, caller: Caller, http: JSON | None = None) -> None:
        """Raise Resource Manager's event: a write, delete or action on a resource succeeded."""
        path = parse(id)
        group = "resourcegroups" if verb == "write" else "resourceGroups"
        subject = re.sub("(?i)/resourcegroups/", f"/{group}/", id, count=1)
        operation = f"{type}/{verb}"
        data: JSON = {
            "authorization": {"scope": subject, "action": operation, "evidence": {"role": "Subscription Admin"}},
            "claims": self._claims(caller),
            "correlationId": self._ids.guid(),
        }
        if http is not None:
            data["httpRequest"] = {
                "clientRequestId": self._ids.guid(),
                "clientIpAddress": "127.0.0.1",
                **http,
            }
        data |= {
            "resourceProvider": type.split("/", 1)[0],
            "resourceUri": subject,
            "operationName": operation,
            "status": "Succeeded",
            "subscriptionId": path.subscription,
            "tenantId": self.tenant,
        }
        self._raise(
            {
                "subject": subject,
                "eventType": _VERBS[verb],
                "id": self._ids.guid(),
                "data": data,
                "dataVersion": "2",
                "metadataVersion": "1",
                "topic": f"/subscriptions/{path.subscription}",
            }
        )

    def apim(self, event: str, service: str, subject: str) -> None:
        """Raise one of API Management's own events, such as APIUpdated with the subject /apis/x;Rev=1."""
        self._raise(
            {
                "id": self._ids.guid(),
                "topic": service,
                "subject": subject,
                "data": {"resourceUri": service + subject},
                "eventType": f"Microsoft.ApiManagement.{event}",
                "dataVersion": "1",
                "metadataVersion": "1",
            }
        )

    def another(self, type: str, topic: str, subject: str, data: JSON) -> None:
        """Raise an event of a topic that is not simulated, such as a storage account's."""
        self._raise(
            {
                "id": self._ids.guid(),
                "topic": topic,
                "subject": subject,
                "data": data,
                "eventType": type,
                "dataVersion": "1",
                "metadataVersion": "1",
            }
        )

    def _claims(self, caller: Caller) -> JSON:
        claims: JSON = {
            "aud": "https://management.core.windows.net/",
            "iss": f"https://sts.windows.net/{self.tenant}/",
            "appid": caller.app_id,
            "appidacr": "0" if caller.is_person else "2",
            "ipaddr": "127.0.0.1",
            _OID: caller.object_id,
            _TENANT: self.tenant,
            "ver": "1.0",
        }
        if caller.is_person:
            claims |= {"name": caller.name.split("@")[0], _UPN: caller.name}
        return claims

    def _raise(self, event: JSON) -> None:
        if self.muted:
            return
        event["eventTime"] = stamp(self._clock.now())
        self.raised.append(event)
        for listener in self.listeners:
            listener(event)

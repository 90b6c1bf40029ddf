"""How a table of calls is carried out by Microsoft's clients, and which routes that takes."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from azure.core.paging import ItemPaged
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.apimanagement import ApiManagementClient
from azure.mgmt.apimanagement.aio import ApiManagementClient as AsyncApiManagementClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.authorization.aio import AuthorizationManagementClient as AsyncAuthorizationManagementClient
from azure.mgmt.cognitiveservices import CognitiveServicesManagementClient
from azure.mgmt.cognitiveservices.aio import CognitiveServicesManagementClient as AsyncCognitiveServicesClient

from simulator import Simulator
from simulator.routes import route_of
from simulator.transport import AsyncSimulatorTransport, SimulatorTransport
from tests.simulator.asking import JSON, S

SYNC: dict[str, Any] = {
    "apim": ApiManagementClient,
    "cognitive": CognitiveServicesManagementClient,
    "roles": AuthorizationManagementClient,
}
ASYNC: dict[str, Any] = {
    "apim": AsyncApiManagementClient,
    "cognitive": AsyncCognitiveServicesClient,
    "roles": AsyncAuthorizationManagementClient,
}


class Token(SansIOHTTPPolicy[Any, Any]):
    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.http_request.headers["Authorization"] = "Bearer token"


@dataclass(frozen=True)
class Call:
    """One call: the client, the method and its arguments, and what is to be seen of its result."""

    client: str
    method: str
    arguments: tuple[Any, ...]
    options: JSON
    sees: Any
    of: Callable[[Any], Any]

    def __str__(self) -> str:
        return f"{self.client}.{self.method}"


def seen(result: Any) -> Any:
    """What a test looks at: names of a list in order, the name of a resource, else the value itself.

    What Azure names by itself (24 hex digits) is left out.
    """
    if isinstance(getattr(result, "value", None), list):
        result = result.value
    if isinstance(result, list):
        return [name for each in result if not re.fullmatch(r"[0-9a-f]{24}", str(name := seen(each)))]
    name = getattr(result, "name", None)
    return name if isinstance(name, str) else result


def calls(client: str, *leading: Any) -> Callable[..., Call]:
    """A way to write calls of one client whose methods all begin with the same arguments."""

    def call(method: str, *arguments: Any, sees: Any, of: Callable[[Any], Any] = seen, **options: Any) -> Call:
        return Call(client, method, (*leading, *arguments), options, sees, of)

    return call


def body(**properties: Any) -> bytes:
    """A request body with these properties, as JSON: nothing of it passes through the client's own models."""
    return json.dumps({"properties": properties}).encode()


def whole(document: JSON) -> bytes:
    """A request body as JSON."""
    return json.dumps(document).encode()


def do(simulator: Simulator, script: list[Call]) -> tuple[list[tuple[str, Any]], set[str]]:
    """Carry out a script with the sync clients: what each call saw, and the routes taken."""
    taken: set[str] = set()

    class Watching(SimulatorTransport):
        def send(self, request: Any, **options: Any) -> Any:
            taken.add(route_of(request.method, request.url))
            return super().send(request, **options)

    clients = {name: make(**_settings(Watching(simulator))) for name, make in SYNC.items()}
    found = []
    for call in script:
        result = attrgetter(call.method)(clients[call.client])(*call.arguments, **call.options)
        if isinstance(result, ItemPaged):
            result = list(result)
        elif call.method.rpartition(".")[2].startswith("begin_"):
            result = result.result()
        found.append((str(call), call.of(result)))
    return found, taken


async def do_async(simulator: Simulator, script: list[Call]) -> tuple[list[tuple[str, Any]], set[str]]:
    """The same with the async clients."""
    taken: set[str] = set()

    class Watching(AsyncSimulatorTransport):
        async def send(self, request: Any, **options: Any) -> Any:
            taken.add(route_of(request.method, request.url))
            return await super().send(request, **options)

    clients = {name: make(**_settings(Watching(simulator))) for name, make in ASYNC.items()}
    found = []
    for call in script:
        result = attrgetter(call.method)(clients[call.client])(*call.arguments, **call.options)
        if hasattr(result, "__aiter__"):
            result = [each async for each in result]
        else:
            result = await result
            if call.method.rpartition(".")[2].startswith("begin_"):
                result = await result.result()
        found.append((str(call), call.of(result)))
    for client in clients.values():
        await client.close()
    return found, taken


def _settings(transport: Any) -> JSON:
    return {
        "credential": object(),
        "subscription_id": S.split("/")[2],
        "authentication_policy": Token(),
        "transport": transport,
        "retry_total": 0,
        "polling_interval": 1,
    }

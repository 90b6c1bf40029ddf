"""Real exchanges, replayed: status, headers that matter and body, in the same order of keys."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator import Simulator
from tests.simulator.asking import Azure, Got, shared

JSON = dict[str, Any]
S = "00000000-0000-0000-0000-0000000000aa"
GROUP = f"/subscriptions/{S}/resourceGroups/group"
FILLED = {
    "subscription": S,
    "group": "group",
    "service": "gw",
    "account": "acc",
    "principalId": "0c0c0c0c-0000-4000-8000-00000000000a",
    "publisherEmail": "somebody@example.com",
    "noreplyEmail": "apimgmt-noreply@mail.windowsazure.com",
    "contactEmail": "bob@example.com",
    "contactName": "Bob",
}
# what happened before an exchange and is not in the recording
SERVICE = {"location": "eastus", "sku": {"name": "StandardV2", "capacity": 1}}
SERVICE_PROPERTIES = {"publisherEmail": "somebody@example.com", "publisherName": "ASOTesting"}
GIVEN: dict[str, list[tuple[str, JSON]]] = {
    "01": [("/service/gw", {**SERVICE, "sku": {"name": "BasicV2", "capacity": 1}, "tags": {"a": "b"}})],
    "05": [],
    "06": [
        (
            "/apiVersionSets/asotest-vs2-ikpqqp",
            {
                "properties": {
                    "displayName": "vs2",
                    "versioningScheme": "Segment",
                    "description": "A version set for the account api",
                }
            },
        )
    ],
    "07": [
        (
            "/apiVersionSets/asotest-vs-dtydxd",
            {
                "properties": {
                    "displayName": "/apiVersionSets/account-api",
                    "versioningScheme": "Segment",
                    "description": "A version set for the account api",
                }
            },
        )
    ],
    "08": [
        (
            "/apiVersionSets/asotest-vs2-ikpqqp",
            {
                "properties": {
                    "displayName": "vs2",
                    "versioningScheme": "Segment",
                    "description": "A version set for the account api",
                }
            },
        ),
        ("/apis/asotest-api2-cymnfh", {"properties": {"displayName": "old", "path": "old"}}),
    ],
    "10": [],
    "11": [("/products/asotest-product1-zhbhvz", {"properties": {"displayName": "P"}})],
    "12": [("/products/asotest-product1-zhbhvz", {"properties": {"displayName": "P"}})],
    "13": [],
    "16": [],
    "17": [
        ("/products/asotest-product2-hjdjew", {"properties": {"displayName": "P"}}),
        (
            "/apis/asotest-api2-cymnfh",
            {
                "properties": {
                    "displayName": "account-api2",
                    "path": "account-api2",
                    "description": "A Description about the api",
                    "subscriptionRequired": False,
                    "apiRevisionDescription": "First Revision",
                    "apiVersion": "2.0.0",
                    "apiVersionDescription": "Second Version",
                }
            },
        ),
    ],
    "22": [("/backends/test_backend", {"properties": {"url": "https://x", "protocol": "http"}})],
    "23": [],
    "24": [("/accounts/acc", {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}})],
    "25": [("/accounts/acc", {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}})],
    "03": [],
    "20": [],
    "26": [],
    "28": [],
    "29": [],
    "30": [],
    "40": [
        (
            "/apis/echo-api",
            {
                "properties": {
                    "displayName": "Echo API",
                    "path": "echo",
                    "serviceUrl": "http://echoapi.cloudapp.net/api",
                }
            },
        )
    ],
    "47": [
        ("/apis/echo-api", {"properties": {"displayName": "Echo API", "path": "echo"}}),
        (
            "/apis/echo-api/operations/modify-resource",
            {"properties": {"displayName": "M", "method": "PUT", "urlTemplate": "/resource"}},
        ),
    ],
    "48": [("/policies/policy", {"properties": {"value": "<policies/>"}})],
    "19": [],
}
WITHOUT_SERVICE = {"03", "19", "20", "23", "24", "25", "26"}
VOLATILE = re.compile(
    r"(?i)etag|createdAt|createdBy|lastModified|dateCreated|createdOn|updatedOn|updatedBy|internalId|tenantId"
    r"|specificationLastUpdated|principalId|clientId|startTime|endTime|managementApiUrl"
)
COMPARED = (
    "Content-Type",
    "ETag",
    "Location",
    "Azure-AsyncOperation",
    "Retry-After",
    "Allow",
    "x-ms-failure-cause",
)


def deviations() -> dict[str, str]:
    """Where the simulator differs on purpose or for now, with the reason; the list can only shrink."""
    path = Path(__file__).with_name("deviations.json")
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return found


def files() -> list[str]:
    return sorted(GIVEN)


def load(number: str) -> list[JSON]:
    folder = shared("azure/recordings")
    text = next(folder.glob(f"{number}-*.json")).read_text("utf-8")
    for name, value in FILLED.items():
        text = text.replace("{" + name + "}", value)
    exchanges: list[JSON] = json.loads(text)["exchanges"]
    return exchanges


def prepared(number: str) -> Azure:
    simulator = Simulator({"subscriptions": {S: {}}, "principals": [{"id": FILLED["principalId"]}]})
    root = f"{GROUP}/providers/Microsoft.ApiManagement/service/gw"
    others = f"{GROUP}/providers/Microsoft.CognitiveServices"
    service = {**SERVICE, "properties": SERVICE_PROPERTIES}
    simulator.put(f"{root}x", service)  # makes the group
    if number not in WITHOUT_SERVICE:
        simulator.put(root, service)
    for path, body in GIVEN[number]:
        if path == "/service/gw":
            simulator.put(root, {**body, "properties": SERVICE_PROPERTIES})
        else:
            simulator.put((others if path.startswith("/accounts") else root) + path, body)
    return Azure(simulator)


def replay(number: str) -> Iterator[tuple[str, str]]:
    """Every difference, as (where, what)."""
    client = prepared(number)
    last: Got | None = None
    etags: dict[str, str] = {}
    for position, exchange in enumerate(load(number)):
        asked, expected = exchange["request"], exchange["response"]
        if is_poll(asked["path"]):
            assert last is not None
            done = (expected["body"] or {}).get("status") == "Succeeded"
            if done:
                client.simulator.clock.advance(60)
            url = last.headers["Azure-AsyncOperation"]
            got = client.follow(url)
            if "name" in (expected["body"] or {}):
                expected["body"]["name"] = got.body["name"]  # generated
        else:
            client.simulator.clock.advance(60 if asked["method"] == "GET" else 0)
            if (number, position) == ("48", 1):  # the recording left this deletion out
                client.delete(asked["path"], version="2022-08-01")
            sent = asked.get("headers", {}).get("If-Match", "")
            got = client.ask(
                asked["method"],
                asked["path"],
                asked.get("body"),
                version="",
                query=asked["query"],
                if_match=etags.get(sent, sent),
            )
        if expected["headers"].get("ETag"):
            etags[expected["headers"]["ETag"]] = got.headers.get("ETag", "")
        if "Azure-AsyncOperation" in got.headers:
            last = got
        where = f"{number}.{position}"
        yield from differences(where, expected, got)


def is_poll(path: str) -> bool:
    return "/operationsStatuses/" in path or "/operationResults/" in path


def differences(where: str, expected: JSON, got: Got) -> Iterator[tuple[str, str]]:
    if expected["status"] != got.status:
        yield f"{where} status", f"{expected['status']} != {got.status} {got.text[:200]}"
        return
    for name in COMPARED:
        was, is_ = expected["headers"].get(name), got.headers.get(name)
        if (was is None) != (is_ is None) or (
            name not in {"ETag", "Location", "Azure-AsyncOperation"} and was != is_
        ):
            yield f"{where} {name}", f"{was} != {is_}"
        if name in {"Location", "Azure-AsyncOperation"} and was and is_ and shape_of(was) != shape_of(is_):
            yield f"{where} {name}", f"{shape_of(was)} != {shape_of(is_)}"
    limits = [
        {name for name in headers if "ratelimit" in name.lower()} for headers in (expected["headers"], got.headers)
    ]
    if bool(limits[0]) != bool(limits[1]) and expected["headers"].get("x-ms-failure-cause"):
        yield f"{where} rate limit headers", f"{limits[0]} != {limits[1]}"
    yield from in_body(f"{where} body", expected["body"], got.body)


def shape_of(url: str) -> str:
    """A URL without what is generated."""
    url = re.sub(r"(operationsStatuses|operationResults)/[^?/]+", r"\1/*", url, flags=re.IGNORECASE)
    return re.sub(r"asyncId=\w+", "asyncId=*", url).split("&t=")[0]


def in_body(where: str, was: Any, is_: Any) -> Iterator[tuple[str, str]]:
    if isinstance(was, dict) and isinstance(is_, dict):
        for name in [*was, *(set(is_) - set(was))]:
            if name not in is_ or name not in was:
                yield f"{where}.{name}", "only recorded" if name in was else "only simulated"
            elif not VOLATILE.search(name):
                yield from in_body(f"{where}.{name}", was[name], is_[name])
        if [name for name in was if name in is_] != [name for name in is_ if name in was]:
            yield f"{where} order", f"{list(was)} != {list(is_)}"
    elif isinstance(was, list) and isinstance(is_, list) and len(was) == len(is_):
        for position, (one, other) in enumerate(zip(was, is_, strict=True)):
            yield from in_body(f"{where}[{position}]", one, other)
    elif was != is_ and "/operationResults/" not in str(was):
        yield where, f"{was!r} != {is_!r}"


@pytest.mark.parametrize("number", files())
def test_the_simulator_answers_as_recorded(number: str) -> None:
    shared("azure/recordings")
    known = deviations()
    found = dict(replay(number))
    new = {where: what for where, what in found.items() if where not in known}
    assert not new
    gone = {where for where in known if where.startswith(f"{number}.") and where not in found}
    assert not gone, "these deviations are no more: take them out of deviations.json"

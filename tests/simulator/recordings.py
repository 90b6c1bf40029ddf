"""What differs when a recorded exchange is asked of the simulator."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator import Simulator
from tests.simulator.asking import Azure, Got, shared
from tests.simulator.likeness import Likeness

JSON = dict[str, Any]
HERE = Path(__file__).parent
S = "00000000-0000-0000-0000-0000000000aa"
PRINCIPAL = "0c0c0c0c-0000-4000-8000-00000000000a"
GROUP = f"/subscriptions/{S}/resourceGroups/group/providers"
SERVICE = f"{GROUP}/Microsoft.ApiManagement/service/gw"
PUBLISHER = {"publisherEmail": "somebody@example.com", "publisherName": "ASOTesting"}
A_SERVICE = {"location": "eastus", "sku": {"name": "StandardV2", "capacity": 1}, "properties": PUBLISHER}
FILLED = {
    "{subscription}": S,
    "{group}": "group",
    "{service}": "gw",
    "{account}": "acc",
    "{principalId}": PRINCIPAL,
    "{publisherEmail}": "somebody@example.com",
    "{noreplyEmail}": "apimgmt-noreply@mail.windowsazure.com",
    "{contactEmail}": "bob@example.com",
    "{contactName}": "Bob",
}
USER = ".".join(["", base64.urlsafe_b64encode(b'{"upn": "somebody@example.com"}').decode(), ""])
COMPARED = ("Content-Type", "Retry-After", "Allow", "x-ms-failure-cause")
PRESENT = ("ETag", "Location", "Azure-AsyncOperation")
_QUOTED = re.compile(r"\{\{recorded (/[^}]+)\}\}")
_POLL = re.compile(r"/(operationsStatuses|operationResults)/", re.IGNORECASE)
_RUNNING = {"InProgress", "Creating"}
_ACCEPTED = 202


def deviations() -> dict[str, str]:
    """Where the simulator differs on purpose or for now, with the reason; the list can only shrink."""
    found: dict[str, str] = json.loads((HERE / "deviations.json").read_text("utf-8"))
    return found


def numbers() -> list[str]:
    """The recordings, by number: those for which it is written down what was there before."""
    return sorted(path.stem for path in (HERE / "given").glob("*.json"))


def recorded(number: str) -> list[JSON]:
    """The exchanges of a recording: `[{"request": …, "response": …}]`."""
    text = next(shared("azure/recordings").glob(f"{number}-*.json")).read_text("utf-8")
    for name, value in {**FILLED, **given(number).get("values", {})}.items():
        text = text.replace(name, value)
    exchanges: list[JSON] = json.loads(text)["exchanges"]
    return exchanges


def given(number: str) -> JSON:
    """What was there before a recording."""
    found: JSON = json.loads((HERE / "given" / f"{number}.json").read_text("utf-8"))
    return found


def replay(number: str) -> Iterator[tuple[str, str]]:
    """Every difference between the recorded answers and the simulator's, as (where, what)."""
    exchanges = recorded(number)
    before = _with_recorded(given(number), exchanges)
    run = _Run(number, before, _world(before))
    for position, exchange in enumerate(exchanges):
        yield from run.exchange(position, exchange)


def _with_recorded(value: Any, exchanges: list[JSON]) -> Any:
    """What was there before, with the parts in place that are said to be as recorded."""
    if isinstance(value, list):
        return [_with_recorded(each, exchanges) for each in value]
    if isinstance(value, str):
        return _QUOTED.sub(lambda found: json.dumps(_at(found[1], exchanges))[1:-1], value)
    if not isinstance(value, dict):
        return value
    if set(value) == {"$recorded"}:
        return _at(value["$recorded"], exchanges)
    return {name: _with_recorded(each, exchanges) for name, each in value.items()}


def _at(pointer: str, exchanges: list[JSON]) -> Any:
    place: Any = exchanges
    for step in pointer.strip("/").split("/"):
        place = place[int(step)] if isinstance(place, list) else place[step]
    return place


def _world(before: JSON) -> Azure:
    principals = [{"id": PRINCIPAL}, *before.get("principals", [])]
    simulator = Simulator({"subscriptions": {S: {}}, "principals": principals}, **before.get("knobs", {}))
    simulator.put(f"{SERVICE}x", A_SERVICE)  # makes the group
    for url, text in before.get("documents", {}).items():
        simulator.documents[url] = text
    service = before.get("service", A_SERVICE)
    if service is not None:
        simulator.put(SERVICE, service)
    for resource in before.get("resources", []):
        simulator.put(_full(resource["id"]), {name: part for name, part in resource.items() if name != "id"})
    simulator.clock.advance(3600)
    client = Azure(simulator)
    if before.get("caller") == "user":
        client.headers = {"Authorization": f"Bearer {USER}"}
    return client


def _full(id: str) -> str:
    return id.replace("{service}", SERVICE).replace("{group}", GROUP)


@dataclass
class _Run:
    """One recording being asked."""

    number: str
    given: JSON
    client: Azure
    seen: Likeness = field(default_factory=Likeness)
    urls: list[str] = field(default_factory=list)  # of polls, the latest first

    def exchange(self, position: int, exchange: JSON) -> Iterator[tuple[str, str]]:
        asked, expected = exchange["request"], exchange["response"]
        for step in self.given.get("before", {}).get(str(position), []):
            self._meanwhile(step)
        got = self._ask(asked, expected)
        for name in ("Location", "Azure-AsyncOperation"):
            if name in got.headers:
                self.urls.insert(0, got.headers[name])
        yield from self._differences(f"{self.number}.{position}", expected, got)

    def _meanwhile(self, step: JSON) -> None:
        self.client.simulator.clock.advance(step.get("wait", 0))
        if "method" in step:
            version = step.get("api-version", "2022-08-01")
            done = self.client.ask(step["method"], _full(step["id"]), step.get("body"), version=version)
            assert done.status < 300, (step, done.text)

    def _ask(self, asked: JSON, expected: JSON) -> Got:
        body = expected["body"]
        running = expected["status"] == _ACCEPTED or (isinstance(body, dict) and body.get("status") in _RUNNING)
        polls = _POLL.search(asked["path"]) is not None or "asyncId" in asked["query"]
        if asked["method"] in {"GET", "HEAD"} and not (polls and running):
            self.client.simulator.clock.advance(60)
        if polls and self._poll_of(asked["path"]):
            return self.client.follow(self._poll_of(asked["path"]))
        return self.client.ask(
            asked["method"],
            self.seen.translated(asked["path"]),
            asked.get("body"),
            version="",
            query=asked["query"],
            if_match=self.seen.etag(asked.get("headers", {}).get("If-Match", "")),
        )

    def _poll_of(self, path: str) -> str:
        """The URL that the simulator gave for what the recording polled."""
        wanted = _without_id(path)
        return next((url for url in self.urls if _without_id(url.partition("?")[0]).endswith(wanted)), "")

    def _differences(self, where: str, expected: JSON, got: Got) -> Iterator[tuple[str, str]]:
        if expected["status"] != got.status:
            yield f"{where} status", f"{expected['status']} != {got.status} {got.text[:300]}"
            return
        was, is_ = expected["headers"], got.headers
        for name in COMPARED:
            if was.get(name) != is_.get(name):
                yield f"{where} {name}", f"{was.get(name)} != {is_.get(name)}"
        for name in PRESENT:
            if (name in was) != (name in is_):
                yield f"{where} {name}", f"{was.get(name)} != {is_.get(name)}"
            elif name in was and name != "ETag" and _shape(was[name]) != _shape(is_[name]):
                yield f"{where} {name}", f"{_shape(was[name])} != {_shape(is_[name])}"
        if "ETag" in was and "ETag" in is_ and not self.seen.same_etag(was["ETag"], is_["ETag"]):
            yield f"{where} ETag", "changes where the recorded one stays, or stays where it changes"
        if expected["body"] is None and was.get("Content-Length") != is_.get("Content-Length"):
            yield f"{where} Content-Length", f"{was.get('Content-Length')} != {is_.get('Content-Length')}"
        says = _buckets(was) or "x-ms-failure-cause" in was  # some recorders left these headers out
        if says and _buckets(was) != _buckets(is_):
            yield f"{where} rate limit", f"{_buckets(was)} != {_buckets(is_)}"
        yield from self.seen.differences(f"{where} body", expected["body"], got.body)


def _buckets(headers: JSON) -> set[str]:
    """Which of reads, writes and deletes the answer counts down; the names changed over the years."""
    return {name.rsplit("-", 1)[-1].lower() for name in headers if "ratelimit-remaining" in name.lower()}


def _without_id(path: str) -> str:
    return re.sub(r"(?i)/(operationsStatuses|operationResults)/[^?/]+$", r"/\1/*", path).lower()


def _shape(url: str) -> str:
    """A URL without what is generated."""
    url = re.sub(r"(?i)/(operationsStatuses|operationResults)/[^?/]+", r"/\1/*", url)
    return re.sub(r"asyncId=\w+", "asyncId=*", url).split("&t=")[0]

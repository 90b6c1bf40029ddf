"""Worlds with mistakes: each is told in one sentence with its place and how to mend it, all of them at once."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from simulator import Simulator
from simulator.world import WorldError
from tests.simulator.asking import EAST, GATEWAY, JSON, S, api, policy

SUB = S.rsplit("/", maxsplit=1)[-1]
SERVICE = {
    "id": GATEWAY,
    "location": "eastus",
    "sku": {"name": "StandardV2", "capacity": 1},
    "properties": {"publisherEmail": "a@contoso.example", "publisherName": "Contoso"},
}
ACCOUNT = {"id": EAST, "location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}, "properties": {}}
URL = {"url": "https://x.example", "protocol": "http"}
MODEL = {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}


def world(*resources: Any, **more: Any) -> JSON:
    return {"subscriptions": {SUB: {}}, "resources": [SERVICE, *resources], **more}


def without(body: JSON, *path: str) -> JSON:
    changed = deepcopy(body)
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return changed


def having(body: JSON, value: Any, *path: str) -> JSON:
    changed = deepcopy(body)
    inner = changed
    for name in path[:-1]:
        inner = inner.setdefault(name, {})
    inner[path[-1]] = value
    return changed


def child(at: str, /, **properties: Any) -> JSON:
    return {"id": f"{GATEWAY}/{at}", "properties": properties}


def pool(name: str, *members: str) -> JSON:
    return child(
        f"backends/{name}", type="Pool", pool={"services": [{"id": f"/backends/{each}"} for each in members]}
    )


FIRST = f"resources[1] ({GATEWAY}"
BROKEN: dict[str, tuple[JSON, str]] = {
    "an unknown field of the world": (
        world(resorces=[]),
        "resorces: there is no such field; did you mean 'resources'?",
    ),
    "a tenant that is no guid": (world(tenant="contoso"), "tenant: must be a GUID, not 'contoso'"),
    "a tenant that is a number": (world(tenant=5), "tenant: must be a string, not 5"),
    "subscriptions in a list": (
        {"subscriptions": [SUB], "resources": []},
        "subscriptions: must be an object, not a list",
    ),
    "a subscription that is no guid": (
        {"subscriptions": {"prod": {}}},
        "subscriptions.prod: the name of a subscription must be a GUID",
    ),
    "a subscription that is a string": (
        {"subscriptions": {SUB: "Contoso"}},
        f"subscriptions.{SUB}: must be an object, not 'Contoso'",
    ),
    "an unknown field of a subscription": (
        {"subscriptions": {SUB: {"displayname": "Contoso"}}},
        f"subscriptions.{SUB}.displayname: there is no such field; did you mean 'displayName'?",
    ),
    "a subscription given twice": (
        {"subscriptions": {"aaaaaaaa-0000-4000-8000-000000000001": {}, "AAAAAAAA-0000-4000-8000-000000000001": {}}},
        "subscriptions.AAAAAAAA-0000-4000-8000-000000000001: is given twice, in another case; remove one",
    ),
    "resources in an object": (
        {"subscriptions": {SUB: {}}, "resources": {GATEWAY: {}}},
        "resources: must be a list, not an object",
    ),
    "a resource that is a string": (world(GATEWAY), "resources[1]: must be an object, not a string"),
    "a resource without an id": (world({"properties": {}}), "resources[1].id: is missing; add it"),
    "an id that is a number": (world({"id": 5}), "resources[1].id: must be a string, not 5"),
    "an id that is none": (
        world({"id": "contoso-east"}),
        "resources[1] (contoso-east): this is no id of a resource; "
        "one is /subscriptions/{guid}/resourceGroups/{name}/providers/…",
    ),
    "the id of a collection": (
        world({"id": f"{GATEWAY}/apis"}),
        f"{FIRST}/apis): this is the id of a collection; add the name of the resource",
    ),
    "a misspelt resource type": (
        world(child("api/x", path="x", displayName="X")),
        f"{FIRST}/api/x): there is no resource type 'Microsoft.ApiManagement/service/api' here; "
        "did you mean 'Microsoft.ApiManagement/service/apis'?",
    ),
    "an unknown subscription": (
        world(having(ACCOUNT, EAST.replace("000000000001", "000000000009"), "id")),
        f"resources[1] ({EAST.replace('000000000001', '000000000009')}): there is no subscription "
        "'00000000-0000-0000-0000-000000000009'; add it to subscriptions",
    ),
    "one resource twice in two spellings": (
        world(having(SERVICE, GATEWAY.upper(), "id")),
        f"resources[1] ({GATEWAY.upper()}): is the same resource as resources[0]; remove one",
    ),
    "a child without its parent": (
        world({"id": f"{GATEWAY}/apis/none/policies/policy", **policy("<base />")}),
        f"{FIRST}/apis/none/policies/policy): its parent {GATEWAY}/apis/none is not in the world; add it",
    ),
    "tags that are no strings": (
        world(having(ACCOUNT, 1, "tags", "ai-gateway")),
        f"resources[1] ({EAST}): tags.ai-gateway: must be a string, not 1",
    ),
    "tags in a list": (
        world(having(ACCOUNT, ["ai-gateway"], "tags")),
        f"resources[1] ({EAST}): tags: must be an object, not a list",
    ),
    "an unknown field of a resource": (
        world(having(ACCOUNT, "eastus", "region")),
        f"resources[1] ({EAST}): region: there is no such field; there are: id, identity, kind, location, "
        "name, properties, sku, tags, type",
    ),
    "a misspelt field of a resource": (
        world(having(ACCOUNT, "eastus", "Location")),
        f"resources[1] ({EAST}): Location: there is no such field; did you mean 'location'?",
    ),
    "an unknown field among the properties": (
        world(child("apis/x", displayName="X", pth="x", path="x")),
        f"{FIRST}/apis/x): properties.pth: there is no such field; did you mean 'path'?",
    ),
    "an unknown field far inside": (
        world(child("backends/b", **URL, tls={"validateChain": True})),
        f"{FIRST}/backends/b): properties.tls.validateChain: there is no such field; "
        "did you mean 'validateCertificateChain'?",
    ),
    "a missing field": (
        world(without(ACCOUNT, "sku", "name")),
        f"resources[1] ({EAST}): sku.name: is missing; add it",
    ),
    "a number for a string": (
        world(child("apis/x", displayName="X", path=5)),
        f"{FIRST}/apis/x): properties.path: must be a string, not 5",
    ),
    "a string for a flag": (
        world(child("apis/x", displayName="X", path="x", subscriptionRequired="yes")),
        f"{FIRST}/apis/x): properties.subscriptionRequired: must be true or false, not 'yes'",
    ),
    "a string for a number": (
        {"subscriptions": {SUB: {}}, "resources": [having(SERVICE, "one", "sku", "capacity")]},
        f"resources[0] ({GATEWAY}): sku.capacity: must be a whole number, not 'one'",
    ),
    "an unknown choice": (
        world(having(ACCOUNT, "Off", "properties", "publicNetworkAccess")),
        f"resources[1] ({EAST}): properties.publicNetworkAccess: must be one of Enabled, Disabled, not 'Off'",
    ),
    "a pool in a pool": (
        world(child("backends/b", **URL), pool("inner", "b"), pool("outer", "inner")),
        f"resources[3] ({GATEWAY}/backends/outer): properties.pool.services: a pool cannot contain the pool "
        "'inner'; name backends with a url",
    ),
    "a policy that names no backend": (
        world(
            {"id": f"{GATEWAY}/apis/x", **api("x")},
            {"id": f"{GATEWAY}/apis/x/policies/policy", **policy('<set-backend-service backend-id="none" />')},
        ),
        f"resources[2] ({GATEWAY}/apis/x/policies/policy): set-backend-service: Error in element "
        "'set-backend-service' on line 1, column 21: Backend with id 'none' could not be found.",
    ),
    "a principal without an id": (world(principals=[{"type": "User"}]), "principals[0].id: is missing; add it"),
    "a principal of an unknown type": (
        world(principals=[{"id": SUB, "type": "Person"}]),
        "principals[0].type: must be one of User, Group, ServicePrincipal, ForeignGroup, Device, not 'Person'",
    ),
    "a principal twice": (
        world(principals=[{"id": SUB}, {"id": SUB}]),
        "principals[1].id: is that of principals[0]; remove one",
    ),
    "a member that nobody is": (
        world(principals=[{"id": SUB, "type": "Group", "members": ["11111111-0000-4000-8000-000000000001"]}]),
        "principals[0].members[0]: there is no principal '11111111-0000-4000-8000-000000000001'; "
        "add it to principals",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_mistake_is_told_with_its_place_and_how_to_mend_it(case: str) -> None:
    document, sentence = BROKEN[case]
    with pytest.raises(WorldError) as wrong:
        Simulator(document)
    assert wrong.value.mistakes == [f"the world: {sentence}"]


def test_pools_in_a_circle_are_each_told() -> None:
    with pytest.raises(WorldError) as wrong:
        Simulator(world(pool("a", "b"), pool("b", "a")))
    assert [each.partition("properties.")[2] for each in wrong.value.mistakes] == [
        "pool.services: a pool cannot contain the pool 'b'; name backends with a url",
        "pool.services: a pool cannot contain the pool 'a'; name backends with a url",
    ]


def test_all_mistakes_are_told_at_once_and_what_follows_from_one_is_not() -> None:
    broken = [
        child("apis/x", displayName="X", path=5),
        child("apis/x/operations/get", displayName="G", method="GET", urlTemplate="/"),
        having(ACCOUNT, "red", "properties", "color"),
        {"id": f"{EAST}/deployments/d", "sku": {"name": "Standard"}, "properties": {"model": MODEL}},
        child("products/p", displayName="P", state="open"),
        child("backends/b", url="https://x.example"),
    ]
    with pytest.raises(WorldError) as wrong:
        Simulator(world(*broken, color="red"))
    places = [each.removeprefix("the world: ").partition(" ")[0] for each in wrong.value.mistakes]
    assert places == ["color:", "resources[1]", "resources[3]", "resources[5]", "resources[6]"]


def test_what_refers_to_something_that_comes_later_is_created_after_it() -> None:
    later = [
        {"id": f"{GATEWAY}/policies/policy", **policy('<set-backend-service backend-id="b" />')},
        child("subscriptions/s", displayName="S", scope="/apis/x"),
        child("backends/b", **URL),
        {"id": f"{GATEWAY}/apis/x", **api("x")},
    ]
    found = Simulator(world(*later)).resources()
    assert "backend-id" in found[f"{GATEWAY}/policies/policy"]["properties"]["value"]
    assert found[f"{GATEWAY}/subscriptions/s"]["properties"]["scope"] == f"{GATEWAY}/apis/x"


FILES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "this is no JSON at line 1, column 1: Expecting value"),
    "a comma too many": (
        b'{\n  "resources": [\n    {},\n  ]\n}',
        "this is no JSON at line 4, column 3: Expecting value",
    ),
    "a quote too few": (b'{"tenant: 1}', "this is no JSON at line 1, column 2: Unterminated string starting at"),
    "another encoding": (
        '{"tenant": "Zürich"}'.encode("latin-1"),
        "this is no text in UTF-8 (byte 13 is 0xfc); save it as UTF-8",
    ),
    "a list": (b"[]", 'a world is an object: {"subscriptions": {…}, "resources": […]}'),
    "a field twice": (b'{"resources": [], "resources": []}', "the field 'resources' is given twice in one object"),
    "no number": (b'{"resources": [NaN]}', "this is no JSON: NaN is no number of JSON"),
    "a depth": (b"[" * 100_000, "objects and lists are nested too deeply to be a world"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_no_world_is_one_sentence(case: str, tmp_path: Path) -> None:
    text, sentence = FILES[case]
    path = tmp_path / "world.json"
    path.write_bytes(text)
    with pytest.raises(WorldError) as wrong:
        Simulator(path)
    assert wrong.value.mistakes == [f"{path}: {sentence}"]


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "world.json"
    path.write_text("\ufeff" + json.dumps(world(ACCOUNT)), "utf-8")
    assert EAST in Simulator(path).resources()


def test_a_file_that_is_not_there_or_no_file_is_one_sentence(tmp_path: Path) -> None:
    known = "give a world file or the name of a built-in one: contoso, fifty"
    for path, reason in ((tmp_path / "none.json", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(WorldError) as wrong:
            Simulator(path)
        assert wrong.value.mistakes == [f"{path}: cannot be read ({reason}); {known}"]
    with pytest.raises(WorldError) as unknown:
        Simulator("atlantis")
    assert unknown.value.mistakes == [
        "there is no built-in world 'atlantis'; there are: contoso, fifty (a file is given as atlantis.json)"
    ]

"""The three layers of 404 (arm-wire 1.3), and what else is said of what is not there."""

import pytest

from tests.simulator.asking import GATEWAY, azure

NOUNS = {
    "namedValues/x": "NamedValue",
    "policyFragments/x": "PolicyFragment",
    "loggers/x": "Logger",
    "diagnostics/local": "Diagnostic",
    "apis/orders-api/diagnostics/local": "Diagnostic",
    "groups/x": "Group",
    "subscriptions/x": "Subscription",
    "backends/x": "Backend",
    "tags/x": "Tag",
    "apis/orders-api/tags/x": "Tag",
}
LINKS = ("products/starter/groups/x",)


@pytest.mark.parametrize("place", NOUNS)
def test_what_is_missing_is_named_and_its_deletion_is_no_error(place: str) -> None:
    client = azure()
    got = client.get(f"{GATEWAY}/{place}")
    assert (got.status, got.body["error"]) == (
        404,
        {"code": "ResourceNotFound", "message": f"{NOUNS[place]} not found.", "details": None},
    )
    assert "x-ms-failure-cause" not in got.headers
    head = client.ask("HEAD", f"{GATEWAY}/{place}")
    assert (head.status, head.text) == (404, "")
    deleted = client.delete(f"{GATEWAY}/{place}", if_match="*")
    assert (deleted.status, "Content-Length" in deleted.headers) == (204, False)


@pytest.mark.parametrize("place", [*NOUNS, *LINKS])
def test_a_missing_service_or_group_is_what_the_front_door_answers_for(place: str) -> None:
    client = azure()
    gone = client.get(f"{GATEWAY}-gone/{place}") if place not in LINKS else client.delete(f"{GATEWAY}-gone/{place}")
    assert (gone.status, gone.headers["x-ms-failure-cause"]) == (404, "gateway")
    assert "'Microsoft.ApiManagement/service/contoso-gateway-gone'" in gone.message
    elsewhere = client.delete(f"{GATEWAY}/{place}".replace("rg-gateway", "rg-none"))
    assert (elsewhere.status, elsewhere.code) == (404, "ResourceGroupNotFound")


@pytest.mark.parametrize(
    ("method", "place", "allowed"),
    [
        ("GET", "products/starter/groups/administrators", "HEAD,PUT,DELETE"),
        ("PATCH", "policyFragments/x", "GET,HEAD,PUT,DELETE"),
        ("HEAD", "authorizationProviders/x", "GET,PUT,DELETE"),
        ("POST", "loggers/x", "GET,HEAD,PUT,PATCH,DELETE"),
    ],
)
def test_a_verb_that_a_kind_does_not_have_is_refused_without_resource_managers_envelope(
    method: str, place: str, allowed: str
) -> None:
    got = azure().ask(method, f"{GATEWAY}/{place}", {} if method in {"PATCH", "POST"} else None)
    assert (got.status, got.headers["Allow"]) == (405, allowed)
    if method != "HEAD":
        assert got.body == {"Message": f"The requested resource does not support http method '{method}'."}

"""The backend of an account, in full, and what of it is compared."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds.backend import BACKEND
from reconciler.model import Difference, Resource
from tests.builders import EAST, EAST_BACKEND, GATEWAY, WEST, WEST_BACKEND, account, world

BODY = {
    "properties": {
        "title": "contoso-east",
        "description": "Azure OpenAI account contoso-east.\n"
        f"managed-by=apim-openai-reconciler; owner=contoso; source={EAST}",
        "protocol": "http",
        "url": "https://contoso-east.openai.azure.com/openai",
        "tls": {"validateCertificateChain": True, "validateCertificateName": True},
    }
}


def test_the_backend_of_an_account() -> None:
    assert list(BACKEND.desire(world(account()))) == [
        Resource(id=EAST_BACKEND, kind="backend", body=BODY, source=EAST)
    ]


def test_each_account_has_its_own() -> None:
    assert [b.id for b in BACKEND.desire(world(account(), account(WEST)))] == [EAST_BACKEND, WEST_BACKEND]


def test_it_is_called_after_the_api_that_the_account_has() -> None:
    bound = {EAST: GATEWAY.child("apis", "old-831a41")}
    (backend,) = BACKEND.desire(world(account(), bindings=bound))
    assert backend.id.name == "old-831a41-openai-endpoint"


def test_it_has_no_account_without_an_api() -> None:
    assert list(BACKEND.desire(world())) == []


DRIFT: dict[str, tuple[dict[str, Any], tuple[Difference, ...]]] = {
    "nothing": ({}, ()),
    "what others added": ({"credentials": {"header": {"x": ["y"]}}, "circuitBreaker": {}}, ()),
    "the address with a slash and capitals": ({"url": "https://Contoso-East.openai.azure.com/openai/"}, ()),
    "the protocol in capitals": ({"protocol": "HTTP"}, ()),
    "another address": (
        {"url": "https://evil.example/openai"},
        (
            Difference(
                "properties.url", "https://evil.example/openai", "https://contoso-east.openai.azure.com/openai"
            ),
        ),
    ),
    "certificates not checked": (
        {"tls": {"validateCertificateChain": False, "validateCertificateName": True}},
        (Difference("properties.tls.validateCertificateChain", actual=False, desired=True),),
    ),
    "no tls settings": (
        {"tls": None},
        (
            Difference("properties.tls.validateCertificateChain", None, desired=True),
            Difference("properties.tls.validateCertificateName", None, desired=True),
        ),
    ),
}


@pytest.mark.parametrize(("change", "expected"), DRIFT.values(), ids=DRIFT)
def test_drift_is(change: dict[str, Any], expected: tuple[Difference, ...]) -> None:
    assert BACKEND.compare(BODY, {"properties": {**BODY["properties"], **change}}) == expected

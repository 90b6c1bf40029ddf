"""Literal names for literal ids; every hash here was computed apart from the code."""

from __future__ import annotations

import pytest

from reconciler import names
from reconciler.resource_id import ResourceId
from tests.builders import (
    EAST,
    EAST_API,
    EAST_BACKEND,
    GATEWAY,
    PRINCIPAL_ID,
    S1,
    WEST,
    WEST_API,
    WEST_BACKEND,
    rid,
)

OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
SAME_NAME = rid(
    f"/subscriptions/{S1}/resourceGroups/rg-ai-two/providers/Microsoft.CognitiveServices/accounts/contoso-east"
)
LONG = rid(
    f"/subscriptions/{S1}/resourceGroups/rg-ai-east/providers/Microsoft.CognitiveServices/accounts/{'a' * 64}"
)
DOTTED = rid(
    f"/subscriptions/{S1}/resourceGroups/rg-ai-east/providers/Microsoft.CognitiveServices/accounts/Contoso.Models"
)

# sha256 of the lower-case ids, from `sha256sum`:
# EAST      831a410042d0a19067a83e2b1dfdba8fdd0b49a1bc904db0e7751afde81f1a7b
# WEST      f6335e30118f0a9ab4afb7af65d865f459e045605d615e7805fd16a5fd5f169e
# SAME_NAME 7e400d5b40a59cd1db681f47940a0799ef681dd2eccaece360c7446dca57b86e
# LONG      eee46e532b2aec5b682cc9f8696025a097f26ad740c0eb4b766e803629c9b0f8
# DOTTED    f0b5c1c1ab9b91706f98cfcd0a6dfde987db74496f2a8077a8f88a0af24e9a84

API_NAMES = {
    "the account's name and its hash": ("{account}", EAST, "contoso-east-831a41"),
    "another account, another hash": ("{account}", WEST, "contoso-west-f6335e"),
    "two accounts of one name in two groups have two names": ("{account}", SAME_NAME, "contoso-east-7e400d"),
    "the id's letter case changes nothing": ("{account}", rid(EAST.text.upper()), "contoso-east-831a41"),
    "what is no letter or digit becomes one hyphen": ("{account}", DOTTED, "contoso-models-f0b5c1"),
    "every placeholder": (
        "{location} {resourceGroup}_{subscription}/{account}",
        EAST,
        "eastus-rg-ai-east-00000000-0000-0000-0000-000000000001-contoso-east-831a41",
    ),
    "no hyphens at either end": ("--{account}--", EAST, "contoso-east-831a41"),
    "a constant template still gives each account its own name": ("openai", WEST, "openai-f6335e"),
    "cut to 80 characters, the hash kept": ("{account}-{account}", LONG, "a" * 64 + "-" + "a" * 8 + "-eee46e"),
    "no hyphen before the hash's own after a cut": ("b" * 72 + "-{account}", EAST, "b" * 72 + "-831a41"),
}


@pytest.mark.parametrize(("template", "account", "expected"), API_NAMES.values(), ids=API_NAMES)
def test_the_name_of_an_api(template: str, account: ResourceId, expected: str) -> None:
    assert names.api_name(template, account, "eastus") == expected
    assert len(expected) <= 80


BACKEND_NAMES = {
    "the API's name and the portal's suffix": ("contoso-east-831a41", "contoso-east-831a41-openai-endpoint"),
    "exactly 64 characters stay whole": ("a" * 57 + "-831a41", "a" * 57 + "-831a41-openai-endpoint"),
    "one more is cut before the hash": ("a" * 58 + "-831a41", "a" * 57 + "-831a41-openai-endpoint"),
    "an API's longest name gives the longest backend's": (
        "a" * 73 + "-831a41",
        "a" * 57 + "-831a41-openai-endpoint",
    ),
    "no double hyphen after a cut": ("a" * 56 + "-bb-831a41", "a" * 56 + "-831a41-openai-endpoint"),
}


@pytest.mark.parametrize(("api", "expected"), BACKEND_NAMES.values(), ids=BACKEND_NAMES)
def test_the_name_of_a_backend(api: str, expected: str) -> None:
    assert names.backend_name(api) == expected
    assert len(expected) <= 80


PATHS = {
    "the default": ("{account}/openai", "contoso-east/openai"),
    "lower case, without slashes at the ends": ("/AI/{location}/openai/", "ai/east us/openai"),
    "a path of its own": ("openai", "openai"),
}


@pytest.mark.parametrize(("template", "expected"), PATHS.values(), ids=PATHS)
def test_the_path_of_an_api(template: str, expected: str) -> None:
    assert names.api_path(template, EAST, "East US") == expected


ROLE_NAMES = {
    "an account and a principal": (EAST, PRINCIPAL_ID, "e4e80b5a-e884-5bfb-9a96-3a3cc0f8259f"),
    "another account": (WEST, PRINCIPAL_ID, "1917b5c1-9b2a-5467-abb7-b3d88f9b1b83"),
    "an identity made anew has another name": (
        EAST,
        "99999999-2222-3333-4444-555555555555",
        "7fad7d8e-b831-556a-9b12-7c711c987ff9",
    ),
    "letter case changes nothing": (
        rid(EAST.text.upper()),
        PRINCIPAL_ID.upper(),
        "e4e80b5a-e884-5bfb-9a96-3a3cc0f8259f",
    ),
}


@pytest.mark.parametrize(("scope", "principal", "expected"), ROLE_NAMES.values(), ids=ROLE_NAMES)
def test_the_name_of_a_role_assignment(scope: ResourceId, principal: str, expected: str) -> None:
    assert names.role_assignment_name(scope, principal, OPENAI_USER) == expected
    assert names.role_assignment_name(scope, principal, OPENAI_USER.upper()) == expected


def test_another_role_has_another_name() -> None:
    other = names.role_assignment_name(EAST, PRINCIPAL_ID, "a97b65f3-24c7-4388-baec-2e87135dc908")
    assert other != "e4e80b5a-e884-5bfb-9a96-3a3cc0f8259f"


def api(name: str) -> ResourceId:
    return GATEWAY.child("apis", name)


def backend(name: str) -> ResourceId:
    return GATEWAY.child("backends", name)


def role_on(scope: ResourceId) -> ResourceId:
    return scope.extension("Microsoft.Authorization", "roleAssignments", "0001")


OURS: dict[str, ResourceId] = {
    "its API": EAST_API,
    "its API in capitals": rid(EAST_API.text.upper()),
    "an API from another template": api("ai-eastus-831a41"),
    "a revision of its API": api("contoso-east-831a41;rev=2"),
    "its backend": EAST_BACKEND,
    "its backend in capitals": rid(EAST_BACKEND.text.upper()),
    "a backend whose name was cut": backend("a" * 57 + "-831a41-openai-endpoint"),
    "any role assignment on it": role_on(EAST),
    "a role assignment on it, its id in capitals": role_on(rid(EAST.text.upper())),
    "what has a name that we do not choose": GATEWAY.child("products", "p").child("apis", "x"),
    "the gateway itself": GATEWAY,
}
NOT_OURS: dict[str, ResourceId] = {
    "an API without the hash": api("contoso-east"),
    "an API with another account's hash": WEST_API,
    "an API whose name goes on after the hash": api("contoso-east-831a41-clone"),
    "an API with the hash at the beginning": api("831a41-contoso-east"),
    "an API whose hash is no word of its own": api("contoso-east831a41"),
    "a revision of a copy": api("copy;rev=2"),
    "a copy that hides the hash behind the revision": api("copy;rev=2-831a41"),
    "a backend without the suffix": backend("contoso-east-831a41"),
    "a backend without the hash": backend("contoso-east-openai-endpoint"),
    "a backend with another account's hash": WEST_BACKEND,
    "a backend whose name goes on": backend("contoso-east-831a41-openai-endpoint-2"),
    "a role assignment on another account": role_on(WEST),
    "a role assignment on its group": role_on(rid(f"/subscriptions/{S1}/resourceGroups/rg-ai-east")),
    "a role assignment on the subscription": role_on(rid(f"/subscriptions/{S1}")),
}


@pytest.mark.parametrize("id", OURS.values(), ids=OURS)
def test_a_name_that_we_give_for_an_account_is_that_of(id: ResourceId) -> None:
    assert names.made_for(id, EAST)
    assert names.made_for(id, rid(EAST.text.upper()))


@pytest.mark.parametrize("id", NOT_OURS.values(), ids=NOT_OURS)
def test_no_name_that_we_give_for_an_account_is_that_of(id: ResourceId) -> None:
    assert not names.made_for(id, EAST)


@pytest.mark.parametrize(("template", "account", "expected"), API_NAMES.values(), ids=API_NAMES)
def test_every_name_that_we_give_is_known_again(template: str, account: ResourceId, expected: str) -> None:
    given = names.api_name(template, account, "eastus")
    assert given == expected
    assert names.made_for(api(given), account)
    assert names.made_for(backend(names.backend_name(given)), account)

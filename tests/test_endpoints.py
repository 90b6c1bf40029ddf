"""Which addresses are trusted to be Azure's, and which are refused."""

from __future__ import annotations

import pytest

from reconciler.clouds import CLOUDS
from reconciler.select import trusted
from tests.azure_accounts import PUBLIC

TRUSTED = {
    "an OpenAI account": ("https://x.openai.azure.com/", "https://x.openai.azure.com"),
    "without a slash": ("https://x.openai.azure.com", "https://x.openai.azure.com"),
    "an AI Services account": (
        "https://x-1.cognitiveservices.azure.com/",
        "https://x-1.cognitiveservices.azure.com",
    ),
    "a Foundry account": ("https://x.services.ai.azure.com/", "https://x.services.ai.azure.com"),
    "in capitals": ("HTTPS://X.OpenAI.Azure.COM/", "https://x.openai.azure.com"),
}


@pytest.mark.parametrize(("address", "expected"), TRUSTED.values(), ids=TRUSTED)
def test_an_address_of_azure_is_trusted(address: str, expected: str) -> None:
    assert trusted(address, PUBLIC) == expected


REFUSED = {
    "nothing": "",
    "http": "http://x.openai.azure.com/",
    "another scheme": "ftp://x.openai.azure.com/",
    "no scheme": "x.openai.azure.com",
    "a port": "https://x.openai.azure.com:443/",
    "a port that is none": "https://x.openai.azure.com:port/",
    "a user": "https://me@x.openai.azure.com/",
    "an empty user": "https://@x.openai.azure.com/",
    "a user and a password": "https://me:secret@x.openai.azure.com/",
    "Azure as the user": "https://x.openai.azure.com@evil.example/",
    "an IPv4 address": "https://10.0.0.4/",
    "the metadata service": "https://169.254.169.254/",
    "an IPv6 address": "https://[::1]/",
    "a broken IPv6 address": "https://[::1/",
    "localhost": "https://localhost/",
    "a path": "https://x.openai.azure.com/openai",
    "Azure in the path": "https://evil.example/x.openai.azure.com",
    "a query": "https://x.openai.azure.com/?a=b",
    "Azure in the query": "https://evil.example?.openai.azure.com",
    "a fragment": "https://x.openai.azure.com/#a",
    "Azure in the fragment": "https://evil.example#.openai.azure.com",
    "a backslash, which some readers take for a slash": "https://evil.example\\.openai.azure.com",
    "an escaped slash": "https://evil.example%2f.openai.azure.com",
    "a blank": "https://evil.example .openai.azure.com",
    "a semicolon": "https://evil.example;.openai.azure.com",
    "a slash of another script": "https://evil.example\uff0f.openai.azure.com",
    "a letter of another script": "https://\u0445.openai.azure.com",
    "no account": "https://openai.azure.com/",
    "an empty account": "https://.openai.azure.com/",
    "an empty part": "https://x..openai.azure.com/",
    "a name that only ends alike": "https://evilopenai.azure.com/",
    "a name that goes on": "https://x.openai.azure.com.evil.example/",
    "the root's dot": "https://x.openai.azure.com./",
    "a hyphen for a dot": "https://x.openai-azure.com/",
    "another service of Azure": "https://x.azurewebsites.net/",
    "the region's shared address": "https://eastus.api.cognitive.microsoft.com/",
    "the government's cloud": "https://x.openai.azure.us/",
    "China's cloud": "https://x.openai.azure.cn/",
}


@pytest.mark.parametrize("address", REFUSED.values(), ids=REFUSED)
def test_any_other_address_is_refused(address: str) -> None:
    assert trusted(address, PUBLIC) is None


def test_each_cloud_trusts_its_own_hosts_only() -> None:
    hosts = {"public": "x.openai.azure.com", "usgov": "x.openai.azure.us", "china": "x.openai.azure.cn"}
    found = {(c, h): trusted(f"https://{host}/", CLOUDS[c]) for c in hosts for h, host in hosts.items()}
    assert {pair for pair, address in found.items() if address} == {
        ("public", "public"),
        ("usgov", "usgov"),
        ("china", "china"),
    }

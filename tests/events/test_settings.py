"""The configuration's own events wake every gateway; those of other blobs and stores wake none."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.events import Sources, heard
from tests.events.payloads import BLOB, CONFIG, STORE, blob, cloud, hear, setting, verdict, woken

HOST = "https://contosoconfig.blob.core.windows.net"

SAME = {
    "the host in capitals": "https://ContosoConfig.BLOB.core.windows.net/reconciler/Desired.yaml",
    "the scheme in capitals": f"HTTPS{BLOB[5:]}",
    "its port": BLOB.replace(".net/", ".net:443/"),
    "a query": f"{BLOB}?snapshot=1",
    "escapes where none are needed": BLOB.replace("Desired", "%44esired"),
    "the host of hierarchical namespaces": BLOB.replace(".blob.", ".dfs."),
}
OTHER = {
    "another container": f"{HOST}/other/Desired.yaml",
    "another name": f"{HOST}/reconciler/other.yaml",
    "the path in another case": f"{HOST}/reconciler/desired.yaml",
    "the container in another case": f"{HOST}/Reconciler/Desired.yaml",
    "another account": BLOB.replace("contosoconfig", "fabrikamconfig"),
    "another cloud": BLOB.replace("core.windows.net", "core.chinacloudapi.cn"),
    "a host that goes on": BLOB.replace(".net/", ".net.example.com/"),
    "ours as user information": f"https://contosoconfig.blob.core.windows.net@example.com{BLOB[len(HOST) :]}",
    "ours behind another path": f"{HOST}/x/reconciler/Desired.yaml",
    "a folder below ours": f"{BLOB}/x",
}


@pytest.mark.parametrize("url", SAME.values(), ids=SAME)
def test_the_configurations_blob_is_told_by_host_and_path(url: str) -> None:
    assert woken(blob(url)) == ["contoso-gw", "second-gw"]
    assert heard(blob(), CONFIG, sources=Sources(configuration=url)).followed == 1


@pytest.mark.parametrize("url", OTHER.values(), ids=OTHER)
def test_another_blob_wakes_nobody(url: str) -> None:
    assert verdict(blob(url)) == "elsewhere"
    assert heard(blob(), CONFIG, sources=Sources(configuration=url)).elsewhere == 1


@pytest.mark.parametrize("store", ["https://CONTOSO.azconfig.io", "https://contoso.azconfig.io:443"])
def test_the_store_is_told_by_its_host(store: str) -> None:
    assert woken(setting(store=store)) == ["contoso-gw", "second-gw"]
    assert heard(setting(), CONFIG, sources=Sources(app_configuration=f"{store}/")).followed == 1


def test_an_app_with_a_file_for_its_configuration_follows_neither() -> None:
    for event in (blob(), setting(), setting("KeyValueDeleted")):
        assert heard(event, CONFIG).elsewhere == 1
        assert heard(event, CONFIG, sources=Sources(configuration="reconciler.yaml")).elsewhere == 1


def test_a_blob_is_no_setting_and_a_setting_no_blob() -> None:
    assert heard(blob(STORE), CONFIG, sources=Sources(app_configuration=STORE)).elsewhere == 1
    assert heard(setting(store=BLOB), CONFIG, sources=Sources(configuration=BLOB)).elsewhere == 1


@pytest.mark.parametrize("url", [None, "", 3, [], "x", "/reconciler/Desired.yaml", "https://[", "https://a]b/"])
def test_a_url_that_names_no_place_is_malformed(url: Any) -> None:
    event = blob(url)
    event["subject"] = ""
    assert verdict(event) == "malformed"
    assert verdict(cloud(event)) == "malformed"
    assert verdict({**setting(), "subject": url}) == "malformed"


def test_the_cause_says_so_without_a_url_or_a_key() -> None:
    assert [wake.cause for wake in hear(blob()).wakes] == ["event BlobCreated of the configuration"] * 2
    assert [wake.cause for wake in hear(setting()).wakes] == ["event KeyValueModified of the configuration"] * 2

"""Where the Azure CLI comes from; without it none of this is collected."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.az import AzureCli, azure_cli
from tools.local_azure import ROOT

PROGRAM = os.environ.get("AZURE_CLI", "")
collect_ignore_glob = [] if PROGRAM else ["test_*.py"]
QUICK = ("service_update_time=1", "service_retry_after=1", "child_retry_after=1", "principal_replication=1")
SKY = "https://documents.contoso.example/sky.json"
_SKY = {
    "openapi": "3.0.1",
    "info": {"title": "Sky", "version": "1.0"},
    "servers": [{"url": "https://sky.contoso.example"}],
    "paths": {"/stars": {"get": {"operationId": "stars", "responses": {"200": {"description": "ok"}}}}},
}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests here are one story: told in the order in which it is written, however the others are shuffled."""
    places = [place for place, item in enumerate(items) if Path(__file__).parent in item.path.parents]
    told = sorted((items[place] for place in places), key=lambda item: (item.path, item.reportinfo()[1] or 0))
    for place, item in zip(places, told, strict=True):
        items[place] = item


@pytest.fixture(scope="module")
def az(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureCli]:
    """The CLI, signed in to a fresh simulator that has a document to import and does not keep us waiting."""
    world = json.loads((ROOT / "simulator/worlds/contoso.json").read_text("utf-8"))
    path = tmp_path_factory.mktemp("world") / "world.json"
    path.write_text(json.dumps({**world, "documents": {SKY: json.dumps(_SKY)}}), "utf-8")
    options = ["--world", str(path), *(part for knob in QUICK for part in ("--knob", knob))]
    with azure_cli(Path(PROGRAM).resolve(), *options) as found:
        found.sign_in()
        yield found

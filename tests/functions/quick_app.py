"""The project's function app with shorter waits, in a folder of its own, and the settings to run it with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.azurite import Azurite
from tests.local import CONFIG
from tools.local_azure import ROOT, LocalAzure

_APP = """
import importlib.util
import sys

sys.path.insert(0, {root!r})
from reconciler.app import App
from reconciler.coordinate import Pace

App.coordinator.__kwdefaults__["pace"] = Pace(debounce={debounce}, busy=2.0, soon=2.0, back_off=1.0)
spec = importlib.util.spec_from_file_location("the_function_app", {root!r} + "/function_app.py")
module = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = module
spec.loader.exec_module(module)
app = module.app
"""


def quick_app(folder: Path, debounce: float = 1.0) -> Path:
    """The folder, with an app that waits `debounce` seconds for further events."""
    folder.mkdir(exist_ok=True)
    (folder / "function_app.py").write_text(_APP.format(root=str(ROOT), debounce=debounce), "utf-8")
    (folder / "host.json").write_text((ROOT / "host.json").read_text("utf-8"), "utf-8")
    return folder


def host(**queues: Any) -> Mapping[str, Any]:
    """The project's host.json, with other values for queues."""
    document: dict[str, Any] = json.loads((ROOT / "host.json").read_text("utf-8"))
    document["extensions"]["queues"] |= queues
    return document


def settings(
    azure: LocalAzure, folder: Path, azurite: Azurite | None = None, config: str = CONFIG
) -> dict[str, str]:
    """The app's settings; with Azurite the state is in a container of that account, else in the folder."""
    (folder / "reconciler.yaml").write_text(config, "utf-8")
    state = azure.environment(folder / "state")
    if azurite is not None:
        state["AzureWebJobsStorage"] = azurite.connection_string
        state["RECONCILER_STATE"] = f"{azurite.blobs}/state-{folder.name.lower().replace('_', '-')[:40].strip('-')}"
    return {**state, "RECONCILER_CONFIG": str(folder / "reconciler.yaml"), "RESYNC_SCHEDULE": "0 */15 * * * *"}

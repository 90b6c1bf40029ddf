"""How a test runs the command line as a person does: a process, in a folder, against an Azure on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.local import CONFIG
from tools.local_azure import ROOT, LocalAzure

MUTATING = {"PUT", "PATCH", "POST", "DELETE"}


class Command:
    """`python -m reconciler` in a folder of its own."""

    def __init__(self, azure: LocalAzure, folder: Path) -> None:
        self.azure = azure
        self.folder = folder

    def __call__(
        self, *arguments: str, config: str | bytes | None = CONFIG, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it; `config` is what reconciler.yaml holds, None for no file at all."""
        if config is not None:
            data = config if isinstance(config, bytes) else config.encode()
            (self.folder / "reconciler.yaml").write_bytes(data)
        settings = {
            k: v for k, v in os.environ.items() if not k.startswith(("RECONCILER_", "AZURE_", "AzureWebJobs"))
        }
        settings |= {"PYTHONPATH": str(ROOT), **self.azure.environment(self.folder / "state")}
        del settings["RECONCILER_CONFIG"]
        settings |= environment
        self.azure.forget_requests()
        return subprocess.run(
            [sys.executable, "-m", "reconciler", *arguments],
            cwd=self.folder,
            env={k: v for k, v in settings.items() if v},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def wrote(self) -> list[str]:
        """What reached Azure and would change it."""
        return [r["path"] for r in self.azure.requests() if r["method"] in MUTATING]


def refused(answer: subprocess.CompletedProcess[str], *words: str) -> None:
    """One sentence with these words on standard error, exit code 1, no traceback."""
    assert answer.returncode == 1, answer
    lines = [line for line in answer.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, answer.stderr
    assert lines[0].startswith("error: ")
    assert "Traceback" not in answer.stderr + answer.stdout
    for word in words:
        assert word in lines[0]

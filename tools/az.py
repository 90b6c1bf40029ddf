"""How the Azure CLI, unmodified, is pointed at a simulator on this machine.

`python -m tools.az` starts a simulator, signs the CLI in and prints what to export, to try commands by hand.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.local_azure import ROOT, LocalAzure, local_azure

TENANT = "72f988bf-0000-4000-8000-0000c0ffee00"  # of the built-in world
PIPELINE = "0b0b0b0b-0000-4000-8000-00000000c0de"  # an application there; any secret is right
CLOUD = "simulator"
_PATIENCE = 120


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    arguments: tuple[str, ...]
    code: int
    output: str
    errors: str
    program: tuple[str, ...] = ("az",)

    @property
    def json(self) -> Any:
        """What it printed, read as JSON; nothing if it printed nothing."""
        return json.loads(self.output) if self.output.strip() else None


@dataclass
class AzureCli:
    """The program, with settings, sign-ins and caches of its own in one folder."""

    program: Path
    azure: LocalAzure
    folder: Path
    ran: list[Ran] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The simulator's address as the CLI wants it: by name, not by number."""
        return self.azure.url.replace("127.0.0.1", "localhost")

    @property
    def environment(self) -> dict[str, str]:
        """What keeps the CLI away from the network and from the settings of whoever runs this."""
        return {
            "AZURE_CONFIG_DIR": str(self.folder),
            "REQUESTS_CA_BUNDLE": self.azure.ca,
            "AZURE_CORE_COLLECT_TELEMETRY": "false",
            "AZURE_CORE_INSTANCE_DISCOVERY": "false",
            "AZURE_CORE_NO_COLOR": "true",
            "AZURE_CORE_LOGIN_EXPERIENCE_V2": "off",
            "AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no",
        }

    def run(self, *arguments: str) -> Ran:
        """Run one command and keep what came of it."""
        done = subprocess.run(
            [str(self.program), *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
        )
        self.ran.append(Ran(arguments, done.returncode, done.stdout, done.stderr))
        return self.ran[-1]

    def __call__(self, *arguments: str) -> Any:
        """Run a command that must succeed; returns what it printed."""
        ran = self.run(*arguments)
        if ran.code:
            raise RuntimeError(f"az {shlex.join(arguments)} ended with {ran.code}: {ran.errors.strip()}")
        return ran.json

    def sign_in(self) -> None:
        """Make the simulator a cloud of the CLI and sign the application in."""
        self("cloud", "register", "--name", CLOUD, "--endpoint-resource-manager", self.url)
        self("cloud", "set", "--name", CLOUD)
        self("login", "--service-principal", "-u", PIPELINE, "-p", "any-secret", "--tenant", TENANT)


@contextmanager
def azure_cli(program: Path, *options: str) -> Iterator[AzureCli]:
    """The CLI and a fresh simulator over https, not signed in yet."""
    with (
        local_azure("--https", *options) as azure,
        tempfile.TemporaryDirectory(prefix="azure-cli-", ignore_cleanup_errors=True) as folder,
    ):
        yield AzureCli(program, azure, Path(folder))


def main() -> int:
    """Start, sign in, and wait to be stopped."""
    program = ROOT / ".cache/azure-cli/bin/az"
    if not program.exists():
        print("the Azure CLI is not installed here yet: run 'make test-az' once", file=sys.stderr)
        return 1
    with azure_cli(program) as az:
        az.sign_in()
        print("in another terminal:")
        for name, value in az.environment.items():
            print(f"  export {name}={shlex.quote(value)}")
        print(f"  {program} apim api list -g rg-gateway --service-name contoso-gateway -o table")
        print("stop with Ctrl-C", flush=True)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())

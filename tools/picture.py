"""The picture in the README: a real run against the simulator, recorded as it looks on a terminal."""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

from rich.console import Console

from reconciler.app import from_environment
from reconciler.text import show
from tools.local_azure import ROOT, local_azure

PICTURE = ROOT / "docs" / "run.svg"


def main() -> int:
    """Run plan, apply and plan again; write docs/run.svg."""
    console = Console(
        record=True, file=io.StringIO(), force_terminal=True, width=140, highlight=False, markup=False
    )
    with tempfile.TemporaryDirectory() as folder, local_azure("--import-time", "0.5") as azure:
        app = from_environment({**os.environ, **azure.environment(Path(folder))})
        gateway = app.config.gateways[0]
        for command, dry_run in (("plan", True), ("apply --yes", False), ("plan", True)):
            console.print(f"$ python -m reconciler {command}", style="bold")
            show([app.run(gateway, dry_run=dry_run)], console)
            console.print()
    svg = console.export_svg(title="apim-openai-reconciler", unique_id="run")
    PICTURE.write_text(svg, "utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""How a test gives a command to the real command line, with a simulated Azure in process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from reconciler.__main__ import main
from reconciler.store import Store
from simulator import Simulator
from tests import local


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Command = Callable[..., Answer]


def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """`command(sim, "show", "--actual")`; `config` is the text of the configuration, `store` the state."""

    def run(sim: Simulator, *arguments: str, config: str = local.CONFIG, store: Store | None = None) -> Answer:
        built = local.app(sim, local.config(config))
        built = replace(built, store=store) if store is not None else built
        code = main(arguments, lambda _: built)
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run

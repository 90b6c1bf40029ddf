"""Below /_simulator a caller's mistake is told in one sentence, and a defect is not called a mistake of his."""

from typing import Any

import pytest

from simulator import behind
from tests.simulator.asking import GATEWAY, api, azure

OTHER = f"{GATEWAY}/apis/other"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "sentence"),
    [
        ("PUT", "resources", {}, 400, "the query names no id"),
        ("PUT", f"resources?id={OTHER}", "[]", 400, "the body must be a JSON object"),
        ("DELETE", f"resources?id={OTHER}", None, 404, f"there is no '{OTHER}'"),
        ("PUT", "documents", "text", 400, "the query names no url"),
        ("DELETE", "documents?url=https://x.example/a", None, 404, "there is no 'https://x.example/a'"),
        ("POST", "clock", {"advance": -1}, 400, "time cannot run backwards, nor for ever: -1.0"),
        ("POST", "clock", {"advance": True}, 400, 'the body must be {"advance": seconds}'),
        ("POST", "faults", "5", 400, "the body must be a JSON object"),
        ("GET", "wonders", None, 404, "there is no GET /_simulator/wonders"),
    ],
)
def test_a_callers_mistake_is_one_sentence(method: str, path: str, body: Any, status: int, sentence: str) -> None:
    got = azure().ask(method, f"/_simulator/{path}", body, version="")
    assert (got.status, got.code, got.message) == (status, "SimulatorAdmin", sentence)


@pytest.mark.parametrize("defect", [KeyError("displayName"), ValueError("no"), TypeError("None")])
def test_a_defect_is_not_told_as_the_callers_mistake(defect: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise defect

    client = azure()
    monkeypatch.setattr(behind, "write", fails)
    with pytest.raises(type(defect)) as met:
        client.ask("PUT", "/_simulator/resources", api("other"), version="", query={"id": OTHER})
    assert met.value is defect

"""Routes and answers as the host reads them, without a worker."""

import pytest

from .payloads import HttpAnswer, answer, http, read, route_parameters


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("api/status", "/api/status", {}),
        ("api/status", "/API/Status/", {}),
        ("api/status", "/api/statuses", None),
        ("api/status", "/status", None),
        ("api/runs/{id}", "/api/runs/a%20b", {"id": "a b"}),
        ("api/runs/{id}", "/api/runs", None),
        ("api/runs/{id}", "/api/runs/1/2", None),
        ("api/runs/{id:guid}", "/api/runs/1", {"id": "1"}),
        ("api/runs/{id?}", "/api/runs", {}),
        ("api/runs/{id:int?}", "/api/runs/1", {"id": "1"}),
        ("api/{*rest}", "/api/a/b", {"rest": "a/b"}),
        ("api/v1.0", "/api/v1x0", None),
    ],
)
def test_a_route_matches_or_not_and_gives_its_parameters(
    template: str, path: str, expected: dict[str, str] | None
) -> None:
    assert route_parameters(template, path) == expected


def test_the_callers_content_type_is_kept() -> None:
    request = http("POST", "/api/x", body={}, headers={"Content-Type": "application/merge-patch+json"}, params={})

    assert request.value["http"]["headers"] == {"Content-Type": "application/merge-patch+json"}


def test_a_request_without_a_body_sends_none() -> None:
    request = http("GET", "/api/x", params={})

    assert (request.value["http"]["body"], request.value["http"]["headers"]) == (None, {})


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        (None, None),
        ({"string": "a"}, "a"),
        ({"bytes": "AAE="}, b"\0\1"),
        ({"json": '{"a": [1]}'}, {"a": [1]}),
        ({"int": 3}, 3),
    ],
)
def test_a_value_from_the_worker_reads_as_python(wire: dict[str, object] | None, value: object) -> None:
    assert read(wire) == value


def test_the_host_answers_for_a_function_that_failed_or_gave_no_response() -> None:
    given = HttpAnswer(202, {"location": "/api/runs/1"})

    assert answer(given, failed=False) is given
    assert answer(given, failed=True) == HttpAnswer(500)
    assert answer(None, failed=False) == HttpAnswer(204)
    assert answer("fine", failed=False) == HttpAnswer(200, {"content-type": "text/plain; charset=utf-8"}, b"fine")

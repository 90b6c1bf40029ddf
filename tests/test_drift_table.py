"""Every field that a kind declares is spoilt by a row of test_drift.py or by another test, or not for a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.kinds import KINDS
from simulator import Simulator
from tests import test_drift
from tests.local import plan
from tests.test_drift import ROWS, TOLD

SPOILT_ELSEWHERE = {
    "service identity.type": "test_an_identity_that_was_switched_off_is_switched_on_and_its_new_principal_let_in",
    "api properties.description": "test_an_apis_description_is_put_right_around_the_mark",
}
NEVER_DIFFERENT = {
    "role-assignment properties.roleDefinitionId": "Azure changes no assignment: it is there or it is not",
    "role-assignment properties.principalId": "as above",
    "role-assignment properties.principalType": "as above",
    "role-assignment properties.description": "as above",
    "api properties.format": "Azure never answers it",
    "api properties.value": "Azure never answers it; the mark names the document (test_reimport.py)",
    "api-policy properties.format": "how the text is sent",
    "operation properties.request.queryParameters": "a description of what may be sent; it routes no call",
    "operation properties.request.headers": "as above",
    "operation properties.responses": "a description of answers; the import adds schemas and examples to it",
}


def declared(body: Any, path: str = "") -> Iterator[str]:
    """The paths of a desired body; a list is one field."""
    if not isinstance(body, Mapping):
        yield path
        return
    for name, value in body.items():
        yield from declared(value, f"{path}.{name}" if path else name)


def test_every_declared_field_of_every_kind_is_in_the_table() -> None:
    desired = plan(Simulator()).desired.values()
    assert {resource.kind for resource in desired} == {kind.name for kind in KINDS}, (
        "a kind that nothing desires here"
    )
    fields = {f"{resource.kind} {path}" for resource in desired for path in declared(resource.body)}
    rows = {f"{row.change.removeprefix('update ')} {row.path.partition('/')[0]}" for row in ROWS.values()}
    deep = {f"operation {path}" for path, *_ in TOLD.values()}
    assert fields == rows | deep | SPOILT_ELSEWHERE.keys() | NEVER_DIFFERENT.keys()
    assert all(hasattr(test_drift, test) for test in SPOILT_ELSEWHERE.values())

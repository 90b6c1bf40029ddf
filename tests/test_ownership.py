"""The mark: how it is written, and which texts are none."""

from __future__ import annotations

import pytest

from reconciler.model import Mark
from reconciler.ownership import line, mark_of, stamp
from tests.builders import EAST, WEST

MANAGED = "managed-by=apim-openai-reconciler"
LINE = f"{MANAGED}; owner=contoso; source={EAST}"
SPEC = "azure-openai/2024-10-21@0123456789ab"
OURS = Mark("contoso", EAST)

STAMPED = {
    "below a description": ("Models of east.", OURS, f"Models of east.\n{LINE}"),
    "alone where there is no description": ("", OURS, LINE),
    "alone where the description is blank": (" \n ", OURS, LINE),
    "no blank lines between": ("Models of east.\n\n", OURS, f"Models of east.\n{LINE}"),
    "with the document it was made from": (
        "A",
        Mark("contoso", EAST, SPEC),
        f"A\n{LINE}; spec={SPEC}",
    ),
}


@pytest.mark.parametrize(("description", "mark", "expected"), STAMPED.values(), ids=STAMPED)
def test_the_mark_is_the_last_line_and_is_read_back(description: str, mark: Mark, expected: str) -> None:
    assert stamp(description, mark) == expected
    assert mark_of({"properties": {"description": expected}}) == mark


def test_the_mark_is_one_line() -> None:
    assert line(Mark("contoso", EAST, SPEC)) == f"{LINE}; spec={SPEC}"


READ = {
    "with line ends of Windows": (f"A\r\nB\r\n{LINE}\r\n", OURS),
    "with blank lines after it": (f"A\n{LINE}\n\n  \n", OURS),
    "with blanks around its parts": (f"A\n  {MANAGED};owner=contoso;  source={EAST}  ", OURS),
    "of another owner": (f"{MANAGED}; owner=fabrikam; source={EAST}", Mark("fabrikam", EAST)),
    "of another account": (f"{MANAGED}; owner=contoso; source={WEST}", Mark("contoso", WEST)),
    "with a field of a later version": (f"{LINE}; since=2027", OURS),
    "with a document": (f"{LINE}; spec={SPEC}", Mark("contoso", EAST, SPEC)),
}


@pytest.mark.parametrize(("description", "expected"), READ.values(), ids=READ)
def test_a_mark_is_read(description: str, expected: Mark) -> None:
    assert mark_of({"properties": {"description": description}}) == expected


NONE = {
    "no mark": "Models of east.",
    "an empty description": "",
    "a mark that is not on the last line": f"{LINE}\nedited by Kim",
    "a mark inside a line": f"see {LINE}",
    "another manager": LINE.replace("apim-openai-reconciler", "terraform"),
    "a longer manager": LINE.replace("reconciler;", "reconciler-2;"),
    "torn after the manager": MANAGED,
    "torn in a field's name": f"{MANAGED}; owner=contoso; sour",
    "torn before the source": f"{MANAGED}; owner=contoso",
    "torn after an equals sign": f"{MANAGED}; owner=contoso; source=",
    "torn inside the source": f"{MANAGED}; owner=contoso; source={EAST.text.rsplit('/', 1)[0]}",
    "no owner": f"{MANAGED}; owner=; source={EAST}",
    "without its owner": f"{MANAGED}; source={EAST}",
    "a source that is no id": f"{MANAGED}; owner=contoso; source=contoso-east",
    "torn at a semicolon": f"{LINE};",
}


@pytest.mark.parametrize("description", NONE.values(), ids=NONE)
def test_what_is_no_whole_mark_is_none(description: str) -> None:
    assert mark_of({"properties": {"description": description}}) is None


@pytest.mark.parametrize(
    "body",
    [{}, {"properties": None}, {"properties": []}, {"properties": {}}, {"properties": {"description": None}}],
    ids=["no properties", "null properties", "a list", "no description", "a null description"],
)
def test_a_body_without_a_description_has_no_mark(body: dict[str, object]) -> None:
    assert mark_of(body) is None

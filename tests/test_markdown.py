"""What a pull request shows of a report: read back by a Markdown reader that nobody here wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reconciler.markdown import markdown
from reconciler.markup import code, fence, table, text
from reconciler.model import Change, Create, Delete, Difference, Held, Outcome, Plan, Reason, Status, Update
from reconciler.report import Failure, Report
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, WEST, account, mark, observed, wish, world

READER = MarkdownIt("commonmark").enable("table")
BACKEND = observed(EAST_BACKEND, "backend")
CREATE = Create(
    wish(EAST_API, "api", {"properties": {"path": "contoso-east/openai", "protocols": ["https"]}}, EAST),
    (wish(EAST_API.child("operations", "chat"), "operation", {}, EAST, EAST_API),),
)
LEFT = Delete(observed(GATEWAY.child("backends", "old"), "backend", mark=mark(WEST)), "the account is gone")
HELD = Held(LEFT, Reason.PRUNE_REPORT, "not deleted")


def update(*differences: Difference) -> Update:
    return Update(wish(EAST_BACKEND, "backend", {}, EAST), BACKEND, differences)


def report(*changes: Change, held: tuple[Held, ...] = (), outcomes: tuple[Outcome, ...] | None = None) -> Report:
    return Report(GATEWAY, world(account()), Plan(changes, held, 3), outcomes)


def tables(document: str) -> list[list[list[str]]]:
    """Every table of the document as rows of cells, each cell as a person sees it."""
    found: list[list[list[str]]] = []
    for token in READER.parse(document):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and found and token.level > 1:
            found[-1][-1].append(seen(token))
    return found


def seen(inline: Token) -> str:
    """The text of a cell; `<br>` is a line break, `<code>` leaves no trace; other markup is shown as a fault."""
    words = []
    for child in inline.children or ():
        match child.type, child.content:
            case (("text" | "code_inline" | "text_special"), words_of_it):
                words.append(words_of_it)
            case "html_inline", "<br>":
                words.append("\n")
            case "html_inline", ("<code>" | "</code>"):
                pass
            case other:
                words.append(f"<<{other}>>")
    return "".join(words)


def lines(document: str) -> list[str]:
    return document.splitlines()


def test_a_plan_says_first_how_much_there_is_to_do() -> None:
    of = report(CREATE, update(Difference("properties.url", "https://a", "https://b")), held=(HELD,))
    assert of.plan is not None
    assert lines(markdown([of]))[:3] == [
        "## contoso-gw: plan",
        "",
        f"1 to create, 1 to update, 0 to delete; 1 held; 3 unchanged; digest {of.plan.digest[:12]}",
    ]


def test_of_several_gateways_each_verdict_comes_before_all() -> None:
    text_ = lines(markdown([report(), Report(GATEWAY, failure=Failure("forbidden", "a role is missing"))]))
    assert text_[:3] == [
        "- `contoso-gw`: **in sync**, 0 changes; 3 unchanged",
        "- `contoso-gw`: **not read**, a role is missing",
        "",
    ]
    assert [line for line in text_ if line.startswith("## ")] == [
        "## contoso-gw: in sync",
        "## contoso-gw: not read",
    ]


def test_changes_held_and_accounts_are_tables_and_before_and_after_unfold() -> None:
    of = report(CREATE, update(Difference("properties.url", None, "https://b")), held=(HELD,))
    document = markdown([of])
    assert tables(document) == [
        [
            ["change", "kind", "name", "account", "why"],
            ["create", "api", "contoso-east-831a41", "contoso-east", "missing; imported with 1 operations"],
            ["update", "backend", "contoso-east-831a41-openai-endpoint", "contoso-east", "properties.url"],
        ],
        [
            ["field", "before", "after"],
            ["properties.path", "null", '"contoso-east/openai"'],
            ["properties.protocols", "null", '["https"]'],
        ],
        [["field", "before", "after"], ["properties.url", "null", '"https://b"']],
        [
            ["change", "kind", "name", "account", "reason", "detail"],
            ["delete", "backend", "old", "contoso-west", "prune-report", "not deleted"],
        ],
        [
            ["account", "state", "reason", "detail"],
            ["contoso-east", "onboarded", "ready", "model deployments: gpt-4o"],
        ],
    ]
    unfolded = [line for line in lines(document) if line.startswith("<details>")]
    assert unfolded == [
        "<details><summary>create api contoso-east-831a41: 2 fields</summary>",
        "<details><summary>update backend contoso-east-831a41-openai-endpoint: 1 field</summary>",
    ]
    assert document.count("</details>") == 2


def test_outcomes_take_the_place_of_changes_and_a_new_role_warns() -> None:
    role = Create(
        wish(EAST.extension("Microsoft.Authorization", "roleAssignments", "1"), "role-assignment", {}, EAST)
    )
    outcomes = (Outcome(role, Status.APPLIED, "", 1.25), Outcome(LEFT, Status.FAILED, "a|b `c`\n*d*"))
    found = tables(markdown([report(role, LEFT, outcomes=outcomes)]))
    assert found[0][1:] == [
        ["applied", "create", "role-assignment", "1", "contoso-east", "1.2", "missing"],
        ["failed", "delete", "backend", "old", "contoso-west", "0.0", "a|b `c`\n*d*"],
    ]
    assert found[1] == [
        ["reason", "resource", "detail"],
        [
            "role-assignment-pending",
            "contoso-east",
            "Azure may take up to ten minutes until the new role works; calls may answer 401 until then",
        ],
    ]


def test_a_gateway_that_could_not_be_read() -> None:
    document = markdown([Report(GATEWAY, failure=Failure("forbidden", "<b>a role</b> is missing"))])
    assert document == (
        "## contoso-gw: not read\n\n**error** (forbidden): &#60;b&#62;a role&#60;/b&#62; is missing"
    )


NASTY = [
    "a|b",
    "a\\|b",
    "`",
    "``x`|`y",
    "<script>alert(1)</script>",
    "</details>",
    "**bold** _it_ ~~no~~ [x](y) ![z](w)",
    "$x$ #1 @somebody",
    "&amp; &lt;",
    "trailing \\",
    "| --- | --- |",
]


@pytest.mark.parametrize("value", NASTY)
def test_a_value_that_looks_like_markup_is_shown_letter_by_letter(value: str) -> None:
    (_, fields, *_) = tables(markdown([report(update(Difference("properties.title", value, [value, None])))]))
    (_, (path, before, after)) = fields
    written = value.replace("\\", "\\\\")
    assert (path, before, after) == ("properties.title", f'"{written}"', f'["{written}", null]')


def test_lines_stay_lines() -> None:
    (_, fields, *_) = tables(markdown([report(update(Difference("properties.value", "<a>\n  <b />\n</a>", None)))]))
    assert fields[1][1].replace("\xa0", " ") == "<a>\n  <b />\n</a>"


ANY = st.text(st.characters(codec="utf-8"), max_size=30)


@given(st.lists(st.lists(ANY, min_size=2, max_size=2), min_size=1, max_size=3))
def test_no_value_breaks_a_table(rows: Sequence[Sequence[str]]) -> None:
    written = "\n".join(table(("one", "two"), [[text(first), code(second)] for first, second in rows]))
    (found,) = tables(written)
    assert [len(row) for row in found] == [2] * (len(rows) + 1)


LETTERS = st.text(st.sampled_from("a|`\\*_ <>&[]()~$#@\n\t'\"-{}é😀"), max_size=20)


@example(" a ")
@example("  ")
@given(LETTERS)
def test_a_value_is_read_back_as_it_was(value: str) -> None:
    (found,) = tables("\n".join(table(("one", "two"), [["x", code(value)]])))
    back = found[1][1].replace("\xa0", " ").replace("\u2409", "\t")
    assert back == value


def blocks(document: str) -> Iterator[tuple[str, str]]:
    for token in READER.parse(document):
        if token.type == "fence":
            yield token.info, token.content


@example("_a_ __b__ c_d_e")
@given(LETTERS)
def test_words_are_read_back_as_they_were_but_for_blanks(words: str) -> None:
    (found,) = tables("\n".join(table(("one", "two"), [["x", text(words)]])))
    assert found[1][1] == "\n".join(" ".join(line.split()) for line in words.splitlines())


@pytest.mark.parametrize("content", ["a: 1", "```\nb\n```", "````", "~~~"])
def test_a_fence_is_longer_than_any_in_it(content: str) -> None:
    assert list(blocks("\n".join(fence("yaml", content)))) == [("yaml", content + "\n")]

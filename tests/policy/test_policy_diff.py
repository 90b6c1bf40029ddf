"""`policy-diff` as somebody at a command line meets it: what it prints, in each form, and how it ends."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from reconciler import policy_diff
from reconciler.__main__ import main
from reconciler.policy.document import read
from tests.commanded import Answer

BEFORE = """\
<policies>
  <inbound>
    <base />
    <set-header name="x" exists-action="append">
      <value>@("a b" + context.RequestId)</value>
    </set-header>
    <llm-token-limit counter-key="@(context.Subscription.Id)" tokens-per-minute="1000" />
  </inbound>
</policies>
"""
AFTER = """\
<policies><inbound>
  <cors><allowed-origins><origin>*</origin></allowed-origins></cors>
  <set-header exists-action='append' name='x'><value>@( "ab"+context.RequestId )</value></set-header>
  <llm-token-limit tokens-per-minute="5000" counter-key="@(context.Subscription.Id)"></llm-token-limit>
  <base />
</inbound></policies>
"""
SAME = "<!-- mine -->\n" + BEFORE.replace("    ", "\t").replace('"x"', "'x'").replace("a b", "a b")

Run = Callable[..., Answer]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("a.xml", "b.xml")` in a folder with these documents and nothing else."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"a.xml": BEFORE, "b.xml": AFTER, "same.xml": SAME}.items():
        Path(name).write_text(text, "utf-8")

    def run(*arguments: str) -> Answer:
        try:
            code = main(["policy-diff", *arguments], _no_app)
        except SystemExit as ended:
            code = int(str(ended.code))
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run


def _no_app(config: str | None) -> Any:
    raise AssertionError(f"a configuration is not needed: {config}")


def test_documents_that_say_the_same_end_with_0(run: Run) -> None:
    assert run("a.xml", "same.xml") == Answer(0, "a.xml and same.xml say the same\n", "")


def test_a_document_says_the_same_as_itself(run: Run) -> None:
    assert run("a.xml", "a.xml").code == run("a.xml", "./a.xml").code == 0


def test_each_difference_has_its_path_its_lines_and_what_changed_in_it(run: Run) -> None:
    answer = run("a.xml", "b.xml")
    assert (answer.code, answer.err) == (2, "")
    assert answer.out == (
        "a.xml and b.xml differ in 4 places\n"
        "\n"
        "inbound/cors\n"
        "  b.xml:2  <cors>\n"
        "    - (not there)\n"
        "    + <cors><allowed-origins><origin>*</origin></allowed-origins></cors> at position 1 of 4\n"
        "\n"
        "inbound/set-header/value/text()\n"
        "  a.xml:5  <value>\n"
        "  b.xml:3  <value>\n"
        '    - @("a b" + context.RequestId)\n'
        "          ^\n"
        '    + @("ab" + context.RequestId)\n'
        "          ^\n"
        "\n"
        "inbound/llm-token-limit/@tokens-per-minute\n"
        '  a.xml:7  <llm-token-limit counter-key="@(context.Subscription.Id)" tokens-per-minute="1000">\n'
        '  b.xml:4  <llm-token-limit counter-key="@(context.Subscription.Id)" tokens-per-minute="5000">\n'
        "    - 1000\n"
        "      ^\n"
        "    + 5000\n"
        "      ^\n"
        "\n"
        "inbound/base\n"
        "  a.xml:3  <base>\n"
        "  b.xml:5  <base>\n"
        "    - position 1 of 3\n"
        "    + position 4 of 4\n"
    )


def test_one_difference_is_one_place(run: Run) -> None:
    Path("c.xml").write_text(BEFORE.replace("1000", "2000"), "utf-8")
    assert run("a.xml", "c.xml").lines[0] == "a.xml and c.xml differ in 1 place"


def test_for_programs_it_is_json(run: Run) -> None:
    answer = run("a.xml", "b.xml", "--format", "json")
    assert (answer.code, answer.err) == (2, "")
    assert answer.json == {
        "a": "a.xml",
        "b": "b.xml",
        "same": False,
        "differences": [
            {
                "path": "inbound/cors",
                "a": None,
                "b": "<cors><allowed-origins><origin>*</origin></allowed-origins></cors> at position 1 of 4",
                "lines": {"a": None, "b": 2},
            },
            {
                "path": "inbound/set-header/value/text()",
                "a": '@("a b" + context.RequestId)',
                "b": '@("ab" + context.RequestId)',
                "lines": {"a": 5, "b": 3},
            },
            {
                "path": "inbound/llm-token-limit/@tokens-per-minute",
                "a": "1000",
                "b": "5000",
                "lines": {"a": 7, "b": 4},
            },
            {"path": "inbound/base", "a": "position 1 of 3", "b": "position 4 of 4", "lines": {"a": 3, "b": 5}},
        ],
    }
    assert run("a.xml", "same.xml", "--format", "json").json == {
        "a": "a.xml",
        "b": "same.xml",
        "same": True,
        "differences": [],
    }


def test_for_pull_requests_it_is_markdown(run: Run) -> None:
    Path("c.xml").write_text(BEFORE.replace("1000", "5|0").replace("a b", f"{'z' * 200}`"), "utf-8")
    answer = run("a.xml", "c.xml", "--format", "markdown")
    assert (answer.code, answer.err) == (2, "")
    assert answer.lines[:8] == [
        "## 2 differences",
        "",
        "`a.xml` and `c.xml`",
        "",
        "| where | line | `a.xml` | line | `c.xml` |",
        "| --- | --- | --- | --- | --- |",
        '| `inbound/set-header/value/text()` | 5 | `@("a b" + context.RequestId)` | 5 '
        f"""| `@("{"z" * 160}…" + context.RequestId)` |""",
        "| `inbound/llm-token-limit/@tokens-per-minute` | 7 | `1000` | 7 | <code>5&#124;0</code> |",
    ]
    assert answer.lines[8:12] == [
        "",
        "<details><summary>inbound/set-header/value/text(), whole</summary>",
        "",
        "```xml",
    ]
    assert f'@("{"z" * 200}`" + context.RequestId)' in answer.lines
    same = run("a.xml", "same.xml", "--format", "markdown")
    assert (same.code, same.out) == (0, "## The same policy\n\n`a.xml` and `same.xml`\n")


def test_one_document_may_come_on_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in (("-", "b.xml"), ("a.xml", "-")):
        given = io.TextIOWrapper(io.BytesIO((BEFORE if arguments[0] == "-" else AFTER).encode()))
        monkeypatch.setattr(sys, "stdin", given)
        answer = run(*arguments)
        names = [name if name != "-" else "standard input" for name in arguments]
        assert (answer.code, answer.lines[0]) == (2, f"{names[0]} and {names[1]} differ in 4 places")


ERRORS: dict[str, tuple[tuple[str, ...], str]] = {
    "a file that is not there": (("a.xml", "nowhere.xml"), "there is no file 'nowhere.xml'"),
    "a folder": ((".", "a.xml"), "'.' is a folder: name a policy document in it"),
    "no UTF-8": (("a.xml", "latin.xml"), "'latin.xml' is not UTF-8 (byte 15): save it as UTF-8"),
    "UTF-16": (("utf16.xml", "a.xml"), "'utf16.xml' is not UTF-8 (byte 1): save it as UTF-8"),
    "standard input twice": (
        ("-", "-"),
        "'-' is given twice: only one of the two documents can be standard input",
    ),
    "three documents": (("a.xml", "b.xml", "same.xml"), "unrecognized arguments: same.xml"),
    "one document": (("a.xml",), "the following arguments are required: B.xml"),
    "a name that no file can have": (("a.xml", "\0"), "'\0' cannot be read: embedded null byte"),
    "one that is unreadable": (
        ("a.xml", "torn.xml"),
        "torn.xml, line 2, column 5: </policies> closes <inbound> of line 1; the two names must be the same",
    ),
    "an unreadable one twice": (
        ("empty.xml", "empty.xml"),
        "empty.xml, line 1, column 1: there is no policy in this text; one starts with <policies> or <fragment>",
    ),
    "a configuration": (
        ("--config", "x.yaml", "a.xml", "b.xml"),
        "--config means nothing to policy-diff, which reads two files only; leave it out",
    ),
    "a gateway": (
        ("--gateway", "x", "a.xml", "b.xml"),
        "--gateway means nothing to policy-diff, which reads two files only; leave it out",
    ),
    "a deep reading": (
        ("a.xml", "b.xml", "--deep"),
        "--deep means nothing to policy-diff, which reads two files only; leave it out",
    ),
    "an expression that is unreadable": (
        ("quotes.xml", "a.xml"),
        "quotes.xml, line 2, column 15: the expression of line 2, column 7 cannot be read: "
        r"two string literals stand side by side; inside a literal a quote is \"; mend it, or write it escaped",
    ),
    "an empty one": (
        ("empty.xml", "a.xml"),
        "empty.xml, line 1, column 1: there is no policy in this text; one starts with <policies> or <fragment>",
    ),
}


@pytest.mark.parametrize(("arguments", "sentence"), ERRORS.values(), ids=ERRORS)
def test_what_cannot_be_compared_is_one_sentence_and_ends_with_1(
    run: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    Path("latin.xml").write_bytes("<policies><!--é--></policies>".encode("latin-1"))
    Path("utf16.xml").write_bytes(BEFORE.encode("utf-16"))
    Path("torn.xml").write_text("<policies><inbound>\n  </policies>", "utf-8")
    Path("quotes.xml").write_text('<policies>\n<a b="@(c["d="""])" /></policies>', "utf-8")
    Path("empty.xml").write_text("", "utf-8")
    answer = run(*arguments)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.splitlines()[-1] == f"error: {sentence}"
    assert answer.err.count("error:") == 1


def test_two_unreadable_documents_are_both_said(run: Run) -> None:
    Path("one.xml").write_text("<policies>", "utf-8")
    Path("two.xml").write_text("two", "utf-8")
    answer = run("one.xml", "two.xml")
    assert (answer.code, answer.out) == (1, "")
    assert [line.partition(":")[0] for line in answer.err.splitlines()] == ["error", "error"]
    assert ["one.xml, line 1" in answer.err, "two.xml, line 1" in answer.err] == [True, True]


def shown(before: str, after: str, **console: Any) -> str:
    stream = io.StringIO()
    one, other = (policy_diff.Side(name, read(text)) for name, text in (("a", before), ("b", after)))
    found = policy_diff.places(one, other)
    policy_diff.show(one, other, found, Console(file=stream, highlight=False, markup=False, **console))
    return stream.getvalue()


def text(value: str) -> str:
    return f"<policies><a>{value}</a></policies>"


def test_what_changed_is_marked_where_it_stands_in_a_long_value() -> None:
    long = "x" * 500
    out = shown(text(f"{long} y {long}"), text(f"{long} 世z {long}"), width=100_000)
    assert out.splitlines()[5:] == [
        f"    - …{'x' * 39} y {'x' * 39}…",
        " " * 47 + "^",
        f"    + …{'x' * 39} 世z {'x' * 39}…",
        " " * 47 + "^^^",
    ]


def test_what_cannot_be_seen_is_spelt_out() -> None:
    out = shown(text("a&#x200B;b\tc&#xA0;"), text("ab\nc"), width=100_000)
    assert out.splitlines()[5:] == [
        "    - a\\u200bb⇥c\\u00a0",
        "       ^^^^^^^^^^^^^^^",
        "    + ab⏎c",
        "       ^^^",
    ]


def test_nothing_in_a_value_is_taken_for_a_style() -> None:
    assert "[bold]:smile:[/bold]" in shown(text("x"), text("[bold]:smile:[/bold]"), width=100_000)


def test_another_root_is_one_difference() -> None:
    out = shown("<policies />", "<fragment />", width=100_000)
    assert out.splitlines()[2:] == [
        "(the root element)",
        "  a:1  <policies>",
        "  b:1  <fragment>",
        "    - <policies>",
        "    + <fragment>",
    ]


def test_on_a_terminal_it_is_coloured_and_what_changed_is_reversed() -> None:
    out = shown(
        text("1000"), text("5000"), force_terminal=True, color_system="standard", width=80, legacy_windows=False
    )
    assert "\x1b[1;36ma/text()\x1b[0m" in out
    assert "\x1b[1;7;31m1\x1b[0m\x1b[31m000\x1b[0m" in out
    assert "\x1b[1;7;32m5\x1b[0m\x1b[32m000\x1b[0m" in out


def test_as_a_program_it_colours_a_terminal_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(BEFORE, "utf-8")
    (tmp_path / "b.xml").write_text(AFTER, "utf-8")
    command = [sys.executable, "-m", "reconciler", "policy-diff", str(tmp_path / "a.xml"), str(tmp_path / "b.xml")]
    root = Path(__file__).parents[2]
    plain = subprocess.run(command, cwd=root, capture_output=True, check=False, timeout=50)
    assert (plain.returncode, plain.stderr) == (2, b"")
    assert b"\x1b" not in plain.stdout
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    coloured = subprocess.run(command, cwd=root, stdout=follower, check=False, timeout=50, env=environment)
    os.close(follower)
    seen = os.read(leader, 65_536)
    os.close(leader)
    assert coloured.returncode == 2
    assert b"\x1b[" in seen


def test_json_of_what_was_added_is_whole(run: Run) -> None:
    Path("c.xml").write_text(BEFORE.replace("<base />", f"<base /><x>{'y' * 5000}</x>"), "utf-8")
    (found,) = json.loads(run("a.xml", "c.xml", "--format", "json").out)["differences"]
    assert found["b"] == f"<x>{'y' * 5000}</x> at position 2 of 4"

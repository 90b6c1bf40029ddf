"""Where two documents differ is said with paths that a person understands, and once."""

from __future__ import annotations

import pytest

from reconciler.model import Difference
from reconciler.policy.document import compare, read

ABC = ["<a />", "<b />", "<c />"]
H = ['<h n="1" />', '<h n="2" />', '<h n="3" />']


def policy(*statements: str) -> str:
    return f"<policies><inbound>{''.join(statements)}</inbound></policies>"


DIFFERENT: dict[str, tuple[list[str], list[str], tuple[Difference, ...]]] = {
    "one added": (ABC, [*ABC[:1], "<x />", *ABC[1:]], (Difference("inbound/x", "<x /> at position 2 of 4", None),)),
    "one added in front": (ABC, ["<x />", *ABC], (Difference("inbound/x", "<x /> at position 1 of 4", None),)),
    "one missing": (ABC, ABC[:2], (Difference("inbound/c", None, "<c /> at position 3 of 3"),)),
    "one replaced": (
        ABC,
        ["<a />", "<x />", "<c />"],
        (
            Difference("inbound/b", None, "<b /> at position 2 of 3"),
            Difference("inbound/x", "<x /> at position 2 of 3", None),
        ),
    ),
    "all gone": (["<a />"], [], (Difference("inbound/a", None, "<a /> at position 1 of 1"),)),
    "one moved to the end": (
        ABC,
        [*ABC[1:], ABC[0]],
        (Difference("inbound/a", "position 3 of 3", "position 1 of 3"),),
    ),
    "one said twice": (ABC, [*ABC, "<a />"], (Difference("inbound/a[2]", "<a /> at position 4 of 4", None),)),
    "one of several of a name added": (
        H,
        [H[0], '<h n="x" />', *H[1:]],
        (Difference("inbound/h[2]", '<h n="x" /> at position 2 of 4', None),),
    ),
    "one of several of a name missing": (
        H,
        [H[0], H[2]],
        (Difference("inbound/h[2]", None, '<h n="2" /> at position 2 of 3'),),
    ),
    "one of several of a name changed": (
        H,
        [H[0], '<h n="x" />', H[2]],
        (Difference("inbound/h[2]/@n", "x", "2"),),
    ),
    "one of a name changed, another of it added in front": (
        ['<h n="1" m="2" />'],
        ['<h n="x" />', '<h n="1" m="3" />'],
        (
            Difference("inbound/h[1]", '<h n="x" /> at position 1 of 2', None),
            Difference("inbound/h/@m", "3", "2"),
        ),
    ),
    "one moved, others changed": (
        ["<base />", '<h n="1" m="2" />', '<i n="1" m="2" />'],
        ['<h n="1" m="3" />', '<i n="1" m="3" />', "<base />"],
        (
            Difference("inbound/base", "position 3 of 3", "position 1 of 3"),
            Difference("inbound/h/@m", "3", "2"),
            Difference("inbound/i/@m", "3", "2"),
        ),
    ),
    "one moved and changed": (
        ['<h n="1" m="2" />', "<a />", "<b />"],
        ["<a />", "<b />", '<h n="1" m="3" />'],
        (
            Difference("inbound/h", "position 3 of 3", "position 1 of 3"),
            Difference("inbound/h/@m", "3", "2"),
        ),
    ),
    "one gone, and one of its name that has nothing of it elsewhere": (
        ['<h n="1" />', "<a />", "<b />"],
        ["<a />", "<b />", '<h m="3" />'],
        (
            Difference("inbound/h", None, '<h n="1" /> at position 1 of 3'),
            Difference("inbound/h", '<h m="3" /> at position 3 of 3', None),
        ),
    ),
    "one added that has content": (
        [],
        ['<h n="1"><v>hunter2</v></h>'],
        (Difference("inbound/h", '<h n="1">…</h> at position 1 of 1', None),),
    ),
    "one deep inside": (
        ["<a><b><c>x</c></b><b /></a>"],
        ["<a><b><c>y</c></b><b /></a>"],
        (Difference("inbound/a/b[1]/c/text()", "y", "x"),),
    ),
    "a text that came": (["<a />"], ["<a>x</a>"], (Difference("inbound/a/text()", "x", None),)),
    "a text beside elements": (
        ["<a>x<b />y</a>"],
        ["<a>x<b />z</a>"],
        (Difference("inbound/a/text()[2]", "z", "y"),),
    ),
    "an expression": (
        ['<a b="@( c[&quot;d&quot;] )" />'],
        ["<a b='@(c[\"e\"])' />"],
        (Difference("inbound/a/@b", '@(c["e"])', '@(c["d"])'),),
    ),
    "attributes that came and went": (
        ['<a b="1" c="2" />'],
        ['<a c="3" d="4" />'],
        (
            Difference("inbound/a/@b", None, "1"),
            Difference("inbound/a/@c", "3", "2"),
            Difference("inbound/a/@d", "4", None),
        ),
    ),
    "quotes and markup in what was added": (
        [],
        ["<a b='@(c[\"d\"] &lt; 1)' e='&apos;&quot;&amp;' />"],
        (Difference("inbound/a", '<a b=\'@(c["d"] &lt; 1)\' e="\'&quot;&amp;" /> at position 1 of 1', None),),
    ),
}


@pytest.mark.parametrize(("desired", "actual", "expected"), DIFFERENT.values(), ids=DIFFERENT)
def test_the_difference_is(desired: list[str], actual: list[str], expected: tuple[Difference, ...]) -> None:
    assert compare(read(policy(*desired)), read(policy(*actual))) == expected


def test_one_inserted_among_very_many_is_one_difference() -> None:
    many = [f'<h n="{n}" />' for n in range(3000)]
    actual = [*many[:1000], "<x />", *many[1000:2000], *many[2001:]]
    assert compare(read(policy(*many)), read(policy(*actual))) == (
        Difference("inbound/x", "<x /> at position 1001 of 3000", None),
        Difference("inbound/h[2001]", None, '<h n="2000" /> at position 2001 of 3000'),
    )


def test_changes_among_very_many_are_found_by_name() -> None:
    many = [f'<h n="{n}" />' for n in range(300)]
    actual = [statement.replace('n="', 'n="0') if n % 50 == 1 else statement for n, statement in enumerate(many)]
    assert compare(read(policy(*many)), read(policy(*actual))) == tuple(
        Difference(f"inbound/h[{n + 1}]/@n", f"0{n}", f"{n}") for n in range(1, 300, 50)
    )


@pytest.mark.timeout(20)  # it is done in a second, or it never is
def test_thousands_that_have_nothing_in_common_are_compared_in_a_moment() -> None:
    ours = [f'<h n="{n}"><i m="{n}" /></h>' for n in range(4000)]
    theirs = [f'<h o="{n}"><i p="{n}" /></h>' for n in range(4000)]
    assert len(compare(read(policy(*ours)), read(policy(*theirs[::-1])))) == 16_000

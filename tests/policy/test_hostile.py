"""A text that nobody would write takes no longer than another, and raises nothing but PolicyUnreadable."""

from __future__ import annotations

from contextlib import suppress

import pytest

from reconciler.policy.document import Node, PolicyUnreadable, read

SIZE = 48 * 1024  # `make bench` does the same up to 512 KiB
PARTS = [
    "<", ">", "&", '"', "'", "@(", "@{", "(", "{{", "@{{a}}", "@(/*", "@(//", '@(@"', '@("', "@('", '@($"{', '$"{',
    '@("""', '@($"""{', "\\", "\n", "\r\n", "\n#", "<a>", "</a>", "<a ", "<a b='", ' a="@(x', " a='@(x)y'", "<!--",
    "<![CDATA[", "<?a", "{%", "%}", "&#", "&#0", "&lt;", "a<b", "a>", "@(a)", "@(a", "]", ")", "]]>", "a@(b<c>(d",
    ',"', "@(<a/>)", "\ud800",
]  # fmt: skip
FRAMES = {
    "bare": "{}",
    "text": "<policies><a>{}</a></policies>",
    "an expression in text": "<policies><a>@({})</a></policies>",
    "a value": '<policies><a b="{}" /></policies>',
    "an expression in a value": '<policies><a b="@({})" /></policies>',
    "a template": '<policies><set-body template="liquid">{}</set-body></policies>',
}


@pytest.mark.timeout(30)  # about a second for the slowest of them on an idle machine
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("part", PARTS)
def test_it_is_read_or_unreadable_in_a_moment(part: str, frame: str) -> None:
    text = FRAMES[frame].replace("{}", part * (SIZE // len(part)))
    with suppress(PolicyUnreadable):
        assert isinstance(read(text), Node)


@pytest.mark.timeout(30)
def test_raw_literals_that_each_need_one_quote_less_are_unreadable_in_a_moment() -> None:
    text = "@(".join('"' * count for count in range(600, 2, -1))
    with suppress(PolicyUnreadable):
        assert isinstance(read(f"<policies><a>{text}</a></policies>"), Node)


def test_too_many_expressions_that_do_not_end_are_one_reason() -> None:
    with pytest.raises(PolicyUnreadable) as refused:
        read(f"<policies><a>{'@(/* ' * 20_000}</a></policies>")
    assert refused.value.reason == "too many expressions in this text do not end"


def test_brackets_that_do_not_close_are_no_reason_to_give_up() -> None:
    (a,) = read(f"<policies><a>{'@(' * 50_000}</a></policies>").children
    assert a == Node("a", (), ("@(" * 50_000,))

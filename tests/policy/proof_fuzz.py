"""Texts that nobody would write: documents cut, spliced and strewn with what means something to a reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from reconciler.policy.document import PolicyUnreadable, compare, read
from tests.policy.proof_documents import names, text
from tests.policy.proof_pairs import VERDICTS, pair

LETTERS = "<>&\"'@{}()[]/*\\\n\r\t\0 =;:$!?-\ud800\udfff\ufeff\u00a0\U0001f600"
SCRAPS = (
    "<policies>", "</policies>", "<inbound>", "</inbound>", "<base />", "<fragment>", "</fragment>", '<a b="',
    "<a b='", '<set-body template="liquid">', "</set-body>", "<![CDATA[", "]]>", "<!--", "-->", "--",
    "<?xml version='1.0'?>", "<?", "?>", "<!DOCTYPE", "@(", "@{", ")", "}", '$"', '@"', '$@"', '"""', '""', "{{",
    "}}", "{{name}}", "{%", "%}", "//", "/*", "*/", '\\"', "\\", "&", "&amp;", "&lt;", "&quot;", "&#x22;", "&#34;",
    "&#0;", "&#xD800;", "&#99999999999;", "&#x;", "&nope;", "&amp;quot;", "\r\n", "\0", "\ud800", "xmlns:x", "::",
    "=", " ", "'", '"', "<", ">", "</", "/>", "1", "+", "++",
)  # fmt: skip
LONGEST = 1500
SEEDS, EACH = range(1, 11), 10_000  # in `make test-all`
FEW = 2_000  # in `make test`


def corpus() -> list[str]:
    """The pairs, and the published documents where they are on this machine."""
    return [each for name in VERDICTS for each in pair(name)] + [text(name) for name in names()]


def survives(seed: int, count: int) -> int:
    """Read that many texts, each of which is read or unreadable; how many of them are policies."""
    policies = 0
    for each in inputs(corpus(), seed, count):
        try:
            found = read(each)
        except PolicyUnreadable:
            continue
        policies += 1
        if compare(found, read(each)):
            raise AssertionError(f"not equal to itself: {each!r}")
    return policies


def inputs(corpus: Sequence[str], seed: int, count: int) -> Iterator[str]:
    """That many texts, the same for the same seed."""
    chance = Random(seed)  # noqa: S311 - a choice to repeat
    for _ in range(count):
        text = _piece(chance, corpus)
        for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
            text = chance.choice(_DAMAGE)(chance, text, corpus)
        yield text


def _piece(chance: Random, corpus: Sequence[str]) -> str:
    """Scraps; or a document's beginning, or a part of one, whole where it is short."""
    if chance.random() < 0.3:
        return "".join(chance.choices(SCRAPS, k=chance.randint(0, 40)))
    text = chance.choice(corpus)
    start = chance.choice((0, 0, chance.randint(0, len(text))))
    return text[start : start + LONGEST]


def _cut(chance: Random, text: str, _corpus: Sequence[str]) -> str:
    return text[: chance.randint(0, len(text))]


def _beheaded(chance: Random, text: str, _corpus: Sequence[str]) -> str:
    return text[chance.randint(0, len(text)) :]


def _gap(chance: Random, text: str, _corpus: Sequence[str]) -> str:
    start, end = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
    return text[:start] + text[end:]


def _spliced(chance: Random, text: str, corpus: Sequence[str]) -> str:
    other = chance.choice(corpus)
    start = chance.randint(0, len(other))
    at = chance.randint(0, len(text))
    return text[:at] + other[start : start + chance.randint(0, 300)] + text[at:]


def _letter(chance: Random, text: str, _corpus: Sequence[str]) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(LETTERS) + text[at + chance.randint(0, 1) :]


def _scrap(chance: Random, text: str, _corpus: Sequence[str]) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(SCRAPS) + text[at:]


def _repeated(chance: Random, text: str, _corpus: Sequence[str]) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(SCRAPS) * chance.randint(2, 60) + text[at:]


_DAMAGE = (_cut, _beheaded, _gap, _spliced, _letter, _letter, _letter, _scrap, _scrap, _repeated)

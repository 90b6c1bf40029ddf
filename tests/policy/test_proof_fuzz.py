"""Whatever the text, it is read or said to be unreadable; and what is read equals itself and its rewrites."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.policy.document import compare, read
from simulator.policy.document import CData, Element, PolicyDocument, Text, Verbatim
from simulator.policy.writer import as_rawxml, as_xml
from tests.policy.proof_fuzz import EACH, FEW, SEEDS, survives
from tests.policy.proof_rewrites import REWRITES
from tests.policy.proof_tokens import is_expression


def test_two_thousand_texts_are_read_or_unreadable() -> None:
    assert 20 < survives(0, FEW) < FEW - 20


@pytest.mark.exhaustive
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_hundred_thousand_texts_are_read_or_unreadable(seed: int) -> None:
    assert survives(seed, EACH) > 100


names_of_elements = st.sampled_from(("a", "set-header", "value", "choose", "when", "base", "xsl:x"))
letters = st.text(st.sampled_from("abAB12 <>&\"'@(){}/*\\\u00a0é😀.,;="), max_size=10)
literals = letters.map(lambda plain: '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"')
verbatim = letters.map(lambda plain: '@"' + plain.replace('"', '""') + '"')
code = st.recursive(
    st.sampled_from(("a", "1", "'x'", "context.Api", "/* ( */ b", "c // )\n")) | literals | verbatim,
    lambda inner: (
        st.tuples(inner, st.sampled_from(("+", "<", "&&", " + +", ",", "??")), inner).map("".join)
        | inner.map("({0})".format)
        | inner.map("f[{0}]".format)
    ),
    max_leaves=6,
)
expressions = code.map("@({0})".format) | code.map("@{{ return {0}; }}".format)
values = letters.filter(lambda value: not is_expression(value)) | expressions


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> Element:
    found = Element(draw(names_of_elements), 1, 1)
    for name in draw(st.lists(st.sampled_from("bcde"), unique=True, max_size=3)):
        found.attributes.append((name, draw(values)))
    if depth and draw(st.booleans()):
        found.children += [draw(elements(depth - 1)) for _ in range(draw(st.integers(0, 3)))]
        if draw(st.booleans()):
            found.children.insert(0, Verbatim("<!-- <a b=' -->"))
    elif draw(st.booleans()):
        found.children.append(draw(values.map(Text) | letters.map(CData)))
    found.empty = not found.children
    return found


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.lists(elements(), max_size=4), st.sampled_from(sorted(REWRITES)))
def test_a_document_drawn_at_random_equals_its_rewrites(inside: list[Element], rewrite: str) -> None:
    root = Element("policies", 1, 1, [("xmlns:xsl", "x")], [*inside], empty=not inside)
    document = PolicyDocument(root, [], [])
    published = as_rawxml(document)
    again = REWRITES[rewrite](published, document)
    assert compare(read(published), read(again)) == ()
    assert compare(read(as_xml(document)), read(again)) == ()

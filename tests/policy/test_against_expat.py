"""What a parser of XML makes of a text, the reader makes of it as well: elements, attributes, texts, in order."""

from __future__ import annotations

import re
from xml.parsers import expat

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.policy.document import Node, read

BLANKS = " \t\n"
PIECES = [
    "<a>",
    "</a>",
    "<b c=' d '>",
    "</b>",
    "<e/>",
    "<f g='h' i=\"j k\" />",
    "<m n = '&lt;&#x22;' />",
    "<p:q r:s=''/>",
    "text",
    "  ",
    "\n",
    "\r\n",
    "&lt;",
    "&amp;lt;",
    "&#65;",
    "&quot;",
    "'",
    '"',
    ">",
    "=",
    "@",
    "{{x}}",
    "\u00e9",
    "\u00a0",
    "<![CDATA[x<y & &lt;]]>",
    "<![CDATA[ ]]>",
    "<!-- <c> ' -->",
    "<?p <i> ?>",
    "<a",
    "/>",
    "<",
    "-->",
    "&nbsp;",
]


def parsed(text: str) -> Node | None:
    """The root as expat has it, indentation taken off; None: it is not well-formed."""
    found: list[tuple[str, dict[str, str], list[Node | str]]] = [("", {}, [])]

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((name, attributes, []))

    def end(_: str) -> None:
        name, attributes, children = found.pop()
        found[-1][2].append(Node(name, tuple(sorted(attributes.items())), without_indentation(children)))

    def data(characters: str) -> None:
        children = found[-1][2]
        if children and isinstance(children[-1], str):
            children[-1] += characters
        else:
            children.append(characters)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    try:
        parser.Parse(text, True)  # noqa: FBT003 - the parser's own signature
    except expat.ExpatError:
        return None
    (root,) = found[0][2]
    assert isinstance(root, Node)
    return root


def without_indentation(children: list[Node | str]) -> tuple[Node | str, ...]:
    """Text alone is stripped; beside elements, of the blanks that have a line end; blanks alone say nothing."""
    if not any(isinstance(child, str) and child.strip(BLANKS) for child in children):
        return tuple(child for child in children if isinstance(child, Node))
    if not any(isinstance(child, Node) for child in children):
        return tuple(child.strip(BLANKS) for child in children if isinstance(child, str))
    indentation = re.compile(r"\A[ \t]*\n[ \t\n]*|[ \t]*\n[ \t\n]*\Z")
    texts = [indentation.sub("", child) if isinstance(child, str) else child for child in children]
    return tuple(text for text in texts if text != "")


@settings(max_examples=500, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=10))
@example(["<a>", "@( ", "<e/>", " )", "</a>"])
@example(["<a>", "text", "  ", "<e/>", "  ", "<b c=' d '>", "</b>", "  ", "\n", "text", "\n", "</a>"])
def test_what_is_well_formed_is_read_as_xml(pieces: list[str]) -> None:
    text = f"<policies>{''.join(pieces)}</policies>"
    expected = parsed(text)
    if expected is not None:
        assert read(text) == expected

"""The mutants of an expression: one piece of it changed so that it is another program, or none."""

from __future__ import annotations

from collections.abc import Iterator

from tests.policy.proof_tokens import Token, stay_apart

_OTHER = {
    "==": "!=", "!=": "==", "&&": "||", "||": "&&", "<": ">", ">": "<", "<=": "<", ">=": ">", "+": "-", "-": "+",
    "*": "/", "/": "*", "%": "*", "!": "~", "?": ":", ":": "?", "=": "==", "=>": ">=", "??": "?", "?.": ".",
    ".": "?.", "++": "--", "--": "++", "+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=", "^": "|", "|": "&", "&": "|",
    ",": ";", ";": ",", "<<": ">>", ">>": "<<",
}  # fmt: skip
# written as one these are an operator of their own; `>>` and `?.` are not here: C# reads them with a blank as well
_TORN = frozenset({"==", "!=", "&&", "||", "<=", ">=", "++", "--", "=>", "??", "+=", "-=", "|=", "&=", "<<"})


def code_mutants(pieces: list[Token]) -> Iterator[tuple[str, str]]:
    """What each mutant is, and its text."""
    for at, piece in enumerate(pieces):
        before, after = _text(pieces[:at]), _text(pieces[at + 1 :])
        for kind, text in _of_piece(pieces, at, piece):
            yield kind, before + text + after


def _text(pieces: list[Token]) -> str:
    return "".join(each.text for each in pieces)


def _of_piece(pieces: list[Token], at: int, piece: Token) -> Iterator[tuple[str, str]]:
    match piece.kind:
        case "string":
            yield from _of_literal(piece)
        case "char":
            swapped = piece.text.swapcase()
            if swapped != piece.text and "\\" not in piece.text:
                yield "character: a letter's case", swapped
        case "word":
            yield "word: one letter more", piece.text + "x"
            yield "word: a letter's case", _swapped(piece.text)
            yield "word: commented out", f"/*{piece.text}*/"
        case "named value":
            yield "word: one letter more", "{{" + piece.text[2:-2] + "x}}"
            yield "named value: braces pulled apart", "{ " + piece.text[1:-1] + " }"
        case "number":
            yield "number changed", "1" + piece.text
        case "operator":
            yield from _of_operator(piece.text)
        case "blank" if at + 1 < len(pieces):
            yield from _of_gap(pieces[at - 1], pieces[at + 1])
        case _:
            pass


def _of_gap(left: Token, right: Token) -> Iterator[tuple[str, str]]:
    """The blank between two words taken away, or the line end after a comment."""
    if left.kind in {"word", "number"} and right.kind in {"word", "number"} and not stay_apart(left, right):
        yield "words run together", ""
    if left.text.startswith("//") and right.kind != "comment":
        yield "comment: swallows the next line", " "


def _of_operator(text: str) -> Iterator[tuple[str, str]]:
    if text in _OTHER:
        yield "operator changed", _OTHER[text]
        yield "operator removed", " "
    if text in _TORN:
        yield "operator pulled apart", f"{text[0]} {text[1:]}"


def _of_literal(piece: Token) -> Iterator[tuple[str, str]]:
    """A blank more at the beginning, in the middle and at the end; one less; a letter's case; a letter less."""
    atoms = list(piece.atoms)
    for place in sorted({0, len(atoms) // 2, len(atoms)}):
        yield "literal: a blank more", _literal(piece, [*atoms[:place], " ", *atoms[place:]])
    if " " in atoms:
        place = atoms.index(" ")
        yield "literal: a blank less", _literal(piece, [*atoms[:place], *atoms[place + 1 :]])
    cased = [place for place, atom in enumerate(atoms) if len(atom) == 1 and _swapped(atom) != atom]
    for place in sorted({*cased[:1], *cased[-1:]}):
        swapped = _swapped(atoms[place])
        yield "literal: a letter's case", _literal(piece, [*atoms[:place], swapped, *atoms[place + 1 :]])
    for place, atom in enumerate(atoms):
        if atom.startswith("{") and not atom.startswith("{{") and _swapped(atom) != atom:
            yield (
                "literal: a hole's letter's case",
                _literal(piece, [*atoms[:place], _swapped(atom), *atoms[place + 1 :]]),
            )
    if atoms:
        yield "literal: the last letter less", _literal(piece, atoms[:-1])


def _literal(piece: Token, atoms: list[str]) -> str:
    return piece.opening + "".join(atoms) + piece.closing


def _swapped(text: str) -> str:
    """The text with its first letter that has another case in that case."""
    for at, letter in enumerate(text):
        if len(letter.swapcase()) == 1 and letter.swapcase() != letter:
            return text[:at] + letter.swapcase() + text[at + 1 :]
    return text

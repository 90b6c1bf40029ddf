"""Whether the children of an element are those that it may have, said as .NET's schema validation says it.

Two of these sentences are reported (arm-wire 14; "invalid child element 'audiences'. List of possible elements
expected: 'required-claims'."), the others are .NET's for the same mistakes.
"""

from simulator.policy.catalogue import Content, Item
from simulator.policy.document import CData, Element, Text


def refused(element: Element, content: Content) -> str | None:
    """The first thing that is wrong with the content, or nothing."""
    counts: dict[str, int] = {}
    at = 0
    for child in element.children:
        if isinstance(child, Text | CData):
            if child.value.strip() and content.kind != "text" and not content.mixed:
                return _no_text(element, content, _expected(content, counts, at))
        elif isinstance(child, Element):
            wrong = _no_child(element, content, child)
            if wrong:
                return wrong
            found = _step(content, counts, at, child.name)
            if found is None:
                return _invalid(element, child, _expected(content, counts, at))
            at = found
            counts[child.name] = counts.get(child.name, 0) + 1
    missing = [item.name for item in _needed(content, counts, at)]
    if missing:
        return f"The element '{element.name}' has incomplete content. {_list(missing)}"
    return None


def _no_text(element: Element, content: Content, expected: list[str]) -> str:
    if content.kind == "empty":
        return "The element cannot contain text. Content model is empty."
    return f"The element '{element.name}' cannot contain text. {_list(expected)}".rstrip()


def _no_child(element: Element, content: Content, child: Element) -> str | None:
    if content.kind not in {"empty", "text"}:
        return None
    model = "empty" if content.kind == "empty" else "text only"
    return (
        f"The element '{element.name}' cannot contain child element '{child.name}' because the parent element's "
        f"content model is {model}."
    )


def _invalid(element: Element, child: Element, expected: list[str]) -> str:
    return f"The element '{element.name}' has invalid child element '{child.name}'. {_list(expected)}".rstrip()


def _list(names: list[str]) -> str:
    return f"List of possible elements expected: '{', '.join(names)}'." if names else ""


def _full(item: Item, counts: dict[str, int]) -> bool:
    return item.most is not None and counts.get(item.name, 0) >= item.most


def _step(content: Content, counts: dict[str, int], at: int, name: str) -> int | None:
    """Where in the model one is after this child, or None if it may not come here."""
    if content.kind != "sequence":
        fits = any(
            item.name == name and not (content.kind == "all" and _full(item, counts)) for item in content.items
        )
        return at if fits else None
    for position in range(at, len(content.items)):
        item = content.items[position]
        if item.name == name and not _full(item, counts):
            return position
        if counts.get(item.name, 0) < item.least:
            return None
    return None


def _expected(content: Content, counts: dict[str, int], at: int) -> list[str]:
    """The elements that may come next."""
    if content.kind == "choice":
        return [item.name for item in content.items]
    names = []
    for item in content.items if content.kind == "all" else content.items[at:]:
        if not _full(item, counts):
            names.append(item.name)
        if content.kind == "sequence" and counts.get(item.name, 0) < item.least:
            break
    return names


def _needed(content: Content, counts: dict[str, int], at: int) -> list[Item]:
    """What must still come."""
    if content.kind == "choice":
        return []
    rest = content.items if content.kind == "all" else content.items[at:]
    return [item for item in rest if counts.get(item.name, 0) < item.least]

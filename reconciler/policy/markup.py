"""How an element in canonical form is written on one line, with the quotes that need the least escaping."""

from __future__ import annotations

from reconciler.policy.node import Node


def markup(node: Node) -> str:
    """The element as XML."""
    inner = "".join(markup(child) if isinstance(child, Node) else _escaped(child) for child in node.children)
    tag = start_tag(node)
    return f"<{tag}>{inner}</{node.name}>" if inner else f"<{tag} />"


def outline(node: Node) -> str:
    """The element as XML, its content left out."""
    tag = start_tag(node)
    return f"<{tag}>\N{HORIZONTAL ELLIPSIS}</{node.name}>" if node.children else f"<{tag} />"


def start_tag(node: Node) -> str:
    """What stands in the element's first tag."""
    return " ".join([node.name, *(f"{key}={_quoted(value)}" for key, value in node.attributes)])


def _quoted(value: str) -> str:
    mark = "'" if '"' in value and "'" not in value else '"'
    return mark + _escaped(value).replace('"', "&quot;" if mark == '"' else '"') + mark


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

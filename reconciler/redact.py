"""What of a body may be seen: secrets are replaced, wherever they stand; pure.

A value is a secret by the name of the field it stands in or below, by a flag beside it (a named value's `secret`),
or by its place in a policy: a password attribute, a key of a token check, what a header with keys in it is set to.
A reference to a named value, `{{name}}`, says nothing and is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reconciler.model import Unknown

SECRET = "(secret)"  # noqa: S105 - what stands in place of one

_NAMES = (
    r"credential|password|(?<!keyvault)secret(?!identifier)|primarykey|secondarykey|connectionstring|"
    r"instrumentationkey|accesskey|sastoken"
)
_IN_A_PLACE = re.compile(
    rf"{_NAMES}|set-(header|query-parameter)(\[\d+\])?/value(\[\d+\])?/text\(\)|/key(\[\d+\])?/text\(\)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"\{\{[\w.-]+\}\}")
_ATTRIBUTE = re.compile(rf"""([\w.:-]*(?:{_NAMES})[\w.:-]*\s*=\s*)("[^"]*"|'[^']*')""", re.IGNORECASE)
_ATTRIBUTES = r"""(?:[^<>"']|"[^"]*"|'[^']*')*"""
_SETTER = re.compile(
    rf"(<(set-header|set-query-parameter)\b({_ATTRIBUTES})(?<!/)>)(.*?)(</\2\s*>)", re.IGNORECASE | re.DOTALL
)
_CARRIES_KEYS = re.compile(
    r"""\bname\s*=\s*["'](code|sig|[^"']*(key|authorization|token|secret|password|cookie|signature)[^"']*)["']""",
    re.IGNORECASE,
)
_VALUE = re.compile(rf"(<value\b{_ATTRIBUTES}(?<!/)>)(.*?)(</value\s*>)", re.IGNORECASE | re.DOTALL)
_KEY = re.compile(rf"(<key\b{_ATTRIBUTES}(?<!/)>)(.*?)(</key\s*>)", re.IGNORECASE | re.DOTALL)


def redacted(value: Any, path: str = "") -> Any:
    """The value as plain JSON that may be shown, unknown values said in words; `path` is where it stands."""
    if isinstance(value, Unknown):
        return str(value)
    if isinstance(value, Mapping):
        below = {key: f"{path}.{key}" for key in value}
        if value.get("secret") is True and "value" in below:
            below["value"] += ".secret"
        return {key: redacted(inner, below[key]) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(inner, path) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    if _IN_A_PLACE.search(path):
        return value if isinstance(value, str) and _REFERENCE.fullmatch(value) else SECRET
    return _policy(value) if isinstance(value, str) and value.lstrip("\ufeff \t\r\n").startswith("<") else value


def _policy(text: str) -> str:
    """A policy document without the secrets in it, in the letters it was written in otherwise."""
    text = _ATTRIBUTE.sub(lambda m: m[1] + m[2][0] + _hidden(m[2][1:-1]) + m[2][0], text)
    text = _SETTER.sub(_setter, text)
    return _KEY.sub(_element, text)


def _setter(match: re.Match[str]) -> str:
    within = _VALUE.sub(_element, match[4]) if _CARRIES_KEYS.search(match[3]) else match[4]
    return match[1] + within + match[5]


def _element(match: re.Match[str]) -> str:
    return match[1] + _hidden(match[2]) + match[3]


def _hidden(text: str) -> str:
    return text if _REFERENCE.fullmatch(text.strip()) or not text.strip() else SECRET

"""What of a body may be seen: secrets are replaced, wherever they stand; pure.

A value is a secret by the name of the field it stands in or below, by what stands beside it (a flag `secret`, a
`name` with keys in it), by its place in a policy, or as a part of a URL (user information, values of the query).
A reference to a named value, `{{name}}`, says nothing and is shown. What an expression puts together is not looked
into. `docs/commands.md` says the same to those who read what is shown.

What somebody said, as an answer of Azure's, is no body: in it what follows the name of a key, or a scheme of
authorization, is a secret too (`without_secrets`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from reconciler.model import Unknown

SECRET = "(secret)"  # noqa: S105 - what stands in place of one

_SECRET_FIELD = re.compile(
    r"credential|password|(?<!keyvault)secret(?!identifier)|primarykey|secondarykey|connectionstring|"
    r"instrumentationkey|accesskey|sastoken|encodedcertificate|apikey|accesstoken|refreshtoken",
    re.IGNORECASE,
)
_SECRET_PLACE = re.compile(
    r"(set-header|set-query-parameter|check-header)(\[\d+\])?/value(\[\d+\])?/text\(\)|"
    r"/(key|set-body)(\[\d+\])?/text\(\)|/@(default-)?value$|certificate(\[\d+\])?/@body$",
    re.IGNORECASE,
)
"""Where a policy differs; the names beside the values are not known there, so all are hidden."""
_CARRIES_KEYS = re.compile(
    r"^code$|key|authorization|token|secret|password|passphrase|credential|cookie|signature|"
    r"(?<![a-z])(sas|sig|pwd|auth)(?![a-z])",
    re.IGNORECASE,
)
_BESIDE_A_NAME = frozenset({"value", "values", "default", "defaultvalue", "example", "examples"})

_REFERENCE = re.compile(r"\{\{[\w.-]+\}\}")
_USER = re.compile(r"(?<=://)[^/?#\s\"<>\\]*@")
_QUERY = re.compile(r"\?[\w.~%$\[\]-]+=(?!=)[^\s\"<>\\]*")
_SCHEME = re.compile(
    r"\b(Bearer|Basic|SharedAccessSignature|SharedKey(?:Lite)?)(\s+)([\w+/=.~:%&-]+)", re.IGNORECASE
)
_SAID = re.compile(r"(?<![\w.-])([\w.-]++)([\"']?\s*(?:=(?!=)|:)\s*)")
"""What a value follows in a sentence: `AccountKey=x;`, `"primaryKey": "x"`, `api-key: x`."""
_SAID_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s\"'<>;&]+")
_TOKEN = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*")

_NAME = r"[A-Za-z_][\w:.-]*"
_VALUE = "|".join(rf"{q}@.*?{q}(?=\s+{_NAME}\s*=\s*[\"']|\s*/?>|\s*/?$)|{q}[^{q}]*{q}" for q in "\"'")
"""An expression may have quotes in it where API Management was asked for the text as it was written."""
_ATTRIBUTE = re.compile(rf"({_NAME})(\s*=\s*)((?>{_VALUE}))", re.DOTALL)
_MARKUP = re.compile(
    r"<!--(?P<comment>.*?)-->|<!\[CDATA\[(?P<data>.*?)\]\]>|"
    rf"</(?P<end>{_NAME})\s*>|<(?P<start>{_NAME})(?P<attributes>(?>(?:\s+{_NAME}\s*=\s*(?>{_VALUE}))*)\s*)(?P<empty>/?)>",
    re.DOTALL,
)


def redacted(value: Any, path: str = "") -> Any:
    """The value as plain JSON that may be shown, unknown values said in words; `path` is where it stands."""
    if isinstance(value, Unknown):
        return str(value)
    if isinstance(value, Mapping):
        beside = _named(str(value.get("name", "")))
        flagged = value.get("secret") is True
        return {
            key: redacted(inner, f"{path}.{key}" + _marked(key, beside=beside, flagged=flagged))
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted(inner, path) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    if _SECRET_FIELD.search(re.sub("[-_]", "", path)) or _SECRET_PLACE.search(path):
        return value if isinstance(value, str) and _REFERENCE.fullmatch(value) else SECRET
    if not isinstance(value, str):
        return value
    return _policy(value) if value.lstrip("\ufeff \t\r\n").startswith("<") else _addresses(value)


def without_secrets(text: str) -> str:
    """What somebody said, an error for one, with no secret in it."""
    shown = _TOKEN.sub(SECRET, _SCHEME.sub(_scheme, str(redacted(text))))
    written: list[str] = []
    at = 0
    while found := _SAID.search(shown, at):
        written.append(shown[at : found.end()])
        at = found.end()
        if _is_key(found) and (value := _SAID_VALUE.match(shown, at)):
            written.append(_quoted(value[0]))
            at = value.end()
    return "".join([*written, shown[at:]])


def _scheme(match: re.Match[str]) -> str:
    """`Basic authentication` is no secret: a credential is hardly ever one word in small letters."""
    word = match[3].rstrip(".:")
    return match[0] if word.isalpha() and word.islower() else match[1] + match[2] + SECRET


def _is_key(found: re.Match[str]) -> bool:
    """Whether a value follows that is a secret.

    A colon alone may as well be that of a sentence, and `"code": "…"` is Azure's for what went wrong.
    """
    name, between = found[1], found[2]
    if ":" in between and (name == "code" or (between[0] not in "\"'" and not name.lower().endswith("-key"))):
        return False
    return _named(name) or _SECRET_FIELD.search(re.sub("[-_]", "", name)) is not None


def _quoted(value: str) -> str:
    quote = value[0] if value[0] in "\"'" else ""
    return quote + _hidden(value.strip(quote) if quote else value) + quote


def _marked(key: str, *, beside: bool, flagged: bool) -> str:
    """What to add to the path of a field whose value is a secret by what stands beside it."""
    return ".secret" if (flagged and key == "value") or (beside and key.lower() in _BESIDE_A_NAME) else ""


def _named(name: str) -> bool:
    """Whether a header, a parameter or a variable of that name has keys in it."""
    return _CARRIES_KEYS.search(unescape(name).strip()) is not None


def _addresses(text: str) -> str:
    """The text with no user information and no values of a query in its URLs."""
    return _QUERY.sub(_query, _USER.sub(_user, text))


def _user(match: re.Match[str]) -> str:
    return match[0] if _REFERENCE.sub("", match[0]).strip(":@") == "" else f"{SECRET}@"


def _query(match: re.Match[str]) -> str:
    parts = re.split(r"(&amp;|&)", match[0])
    return "".join(part if part in {"&", "&amp;"} else _parameter(part) for part in parts)


def _parameter(part: str) -> str:
    name, equals, value = part.partition("=")
    return name + equals + (value if re.fullmatch(r"\{[\w.*-]+\}", value) else _hidden(value))


def _policy(text: str) -> str:
    """A policy document without the secrets in it, in the letters it was written in otherwise."""
    written: list[str] = []
    within: list[tuple[str, bool]] = []  # the elements that are open, and whether their names carry keys
    at = 0
    while found := _MARKUP.search(text, at):
        written += [_words(text[at : found.start()]), _tag(found)]
        at = found.end()
        if found["end"]:
            _close(within, found["end"].lower())
        elif found["start"] and not found["empty"]:
            name = found["start"].lower()
            if name in {"set-body", "key"} or (name == "value" and within and within[-1][1]):
                end = _end(text, name, at)
                written.append(_hidden(text[at:end]))
                at = end
            within.append((name, _carrying(found["attributes"])))
    return "".join([*written, _words(text[at:])])


def _close(within: list[tuple[str, bool]], name: str) -> None:
    """Leave the innermost element of that name; what looked like one in an expression is never closed."""
    for index in range(len(within) - 1, -1, -1):
        if within[index][0] == name:
            del within[index:]
            return


def _end(text: str, name: str, at: int) -> int:
    """Where the content of an element ends that begins there; one that nothing closes goes on to the end."""
    skipping = rf"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|(?P<end></{name}\s*>)"
    for found in re.compile(skipping, re.DOTALL | re.IGNORECASE).finditer(text, at):
        if found["end"]:
            return found.start()
    return len(text)


def _tag(found: re.Match[str]) -> str:
    """One piece of markup that may be seen."""
    if found["comment"] is not None:
        return f"<!--{_policy(found['comment'])}-->"
    if found["data"] is not None:
        return f"<![CDATA[{_words(found['data'])}]]>"
    if found["end"]:
        return found[0]
    return f"<{found['start']}{_attributes(found['attributes'], found['start'])}{found['empty']}>"


def _words(text: str) -> str:
    """What stands between the tags, or could not be read as one."""
    return _addresses(_attributes(text) if "=" in text and "<" in text else text)


def _attributes(text: str, element: str = "") -> str:
    carrying = _carrying(text)

    def shown(match: re.Match[str]) -> str:
        name, value = match[1].lower().replace("-", "").replace("_", ""), match[3][1:-1]
        secret = (
            _SECRET_FIELD.search(name)
            or (carrying and name in _BESIDE_A_NAME)
            or (name == "body" and "certificate" in element.lower())
        )
        seen = _hidden(value) if secret and value.lower() not in {"true", "false"} else _addresses(value)
        return match[1] + match[2] + match[3][0] + seen + match[3][0]

    return _ATTRIBUTE.sub(shown, text)


def _carrying(attributes: str) -> bool:
    """Whether what the element sets has a name with keys in it."""
    names = {"name", "key", "variable-name"}
    return any(m[1].lower() in names and _named(m[3][1:-1]) for m in _ATTRIBUTE.finditer(attributes))


def _hidden(text: str) -> str:
    return text if _REFERENCE.fullmatch(text.strip()) or not text.strip() else SECRET

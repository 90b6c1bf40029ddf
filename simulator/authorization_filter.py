"""What a `$filter` on roles or their assignments asks for: a few conditions of a fixed form, joined by `and`."""

import re
from collections.abc import Mapping

from simulator.errors import provider

_NEXT = re.compile(r"(?i)\s+and\s+|$")


def read_conditions(text: str, forms: Mapping[str, re.Pattern[str]], supported: str) -> dict[str, str]:
    """The value of each condition by the name of its form, whose first group it is; without a filter there is none.

    Anything else is refused; `supported` says what is not.
    """
    text = text.strip()
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        condition = next(((name, it) for name, form in forms.items() if (it := form.match(text, at))), None)
        joint = _NEXT.match(text, condition[1].end()) if condition else None
        if condition is None or joint is None:
            message = f"The filter '{text}' is not supported. Supported are {supported}."
            raise provider(400, "UnsupportedQuery", message)
        found[condition[0]] = condition[1][1].replace("''", "'")
        at = joint.end()
    return found

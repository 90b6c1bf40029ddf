"""The shortest configuration file there is, and the same with one setting more."""

from __future__ import annotations

from tests.builders import GATEWAY, S1

MINIMAL = f"""\
owner: contoso
gateways:
  - id: {GATEWAY}
    accounts:
      - subscription: {S1}
"""  # five lines: what a case adds begins on line 6


def api(setting: str) -> str:
    """The minimal file with one setting of the standard profile's API, on line 9."""
    return f"{MINIMAL}profiles:\n  standard:\n    api:\n      {setting}\n"


def profile(setting: str) -> str:
    """The minimal file with one setting of the standard profile, on line 8."""
    return f"{MINIMAL}profiles:\n  standard:\n    {setting}\n"


def with_id(id: str) -> str:
    return MINIMAL.replace(GATEWAY.text, id)

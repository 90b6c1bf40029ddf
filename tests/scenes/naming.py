"""How things are called and marked, by the contract."""

from __future__ import annotations

import hashlib
import re

from tests.scenes.scene import OWNER, Account, Scene


def filled(template: str, account: Account) -> str:
    """A template of the file with its placeholders in place."""
    values = {
        "account": account.name,
        "resourceGroup": account.group,
        "subscription": account.subscription.rsplit("/", 1)[-1],
        "location": account.location,
    }
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], template)


def api_name(scene: Scene, account: Account) -> str:
    """The template's words and six hex digits of the account's id, at most 80 characters."""
    words = re.sub(r"[^a-z0-9-]+", "-", filled(scene.settings.name, account).lower()).strip("-")
    return f"{words[:73].rstrip('-')}-{hashlib.sha256(account.id.lower().encode()).hexdigest()[:6]}"


def backend_name(scene: Scene, account: Account) -> str:
    """The API's name, cut to 64 characters with the digits kept, and what the portal appends."""
    name = api_name(scene, account)
    return f"{name[:-7][:57].rstrip('-')}{name[-7:]}-openai-endpoint"


def api_path(scene: Scene, account: Account) -> str:
    """Where callers reach the account."""
    return filled(scene.settings.path, account).lower().strip("/")


def mark(account: Account) -> str:
    """What stands in the last line of what we make, the document apart."""
    return f"managed-by=apim-openai-reconciler; owner={OWNER}; source={account.id}"

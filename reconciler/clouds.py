"""Which addresses each Azure cloud has: the one table of endpoints, authorities, account and blob hosts.

Host suffixes of accounts: platform.md §4.6 for the public cloud; the sovereign ones follow the same pattern
in Microsoft's list of endpoints per cloud.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cloud:
    """One Azure cloud."""

    name: str
    arm: str
    """Azure Resource Manager's endpoint."""
    authority: str
    """Host of Microsoft Entra ID."""
    account_hosts: tuple[str, ...]
    """Suffixes that the endpoint of an account may have; anything else never becomes a backend."""
    blobs: str
    """What follows the account's name in the host of blob storage."""
    more_blobs: tuple[str, ...] = ()
    """The same for accounts whose host also names a DNS zone."""


CLOUDS = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            "public",
            "https://management.azure.com",
            "login.microsoftonline.com",
            (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com"),
            "blob.core.windows.net",
            ("blob.storage.azure.net",),
        ),
        Cloud(
            "usgov",
            "https://management.usgovcloudapi.net",
            "login.microsoftonline.us",
            (".openai.azure.us", ".cognitiveservices.azure.us", ".services.ai.azure.us"),
            "blob.core.usgovcloudapi.net",
        ),
        Cloud(
            "china",
            "https://management.chinacloudapi.cn",
            "login.chinacloudapi.cn",
            (".openai.azure.cn", ".cognitiveservices.azure.cn"),
            "blob.core.chinacloudapi.cn",
        ),
    )
}

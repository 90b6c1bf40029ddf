"""Where the gateway sends an account's traffic."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from reconciler.compare import as_lines, differences, lower
from reconciler.kinds.kind import Kind, Parent
from reconciler.model import Resource
from reconciler.ownership import stamp
from reconciler.world import World


def desire(world: World) -> Iterator[Resource]:
    """One backend per served account, as the portal makes it (desired-state.md §1.1).

    `tls` is declared so that a switched-off certificate check is seen as drift.
    """
    for served in world.served():
        account = served.account
        yield Resource(
            id=served.backend,
            kind=BACKEND.name,
            source=account.id,
            body={
                "properties": {
                    "title": account.id.name,
                    "description": stamp(
                        f"Azure OpenAI account {account.id.name}.", served.mark(world.config.owner)
                    ),
                    "protocol": "http",
                    "url": served.url,
                    "tls": {"validateCertificateChain": True, "validateCertificateName": True},
                }
            },
        )


def _url(value: object) -> object:
    return value.rstrip("/").lower() if isinstance(value, str) else value


BACKEND = Kind(
    name="backend",
    type="Microsoft.ApiManagement/service/backends",
    parent=Parent.GATEWAY,
    desire=desire,
    compare=partial(
        differences,
        canonical={"properties.url": _url, "properties.protocol": lower, "properties.description": as_lines},
    ),
)

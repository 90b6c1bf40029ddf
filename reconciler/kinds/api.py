"""The API through which callers reach an account's models, imported from an OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from reconciler import names, openapi
from reconciler.compare import as_lines, as_path, as_set, differences
from reconciler.kinds.kind import Kind, Parent, Read
from reconciler.model import Mark, Resource
from reconciler.ownership import stamp
from reconciler.world import Served, World

KEY_HEADER = "api-key"
KEY_QUERY = "subscription-key"
"""Where OpenAI clients put their key, and the portal's name for the query (desired-state.md §1.1)."""


def desire(world: World) -> Iterator[Resource]:
    """One API per served account; and the one that a changed name template would make, for guard to hold."""
    for served in world.served():
        yield _api(world, served)
        renamed = world.serve(served.account)
        if renamed.api != served.api:
            yield _api(world, renamed)


def _api(world: World, served: Served) -> Resource:
    account, settings = served.account, served.profile.api
    document = openapi.prepare(world.documents[settings.specification], service_url=served.url)
    spec = f"{settings.specification}@{openapi.fingerprint(document)}"
    description = stamp(
        names.fill(settings.description, account.id, account.location),
        Mark(world.config.owner, account.id, spec),
    )
    return Resource(
        id=served.api,
        kind=API.name,
        source=account.id,
        # An API without its policy would forward the caller's key: it waits for what its policy needs.
        needs=frozenset({served.backend}),
        body={
            "properties": {
                "displayName": names.fill(settings.displayName, account.id, account.location),
                "description": description,
                "path": served.path,
                "protocols": ["https"],
                "subscriptionRequired": settings.subscriptionRequired,
                "subscriptionKeyParameterNames": {"header": KEY_HEADER, "query": KEY_QUERY},
                "serviceUrl": served.url,
                "format": "openapi+json",
                # The document's own description wins over the request's (arm-wire.md §3.2): both carry the mark.
                "value": openapi.text(openapi.described(document, description)),
            }
        },
    )


API = Kind(
    name="api",
    type="Microsoft.ApiManagement/service/apis",
    parent=Parent.GATEWAY,
    desire=desire,
    after=frozenset({"backend"}),
    read=Read.LIST_THEN_GET,
    compare=partial(
        differences,
        write_only=("properties.format", "properties.value"),
        canonical={
            "properties.path": as_path,
            "properties.protocols": as_set,
            "properties.description": as_lines,
        },
    ),
)

"""The API through which callers reach an account's models, imported from an OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from reconciler import names, openapi
from reconciler.compare import as_lines, as_path, as_set, differences
from reconciler.kinds.anew import lost
from reconciler.kinds.kind import Kind, Parent, Read
from reconciler.kinds.operation import read_once, wanted
from reconciler.model import Body, Difference, Resource
from reconciler.ownership import line, mark_of, stamp
from reconciler.world import Served, World

KEY_HEADER = "api-key"
KEY_QUERY = "subscription-key"
"""Where OpenAI clients put their key, and the portal's name for the query (desired-state.md §1.1)."""


def desire(world: World) -> Iterator[Resource]:
    """One API per served account; and the one that a changed name template would make, for guard to hold."""
    read = read_once(world)
    prepared: dict[tuple[str, frozenset[str]], openapi.Document] = {}
    for served in world.served():
        name = served.profile.api.specification
        keep = wanted(world, served, read[name])
        if (name, keep) not in prepared:
            document = world.documents[name]
            prepared[name, keep] = openapi.prepare(document, service_url=served.url, keep=keep)
        document = openapi.at(prepared[name, keep], served.url)
        yield _api(world, served, document)
        renamed = world.serve(served.account)
        if renamed.api != served.api:
            yield _api(world, renamed, document)


def _api(world: World, served: Served, document: openapi.Document) -> Resource:
    account, settings = served.account, served.profile.api
    spec = f"{settings.specification}@{openapi.fingerprint(document)}"
    description = stamp(
        names.fill(settings.description, account.id, account.location),
        served.mark(world.config.owner, spec),
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


_OPERATORS = (
    "apiRevisionDescription",
    "apiVersion",
    "apiVersionDescription",
    "apiVersionSetId",
    "contact",
    "license",
    "termsOfServiceUrl",
)
"""What operators set beside our fields; a PUT that left them out would take them away."""

_SIGN_IN = ("oAuth2", "openid")


def outdated(desired: Body, actual: Body) -> Difference | None:
    """Whether the API was made from another document than the one that is wanted; the marks say so."""
    wanted, there = mark_of(desired), mark_of(actual)
    if wanted is None or there is None or there.owner != wanted.owner:
        return None
    return Difference("properties.value", there.spec, wanted.spec) if there.spec != wanted.spec else None


def renewed(desired: Body, actual: Body) -> Body:
    """The import that makes the API from the wanted document and leaves it what operators gave it."""
    has = actual.get("properties") or {}
    kept = {name: has[name] for name in _OPERATORS if has.get(name) is not None}
    settings = has.get("authenticationSettings") or {}
    # A GET shows each setting singly and as lists, and a PUT may not send both (arm-wire.md §3.1).
    lists = {f"{name}AuthenticationSettings": settings.get(f"{name}AuthenticationSettings") for name in _SIGN_IN}
    single = {name: settings.get(name) for name in _SIGN_IN}
    sent = {name: value for name, value in (lists if any(lists.values()) else single).items() if value}
    if sent:
        kept["authenticationSettings"] = sent
    return {**desired, "properties": {**kept, **desired["properties"]}}


def _from_its_document(desired: Body, actual: Body) -> Body:
    """The wish with the document that the API has: another one takes an import (`outdated`), no single field."""
    if outdated(desired, actual) is None:
        return desired
    properties = desired["properties"]
    text, wanted, there = properties["description"], mark_of(desired), mark_of(actual)
    assert wanted is not None and there is not None  # noqa: S101, PT018 - outdated has compared them
    return {
        **desired,
        "properties": {
            **properties,
            "description": text.replace(line(wanted), line(replace(wanted, spec=there.spec))),
        },
    }


API = Kind(
    name="api",
    type="Microsoft.ApiManagement/service/apis",
    parent=Parent.GATEWAY,
    desire=desire,
    after=frozenset({"backend"}),
    read=Read.LIST_THEN_GET,
    adapt=_from_its_document,
    outdated=outdated,
    renewed=renewed,
    lost=lost,
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

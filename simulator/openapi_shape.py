"""What an OpenAPI 3.0 document must look like for API Management to read it at all."""

from typing import Any

from simulator.bodies import FLAG, TEXT, Anything, Fields, Items, Shape, problems
from simulator.openapi_text import NOT_3_0, Rejected

ANY = Anything()
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")  # `trace` is not supported (DOC-import)


def _open(*required: str, **named: Shape) -> Fields:
    """An object with these fields and any others; everywhere a reference may stand instead."""
    return Fields({"$ref": TEXT, **named}, required, others=ANY)


SCHEMA = _open(
    type=TEXT,
    format=TEXT,
    description=TEXT,
    enum=Items(ANY),
    required=Items(TEXT),
    properties=Fields(others=_open()),
)
PARAMETER = _open(**{"in": TEXT}, name=TEXT, description=TEXT, required=FLAG, schema=SCHEMA)
CONTENT = Fields(others=_open(schema=SCHEMA, examples=Fields(others=ANY)))
BODY = _open(description=TEXT, content=CONTENT)
HEADER = _open(description=TEXT, required=FLAG, schema=SCHEMA)
RESPONSE = _open(description=TEXT, content=CONTENT, headers=Fields(others=HEADER))
OPERATION = _open(
    operationId=TEXT,
    summary=TEXT,
    description=TEXT,
    tags=Items(TEXT),
    parameters=Items(PARAMETER),
    requestBody=BODY,
    responses=Fields(others=RESPONSE),
)
PATH = Fields(
    {"$ref": TEXT, "parameters": Items(PARAMETER), **dict.fromkeys(METHODS, OPERATION)},
    others=ANY,
)
INFO = _open(
    title=TEXT,
    description=TEXT,
    termsOfService=TEXT,
    contact=_open(name=TEXT, url=TEXT, email=TEXT),
    license=_open(name=TEXT, url=TEXT),
)
DOCUMENT = _open(
    "info",
    "paths",
    **{"x-ms-paths": Fields(others=PATH)},
    info=INFO,
    servers=Items(_open("url", url=TEXT)),
    paths=Fields(others=PATH),
    components=_open(
        schemas=Fields(others=_open()),
        parameters=Fields(others=PARAMETER),
        requestBodies=Fields(others=BODY),
        responses=Fields(others=RESPONSE),
        headers=Fields(others=HEADER),
    ),
)


def need_shape(value: Any, shape: Shape, where: str = "", specification: str = NOT_3_0) -> None:
    """Refuse what does not have this shape."""
    wrong = next(problems(shape, value, where), None)
    if wrong is not None:
        raise Rejected(f"{wrong.message} Path: {wrong.path}", specification)


def need_slashes(document: Any, specification: str = NOT_3_0) -> None:
    """Refuse paths that do not begin with `/` (the published schemas of 3.0 and of 2.0 that the refusal names)."""
    wrong = next((path for path in document["paths"] if not path.startswith(("/", "x-"))), None)
    if wrong is not None:
        raise Rejected(f"A path must begin with '/'. Path: paths['{wrong}']", specification)

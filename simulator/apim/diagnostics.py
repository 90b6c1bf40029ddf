"""How a diagnostic of a service or an API behaves: which logger it writes to, and what it logs by default."""

from copy import deepcopy
from typing import Any

from simulator.apim.common import api_of, given, service_of
from simulator.apim.loggers import find_logger
from simulator.apim.tiers import offered
from simulator.apim.versions import versions_of
from simulator.bodies import FLAG, TEXT, Fields, Items, Number, Text, Whole, envelope
from simulator.errors import invalid
from simulator.ids import key, parse
from simulator.kinds import Change, Kind
from simulator.odata_filter import texts

JSON = dict[str, Any]
_LOGGER_TYPES = {"applicationinsights": "applicationInsights", "azuremonitor": "azureMonitor"}
_LOCAL = "local"  # the API's own log, without a logger (bicep-types-az #2573, azure-rest-api-specs #33340)
_MASKS = Items(Fields({"mode": Text(choices=("Mask", "Hide")), "value": TEXT}))
_MESSAGE = Fields(
    {
        "body": Fields({"bytes": Whole(0, 8192)}),
        "dataMasking": Fields({"headers": _MASKS, "queryParams": _MASKS}),
        "headers": Items(TEXT),
    }
)
_SIDE = Fields({"request": _MESSAGE, "response": _MESSAGE})
_SHAPE = envelope(
    Fields(
        {
            "alwaysLog": Text(choices=("allErrors",)),
            "backend": _SIDE,
            "frontend": _SIDE,
            "httpCorrelationProtocol": Text(choices=("None", "Legacy", "W3C")),
            "logClientIp": FLAG,
            "loggerId": TEXT,
            "metrics": FLAG,
            "operationNameFormat": Text(choices=("Name", "Url")),
            "sampling": Fields({"percentage": Number(0, 100), "samplingType": Text(choices=("fixed",))}),
            "verbosity": Text(choices=("verbose", "information", "error")),
        }
    )
)


def _check(change: Change) -> None:
    name = change.path.name.lower()
    if name not in {*_LOGGER_TYPES, _LOCAL}:
        known = ", ".join([*_LOGGER_TYPES, _LOCAL])
        raise invalid(("diagnosticId", f"The diagnostic identifier must be one of {known}."))
    reference = (change.merged().get("properties") or {}).get("loggerId")
    if name == _LOCAL:
        if reference is not None:
            raise invalid(("loggerId", "LoggerId must not be specified."))
        return
    if not reference:
        raise invalid(("loggerId", "LoggerId must be specified."))  # apiops #381
    service = service_of(change.path.text)
    _check_reference(service, reference)
    logger = find_logger(change.cloud, service, reference)
    if logger is None:  # apiops #748
        raise invalid(("loggerId", f"Logger Id '{reference.rsplit('/', 1)[-1]}' does not exist"))
    if logger.properties["loggerType"] != _LOGGER_TYPES[name]:
        message = f"The diagnostic '{name}' cannot use a logger of type {logger.properties['loggerType']}."
        raise invalid(("loggerId", message))


def _check_reference(service: str, reference: str) -> None:
    """`/loggers/x`, or the full id of a logger of this service (apiops #328)."""
    parts = [part for part in reference.split("/") if part]
    relative = len(parts) == 2 and parts[0].lower() == "loggers"  # noqa: PLR2004  # /loggers/x
    full = parse(reference)
    if not relative and (key(full.parent) != key(service) or full.types[-1:] != ("loggers",)):
        raise invalid(("loggerId", "Invalid field 'loggerId' specified"))


def _fill(change: Change) -> JSON:
    """Key order and defaults of recording 41; those of Azure Monitor from exported templates."""
    merged = change.merged().get("properties") or {}
    insights = change.path.name.lower() == "applicationinsights"
    properties = {
        "alwaysLog": merged.get("alwaysLog"),
        "httpCorrelationProtocol": merged.get("httpCorrelationProtocol", "Legacy" if insights else None),
        "logClientIp": merged.get("logClientIp", True),
    }
    if merged.get("loggerId"):
        logger = find_logger(change.cloud, service_of(change.path.text), merged["loggerId"])
        properties["loggerId"] = logger.id if logger else merged["loggerId"]
    sampling = deepcopy(merged.get("sampling"))
    if sampling and "percentage" in sampling:
        sampling["percentage"] = float(sampling["percentage"])  # recording 41: 50.0
    properties["sampling"] = sampling
    for side in ("frontend", "backend"):
        properties[side] = _side(merged[side]) if merged.get(side) else _hidden()
    return {"properties": {**properties, **given(merged, "verbosity", "operationNameFormat", "metrics")}}


def _hidden() -> JSON:
    """Nothing but the line, and no query parameter in it (recording 41)."""
    return _side({"request": {"dataMasking": {"queryParams": [{"value": "*", "mode": "Hide"}]}}})


def _side(sent: JSON) -> JSON:
    """Headers and body are there even when they are null, masking is not (recording 41)."""
    return {name: _message(sent[name]) if sent.get(name) else None for name in ("request", "response")}


def _message(sent: JSON) -> JSON:
    shown = {name: deepcopy(sent.get(name)) for name in ("headers", "body")}
    return {**shown, **deepcopy(given(sent, "dataMasking"))}


DIAGNOSTICS = [
    Kind(
        type=f"Microsoft.ApiManagement/service/{collection}",
        versions=versions_of(collection),
        shape=_SHAPE,
        noun="Diagnostic",
        fill=_fill,
        check=_check,
        locked_by=api_of,
        filters=texts("name"),
        offered=offered(collection),
    )
    for collection in ("diagnostics", "apis/diagnostics")
]

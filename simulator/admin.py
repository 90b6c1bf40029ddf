"""What a test or a curious person can ask of the simulator that Azure does not offer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.apim.exporting import openapi_of
from simulator.behind import Missing, Unacceptable
from simulator.clock import NoSuchTime
from simulator.faults import FaultError
from simulator.wire import Answer, Ask

if TYPE_CHECKING:
    from simulator.app import Simulator

JSON = dict[str, Any]


class _Mistake(Exception):  # what was asked is not to be understood
    """The caller's own mistake in one sentence; any other exception is a defect of the simulator."""


def serve(simulator: "Simulator", ask: Ask) -> Answer:
    """Answer a request below /_simulator."""
    route = ask.path.removeprefix("/_simulator").strip("/")
    act = _ROUTES.get((ask.method, route))
    if act is None:
        return _wrong(404, f"there is no {ask.method} {ask.path}")
    try:
        body = act(simulator, ask)
    except Missing as missing:
        return _wrong(404, f"there is no {missing}")
    except (Unacceptable, FaultError) as wrong:
        return _wrong(400, *wrong.mistakes)
    except (_Mistake, NoSuchTime) as mistake:
        return _wrong(400, str(mistake))
    return Answer(204) if body is None else Answer(200, body)


def _wrong(status: int, *mistakes: str) -> Answer:
    """One sentence per mistake, together and one by one."""
    details = [{"message": each} for each in mistakes]
    return Answer(status, {"error": {"code": "SimulatorAdmin", "message": "; ".join(mistakes), "details": details}})


def _add_faults(simulator: "Simulator", ask: Ask) -> None:
    simulator.faults.add(ask.body if isinstance(ask.body, list) else [_object(ask)])


def _forget_document(simulator: "Simulator", ask: Ask) -> None:
    if simulator.documents.pop(_url(ask), None) is None:
        raise Missing(_url(ask))


def _advance(simulator: "Simulator", ask: Ask) -> JSON:
    simulator.clock.advance(_seconds(ask))
    return {"now": simulator.clock.now().isoformat()}


_ROUTES: dict[tuple[str, str], Callable[["Simulator", Ask], Any]] = {  # what it returns is the answer's body
    ("GET", "requests"): lambda simulator, _ask: simulator.requests,
    ("DELETE", "requests"): lambda simulator, _ask: simulator.requests.clear(),
    ("GET", "resources"): lambda simulator, _ask: simulator.resources(),
    ("PUT", "resources"): lambda simulator, ask: simulator.put(_id(ask), _object(ask)),
    ("DELETE", "resources"): lambda simulator, ask: simulator.delete(_id(ask)),
    ("GET", "events"): lambda simulator, _ask: simulator.events,
    ("POST", "events"): lambda simulator, ask: simulator.cloud.events.another(**_event(ask)),
    ("GET", "deliveries"): lambda simulator, _ask: simulator.deliveries,
    ("GET", "faults"): lambda simulator, _ask: simulator.faults.shown(),
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): lambda simulator, _ask: simulator.faults.clear(),
    ("POST", "clock"): _advance,
    ("GET", "documents"): lambda simulator, _ask: simulator.documents,
    ("PUT", "documents"): lambda simulator, ask: simulator.documents.update({_url(ask): ask.text}),
    ("DELETE", "documents"): _forget_document,
    ("GET", "exports"): lambda simulator, ask: openapi_of(simulator.cloud, _api(simulator, ask)),
}


def _url(ask: Ask) -> str:
    if not ask.query.get("url"):
        raise _Mistake("the query names no url")
    return ask.query["url"]


def _id(ask: Ask) -> str:
    if not ask.query.get("id"):
        raise _Mistake("the query names no id")
    return ask.query["id"]


def _event(ask: Ask) -> JSON:
    given = {"topic": "", "data": {}, **_object(ask)}
    texts = [given.get(name) for name in ("eventType", "topic", "subject")]
    if set(given) != {"eventType", "topic", "subject", "data"} or not all(isinstance(each, str) for each in texts):
        raise _Mistake('the body must be {"eventType": "…", "topic": "…", "subject": "…", "data": {…}}')
    return {"type": given["eventType"], **{name: given[name] for name in ("topic", "subject", "data")}}


def _api(simulator: "Simulator", ask: Ask) -> str:
    id = _id(ask)
    entity = simulator.cloud.store.get(id)
    if entity is None:
        raise Missing(id)
    if entity.type.lower() != "microsoft.apimanagement/service/apis":
        raise _Mistake(f"only APIs are exported, not {entity.type}")
    return id


def _seconds(ask: Ask) -> float:
    given = _object(ask)
    seconds = given.get("advance")
    if set(given) != {"advance"} or isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise _Mistake('the body must be {"advance": seconds}')
    return float(seconds)


def _object(ask: Ask) -> JSON:
    if not isinstance(ask.body, dict):
        raise _Mistake("the body must be a JSON object")
    return ask.body

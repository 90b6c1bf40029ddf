"""What a test or a curious person can ask of the simulator that Azure does not offer."""

from typing import TYPE_CHECKING, Any

from simulator.wire import Answer, Ask

if TYPE_CHECKING:
    from simulator.app import Simulator

JSON = dict[str, Any]


def serve(simulator: "Simulator", ask: Ask) -> Answer:
    """Answer a request below /_simulator."""
    route = ask.path.removeprefix("/_simulator").strip("/")
    try:
        answer = _route(simulator, ask, route)
    except KeyError as missing:
        return _wrong(404, f"there is no {missing}")
    except (ValueError, TypeError) as mistake:
        return _wrong(400, str(mistake))
    return answer or _wrong(404, f"there is no {ask.method} {ask.path}")


def _wrong(status: int, message: str) -> Answer:
    return Answer(status, {"error": {"code": "SimulatorAdmin", "message": message}})


def _route(simulator: "Simulator", ask: Ask, route: str) -> Answer | None:
    match ask.method, route:
        case "GET", "requests":
            return Answer(200, simulator.requests)
        case "DELETE", "requests":
            simulator.requests.clear()
        case "GET", "resources":
            return Answer(200, simulator.resources())
        case "PUT", "resources":
            simulator.put(_id(ask), _object(ask))
        case "DELETE", "resources":
            simulator.delete(_id(ask))
        case "GET", "events":
            return Answer(200, simulator.events)
        case "POST", "faults":
            simulator.faults.add(ask.body if isinstance(ask.body, list) else [_object(ask)])
        case "DELETE", "faults":
            simulator.faults.clear()
        case "POST", "clock":
            simulator.clock.advance(float(_object(ask).get("advance", 0)))
            return Answer(200, {"now": simulator.clock.now().isoformat()})
        case _:
            return None
    return Answer(204)


def _id(ask: Ask) -> str:
    if not ask.query.get("id"):
        raise ValueError("the query names no id")
    return ask.query["id"]


def _object(ask: Ask) -> JSON:
    if not isinstance(ask.body, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004  # told to the caller as a mistake
    return ask.body

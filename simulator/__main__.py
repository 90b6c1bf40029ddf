"""How the simulator is started from the command line."""

import argparse
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from simulator.app import Simulator
from simulator.certificates import Certificates, make_certificates
from simulator.event_delivery import Delivery
from simulator.knobs import value_of
from simulator.serve import LOOPBACK, PortTakenError, listening_socket, serve
from simulator.webhook import Webhook
from simulator.world import WorldError

_TICK = 0.1


def main(arguments: list[str] | None = None) -> int:
    """Serve until told to stop."""
    asked = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)
    try:
        simulator = _simulator(asked)
        listener = listening_socket(asked.port)
    except WorldError as wrong:
        sys.stderr.write("\n".join(wrong.mistakes) + "\n")
        return 1
    except (PortTakenError, ValueError, TypeError, OSError) as mistake:
        sys.stderr.write(f"{mistake}\n")
        return 1
    certificates = make_certificates() if asked.https else None
    try:
        _run(simulator, listener, certificates)
    except KeyboardInterrupt:
        return 0
    finally:
        listener.close()
        if certificates is not None:
            certificates.remove()
    return 0


def _run(simulator: Simulator, listener: socket.socket, certificates: Certificates | None) -> None:
    if certificates is not None:
        _say(f"simulator's CA file: {certificates.ca}")
    threading.Thread(target=_keep_time, args=(simulator,), daemon=True).start()
    port = listener.getsockname()[1]
    scheme = "https" if certificates else "http"
    serve(
        simulator,
        listener,
        certificates,
        ready=lambda: _say(f"simulator listening on {scheme}://{LOOPBACK}:{port}"),
    )


def _keep_time(simulator: Simulator) -> None:
    """End what is due even when nobody asks, so that its events go out."""
    while True:
        time.sleep(_TICK)
        simulator.settle()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _stop(signum: int, frame: FrameType | None) -> None:
    del signum, frame
    raise KeyboardInterrupt


def _simulator(asked: argparse.Namespace) -> Simulator:
    world = Path(asked.world) if asked.world and asked.world.endswith(".json") else asked.world
    knobs = {name: value for name, value in vars(asked).items() if name in _KNOBS and value is not None}
    for name in ("read_latency", "write_latency"):
        if name in knobs:
            knobs[name] /= 1000
    for text in asked.knob or []:
        name, _, value = text.partition("=")
        knobs[name] = value_of(name, value)
    simulator = Simulator(world, enforce_role=asked.enforce_role, real_time=True, **knobs)
    if asked.events_to:
        post = Webhook(asked.events_to).post
        delivery = Delivery(simulator.clock, simulator.cloud.knobs, post, simulator.deliveries)
        simulator.listen(delivery.hear)
        delivery.start()
    return simulator


_KNOBS = {"read_latency", "write_latency", "import_time", "lock_lingers", "throttle", "seed"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m simulator", description="A local stand-in for Azure Resource Manager."
    )
    add = parser.add_argument
    add("--port", type=int, default=8080, help="on 127.0.0.1; 0 takes a free one (default 8080)")
    add("--https", action="store_true", help="serve https and print the path of the CA file to trust")
    add("--world", help="a JSON file, or the name of a built-in world (default contoso)")
    add("--read-latency", type=float, metavar="MS", help="how long a read takes, in milliseconds")
    add("--write-latency", type=float, metavar="MS", help="how long a write takes, in milliseconds")
    add("--import-time", type=float, metavar="S", help="how long an import takes, in seconds")
    add("--lock-lingers", type=float, metavar="S", help="how long an API stays locked after its import, in seconds")
    add("--throttle", action="store_true", help="refuse with 429 as Azure's token buckets do")
    add("--events-to", metavar="URL", help="deliver Event Grid events to this loopback URL")
    add("--enforce-role", metavar="FILE", help="an Azure role definition; refuse what it does not allow")
    add("--seed", type=int, help="where generated ids come from")
    add("--knob", action="append", metavar="NAME=VALUE", help="any knob of docs/simulator.md; times are in seconds")
    return parser


if __name__ == "__main__":
    sys.exit(main())

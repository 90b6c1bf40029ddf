"""`make local`: the simulator and the function app's triggers on this machine, to try by hand.

There is no Azure Functions host here: Microsoft's worker library runs `function_app.py`, and this small server
stands where the host would: it takes HTTP requests and Event Grid deliveries and turns the timer's wheel. The state
is in a folder, so the worker keeps its queue itself and works on it: a run follows its event ten seconds later.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from waitress.server import create_server
from werkzeug.wrappers import Request, Response

from tests.functions.worker import Worker, missing
from tools.local_azure import ROOT, local_azure

_ROUTES = (
    ("POST", "/api/reconcile", "reconcile"),
    ("GET", "/api/status", "status"),
    ("GET", "/api/health", "health"),
)
_EVENTS = "/runtime/webhooks/eventgrid"
_TICK = 900.0
_TRY = """
  the gateway now:         curl -s {app}/api/status
  reconcile by hand:       curl -i -X POST {app}/api/reconcile -d '{{}}'
  what it would do:        curl -i -X POST {app}/api/reconcile -d '{{"dryRun": true}}'
  a model deployment:      curl -X PUT '{azure}/_simulator/resources?id={west}/deployments/gpt-4o' -d '{model}'
  (its event is delivered to the function app by itself; ten seconds later look at the status again)
  the world:               curl -s {azure}/_simulator/resources
  what was asked of Azure: curl -s {azure}/_simulator/requests
  the command line:        RECONCILER_ARM_ENDPOINT={azure} RECONCILER_ARM_TOKEN=simulator \\
                             .venv/bin/python -m reconciler plan --config reconciler.example.yaml
  the timer ticks every 15 minutes; stop with Ctrl-C
"""
_WEST = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ai-west"
    "/providers/Microsoft.CognitiveServices/accounts/contoso-west"
)
_MODEL = json.dumps(
    {
        "sku": {"name": "Standard", "capacity": 1},
        "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}},
    }
)


def main() -> int:
    """Run until interrupted."""
    why = missing()
    if why:
        print(f"error: {why}", file=sys.stderr)
        return 1
    host = Host()
    server = create_server(host, host="127.0.0.1", port=0, threads=8)
    address = f"http://127.0.0.1:{server.effective_port}"
    with tempfile.TemporaryDirectory() as folder, local_azure("--events-to", f"{address}{_EVENTS}") as azure:
        settings = {**azure.environment(Path(folder)), "RESYNC_SCHEDULE": "0 */15 * * * *"}
        with Worker(ROOT, environment=settings, timeout=600) as worker:
            print(f"functions: {', '.join(each.name for each in worker.index())}")
            host.worker = worker
            timer = threading.Thread(target=_tick, args=(worker.invoke_timer,), daemon=True)
            timer.start()
            print(f"simulator listening on {azure.url}\nfunction app listening on {address}")
            print(_TRY.format(app=address, azure=azure.url, west=_WEST, model=_MODEL), flush=True)
            try:
                server.run()
            except KeyboardInterrupt:
                print("stopped")
    return 0


class Host:
    """Where the Functions host would be: requests in, invocations out."""

    def __init__(self) -> None:
        self.worker: Worker | None = None

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """A WSGI application."""
        return self._answer(Request(environ))(environ, start)

    def _answer(self, request: Request) -> Response:
        if self.worker is None:
            return Response("starting", 503)
        if request.path == _EVENTS and request.method == "POST":
            batch = json.loads(request.get_data())
            for event in batch if isinstance(batch, list) else [batch]:
                outcome = self.worker.invoke_event_grid("event_grid", event)
                about = "/".join(str(event.get("subject")).rsplit("/", 2)[-2:])
                print(f"event {event.get('eventType')} {about}: {outcome.status}", flush=True)
            return Response(status=200)
        for method, path, name in _ROUTES:
            if (request.method, request.path) == (method, path):
                return self._call(name, request)
        if request.method == "GET" and request.path.startswith("/api/runs/"):
            return self._call("run_record", request)
        return Response("no such route", 404)

    def _call(self, name: str, request: Request) -> Response:
        assert self.worker is not None  # noqa: S101 - the only caller has checked
        body = request.get_data() or None
        headers = dict(request.headers)
        answer = self.worker.invoke_http(name, request.method, request.path, body=body, headers=headers)
        return Response(answer.body, answer.status, dict(answer.headers))


def _tick(invoke: Callable[[str], Any]) -> None:
    """The timer: one tick at the start, then one every fifteen minutes."""
    while True:
        print(f"timer: {invoke('resync').status}", flush=True)
        threading.Event().wait(_TICK)


if __name__ == "__main__":
    raise SystemExit(main())

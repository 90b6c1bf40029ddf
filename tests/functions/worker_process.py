"""The worker's end of the pipe: runs one function app in Microsoft's worker library, as lines of JSON tell it.

Started as a script by `pipe.py`. Standard output is for the answers; what the app prints goes to standard error.
"""

import asyncio
import base64
import importlib.util
import json
import logging
import os
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import IO, Any

FORMATTER = logging.Formatter("%(message)s")


def load(name: str) -> ModuleType:
    """A module beside this one, without its folder on the app's `sys.path`."""
    spec = importlib.util.spec_from_file_location(f"_harness_{name}", Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


protos = load("protos")


class Logs(logging.Handler):
    """Keeps what functions log, by invocation; what the library itself logs is left out."""

    def __init__(self, library: ModuleType) -> None:
        super().__init__()
        self.current = library.invocation_id_cv
        self.records: dict[str, list[dict[str, str]]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Give the record to its invocation; a thread of the app's own belongs to the only one that runs."""
        if record.name == "azure.functions":
            return
        invocation = self.current.get() or (next(iter(self.records)) if len(self.records) == 1 else None)
        if invocation in self.records:
            entry = {"level": record.levelname, "logger": record.name, "message": FORMATTER.format(record)}
            self.records[invocation].append(entry)


class App:
    """The one function app of this process."""

    def __init__(self, directory: str, library: ModuleType) -> None:
        self.directory = directory
        self.library = library
        self.logs = Logs(library)
        debug = os.environ.get("PYTHON_ENABLE_DEBUG_LOGGING", "").lower() in {"1", "true"}
        logging.getLogger().setLevel(logging.DEBUG if debug else logging.INFO)
        logging.getLogger().addHandler(self.logs)

    async def ask(self, kind: str, content: Any) -> Any:
        """One request to the library, wrapped as the host wraps it."""
        handler = getattr(self.library, kind)
        request = SimpleNamespace(**{kind: content})
        return await handler(SimpleNamespace(request=request, properties={"protos": protos, "host": "127.0.0.1"}))

    async def index(self) -> dict[str, Any]:
        """Import and index the app, and load each of its functions."""
        self.library.start_threadpool_executor()
        content = protos.WorkerInitRequest(function_app_directory=self.directory)
        started = await self.ask("worker_init_request", content)
        if started.result.status != protos.StatusResult.Success:
            return {"exception": vars(started.result.exception)}
        found = (await self.ask("functions_metadata_request", None)).function_metadata_results or []
        for each in found:
            await self.ask("function_load_request", protos.FunctionLoadRequest(function_id=each.function_id))
        return {"functions": [described(each) for each in found]}

    async def invoke(
        self, *, invocation: str, function: str, name: str, value: Any, metadata: Any
    ) -> dict[str, Any]:
        """Run one function once."""
        self.library.invocation_id_cv.set(invocation)
        self.logs.records[invocation] = []
        ended = await self.ask(
            "invocation_request",
            protos.InvocationRequest(
                invocation_id=invocation,
                function_id=function,
                input_data=[protos.ParameterBinding(name=name, data=typed(value))],
                trigger_metadata={key: typed(each) for key, each in metadata.items()},
            ),
        )
        exception = ended.result.exception
        return {
            "succeeded": ended.result.status == protos.StatusResult.Success,
            "exception": vars(exception) if exception else None,
            "value": wire(ended.return_value),
            "outputs": {each.name: wire(each.data) for each in ended.output_data},
            "logs": self.logs.records.pop(invocation),
        }


def described(function: Any) -> dict[str, Any]:
    """An indexed function as JSON."""
    retry = function.retry_options
    seconds = ("delay_interval", "minimum_interval", "maximum_interval")
    return {
        "name": function.name,
        "id": function.function_id,
        "bindings": [json.loads(each) for each in function.raw_bindings],
        "retry": retry
        and {
            "strategy": retry.retry_strategy,
            "max_retry_count": retry.max_retry_count,
            **{each: value.total_seconds() for each in seconds if (value := getattr(retry, each)) is not None},
        },
    }


def typed(value: dict[str, Any] | None) -> Any:
    """A value from the pipe as the message the library reads."""
    if value is None:
        return protos.TypedData()
    ((kind, content),) = value.items()
    if kind == "bytes":
        content = base64.b64decode(content)
    elif kind == "http":
        content = protos.RpcHttp(**content | {"body": typed(content["body"])})
    return protos.TypedData(**{kind: content})


def wire(data: Any) -> dict[str, Any] | None:
    """A message of the library as a value for the pipe."""
    kind = data.WhichOneof("data") if data is not None else None
    if kind is None:
        return None
    content = getattr(data, kind)
    if kind == "bytes":
        content = base64.b64encode(content).decode()
    elif kind == "http":
        content = {
            "status": content.status_code,
            "headers": dict(content.headers),
            "body": wire(content.body),
            "cookies": {each.name: each.value for each in content.cookies or []},
        }
    return {kind: content}


async def serve(app: App, requests: IO[str], answers: IO[str]) -> None:
    """Answer each line for ever; invocations run side by side, as under the host."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()
    actions: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = {"index": app.index, "invoke": app.invoke}

    def listen() -> None:
        for line in requests:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        sys.stdout.flush()
        os._exit(0)  # whoever started us is done: nothing that still runs is waited for

    async def answer(line: str) -> None:
        number, action, arguments = json.loads(line)
        try:
            done = await actions[action](**arguments)
        except Exception:  # noqa: BLE001 - reported to the test, whatever it is
            done = {"broken": traceback.format_exc()}
        answers.write(json.dumps([number, done]) + "\n")
        answers.flush()

    threading.Thread(target=listen, daemon=True).start()
    running = set()
    while True:
        task = asyncio.create_task(answer(await lines.get()))
        running.add(task)
        task.add_done_callback(running.discard)


def main(directory: str) -> None:
    """Keep the pipe from the app, then serve it."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.path.insert(0, directory)
    import azure_functions_runtime  # noqa: PLC0415 - reads the environment and sys.path of the app

    asyncio.run(serve(App(directory, azure_functions_runtime), requests, answers))


if __name__ == "__main__":
    main(sys.argv[1])

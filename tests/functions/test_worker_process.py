"""The process behind a worker: what it sees, what it says, and that it always ends."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from . import pipe
from .conftest import Start, skip_or_fail
from .pipe import DeadlineError, WorkerGoneError
from .toys import TICK
from .worker import Worker


def test_the_app_sees_the_given_environment_and_nothing_of_ours(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILER_CONFIG", "/somebody/elses.yaml")
    worker = start(
        """
        import importlib.util, os, sys
        @app.timer_trigger(arg_name="timer", schedule="%WHEN%")
        def tick(timer: func.TimerRequest) -> None:
            logging.info("%s", [os.environ.get(name) for name in ("WHEN", "RECONCILER_CONFIG")])
            logging.info("%s", os.getcwd() == sys.path[0])
            logging.info("%s", importlib.util.find_spec("payloads"))
        """,
        environment={"WHEN": "0 0 * * * *"},
    )

    messages = [each.message for each in worker.invoke_timer("tick").logs]

    assert messages == ["['0 0 * * * *', None]", "True", "None"]


def test_what_an_app_prints_does_not_disturb_the_answers(start: Start) -> None:
    worker = start("print('hello')\n" + TICK.replace("    ", "", 1).replace("\n    ", "\n"))

    assert worker.invoke_timer("tick").status == "success"
    assert "hello" in worker.printed


def test_state_of_the_app_lasts_from_one_call_to_the_next(start: Start) -> None:
    worker = start("""
        seen = []
        @app.queue_trigger(arg_name="message", queue_name="work", connection="AzureWebJobsStorage")
        def work(message: func.QueueMessage) -> None:
            seen.append(message.get_body().decode())
            logging.info("%s", seen)
    """)
    worker.invoke_queue("work", "one")

    assert worker.invoke_queue("work", "two").logs[0].message == "['one', 'two']"


def test_invocations_run_side_by_side_and_keep_their_logs_apart(start: Start) -> None:
    worker = start("""
        import threading
        both = threading.Barrier(2)
        @app.queue_trigger(arg_name="message", queue_name="work", connection="AzureWebJobsStorage")
        def work(message: func.QueueMessage) -> None:
            both.wait(20)
            logging.info("%s", message.get_body().decode())
    """)

    with ThreadPoolExecutor(2) as threads:
        outcomes = list(threads.map(lambda body: worker.invoke_queue("work", body), ["one", "two"]))

    assert [[log.message for log in each.logs] for each in outcomes] == [["one"], ["two"]]


def test_a_log_from_a_thread_of_the_app_belongs_to_the_invocation_that_runs(start: Start) -> None:
    worker = start("""
        import threading
        @app.timer_trigger(arg_name="timer", schedule="%WHEN%")
        def tick(timer: func.TimerRequest) -> None:
            thread = threading.Thread(target=logging.info, args=("from a thread",))
            thread.start()
            thread.join()
    """)

    assert [each.message for each in worker.invoke_timer("tick").logs] == ["from a thread"]


def test_the_process_is_gone_afterwards(start: Start, tmp_path: Path) -> None:
    start(TICK)
    with Worker(tmp_path) as worker:
        worker.index()
        pid = worker.pid
        os.kill(pid, 0)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


HANGS = """
    import time
    @app.timer_trigger(arg_name="timer", schedule="%WHEN%")
    def tick(timer: func.TimerRequest) -> None:
        time.sleep(600)
    @app.timer_trigger(arg_name="timer", schedule="%WHEN%")
    async def tock(timer: func.TimerRequest) -> None:
        time.sleep(600)
"""


@pytest.mark.parametrize("name", ["tick", "tock"])
def test_a_function_that_hangs_meets_the_deadline_and_its_process_ends_by_itself(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    start(HANGS)
    monkeypatch.setattr(pipe, "GRACE", 30.0)
    with Worker(tmp_path) as worker:
        pid = worker.pid
        worker.index()
        worker.timeout = 0.3
        with pytest.raises(DeadlineError, match=r"no answer to invoke within 0.3 s"):
            worker.invoke_timer(name)
        begun = time.monotonic()

    assert time.monotonic() - begun < 15
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_app_that_ends_its_process_is_reported_with_what_it_printed(start: Start) -> None:
    worker = start("""
        import importlib.util, os, sys
        @app.timer_trigger(arg_name="timer", schedule="%WHEN%")
        def tick(timer: func.TimerRequest) -> None:
            print("good bye", file=sys.stderr, flush=True)
            os._exit(3)
    """)

    with pytest.raises(WorkerGoneError, match=r"(?s)ended with code 3.*good bye"):
        worker.invoke_timer("tick")
    with pytest.raises(WorkerGoneError, match="the worker has ended"):
        worker.invoke_timer("tick")


def test_a_process_that_does_not_end_by_itself_is_killed(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start("import os; os._exit = print")
    monkeypatch.setattr(pipe, "GRACE", 0.2)
    with Worker(tmp_path) as worker:
        worker.index()
        pid = worker.pid

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_missing_library_skips_a_test_and_fails_it_where_everything_is_required(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("REQUIRE_ALL", raising=False)
    skip_or_fail(None)
    with pytest.raises(pytest.skip.Exception, match="not installed"):
        skip_or_fail("it is not installed")

    monkeypatch.setenv("REQUIRE_ALL", "1")
    skip_or_fail(None)
    with pytest.raises(pytest.fail.Exception, match="not installed"):
        skip_or_fail("it is not installed")

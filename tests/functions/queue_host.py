"""Drives the queue triggers of an app as the Functions host does: queues in Azurite, the app in a worker.

| of the host | here |
|---|---|
| a message is hidden for ten minutes while its function runs | the same |
| `batchSize`, `maxDequeueCount`, `visibilityTimeout`, `messageEncoding` of host.json | the same |
| what fails is seen again after `visibilityTimeout`, then goes to `<queue>-poison` | the same |
| what is not base64 goes there at once | the same |
| `maxPollingInterval`: an idle queue is looked at less and less often | every tenth of a second |
"""

from __future__ import annotations

import base64
import binascii
import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueClient

from .host_checks import POISON, resolve
from .pipe import WorkerGoneError
from .worker import Function, Outcome, Worker

HIDDEN = 600
"""Seconds."""
IDLE = 0.1


@dataclass(frozen=True)
class Ran:
    """An invocation: which function, with what, the how-manieth time, and how it ended."""

    function: str
    body: str
    dequeue_count: int
    outcome: Outcome


@dataclass
class QueueHost:
    """Leaving the block ends the polling; a function that runs is waited for."""

    worker: Worker
    connection: str
    host: Mapping[str, Any]
    ran: list[Ran] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _pools: list[ThreadPoolExecutor] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Begin to read every queue that triggers a function."""
        for function in self.worker.index():
            if function.trigger["type"] == "queueTrigger":
                thread = threading.Thread(target=self._read, args=(function,))
                self._threads.append(thread)
                thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop reading."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        for pool in self._pools:
            pool.shutdown()

    def queue(self, name: str) -> QueueClient:
        """A queue that is there."""
        client = QueueClient.from_connection_string(self.connection, name)
        with suppress(ResourceExistsError):
            client.create_queue()
        return client

    def put(self, name: str, body: Any) -> None:
        """A message as Event Grid and the app itself put it there: base64 of JSON."""
        self.queue(name).send_message(base64.b64encode(json.dumps(body).encode()).decode())

    def of(self, function: str) -> list[Ran]:
        """The invocations of one function so far."""
        return [each for each in self.ran if each.function == function]

    def _read(self, function: Function) -> None:
        settings = self.host["extensions"]["queues"]
        batch = settings.get("batchSize", 16)
        most = batch + settings.get("newBatchThreshold", batch // 2)
        name = resolve(function.trigger, self.worker.environment)["queueName"]
        queue, free = self.queue(name), threading.Semaphore(most)
        pool = ThreadPoolExecutor(most)
        self._pools.append(pool)
        while not self._over.is_set():
            count = _taken(free, batch)
            found = list(queue.receive_messages(max_messages=count, visibility_timeout=HIDDEN)) if count else []
            for message in found:
                pool.submit(self._run, function, queue, message, free)
            for _ in range(count - len(found)):
                free.release()
            if not found:
                self._over.wait(IDLE)

    def _run(self, function: Function, queue: QueueClient, message: Any, free: threading.Semaphore) -> None:
        try:
            self._try(function, queue, message)
        except WorkerGoneError:
            queue.update_message(message, visibility_timeout=self._again())
        finally:
            free.release()

    def _try(self, function: Function, queue: QueueClient, message: Any) -> None:
        settings = self.host["extensions"]["queues"]
        try:
            coded = settings.get("messageEncoding", "base64") == "base64"
            text = base64.b64decode(message.content, validate=True).decode() if coded else message.content
        except (binascii.Error, UnicodeDecodeError):
            self._poison(queue, message)
            return
        outcome = self.worker.invoke_queue(function.name, text, dequeue_count=message.dequeue_count)
        self.ran.append(Ran(function.name, text, message.dequeue_count, outcome))
        with suppress(ResourceNotFoundError, HttpResponseError):  # somebody else has been given it meanwhile
            if outcome.status == "success":
                queue.delete_message(message)
            elif message.dequeue_count >= settings.get("maxDequeueCount", 5):
                self._poison(queue, message)
            else:
                queue.update_message(message, visibility_timeout=self._again())

    def _poison(self, queue: QueueClient, message: Any) -> None:
        self.queue(f"{queue.queue_name}{POISON}").send_message(message.content)
        queue.delete_message(message)

    def _again(self) -> int:
        hours, minutes, seconds = self.host["extensions"]["queues"].get("visibilityTimeout", "0:0:0").split(":")
        return int(timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds)).total_seconds())


def _taken(free: threading.Semaphore, most: int) -> int:
    """How many may run now, at most so many."""
    count = 0
    while count < most and free.acquire(blocking=False):
        count += 1
    return count

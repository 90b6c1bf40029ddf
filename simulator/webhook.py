"""Who is told of Event Grid events over HTTP."""

import ipaddress
import json
import queue
import sys
import threading
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

JSON = dict[str, Any]
_ATTEMPTS = (0.0, 0.5, 2.0, 5.0)


class Webhook:
    """Posts each event as an Event Grid webhook delivery, in order, from a thread of its own."""

    def __init__(self, url: str) -> None:
        if not _is_loopback(url):
            raise ValueError(f"events are only posted to loopback URLs, not to {url}")
        self._url = url
        self._waiting: queue.Queue[JSON] = queue.Queue()
        threading.Thread(target=self._run, daemon=True, name="event-grid").start()

    def send(self, event: JSON) -> None:
        """Queue an event."""
        self._waiting.put(event)

    def _run(self) -> None:
        while True:
            event = self._waiting.get()
            for pause in _ATTEMPTS:  # Event Grid tries again when a delivery fails
                time.sleep(pause)
                if self._delivered(event):
                    break
            else:
                sys.stderr.write(f"event {event['id']} could not be delivered to {self._url}\n")

    def _delivered(self, event: JSON) -> bool:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "aeg-event-type": "Notification",
            "aeg-delivery-count": "0",
            "aeg-data-version": str(event["dataVersion"]),
            "aeg-metadata-version": str(event["metadataVersion"]),
        }
        request = urllib.request.Request(self._url, json.dumps([event]).encode(), headers)  # noqa: S310  # loopback
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # checked to be loopback
                return bool(answer.status < 300)  # noqa: PLR2004  # any success
        except (OSError, urllib.error.URLError):
            return False


def _is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False

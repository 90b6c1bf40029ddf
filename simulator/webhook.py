"""How a delivery of events reaches an HTTP endpoint on this machine."""

import http.client
import ipaddress
from urllib.parse import urlsplit

_PATIENCE = 30.0  # seconds: as long as Event Grid waits for an answer (platform 1.6)


class Webhook:
    """An endpoint; it is asked directly, through no proxy, and no redirection is followed."""

    def __init__(self, url: str) -> None:
        if not _is_loopback(url):
            raise ValueError(f"events are only posted to loopback URLs, not to {url}")
        parts = urlsplit(url)
        self._connection = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port = parts.hostname or "", parts.port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def post(self, body: bytes, headers: dict[str, str]) -> int | None:
        """The status of the answer, or None where there was none."""
        connection = self._connection(self._host, self._port, timeout=_PATIENCE)
        try:
            connection.request("POST", self._path, body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


def _is_loopback(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False

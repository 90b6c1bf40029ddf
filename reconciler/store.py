"""Where state lives that is not in Azure's resources: markers, run records, the status of each gateway.

Losing it loses no work: every run looks at the world. This file has the interface, the rules that both back ends
share, and the folder; blob_store.py has the container in Azure, state.py the choice.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from reconciler.errors import ConfigError, ReconcilerError

_NAME = re.compile(r"[a-z]+/[A-Za-z0-9._-]{1,100}")
_SUFFIX = ".json"
_PATIENCE = 30.0
"""Seconds that a writer waits for the others; each holds the lock for one file."""


class Store(Protocol):
    """JSON documents by name, as in `runs/4f1c…`."""

    def put(self, name: str, document: dict[str, Any]) -> None:
        """Replace a document, whole or not at all."""

    def get(self, name: str) -> dict[str, Any] | None:
        """The document, or None."""

    def each(self, prefix: str) -> Iterator[dict[str, Any]]:
        """The documents below a prefix, by name."""

    def read(self, name: str) -> tuple[dict[str, Any] | None, str]:
        """The document and its version; None and '' where there is none."""

    def replace(self, name: str, document: dict[str, Any], version: str) -> bool:
        """Replace that version ('': create), or leave everything as it is and say False: somebody was faster."""


def change(store: Store, name: str, by: Callable[[dict[str, Any] | None], dict[str, Any] | None]) -> dict[str, Any]:
    """Change a document in one step, however many do so at once; `by` may be asked again. None: leave it so."""
    while True:
        before, version = store.read(name)
        after = by(before)
        if after is None:
            return before or {}
        if store.replace(name, after, version):
            return after


def put_fenced(store: Store, name: str, document: dict[str, Any], epoch: int) -> bool:
    """Put what the holder of a turn knows, unless a later holder has put something already."""
    mine = {**document, "epoch": epoch}

    def newer(before: dict[str, Any] | None) -> dict[str, Any] | None:
        has = (before or {}).get("epoch")
        return None if isinstance(has, int) and has > epoch else mine

    return change(store, name, newer) is mine


def path_of(name: str) -> str:
    """Where a document is kept, below the folder or the container; raises ValueError for what is no name."""
    if not _is_name(name):
        raise ValueError(f"'{name}' is no name of a document")
    return f"{name}{_SUFFIX}"


def names_in(paths: Iterable[str]) -> list[str]:
    """Which documents are kept at those paths, by name; what was not put there by a name is passed over."""
    names = (path.removesuffix(_SUFFIX) for path in paths if path.endswith(_SUFFIX))
    return sorted(name for name in names if _is_name(name))


def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and ".." not in name


def encode(document: dict[str, Any]) -> bytes:
    """The text of a document. Half a surrogate pair has no UTF-8; its escape is the same in JSON."""
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")


def decode(data: bytes) -> dict[str, Any] | None:
    """The document of a text, or None for what `encode` did not write."""
    try:
        document = json.loads(data)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _write(path: Path, data: bytes) -> None:
    """Put a whole file in the place of what is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


class FolderStore:
    """A folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / ".lock", timeout=_PATIENCE)

    def put(self, name: str, document: dict[str, Any]) -> None:
        """See Store; raises ConfigError where the folder cannot be written."""
        path, data = self._folder / path_of(name), encode(document)
        with self._alone():
            _write(path, data)

    def get(self, name: str) -> dict[str, Any] | None:
        """See Store; raises ConfigError where the folder cannot be read."""
        return self.read(name)[0]

    def read(self, name: str) -> tuple[dict[str, Any] | None, str]:
        """See Store; the version is a hash of the text. Raises ConfigError where the folder cannot be read."""
        try:
            data = (self._folder / path_of(name)).read_bytes()
        except (FileNotFoundError, IsADirectoryError):
            return None, ""
        except OSError as error:
            raise self._failed("read", error) from None
        return decode(data), hashlib.sha256(data).hexdigest()

    def replace(self, name: str, document: dict[str, Any], version: str) -> bool:
        """See Store; raises ConfigError where the folder cannot be written."""
        path, data = self._folder / path_of(name), encode(document)
        with self._alone():
            if self.read(name)[1] != version:
                return False
            _write(path, data)
        return True

    def each(self, prefix: str) -> Iterator[dict[str, Any]]:
        """See Store; raises ConfigError where the folder cannot be read."""
        try:
            paths = [f"{prefix}/{name}" for name in os.listdir(self._folder / prefix)]  # noqa: PTH208 - it raises
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._failed("read", error) from None
        for name in names_in(paths):
            document = self.get(name)
            if document is not None:
                yield document

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process of this machine writes meanwhile."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._lock:
                yield
        except Timeout:
            raise ReconcilerError(
                f"the state folder {self._folder} has been locked for {_PATIENCE:.0f} s by another process; end it"
            ) from None
        except OSError as error:
            raise self._failed("written", error) from None

    def _failed(self, done: str, error: OSError) -> ConfigError:
        return ConfigError(
            f"the state folder {self._folder} cannot be {done} ({error.strerror}); "
            "set RECONCILER_STATE to another folder"
        )

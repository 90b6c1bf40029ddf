"""Where state lives that is not in Azure's resources: run records and the status of each gateway.

Losing it loses no work: every run looks at the world. This version knows a folder; blobs are the same interface.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from reconciler.errors import ConfigError

_NAME = re.compile(r"[a-z]+/[A-Za-z0-9._-]{1,100}")


class Store(Protocol):
    """JSON documents by name, as in `runs/4f1c…`."""

    def put(self, name: str, document: dict[str, Any]) -> None:
        """Replace a document, whole or not at all."""

    def get(self, name: str) -> dict[str, Any] | None:
        """The document, or None."""

    def each(self, prefix: str) -> Iterator[dict[str, Any]]:
        """The documents below a prefix, by name."""


class FolderStore:
    """A folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, document: dict[str, Any]) -> None:
        """See Store; raises ConfigError where the folder cannot be written."""
        path = self._path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(document, file, ensure_ascii=False)
            Path(temporary).replace(path)
        except OSError as error:
            raise ConfigError(
                f"the state folder {self._folder} cannot be written ({error.strerror}); "
                "set RECONCILER_STATE to another folder"
            ) from None

    def get(self, name: str) -> dict[str, Any] | None:
        """See Store."""
        try:
            document: dict[str, Any] = json.loads(self._path(name).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return document

    def each(self, prefix: str) -> Iterator[dict[str, Any]]:
        """See Store."""
        for path in sorted((self._folder / prefix).glob("*.json")):
            document = self.get(f"{prefix}/{path.stem}")
            if document is not None:
                yield document

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name) or ".." in name:
            raise ValueError(f"'{name}' is no name of a document")
        return self._folder / f"{name}.json"

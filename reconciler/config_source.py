"""Where the configuration comes from, a file or a blob, and what is used while it is not there or wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobClient, ExponentialRetry

from reconciler import storage_address
from reconciler.blob_store import Credential
from reconciler.clouds import Cloud
from reconciler.config import BUNDLED, Config
from reconciler.config_file import parse
from reconciler.errors import ConfigError, ReconcilerError
from reconciler.storage_address import BLOB
from reconciler.store import Store

SETTING = "RECONCILER_CONFIG"
LAST = "config/last"
"""The document of the store that has the last good configuration: its text and hash, when, and where from."""
LARGEST = 1_000_000
"""Bytes of a blob, and characters of any configuration (config_file.py)."""
_API_VERSION = "2023-11-03"
"""Pinned, as for the store."""
_NOT_SIGNED_IN = {"AuthenticationFailed", "InvalidAuthenticationInfo", "NoAuthenticationInformation"}


class ConfigSource(Protocol):
    """Where the text is."""

    @property
    def name(self) -> str:
        """What messages call it: the path as it was given, or the address."""

    def read(self) -> bytes:
        """The text as it is now; raises ConfigError with one sentence."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration, the sha256 of its text, and, where it is an earlier one, why the present one is not used."""

    config: Config
    hash: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file on this machine."""

    name: str

    def read(self) -> bytes:
        """See ConfigSource."""
        try:
            return Path(self.name).read_bytes()
        except FileNotFoundError:
            raise ConfigError(
                f"there is no configuration file {self.name}; copy reconciler.example.yaml, or name yours with "
                "--config"
            ) from None
        except OSError as error:
            raise ConfigError(f"the configuration file {self.name} cannot be read: {error.strerror}") from None


class BlobSource:
    """A blob; `name` is its address, which has no query."""

    def __init__(self, name: str, credential: Credential, *, retries: int = 3) -> None:
        self.name = name
        transport = RequestsTransport(connection_timeout=10, read_timeout=30)
        transport.open()
        self._blob = BlobClient.from_blob_url(
            name,
            credential,
            api_version=_API_VERSION,
            transport=transport,
            retry_policy=ExponentialRetry(
                initial_backoff=1, increment_base=2, random_jitter_range=1, retry_total=retries
            ),
        )

    def read(self) -> bytes:
        """See ConfigSource."""
        try:
            text = self._blob.download_blob(offset=0, length=LARGEST + 1).readall()
        except (ServiceRequestError, ServiceResponseError):
            raise ConfigError(
                f"the configuration {self.name} cannot be reached; check the address in {SETTING} and the way "
                "there from here (name, firewall, proxy)"
            ) from None
        except HttpResponseError as error:
            if error.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return b""  # it has no first byte
            raise ConfigError(_refused(self.name, error)) from None
        except AzureError as error:
            raise ConfigError(
                f"the configuration {self.name} cannot be read ({type(error).__name__}); run again"
            ) from None
        if len(text) > LARGEST:
            raise ConfigError(f"{self.name} is larger than {LARGEST:,} bytes; that is no configuration of ours")
        return text


def choose(where: str, cloud: Cloud, identity: Callable[[], Credential]) -> ConfigSource:
    """The source that a path or an address names; `identity` is only asked for an address. Raises ConfigError.

    Nothing is read: a configuration that cannot be read is no mistake in the setting.
    """
    storage_address.without_secret(SETTING, where)
    if "://" not in where:
        return FileSource(where)
    parts = storage_address.checked(SETTING, where, cloud, BLOB)
    return BlobSource(storage_address.shown(parts), storage_address.credential(SETTING, parts, cloud, identity))


def load(source: ConfigSource) -> Loaded:
    """The configuration as it is now; raises ConfigError with one sentence per mistake."""
    return _loaded(_text(source), source)


def current(source: ConfigSource, store: Store, now: datetime) -> Loaded:
    """The configuration as it is now, or, where that cannot be used, as it last was good, with the reason.

    An earlier configuration must not take anything away: `safety.prune` is 'report' in it, whatever it says. Raises
    the ConfigError where none is kept, or only one from elsewhere, as when a command line shares the store.
    """
    try:
        text = _text(source)
        loaded = _loaded(text, source)
    except ConfigError as error:
        last = _last_good(source, store)
        if last is None:
            raise
        safety = last.config.safety.model_copy(update={"prune": "report"})
        return Loaded(last.config.model_copy(update={"safety": safety}), last.hash, str(error))
    with suppress(ReconcilerError):  # it is good: that it cannot be kept today is no reason not to use it
        known = store.get(LAST) or {}
        if (known.get("hash"), known.get("from")) != (loaded.hash, source.name):
            kept = {"text": text, "hash": loaded.hash, "at": now.isoformat(), "from": source.name}
            store.put(LAST, kept)
    return loaded


def _last_good(source: ConfigSource, store: Store) -> Loaded | None:
    """What is kept for this source; None where that is nothing, or nothing that this version takes."""
    with suppress(ReconcilerError):
        kept = store.get(LAST) or {}
        text = kept.get("text")
        if isinstance(text, str) and kept.get("from") == source.name:
            return _loaded(text, source)
    return None


def _text(source: ConfigSource) -> str:
    try:
        return source.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{source.name} is not UTF-8 text (byte {error.start + 1}); save it as UTF-8") from None


def _loaded(text: str, source: ConfigSource) -> Loaded:
    config = _parsed(text, source.name)
    beside = next(_files(config), None) if "://" in source.name else None
    if beside is not None:
        setting, value = beside
        raise ConfigError(
            f"{source.name}: '{setting}' is the file {value}, and beside an address there are no files; give the "
            "https address of the document, or one of those that are bundled"
        )
    return Loaded(config, hashlib.sha256(text.encode()).hexdigest())


_parsed = lru_cache(maxsize=4)(parse)
"""Each trigger of the function app reads the configuration anew, and it seldom changes."""


def _files(config: Config) -> Iterator[tuple[str, str]]:
    """The settings that name a file beside the configuration, with the name."""
    for name, profile in config.profiles.items():
        wanted = profile.api.specification
        if wanted not in BUNDLED and "://" not in wanted:
            yield f"profiles.{name}.api.specification", wanted


def _refused(name: str, error: HttpResponseError) -> str:
    """One sentence for what the service answered; its own words are left out."""
    code = _code(error)
    if isinstance(error, ClientAuthenticationError) and error.response is None:
        return (
            f"there is no identity to read the configuration {name} with; sign in with 'az login', or set "
            "AZURE_CLIENT_ID to the client id of the function app's identity"
        )
    if error.status_code == HTTPStatus.NOT_FOUND:
        return f"there is no configuration {name} ({code}); upload it there, or mend {SETTING}"
    if code in _NOT_SIGNED_IN or error.status_code == HTTPStatus.UNAUTHORIZED:
        return (
            f"the configuration {name} does not take this sign-in ({code}); sign in to the tenant of the storage "
            "account"
        )
    if code == "AuthorizationFailure":
        return (
            f"the configuration {name} lets nothing in from this network ({code}); allow this network in the "
            "networking settings of the storage account"
        )
    if error.status_code == HTTPStatus.FORBIDDEN:
        return (
            f"this identity may not read the configuration {name} ({code}); give it the role Storage Blob Data "
            "Reader on the container"
        )
    return f"the configuration {name} could not be read ({code}); run again, and check {SETTING} if it stays so"


def _code(error: HttpResponseError) -> str:
    code: Any = getattr(error, "error_code", None) or error.status_code or type(error).__name__
    return str(getattr(code, "value", code))  # the codes that the SDK knows are an enumeration

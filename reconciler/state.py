"""Which store the environment asks for: a container by its address, the Functions storage account, or a folder.

| in the environment, first wins                 | state is kept in                                        |
|------------------------------------------------|---------------------------------------------------------|
| `RECONCILER_STATE`, an address                 | that container                                          |
| `RECONCILER_STATE`, anything else              | that folder                                             |
| `AzureWebJobsStorage__blobServiceUri`          | the container `reconciler-state` there                  |
| `AzureWebJobsStorage__accountName`             | the same, at the account's address in this cloud        |
| `AzureWebJobsStorage`, a connection string     | the same, with the string's key                         |
| nothing of these                               | the folder `.reconciler`                                |
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from reconciler.arm.clients import is_loopback
from reconciler.blob_store import BlobStore, Credential, account_key
from reconciler.clouds import Cloud
from reconciler.coordinate import BackEnd
from reconciler.errors import ConfigError
from reconciler.local_back_end import LocalBackEnd
from reconciler.storage_address import (
    CONTAINER,
    EMULATOR_ACCOUNT,
    EMULATOR_KEY,
    checked,
    credential,
    shown,
    without_secret,
)
from reconciler.storage_back_end import StorageBackEnd
from reconciler.store import FolderStore, Store

DEFAULT_FOLDER = ".reconciler"
DEFAULT_CONTAINER = "reconciler-state"

_FUNCTIONS = "AzureWebJobsStorage"
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_EMULATOR = f"http://127.0.0.1:10000/{EMULATOR_ACCOUNT}"


def choose(environment: Mapping[str, str], cloud: Cloud, identity: Callable[[], Credential]) -> Store:
    """The store of this environment; `identity` is only asked for where tokens are needed. Raises ConfigError."""
    state = _plain(environment, "RECONCILER_STATE")
    if state and "://" not in state:
        return FolderStore(Path(state))
    if state:
        return _container("RECONCILER_STATE", state, cloud, identity)
    service = _plain(environment, f"{_FUNCTIONS}__blobServiceUri")
    if service:
        return _container(f"{_FUNCTIONS}__blobServiceUri", _default(service), cloud, identity)
    account = _plain(environment, f"{_FUNCTIONS}__accountName")
    if account:
        if not _ACCOUNT.fullmatch(account):
            raise ConfigError(
                f"{_FUNCTIONS}__accountName is '{account}'; a storage account's name is 3 to 24 lower-case letters "
                "and digits"
            )
        address = _default(f"https://{account}.{cloud.blobs}")
        return _container(f"{_FUNCTIONS}__accountName", address, cloud, identity)
    connection = environment.get(_FUNCTIONS, "").strip()
    if connection:
        return _of_connection_string(connection, cloud)
    return FolderStore(Path(DEFAULT_FOLDER))


def back_end(
    environment: Mapping[str, str],
    cloud: Cloud,
    identity: Callable[[], Credential],
    store: Store,
    clock: Callable[[], datetime],
) -> BackEnd:
    """Where wakes of this environment wait: with a container in its queues, with a folder in this process.

    The queues are those that the function app's triggers read, so AzureWebJobsStorage says where; without it (at a
    command line) they are beside the container.
    """
    if not isinstance(store, BlobStore):
        return LocalBackEnd(store, clock)
    service = _plain(environment, f"{_FUNCTIONS}__queueServiceUri")
    account = _plain(environment, f"{_FUNCTIONS}__accountName")
    connection = environment.get(_FUNCTIONS, "").strip()
    if service or account:
        url = service or f"https://{account}.{cloud.blobs.replace('blob.', 'queue.', 1)}"
        parts = checked(
            f"the queue service in {_FUNCTIONS}", f"{url.rstrip('/')}/reconciler-work", cloud, CONTAINER
        )
        if is_loopback(url):
            return StorageBackEnd(store, url, account_key(EMULATOR_ACCOUNT, EMULATOR_KEY))
        if not f"{parts.hostname}".endswith(tuple(s.replace("blob.", ".queue.", 1) for s in _suffixes(cloud))):
            raise ConfigError(
                f"{_FUNCTIONS}__queueServiceUri is {shown(parts)}, which is not in the queue storage of the "
                f"{cloud.name} cloud, and tokens go nowhere else; mend the address or RECONCILER_CLOUD"
            )
        return StorageBackEnd(store, url, identity())
    if connection:
        return StorageBackEnd(store, *_queues_of(connection, cloud))
    return StorageBackEnd(store, _beside(store.url), _credential_for(store.url, identity))


def _queues_of(connection: str, cloud: Cloud) -> tuple[str, Credential]:
    """The queue service of a connection string, of which nothing is ever shown; raises ConfigError."""
    fields = _fields(connection)
    if fields.get("usedevelopmentstorage", "").lower() == "true":
        return _beside(_EMULATOR), account_key(EMULATOR_ACCOUNT, EMULATOR_KEY)
    account, key = _named(fields, cloud)
    scheme = fields.get("defaultendpointsprotocol") or "https"
    suffix = fields.get("endpointsuffix") or cloud.blobs.removeprefix("blob.")
    return fields.get("queueendpoint") or f"{scheme}://{account}.queue.{suffix}", account_key(account, key)


def _beside(container: str) -> str:
    """The queue service of the account that a container is in; the emulator's is on the next port."""
    parts = urlsplit(container)
    if not is_loopback(container):
        return f"https://{(parts.hostname or '').replace('.blob.', '.queue.', 1)}"
    return f"{parts.scheme}://{parts.hostname}:{(parts.port or 0) + 1}/{EMULATOR_ACCOUNT}"


def _credential_for(container: str, identity: Callable[[], Credential]) -> Credential:
    emulated = container.startswith("http://")
    return account_key(EMULATOR_ACCOUNT, EMULATOR_KEY) if emulated else identity()


def _plain(environment: Mapping[str, str], setting: str) -> str:
    """A setting that holds no secret: what is pasted into the wrong one is refused before it is shown."""
    return without_secret(setting, environment.get(setting, "").strip())


def _suffixes(cloud: Cloud) -> tuple[str, ...]:
    return (cloud.blobs, *cloud.more_blobs)


def _default(service: str) -> str:
    return f"{service.rstrip('/')}/{DEFAULT_CONTAINER}"


def _container(setting: str, address: str, cloud: Cloud, identity: Callable[[], Credential]) -> BlobStore:
    """The container at an address, with the identity, or with the emulator's key."""
    parts = checked(setting, address, cloud, CONTAINER)
    return BlobStore(shown(parts), credential(setting, parts, cloud, identity))


def _of_connection_string(text: str, cloud: Cloud) -> BlobStore:
    """The container in the account of a connection string, of which nothing is ever shown."""
    fields = _fields(text)
    if fields.get("usedevelopmentstorage", "").lower() == "true":
        return BlobStore(_default(_EMULATOR), account_key(EMULATOR_ACCOUNT, EMULATOR_KEY))
    account, key = _named(fields, cloud)
    scheme = fields.get("defaultendpointsprotocol") or "https"
    suffix = fields.get("endpointsuffix") or cloud.blobs.removeprefix("blob.")
    service = fields.get("blobendpoint") or f"{scheme}://{account}.blob.{suffix}"
    parts = checked(f"the blob endpoint in {_FUNCTIONS}", _default(service), cloud, CONTAINER)
    return BlobStore(shown(parts), account_key(account, key))


def _named(fields: Mapping[str, str], cloud: Cloud) -> tuple[str, str]:
    """The account and its key; raises ConfigError where the string has none."""
    account, key = fields.get("accountname", ""), fields.get("accountkey", "")
    if not account or not _is_base64(key):
        raise ConfigError(
            f"{_FUNCTIONS} is no connection string with an AccountName and an AccountKey; mend it, or set "
            f"RECONCILER_STATE to https://ACCOUNT.{cloud.blobs}/CONTAINER or to a folder"
        )
    return account, key


def _fields(text: str) -> dict[str, str]:
    pairs = (each.partition("=") for each in text.split(";"))
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _is_base64(key: str) -> bool:
    try:
        return bool(base64.b64decode(key, validate=True))
    except ValueError:
        return False

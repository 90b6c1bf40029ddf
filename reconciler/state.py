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
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from reconciler.arm.clients import is_loopback
from reconciler.blob_store import BlobStore, Credential, account_key
from reconciler.clouds import Cloud
from reconciler.errors import ConfigError
from reconciler.store import FolderStore, Store

DEFAULT_FOLDER = ".reconciler"
DEFAULT_CONTAINER = "reconciler-state"

_FUNCTIONS = "AzureWebJobsStorage"
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_SECRET = re.compile(r"(accountkey|sharedaccesssignature|usedevelopmentstorage|sig)=", re.IGNORECASE)
_CONTAINER = re.compile(r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*")

# The account that every emulator of Azure Storage has; Microsoft publishes its key.
_EMULATOR_ACCOUNT = "devstoreaccount1"
_EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_EMULATOR = f"http://127.0.0.1:10000/{_EMULATOR_ACCOUNT}"


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


def _plain(environment: Mapping[str, str], setting: str) -> str:
    """A setting that holds no secret: what is pasted into the wrong one is refused before it is shown."""
    value = environment.get(setting, "").strip()
    if _SECRET.search(value):
        raise ConfigError(
            f"{setting} has a key or a signature in it; give the address alone, the reconciler signs in with its "
            f"own identity (a connection string belongs in {_FUNCTIONS})"
        )
    return value


def _default(service: str) -> str:
    return f"{service.rstrip('/')}/{DEFAULT_CONTAINER}"


def _container(setting: str, address: str, cloud: Cloud, identity: Callable[[], Credential]) -> BlobStore:
    """The container at an address, with the identity, or with the emulator's key."""
    parts = _checked(setting, address, cloud)
    url = _shown(parts)
    if parts.scheme == "http":
        if not parts.path.startswith(f"/{_EMULATOR_ACCOUNT}/"):
            raise ConfigError(
                f"{setting} is {url}; http:// is for the storage emulator, whose account is {_EMULATOR_ACCOUNT}"
            )
        return BlobStore(url, account_key(_EMULATOR_ACCOUNT, _EMULATOR_KEY))
    host = parts.hostname or ""
    if not is_loopback(url) and not host.endswith(
        tuple(f".{suffix}" for suffix in (cloud.blobs, *cloud.more_blobs))
    ):
        raise ConfigError(
            f"{setting} is {url}, which is not in the blob storage of the {cloud.name} cloud ({cloud.blobs}), and "
            "tokens go nowhere else; mend the address or RECONCILER_CLOUD"
        )
    return BlobStore(url, identity())


def _of_connection_string(text: str, cloud: Cloud) -> BlobStore:
    """The container in the account of a connection string, of which nothing is ever shown."""
    fields = {
        key.strip().lower(): value.strip() for key, _, value in (each.partition("=") for each in text.split(";"))
    }
    if fields.get("usedevelopmentstorage", "").lower() == "true":
        return BlobStore(_default(_EMULATOR), account_key(_EMULATOR_ACCOUNT, _EMULATOR_KEY))
    account, key = fields.get("accountname", ""), fields.get("accountkey", "")
    if not account or not _is_base64(key):
        raise ConfigError(
            f"{_FUNCTIONS} is no connection string with an AccountName and an AccountKey; mend it, or set "
            f"RECONCILER_STATE to https://ACCOUNT.{cloud.blobs}/CONTAINER or to a folder"
        )
    scheme = fields.get("defaultendpointsprotocol") or "https"
    suffix = fields.get("endpointsuffix") or cloud.blobs.removeprefix("blob.")
    service = fields.get("blobendpoint") or f"{scheme}://{account}.blob.{suffix}"
    parts = _checked(f"the blob endpoint in {_FUNCTIONS}", _default(service), cloud)
    return BlobStore(_shown(parts), account_key(account, key))


def _is_base64(key: str) -> bool:
    try:
        return bool(base64.b64decode(key, validate=True))
    except ValueError:
        return False


def _checked(setting: str, address: str, cloud: Cloud) -> SplitResult:
    """The parts of a container's address; raises ConfigError for any other."""
    wanted = f"https://ACCOUNT.{cloud.blobs}/CONTAINER"
    try:
        parts = urlsplit(address.rstrip("/"))
        _ = parts.port  # raises where it is no number
    except ValueError:
        raise ConfigError(f"{setting} is no address; it must be {wanted}") from None
    if parts.query or parts.fragment or parts.username is not None or parts.password is not None:
        raise ConfigError(
            f"{setting} is {_shown(parts)} with something before or after it; give the address alone: {wanted}"
        )
    *before, container = parts.path.removeprefix("/").split("/")
    local = is_loopback(address)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or len(before) != (1 if local else 0)
        or not _CONTAINER.fullmatch(container)
    ):
        raise ConfigError(f"{setting} is {_shown(parts)}, which is no address of a container; it must be {wanted}")
    if parts.scheme == "http" and not local:
        raise ConfigError(
            f"{setting} is {_shown(parts)}: state would cross the network in the clear; "
            "use https:// (http:// is for this machine only)"
        )
    return parts


def _shown(parts: SplitResult) -> str:
    """The address without what may be secret in it."""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

"""Which addresses in Azure Storage are taken, and as whom one goes there: this cloud's, or the emulator's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from reconciler.arm.clients import is_loopback
from reconciler.blob_store import Credential, account_key
from reconciler.clouds import Cloud
from reconciler.errors import ConfigError

# The account that every emulator of Azure Storage has; Microsoft publishes its key.
EMULATOR_ACCOUNT = "devstoreaccount1"
EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

_SECRET = re.compile(r"(accountkey|sharedaccesssignature|usedevelopmentstorage|sig)=", re.IGNORECASE)
_CONTAINER = r"(?=[^/]{3,63}(?:/|$))[a-z0-9]+(?:-[a-z0-9]+)*"
_BLOB = r"(?:/(?!\.)[A-Za-z0-9._~-]{1,250}){1,8}"


@dataclass(frozen=True, slots=True)
class Place:
    """What an address must lead to: its noun, how it is written after the account, and what goes there and back."""

    noun: str
    form: str
    path: re.Pattern[str]
    what: str


CONTAINER = Place("container", "CONTAINER", re.compile(_CONTAINER), "state")
BLOB = Place("blob", "CONTAINER/NAME", re.compile(_CONTAINER + _BLOB), "the configuration")


def without_secret(setting: str, value: str) -> str:
    """The value of a setting that holds no secret: one that was pasted there is refused before it is shown."""
    if _SECRET.search(value):
        raise ConfigError(
            f"{setting} has a key or a signature in it; give the address alone, the reconciler signs in with its "
            "own identity (a connection string belongs in AzureWebJobsStorage)"
        )
    return value


def checked(setting: str, address: str, cloud: Cloud, place: Place) -> SplitResult:
    """The parts of an address of such a place; raises ConfigError for any other."""
    wanted = f"https://ACCOUNT.{cloud.blobs}/{place.form}"
    try:
        parts = urlsplit(address.rstrip("/"))
        _ = parts.port  # raises where it is no number
    except ValueError:
        raise ConfigError(f"{setting} is no address; it must be {wanted}") from None
    if parts.query or parts.fragment or parts.username is not None or parts.password is not None:
        raise ConfigError(
            f"{setting} is {shown(parts)} with something before or after it; give the address alone: {wanted}"
        )
    local, path = is_loopback(address), parts.path.removeprefix("/")
    if local:
        path = path.partition("/")[2]  # after the account, which other addresses have in the host
    if parts.scheme not in {"http", "https"} or not parts.hostname or not place.path.fullmatch(path):
        raise ConfigError(
            f"{setting} is {shown(parts)}, which is no address of a {place.noun}; it must be {wanted}"
        )
    if parts.scheme == "http" and not local:
        raise ConfigError(
            f"{setting} is {shown(parts)}: {place.what} would cross the network in the clear; "
            "use https:// (http:// is for this machine only)"
        )
    return parts


def shown(parts: SplitResult) -> str:
    """The address without what may be secret in it."""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def credential(setting: str, parts: SplitResult, cloud: Cloud, identity: Callable[[], Credential]) -> Credential:
    """Who goes to an address that was checked: the emulator's account, else the identity, and nowhere else."""
    url = shown(parts)
    if parts.scheme == "http":
        if not parts.path.startswith(f"/{EMULATOR_ACCOUNT}/"):
            raise ConfigError(
                f"{setting} is {url}; http:// is for the storage emulator, whose account is {EMULATOR_ACCOUNT}"
            )
        return account_key(EMULATOR_ACCOUNT, EMULATOR_KEY)
    suffixes = tuple(f".{suffix}" for suffix in (cloud.blobs, *cloud.more_blobs))
    if not is_loopback(url) and not (parts.hostname or "").endswith(suffixes):
        raise ConfigError(
            f"{setting} is {url}, which is not in the blob storage of the {cloud.name} cloud ({cloud.blobs}), and "
            "tokens go nowhere else; mend the address or RECONCILER_CLOUD"
        )
    return identity()

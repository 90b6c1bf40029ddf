"""Which store an environment gets, case by case; nothing is asked for over the network."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.storage.queue import QueueClient

from reconciler import state
from reconciler.blob_store import BlobStore, Credential, account_key
from reconciler.clouds import CLOUDS
from reconciler.errors import ConfigError, ReconcilerError
from reconciler.local_back_end import LocalBackEnd
from reconciler.store import FolderStore, Store
from tests.azurite import ACCOUNT, KEY, Azurite

EMULATOR = "http://127.0.0.1:10000/devstoreaccount1"
REAL = "DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net"
URI, NAME, CONNECTION = (
    "AzureWebJobsStorage__blobServiceUri",
    "AzureWebJobsStorage__accountName",
    "AzureWebJobsStorage",
)


class Identity:
    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        raise AssertionError


class Chosen:
    """Stands in for both back ends: remembers what it was made of."""

    def __init__(self, where: object, credential: Credential | None = None) -> None:
        self.where = str(where)
        match credential:
            case None:
                self.by = "nobody"
            case Identity():
                self.by = "identity"
            case _:
                self.by = ":".join(credential.named_key)  # type: ignore[union-attr]


@pytest.fixture
def _remember(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "BlobStore", Chosen)
    monkeypatch.setattr(state, "FolderStore", Chosen)


IN_A_FOLDER = "nobody"
BY_IDENTITY = "identity"
BY_EMULATOR_KEY = f"{ACCOUNT}:{KEY}"
BY_KEY = "acct:c2VjcmV0"

CASES: list[tuple[str, dict[str, str], str, str]] = [
    # cloud, environment, where, by
    ("public", {}, ".reconciler", IN_A_FOLDER),
    ("public", {"RECONCILER_STATE": "", URI: "", NAME: " ", CONNECTION: ""}, ".reconciler", IN_A_FOLDER),
    ("public", {"RECONCILER_STATE": "/var/lib/state"}, "/var/lib/state", IN_A_FOLDER),
    ("public", {"RECONCILER_STATE": "state", URI: "https://acct.blob.core.windows.net"}, "state", IN_A_FOLDER),
    *[
        ("public", {"RECONCILER_STATE": given}, f"https://{where}", BY_IDENTITY)
        for given, where in (
            ("https://acct.blob.core.windows.net/my-state", "acct.blob.core.windows.net/my-state"),
            ("https://acct.blob.core.windows.net/my-state/ ", "acct.blob.core.windows.net/my-state"),
            ("HTTPS://Acct.Blob.Core.Windows.Net/c01", "Acct.Blob.Core.Windows.Net/c01"),
            ("https://acct.blob.core.windows.net:443/c01", "acct.blob.core.windows.net:443/c01"),
            ("https://acct.z12.blob.storage.azure.net/c01", "acct.z12.blob.storage.azure.net/c01"),
            ("https://127.0.0.1:10000/devstoreaccount1/c01", "127.0.0.1:10000/devstoreaccount1/c01"),
        )
    ],
    *[
        (cloud, {NAME: "acct01"}, f"https://acct01.{host}/reconciler-state", BY_IDENTITY)
        for cloud, host in (
            ("public", "blob.core.windows.net"),
            ("usgov", "blob.core.usgovcloudapi.net"),
            ("china", "blob.core.chinacloudapi.cn"),
        )
    ],
    (
        "public",
        {URI: "https://acct.blob.core.windows.net/", NAME: "other", CONNECTION: REAL},
        "https://acct.blob.core.windows.net/reconciler-state",
        BY_IDENTITY,
    ),
    (
        "public",
        {NAME: "acct", CONNECTION: REAL},
        "https://acct.blob.core.windows.net/reconciler-state",
        BY_IDENTITY,
    ),
    (
        "public",
        {"RECONCILER_STATE": "https://acct.blob.core.windows.net/mine", CONNECTION: REAL},
        "https://acct.blob.core.windows.net/mine",
        BY_IDENTITY,
    ),
    ("public", {CONNECTION: REAL}, "https://acct.blob.core.windows.net/reconciler-state", BY_KEY),
    (
        "china",
        {CONNECTION: "AccountName=acct;AccountKey=c2VjcmV0"},
        "https://acct.blob.core.chinacloudapi.cn/reconciler-state",
        BY_KEY,
    ),
    (
        "public",
        {CONNECTION: " accountname = acct ; ACCOUNTKEY=c2VjcmV0; BlobEndpoint=https://blobs.example.org/ ; "},
        "https://blobs.example.org/reconciler-state",
        BY_KEY,
    ),
    ("public", {CONNECTION: "UseDevelopmentStorage=true"}, f"{EMULATOR}/reconciler-state", BY_EMULATOR_KEY),
    ("public", {CONNECTION: "usedevelopmentstorage=True;"}, f"{EMULATOR}/reconciler-state", BY_EMULATOR_KEY),
    (
        "public",
        {CONNECTION: Azurite(EMULATOR.replace("10000", "7"), "-", "-").connection_string},
        "http://127.0.0.1:7/devstoreaccount1/reconciler-state",
        BY_EMULATOR_KEY,
    ),
    ("public", {"RECONCILER_STATE": f"{EMULATOR}/c01"}, f"{EMULATOR}/c01", BY_EMULATOR_KEY),
    ("public", {URI: EMULATOR}, f"{EMULATOR}/reconciler-state", BY_EMULATOR_KEY),
    (
        "public",
        {"RECONCILER_STATE": "http://localhost:1/devstoreaccount1/c01"},
        "http://localhost:1/devstoreaccount1/c01",
        BY_EMULATOR_KEY,
    ),
    (
        "public",
        {"RECONCILER_STATE": "http://[::1]:1/devstoreaccount1/c01"},
        "http://[::1]:1/devstoreaccount1/c01",
        BY_EMULATOR_KEY,
    ),
]


@pytest.mark.usefixtures("_remember")
@pytest.mark.parametrize(("cloud", "environment", "where", "by"), CASES)
def test_the_environment_decides(cloud: str, environment: dict[str, str], where: str, by: str) -> None:
    chosen = state.choose(environment, CLOUDS[cloud], Identity)
    assert isinstance(chosen, Chosen)
    assert (chosen.where, chosen.by) == (where, by)


WANTED = "https://ACCOUNT.blob.core.windows.net/CONTAINER"
SECRET = (
    "{} has a key or a signature in it; give the address alone, the reconciler signs in with its own identity "
    "(a connection string belongs in AzureWebJobsStorage)"
)
NO_CONTAINER = f"RECONCILER_STATE is {{}}, which is no address of a container; it must be {WANTED}"
NO_STRING = (
    "AzureWebJobsStorage is no connection string with an AccountName and an AccountKey; mend it, or set "
    f"RECONCILER_STATE to {WANTED} or to a folder"
)
ELSEWHERE = (
    "{} is {}, which is not in the blob storage of the {} cloud ({}), and tokens go nowhere else; "
    "mend the address or RECONCILER_CLOUD"
)
CLEAR = "{}: state would cross the network in the clear; use https:// (http:// is for this machine only)"


@pytest.mark.parametrize(
    ("cloud", "environment", "sentence"),
    [
        *[
            ("public", {"RECONCILER_STATE": address}, NO_CONTAINER.format(address.rstrip("/")))
            for address in (
                "https://acct.blob.core.windows.net",
                "https://acct.blob.core.windows.net/",
                "https://acct.blob.core.windows.net/container/folder",
                "https://acct.blob.core.windows.net//container",
                "https://acct.blob.core.windows.net/Container",
                "https://acct.blob.core.windows.net/c0",
                "https://acct.blob.core.windows.net/con--tainer",
                "https://acct.blob.core.windows.net/-container",
                "https://acct.blob.core.windows.net/" + "c" * 64,
                "https://acct.blob.core.windows.net/$root",
                "https://acct.blob.core.windows.net/..",
                "https:///container",
                "ftp://acct.blob.core.windows.net/container",
                "http://127.0.0.1:10000/container",
                "http://127.0.0.1:10000/devstoreaccount1/",
            )
        ],
        (
            "public",
            {"RECONCILER_STATE": "https://[/container"},
            f"RECONCILER_STATE is no address; it must be {WANTED}",
        ),
        ("public", {"RECONCILER_STATE": "https://a:x/con"}, f"RECONCILER_STATE is no address; it must be {WANTED}"),
        *[
            (
                "public",
                {"RECONCILER_STATE": f"https://{before}acct.blob.core.windows.net/state{after}"},
                "RECONCILER_STATE is https://acct.blob.core.windows.net/state with something before or after it; "
                f"give the address alone: {WANTED}",
            )
            for before, after in (("", "?sv=1"), ("", "#x"), ("somebody@", ""), ("somebody:s3cret@", ""))
        ],
        *[
            ("public", {setting: secret}, SECRET.format(setting))
            for setting in ("RECONCILER_STATE", URI, NAME)
            for secret in (
                REAL,
                "https://acct.blob.core.windows.net/state?sv=1&sig=s3cret",
                "UseDevelopmentStorage=true",
            )
        ],
        (
            "public",
            {"RECONCILER_STATE": "http://acct.blob.core.windows.net/state"},
            CLEAR.format("RECONCILER_STATE is http://acct.blob.core.windows.net/state"),
        ),
        (
            "public",
            {URI: "http://10.0.0.1/devstoreaccount1"},
            f"{URI} is http://10.0.0.1/devstoreaccount1/reconciler-state, which is no address of a container; it "
            f"must be {WANTED}",
        ),
        (
            "public",
            {CONNECTION: "DefaultEndpointsProtocol=http;AccountName=acct;AccountKey=c2VjcmV0"},
            CLEAR.format(
                "the blob endpoint in AzureWebJobsStorage is http://acct.blob.core.windows.net/reconciler-state"
            ),
        ),
        (
            "public",
            {"RECONCILER_STATE": "http://127.0.0.1:10000/acct/state"},
            "RECONCILER_STATE is http://127.0.0.1:10000/acct/state; http:// is for the storage emulator, whose "
            "account is devstoreaccount1",
        ),
        *[
            (cloud, {setting: address}, ELSEWHERE.format(setting, shown, cloud, suffix))
            for cloud, setting, address, shown, suffix in (
                *[
                    ("public", "RECONCILER_STATE", address, address, "blob.core.windows.net")
                    for address in (
                        "https://example.org/state",
                        "https://acct.blob.core.windows.net.example.org/state",
                        "https://blob.core.windows.net/state",
                        "https://acctblob.core.windows.net/state",
                        "https://acct.blob.core.usgovcloudapi.net/state",
                    )
                ],
                (
                    "usgov",
                    URI,
                    "https://acct.blob.core.windows.net/",
                    "https://acct.blob.core.windows.net/reconciler-state",
                    "blob.core.usgovcloudapi.net",
                ),
            )
        ],
        *[
            (
                "public",
                {NAME: name},
                f"{NAME} is '{name}'; a storage account's name is 3 to 24 lower-case letters and digits",
            )
            for name in ("ab", "a" * 25, "Acct", "my-acct", "example.org/")
        ],
        *[
            ("public", {CONNECTION: text}, NO_STRING)
            for text in (
                "nonsense",
                "UseDevelopmentStorage=false",
                "AccountName=acct",
                "AccountKey=c2VjcmV0",
                "AccountName=acct;AccountKey=c2Vj!cmV0",
                "BlobEndpoint=https://acct.blob.core.windows.net;SharedAccessSignature=sv=1&sig=s3cret",
                "@Microsoft.KeyVault(SecretUri=https://vault.example.org/s3cret)",
            )
        ],
    ],
)
def test_anything_else_is_one_sentence(cloud: str, environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        state.choose(environment, CLOUDS[cloud], Identity)
    assert str(caught.value) == sentence
    assert "s3cret" not in sentence


def test_a_folder_and_a_key_need_no_identity(tmp_path: Any) -> None:
    def nobody() -> Credential:
        raise AssertionError

    state.choose({"RECONCILER_STATE": str(tmp_path)}, CLOUDS["public"], nobody)
    state.choose({CONNECTION: REAL}, CLOUDS["public"], nobody)
    state.choose({CONNECTION: "UseDevelopmentStorage=true"}, CLOUDS["public"], nobody)


@pytest.mark.parametrize("setting", ["connection string", "address", "service address"])
def test_the_chosen_container_works(azurite: Azurite, setting: str) -> None:
    environment = {
        "connection string": {CONNECTION: azurite.connection_string},
        "address": {"RECONCILER_STATE": f"{azurite.blobs}/reconciler-state"},
        "service address": {URI: azurite.blobs},
    }[setting]
    store = state.choose(environment, CLOUDS["public"], Identity)
    store.put("status/chosen", {"by": setting})
    assert store.get("status/chosen") == {"by": setting}


def test_no_token_ever_goes_over_http(azurite: Azurite) -> None:
    with pytest.raises(ReconcilerError):
        state.choose({URI: azurite.blobs.replace(ACCOUNT, "acct")}, CLOUDS["public"], Identity)


# Where wakes wait

QUEUES, BLOBS = "AzureWebJobsStorage__queueServiceUri", "https://acct.blob.core.windows.net/state"


class Waits:
    """Stands in for the queue: remembers where it is and who signs in."""

    def __init__(self, store: Store, url: str, credential: Credential) -> None:
        self.where, self.store = url, store
        self.by = BY_IDENTITY if isinstance(credential, Identity) else ":".join(credential.named_key)  # type: ignore[union-attr]


def today() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cloud", "environment", "container", "where", "by"),
    [
        ("public", {NAME: "acct"}, BLOBS, "https://acct.queue.core.windows.net", BY_IDENTITY),
        ("usgov", {NAME: "acct"}, BLOBS, "https://acct.queue.core.usgovcloudapi.net", BY_IDENTITY),
        (
            "public",
            {QUEUES: "https://other.queue.core.windows.net/", CONNECTION: REAL},
            BLOBS,
            "https://other.queue.core.windows.net/",
            BY_IDENTITY,
        ),
        ("public", {CONNECTION: REAL}, BLOBS, "https://acct.queue.core.windows.net", BY_KEY),
        (
            "china",
            {CONNECTION: "AccountName=acct;AccountKey=c2VjcmV0"},
            BLOBS,
            "https://acct.queue.core.chinacloudapi.cn",
            BY_KEY,
        ),
        (
            "public",
            {CONNECTION: f"{REAL};QueueEndpoint=https://queues.example.org"},
            BLOBS,
            "https://queues.example.org",
            BY_KEY,
        ),
        (
            "public",
            {CONNECTION: "UseDevelopmentStorage=true"},
            f"{EMULATOR}/state",
            "http://127.0.0.1:10001/devstoreaccount1",
            BY_EMULATOR_KEY,
        ),
        ("public", {}, BLOBS, "https://acct.queue.core.windows.net", BY_IDENTITY),
        ("public", {}, f"{EMULATOR}/state", "http://127.0.0.1:10001/devstoreaccount1", BY_EMULATOR_KEY),
    ],
)
def test_wakes_wait_where_the_triggers_read(
    monkeypatch: pytest.MonkeyPatch, cloud: str, environment: dict[str, str], container: str, where: str, by: str
) -> None:
    monkeypatch.setattr(state, "StorageBackEnd", Waits)
    store = BlobStore(container, account_key(ACCOUNT, KEY))
    chosen = state.back_end(environment, CLOUDS[cloud], Identity, store, today)
    assert isinstance(chosen, Waits)
    assert (chosen.where, chosen.by) == (where, by)
    assert chosen.store is store


def test_with_a_folder_wakes_wait_in_this_process(tmp_path: Path) -> None:
    chosen = state.back_end({CONNECTION: REAL}, CLOUDS["public"], Identity, FolderStore(tmp_path), today)
    assert isinstance(chosen, LocalBackEnd)


@pytest.mark.parametrize(
    ("cloud", "address"),
    [
        ("public", "https://queues.example.org"),
        ("public", "https://acct.queue.core.usgovcloudapi.net"),
        ("usgov", "https://acct.queue.core.windows.net"),
        ("public", "https://queue.core.windows.net"),
        ("public", "http://acct.queue.core.windows.net"),
    ],
)
def test_no_token_goes_to_a_queue_elsewhere(cloud: str, address: str) -> None:
    store = BlobStore(BLOBS, account_key(ACCOUNT, KEY))
    with pytest.raises(ConfigError):
        state.back_end({QUEUES: address}, CLOUDS[cloud], Identity, store, today)


def test_the_chosen_queue_works(azurite: Azurite) -> None:
    environment = {CONNECTION: azurite.connection_string}
    store = state.choose(environment, CLOUDS["public"], Identity)
    chosen = state.back_end(environment, CLOUDS["public"], Identity, store, today)
    assert chosen.send("{}", 0.0) == 0.0
    QueueClient.from_connection_string(azurite.connection_string, "reconciler-work").clear_messages()
    lease = chosen.take("a.gateway")
    assert lease is not None
    assert chosen.take("a.gateway") is None
    lease.release()

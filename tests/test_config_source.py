"""Where the configuration comes from, and what is used while it is not there or wrong."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import AzureError
from azure.identity import CredentialUnavailableError
from azure.storage.blob import ContainerClient

from reconciler import config_source
from reconciler.blob_store import Credential, account_key
from reconciler.clouds import CLOUDS
from reconciler.config_source import BlobSource, FileSource, choose, current, load
from reconciler.errors import ConfigError, ReconcilerError
from tests.azurite import ACCOUNT, KEY, Azurite

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg"
GATEWAY = f"{GROUP}/providers/Microsoft.ApiManagement/service/gw"
GOOD = f"""\
owner: contoso
gateways:
  - id: {GATEWAY}
    accounts:
      - subscription: 00000000-0000-0000-0000-000000000001
safety: {{prune: delete, maxDeletes: 7}}
"""
OTHER = GOOD.replace("owner: contoso", "owner: fabrikam")
WRONG = GOOD.replace("owner:", "ownr:")
WRONG_SENTENCE = "reconciler.yaml line 1: 'ownr' is not a setting; did you mean 'owner'?"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BLOB = "https://acct.blob.core.windows.net/config/reconciler.yaml"


@dataclass
class Source:
    """A source that holds what a test puts there."""

    text: str | None = GOOD
    name: str = "reconciler.yaml"

    def read(self) -> bytes:
        if self.text is None:
            raise ConfigError("it is not there")
        return self.text.encode("utf-8", "surrogateescape")


@dataclass
class Kept:
    """A store that remembers, counts what is put, and can be out of order."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    puts: int = 0
    broken: bool = False

    def get(self, name: str) -> dict[str, Any] | None:
        self._check()
        return self.documents.get(name)

    def put(self, name: str, document: dict[str, Any]) -> None:
        self._check()
        self.puts += 1
        self.documents[name] = document

    def _check(self) -> None:
        if self.broken:
            raise ReconcilerError("the store is out of order")

    def each(self, prefix: str) -> Iterator[dict[str, Any]]:
        raise AssertionError(prefix)

    def read(self, name: str) -> tuple[dict[str, Any] | None, str]:
        raise AssertionError(name)

    def replace(self, name: str, document: dict[str, Any], version: str) -> bool:
        raise AssertionError(name, document, version)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# ------------------------------------------------------------------------------------ now, or as it last was good


def test_a_good_configuration_is_used_as_it_is_and_kept() -> None:
    store = Kept()
    loaded = current(Source(), store, NOON)
    assert (loaded.config.owner, loaded.config.safety.prune, loaded.error) == ("contoso", "delete", None)
    assert loaded.hash == sha256(GOOD)
    assert store.documents == {
        "config/last": {
            "text": GOOD,
            "hash": sha256(GOOD),
            "at": "2026-01-01T12:00:00+00:00",
            "from": "reconciler.yaml",
        }
    }


def test_it_is_written_only_when_it_changes() -> None:
    store = Kept()
    for text in (GOOD, GOOD, OTHER, OTHER, GOOD):
        current(Source(text), store, NOON)
    assert store.puts == 3
    assert store.documents["config/last"]["text"] == GOOD


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "it is not there"),
        ("", "reconciler.yaml is empty; a minimal file has owner, and gateways with an id and accounts"),
        (WRONG, f"{WRONG_SENTENCE}\nreconciler.yaml: 'owner' is missing; add it"),
        ("owner: \udcff", "reconciler.yaml is not UTF-8 text (byte 8); save it as UTF-8"),
    ],
)
def test_the_last_good_one_is_used_while_it_cannot_be(text: str | None, sentence: str) -> None:
    store = Kept()
    current(Source(OTHER), store, NOON)
    loaded = current(Source(text), store, NOON)
    assert (loaded.config.owner, loaded.hash) == ("fabrikam", sha256(OTHER))
    assert loaded.error is not None
    assert sorted(loaded.error.splitlines()) == sorted(sentence.splitlines())
    assert store.puts == 1


def test_the_last_good_one_is_never_used_to_delete_and_is_otherwise_as_it_was() -> None:
    store = Kept()
    before = current(Source(), store, NOON).config
    after = current(Source(None), store, NOON).config
    assert (before.safety.prune, after.safety.prune) == ("delete", "report")
    assert after.safety.maxDeletes == 7
    assert (after.gateways, after.profiles) == (before.gateways, before.profiles)
    assert current(Source(), store, NOON).config.safety.prune == "delete"


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"text": WRONG, "hash": "x", "from": "reconciler.yaml"},
        {"text": None, "from": "reconciler.yaml"},
        {"text": GOOD, "hash": sha256(GOOD), "from": "mine.yaml"},
        {"text": GOOD, "hash": sha256(GOOD)},
    ],
    ids=["nothing", "of another version", "no text", "from elsewhere", "from nowhere"],
)
def test_without_a_good_one_from_there_the_error_is_raised(kept: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"^it is not there$"):
        current(Source(None), Kept({"config/last": kept}), NOON)


def test_a_store_that_is_out_of_order_keeps_nobody_from_a_good_configuration() -> None:
    assert current(Source(), Kept(broken=True), NOON).config.owner == "contoso"
    with pytest.raises(ConfigError, match=r"^it is not there$"):
        current(Source(None), Kept(broken=True), NOON)


def test_the_same_text_from_elsewhere_is_kept_as_such() -> None:
    store = Kept()
    current(Source(name="mine.yaml"), store, NOON)
    current(Source(), store, NOON)
    assert (store.puts, store.documents["config/last"]["from"]) == (2, "reconciler.yaml")


def test_to_load_is_to_use_no_other() -> None:
    loaded = load(Source())
    assert (loaded.config.safety.prune, loaded.hash, loaded.error) == ("delete", sha256(GOOD), None)
    with pytest.raises(ConfigError, match=r"^it is not there$"):
        load(Source(None))


# ------------------------------------------------------------------------------------ files beside an address

PROFILE = "profiles: {{standard: {{api: {{specification: {}}}}}}}\n"


def test_a_configuration_from_an_address_names_no_file() -> None:
    text = GOOD + PROFILE.format("specs/mine.yaml")
    with pytest.raises(ConfigError) as caught:
        load(Source(text, BLOB))
    assert str(caught.value) == (
        f"{BLOB}: 'profiles.standard.api.specification' is the file specs/mine.yaml, and beside an address there "
        "are no files; give the https address of the document, or one of those that are bundled"
    )
    assert load(Source(text)).config.owner == "contoso"


@pytest.mark.parametrize("specification", ["azure-openai/2024-06-01", "https://example.org/mine.yaml"])
def test_a_document_that_is_no_file_can_be_named_anywhere(specification: str) -> None:
    assert load(Source(GOOD + PROFILE.format(specification), BLOB)).config.owner == "contoso"


# ------------------------------------------------------------------------------------ a file


def test_a_file_is_read_as_it_is_now(tmp_path: Path) -> None:
    source = FileSource(str(tmp_path / "mine.yaml"))
    for text in (GOOD, OTHER):
        (tmp_path / "mine.yaml").write_text(f"\ufeff{text}", "utf-8")
        assert load(source).hash == sha256(text)


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        FileSource("nowhere.yaml").read()
    assert str(caught.value) == (
        "there is no configuration file nowhere.yaml; copy reconciler.example.yaml, or name yours with --config"
    )
    with pytest.raises(ConfigError) as caught:
        FileSource(str(tmp_path)).read()
    assert str(caught.value) == f"the configuration file {tmp_path} cannot be read: Is a directory"


# ------------------------------------------------------------------------------------ which one


class Identity:
    """An identity that nobody has signed in as."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        raise CredentialUnavailableError(message="from the included credentials")


class Chosen:
    def __init__(self, name: str, credential: Credential) -> None:
        by = "identity" if isinstance(credential, Identity) else ":".join(credential.named_key)  # type: ignore[union-attr]
        self.told = (name, by)


EMULATED = "http://127.0.0.1:10000/devstoreaccount1/config/reconciler.yaml"


@pytest.mark.parametrize(
    ("where", "cloud", "told"),
    [
        (BLOB, "public", (BLOB, "identity")),
        (f"{BLOB}/", "public", (BLOB, "identity")),
        ("HTTPS://Acct.Blob.Core.Windows.Net/c01/R.yaml", "public", None),
        ("https://acct.z12.blob.storage.azure.net/c01/prod/eu/reconciler.yaml", "public", None),
        ("https://acct.blob.core.usgovcloudapi.net/c01/r_1~a-b.yaml", "usgov", None),
        (EMULATED, "china", (EMULATED, f"{ACCOUNT}:{KEY}")),
        (EMULATED.replace("http:", "https:"), "public", (EMULATED.replace("http:", "https:"), "identity")),
    ],
)
def test_an_address_is_a_blob_that_is_read_with_the_identity(
    monkeypatch: pytest.MonkeyPatch, where: str, cloud: str, told: tuple[str, str] | None
) -> None:
    monkeypatch.setattr(config_source, "BlobSource", Chosen)
    chosen = choose(where, CLOUDS[cloud], Identity)
    assert isinstance(chosen, Chosen)
    assert chosen.told == (told or (where.replace("HTTPS:", "https:"), "identity"))


@pytest.mark.parametrize(
    "where", ["reconciler.yaml", "/etc/https/reconciler.yaml", "C:\\config\\reconciler.yaml", "~"]
)
def test_anything_else_is_a_file_and_needs_no_identity(where: str) -> None:
    def nobody() -> Credential:
        raise AssertionError

    assert choose(where, CLOUDS["public"], nobody) == FileSource(where)


WANTED = "https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME"
NO_BLOB = f"RECONCILER_CONFIG is {{}}, which is no address of a blob; it must be {WANTED}"


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        *[
            (where, NO_BLOB.format(where.rstrip("/")))
            for where in (
                "https://acct.blob.core.windows.net",
                "https://acct.blob.core.windows.net/config",
                "https://acct.blob.core.windows.net/config/",
                "https://acct.blob.core.windows.net/Config/reconciler.yaml",
                "https://acct.blob.core.windows.net/c0/reconciler.yaml",
                "https://acct.blob.core.windows.net/config//reconciler.yaml",
                "https://acct.blob.core.windows.net/config/../reconciler.yaml",
                "https://acct.blob.core.windows.net/config/a%2fb.yaml",
                "https://acct.blob.core.windows.net/$root/reconciler.yaml",
                "https:///config/reconciler.yaml",
                "ftp://acct.blob.core.windows.net/config/reconciler.yaml",
                "http://127.0.0.1:10000/config/reconciler.yaml",
            )
        ],
        ("https://a:x/config/reconciler.yaml", f"RECONCILER_CONFIG is no address; it must be {WANTED}"),
        *[
            (
                f"https://{before}acct.blob.core.windows.net/config/reconciler.yaml{after}",
                f"RECONCILER_CONFIG is {BLOB} with something before or after it; give the address alone: {WANTED}",
            )
            for before, after in (("", "?sv=1"), ("", "#x"), ("somebody:s3cret@", ""))
        ],
        *[
            (
                secret,
                "RECONCILER_CONFIG has a key or a signature in it; give the address alone, the reconciler signs in "
                "with its own identity (a connection string belongs in AzureWebJobsStorage)",
            )
            for secret in (f"{BLOB}?sv=1&sig=s3cret", "AccountName=acct;AccountKey=s3cret")
        ],
        (
            "http://acct.blob.core.windows.net/config/reconciler.yaml",
            "RECONCILER_CONFIG is http://acct.blob.core.windows.net/config/reconciler.yaml: the configuration "
            "would cross the network in the clear; use https:// (http:// is for this machine only)",
        ),
        (
            "http://127.0.0.1:10000/acct/config/reconciler.yaml",
            "RECONCILER_CONFIG is http://127.0.0.1:10000/acct/config/reconciler.yaml; http:// is for the storage "
            "emulator, whose account is devstoreaccount1",
        ),
        *[
            (
                f"https://{host}/config/reconciler.yaml",
                f"RECONCILER_CONFIG is https://{host}/config/reconciler.yaml, which is not in the blob storage of "
                "the public cloud (blob.core.windows.net), and tokens go nowhere else; mend the address or "
                "RECONCILER_CLOUD",
            )
            for host in (
                "example.org",
                "acct.blob.core.windows.net.example.org",
                "blob.core.windows.net",
                "acct.blob.core.usgovcloudapi.net",
            )
        ],
    ],
)
def test_any_other_address_is_one_sentence(where: str, sentence: str) -> None:
    def nobody() -> Credential:
        raise AssertionError

    with pytest.raises(ConfigError) as caught:
        choose(where, CLOUDS["public"], nobody)
    assert str(caught.value) == sentence
    assert "s3cret" not in sentence


# ------------------------------------------------------------------------------------ a blob


def uploaded(azurite: Azurite, text: bytes) -> str:
    container = f"config-{uuid.uuid4().hex}"
    with ContainerClient.from_connection_string(azurite.connection_string, container) as client:
        client.create_container()
        client.upload_blob("prod/reconciler.yaml", text)
    return f"{azurite.blobs}/{container}/prod/reconciler.yaml"


def test_a_blob_is_read_as_it_is_now(azurite: Azurite) -> None:
    address = uploaded(azurite, GOOD.encode())
    source = choose(address, CLOUDS["public"], Identity)
    assert source.name == address
    assert load(source).hash == sha256(GOOD)
    container = address.split("/")[-3]
    with ContainerClient.from_connection_string(azurite.connection_string, container) as client:
        client.upload_blob("prod/reconciler.yaml", OTHER.encode(), overwrite=True)
    assert load(source).config.owner == "fabrikam"


def test_a_blob_may_be_empty_and_may_not_be_huge(azurite: Azurite) -> None:
    assert choose(uploaded(azurite, b""), CLOUDS["public"], Identity).read() == b""
    assert len(choose(uploaded(azurite, b"#" * 1_000_000), CLOUDS["public"], Identity).read()) == 1_000_000
    address = uploaded(azurite, b"#" * 1_000_001)
    with pytest.raises(ConfigError) as caught:
        choose(address, CLOUDS["public"], Identity).read()
    assert str(caught.value) == f"{address} is larger than 1,000,000 bytes; that is no configuration of ours"


def test_a_blob_that_is_not_there_is_one_sentence(azurite: Azurite) -> None:
    there = uploaded(azurite, b"")
    missing = there.replace("reconciler.yaml", "other.yaml")
    nowhere = f"{azurite.blobs}/no-container/reconciler.yaml"
    for address, code in ((missing, "BlobNotFound"), (nowhere, "ContainerNotFound")):
        with pytest.raises(ConfigError) as caught:
            choose(address, CLOUDS["public"], Identity).read()
        assert str(caught.value) == (
            f"there is no configuration {address} ({code}); upload it there, or mend RECONCILER_CONFIG"
        )


@contextmanager
def service(status: int, code: str) -> Iterator[str]:
    """The address of a blob at a service that gives one answer to everything."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>s3cret words</Message></Error>".encode()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("x-ms-error-code", code)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/{ACCOUNT}/config/reconciler.yaml"
        finally:
            server.shutdown()
            thread.join()


ROLE = "give it the role Storage Blob Data Reader on the container"


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (403, "AuthorizationPermissionMismatch", f"this identity may not read {{}} ({{}}); {ROLE}"),
        (
            403,
            "AuthorizationFailure",
            "{} lets nothing in from this network ({}); allow this network in the networking settings of the "
            "storage account",
        ),
        (
            403,
            "AuthenticationFailed",
            "{} does not take this sign-in ({}); sign in to the tenant of the storage account",
        ),
        (
            401,
            "InvalidAuthenticationInfo",
            "{} does not take this sign-in ({}); sign in to the tenant of the storage account",
        ),
        (503, "ServerBusy", "{} could not be read ({}); run again, and check RECONCILER_CONFIG if it stays so"),
        (418, "NeverHeardOf", "{} could not be read ({}); run again, and check RECONCILER_CONFIG if it stays so"),
    ],
)
def test_a_refusal_is_one_sentence(status: int, code: str, sentence: str) -> None:
    with service(status, code) as address, pytest.raises(ConfigError) as caught:
        BlobSource(address, account_key(ACCOUNT, KEY), retries=0).read()
    assert str(caught.value) == sentence.format(f"the configuration {address}", code)
    assert caught.value.__suppress_context__


def test_no_answer_is_one_sentence() -> None:
    with service(200, "") as address:
        pass
    with pytest.raises(ConfigError) as caught:
        BlobSource(address, account_key(ACCOUNT, KEY), retries=0).read()
    assert str(caught.value) == (
        f"the configuration {address} cannot be reached; check the address in RECONCILER_CONFIG and the way there "
        "from here (name, firewall, proxy)"
    )


def test_what_the_library_has_no_word_for_is_one_sentence() -> None:
    class Odd:
        def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
            raise AzureError("s3cret")

    with pytest.raises(ConfigError) as caught:
        BlobSource(BLOB, Odd(), retries=0).read()
    assert str(caught.value) == f"the configuration {BLOB} cannot be read (AzureError); run again"


def test_nobody_to_sign_in_as_is_one_sentence() -> None:
    address = "https://127.0.0.1:1/devstoreaccount1/config/reconciler.yaml"
    with pytest.raises(ConfigError) as caught:
        BlobSource(address, Identity(), retries=0).read()
    assert str(caught.value) == (
        f"there is no identity to read the configuration {address} with; sign in with 'az login', or set "
        "AZURE_CLIENT_ID to the client id of the function app's identity"
    )

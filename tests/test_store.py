"""State: both back ends keep the same promises, and say in one sentence what keeps them from it."""

import json
import resource
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from azure.core.credentials import AccessToken
from azure.identity import CredentialUnavailableError
from azure.storage.blob import ContainerClient

from reconciler.blob_store import BlobStore, account_key
from reconciler.errors import ConfigError, ReconcilerError
from reconciler.store import FolderStore, Store, change, put_fenced
from tests.azurite import ACCOUNT, KEY, Azurite

LIMIT = 50_000
"""How many bytes of a write get through where writes are made to break off."""


@dataclass(frozen=True)
class BackEnd:
    """A store to test, and the ways around it that a test of it needs."""

    store: Store
    broken: Callable[[], AbstractContextManager[Store]]
    """The same documents through a store whose writes break off."""
    files: Callable[[], dict[str, bytes]]
    """What is there, by path, read without the store."""
    plant: Callable[[str, bytes], None]
    """Put something there that the store did not write."""


def folder_back_end(folder: Path) -> BackEnd:
    store = FolderStore(folder)

    @contextmanager
    def broken() -> Iterator[Store]:
        """No file of this process may grow beyond the limit, as on a full disk."""
        before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, most))
        try:
            yield store
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))

    def files() -> dict[str, bytes]:
        """But for the lock, which is no document."""
        paths = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
        return {name: path.read_bytes() for name, path in paths.items() if name != ".lock"}

    def plant(path: str, data: bytes) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)

    return BackEnd(store, broken, files, plant)


def blob_back_end(azurite: Azurite) -> BackEnd:
    container = f"state-{uuid.uuid4().hex}"
    client = ContainerClient.from_connection_string(azurite.connection_string, container)

    def store(service: str) -> Store:
        return BlobStore(f"{service}/{container}", account_key(ACCOUNT, KEY), retries=0)

    @contextmanager
    def broken() -> Iterator[Store]:
        port = urlsplit(azurite.blobs).port or 0
        with relay(port) as other:
            yield store(azurite.blobs.replace(f":{port}/", f":{other}/"))

    def files() -> dict[str, bytes]:
        return {name: client.download_blob(name).readall() for name in client.list_blob_names()}

    def plant(path: str, data: bytes) -> None:
        if not client.exists():
            client.create_container()
        client.upload_blob(path, data, overwrite=True)

    return BackEnd(store(azurite.blobs), broken, files, plant)


@contextmanager
def relay(target: int) -> Iterator[int]:
    """A port that passes one connection on, and cuts it once the limit has gone through."""

    def serve() -> None:
        near, _ = listener.accept()
        with near, socket.create_connection(("127.0.0.1", target)) as far:
            passed = 0
            while passed < LIMIT:
                data = near.recv(min(4096, LIMIT - passed))
                far.sendall(data)
                passed += len(data)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


@pytest.fixture(params=["folder", "blobs"])
def back_end(request: pytest.FixtureRequest, tmp_path: Path) -> BackEnd:
    if request.param == "folder":
        return folder_back_end(tmp_path / "state")
    return blob_back_end(request.getfixturevalue("azurite"))


# What both promise


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"id": "4f1c", "dryRun": False, "report": None, "seconds": 0.1, "changes": [{"path": "a/b"}]},
        {"Überblick": "日本語 👩🏽‍💻 e\u0301 \u2028 \x00"},
        {"half a pair": "\ud83d"},
        {"long": "x" * 1_000_000},
    ],
    ids=["empty", "record", "unicode", "surrogate", "megabyte"],
)
def test_a_document_comes_back_as_it_was(back_end: BackEnd, document: dict[str, Any]) -> None:
    back_end.store.put("runs/4f1c", document)
    assert back_end.store.get("runs/4f1c") == document


def test_a_document_is_kept_as_json_under_its_name(back_end: BackEnd) -> None:
    back_end.store.put("status/east-1.prod_A", {"grüße": 1})
    assert back_end.files() == {"status/east-1.prod_A.json": '{"grüße": 1}'.encode()}


def test_a_second_write_replaces_the_first(back_end: BackEnd) -> None:
    back_end.store.put("runs/a", {"status": "running", "startedAt": "now"})
    back_end.store.put("runs/a", {"status": "done"})
    assert back_end.store.get("runs/a") == {"status": "done"}
    assert list(back_end.files()) == ["runs/a.json"]


def test_what_was_never_written_is_none(back_end: BackEnd) -> None:
    assert back_end.store.get("runs/a") is None
    assert list(back_end.store.each("runs")) == []
    back_end.store.put("runs/b", {})
    assert back_end.store.get("runs/a") is None
    assert back_end.store.get("status/b") is None
    assert list(back_end.store.each("status")) == []


def test_each_goes_by_name(back_end: BackEnd) -> None:
    for name in ("b", "a-b", "a", "A", "a.b", "a_b", "a0"):
        back_end.store.put(f"runs/{name}", {"name": name})
    back_end.store.put("status/z", {"name": "of another prefix"})
    back_end.store.put("runsx/z", {"name": "of a prefix that starts the same"})
    assert [each["name"] for each in back_end.store.each("runs")] == ["A", "a", "a-b", "a.b", "a0", "a_b", "b"]


@pytest.mark.parametrize("data", [b"", b'{"cut": ', b"\xff\xfe", b"[1]", b"null"])
def test_what_is_no_document_is_none(back_end: BackEnd, data: bytes) -> None:
    back_end.plant("runs/a.json", data)
    back_end.store.put("runs/b", {"name": "b"})
    assert back_end.store.get("runs/a") is None
    assert list(back_end.store.each("runs")) == [{"name": "b"}]


def test_what_others_left_there_is_passed_over(back_end: BackEnd) -> None:
    back_end.store.put("runs/a", {"name": "a"})
    for path in ("runs/b.json/c.json", "runs/a b.json", "runs/a..b.json", "runs/c.txt", "c.json"):
        back_end.plant(path, b'{"name": "foreign"}')
    assert list(back_end.store.each("runs")) == [{"name": "a"}]


@pytest.mark.parametrize(
    "name",
    [
        *("", "runs", "runs/", "/a", "/runs/a", "runs/a/b", "Runs/a", "runs\\a", "runs/a b", "runs/ä", "runs/a\n"),
        *(
            "runs/..",
            "runs/a..b",
            "../a",
            "runs/../a",
            "..\\a",
            "runs/a?b",
            "runs/a#b",
            "runs/%2e%2e",
            "runs/" + "a" * 101,
        ),
    ],
)
def test_names_that_could_lead_elsewhere_are_refused(back_end: BackEnd, name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a document"):
        back_end.store.put(name, {})
    with pytest.raises(ValueError, match="is no name of a document"):
        back_end.store.get(name)


def test_the_longest_name_is_taken(back_end: BackEnd) -> None:
    back_end.store.put("runs/" + "a" * 100, {"a": 1})
    assert list(back_end.store.each("runs")) == [{"a": 1}]


def test_a_write_that_breaks_off_leaves_the_old_document(back_end: BackEnd) -> None:
    back_end.store.put("runs/a", {"status": "running"})
    before = back_end.files()
    with back_end.broken() as store, pytest.raises(ReconcilerError):
        store.put("runs/a", {"long": "x" * 4 * LIMIT})
    assert back_end.files() == before
    assert back_end.store.get("runs/a") == {"status": "running"}
    assert list(back_end.store.each("runs")) == [{"status": "running"}]


def test_what_cannot_be_json_leaves_the_old_document(back_end: BackEnd) -> None:
    back_end.store.put("runs/a", {"status": "running"})
    before = back_end.files()
    with pytest.raises(TypeError):
        back_end.store.put("runs/a", {"status": "done", "report": object()})
    assert back_end.files() == before


def test_two_threads_write_and_every_read_is_whole(back_end: BackEnd) -> None:
    start = threading.Barrier(2)

    def write(writer: str) -> None:
        start.wait(10)
        for turn in range(15):
            back_end.store.put("status/east", {"writer": writer, "turn": turn, "filling": writer * 20_000})
            document = back_end.store.get("status/east")
            assert document is not None
            assert document["filling"] == document["writer"] * 20_000
            back_end.store.put(f"runs/{writer}-{turn}", {})

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(write, writer) for writer in ("a", "b")]:
            each.result(60)
    [last] = back_end.store.each("status")
    assert (last["turn"], last["filling"]) == (14, last["writer"] * 20_000)
    assert len(back_end.files()) == 31


# Changes in one step


def test_what_was_read_can_be_replaced_until_somebody_was_faster(back_end: BackEnd) -> None:
    store = back_end.store
    assert store.read("targets/a") == (None, "")
    assert store.replace("targets/a", {"n": 1}, "")
    assert not store.replace("targets/a", {"n": 9}, ""), "there is one already"
    document, version = store.read("targets/a")
    assert document == {"n": 1}
    assert version
    assert store.replace("targets/a", {"n": 2}, version)
    assert not store.replace("targets/a", {"n": 9}, version)
    assert store.get("targets/a") == {"n": 2}
    store.put("targets/a", {"n": 1})
    assert store.replace("targets/a", {"n": 3}, store.read("targets/a")[1])


def test_what_somebody_removed_is_not_replaced(back_end: BackEnd) -> None:
    assert not back_end.store.replace("targets/a", {"n": 9}, "0" * 64)
    assert back_end.store.get("targets/a") is None


def test_what_is_no_document_has_a_version_and_can_be_replaced(back_end: BackEnd) -> None:
    back_end.plant("targets/a.json", b'{"cut": ')
    document, version = back_end.store.read("targets/a")
    assert document is None
    assert version
    assert not back_end.store.replace("targets/a", {"n": 9}, "")
    assert back_end.store.replace("targets/a", {"n": 1}, version)
    assert back_end.store.get("targets/a") == {"n": 1}


def test_changes_by_many_at_once_are_all_made(back_end: BackEnd) -> None:
    start = threading.Barrier(4)

    def count(_: int) -> None:
        start.wait(10)
        for _ in range(10):
            change(back_end.store, "targets/a", lambda before: {"n": (before or {"n": 0})["n"] + 1})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    assert back_end.store.get("targets/a") == {"n": 40}


def test_a_change_that_changes_nothing_writes_nothing(back_end: BackEnd) -> None:
    assert change(back_end.store, "targets/a", lambda _: None) == {}
    assert back_end.store.get("targets/a") is None
    back_end.store.put("targets/a", {"n": 1})
    version = back_end.store.read("targets/a")[1]
    assert change(back_end.store, "targets/a", lambda _: None) == {"n": 1}
    assert back_end.store.read("targets/a")[1] == version


def test_a_later_holder_is_never_overwritten_by_an_earlier_one(back_end: BackEnd) -> None:
    store = back_end.store
    assert put_fenced(store, "status/a", {"by": "first"}, 7)
    assert put_fenced(store, "status/a", {"by": "first again"}, 7)
    assert put_fenced(store, "status/a", {"by": "second"}, 8)
    assert not put_fenced(store, "status/a", {"by": "first, late"}, 7)
    assert store.get("status/a") == {"by": "second", "epoch": 8}


@pytest.mark.parametrize("there", [{"by": "an older version"}, {"by": "somebody", "epoch": "high"}])
def test_what_has_no_epoch_is_overwritten(back_end: BackEnd, there: dict[str, Any]) -> None:
    back_end.store.put("status/a", there)
    assert put_fenced(back_end.store, "status/a", {"by": "us"}, 1)
    assert back_end.store.get("status/a") == {"by": "us", "epoch": 1}


def test_an_answer_that_was_lost_is_no_second_change(azurite: Azurite) -> None:
    """The service took the write and the client sends it again: the change is made once, or looked at again."""
    store = BlobStore(f"{azurite.blobs}/state-{uuid.uuid4().hex}", account_key(ACCOUNT, KEY), retries=0)
    assert store.replace("targets/a", {"n": 1}, "")
    version = store.read("targets/a")[1]
    assert store.replace("targets/a", {"n": 2}, version)
    assert not store.replace("targets/a", {"n": 2}, version), "the second time it is somebody else's, by its ETag"
    assert change(store, "targets/a", lambda before: None if before == {"n": 2} else {"n": 2}) == {"n": 2}


# What they say when they cannot


@dataclass(frozen=True)
class Service:
    """A blob service that gives one answer to everything."""

    url: str
    asked: list[str]


@contextmanager
def service(status: int, code: str) -> Iterator[Service]:
    asked: list[str] = []
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>Ours.\nRequestId:1</Message></Error>".encode()

    class Answer(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(self.command)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("x-ms-error-code", code)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):
                self.wfile.write(body)

        do_GET = do_PUT = answer  # noqa: N815 - what the library calls them

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Service(f"http://127.0.0.1:{server.server_port}/{ACCOUNT}/state", asked)
        finally:
            server.shutdown()
            thread.join()


def sentences(store: Store) -> dict[str, type[ReconcilerError]]:
    """What a store says to writes, reads and a listing."""
    said: dict[str, type[ReconcilerError]] = {}
    for ask in (
        lambda: store.put("runs/a", {"document": "content"}),
        lambda: store.get("runs/a"),
        lambda: list(store.each("runs")),
        lambda: store.read("runs/a"),
        lambda: store.replace("runs/a", {"document": "content"}, "an ETag"),
    ):
        with pytest.raises(ReconcilerError) as caught:
            ask()
        assert caught.value.__suppress_context__
        said[str(caught.value)] = type(caught.value)
    return said


ROLE = "give it the role Storage Blob Data Contributor on the storage account"
NETWORK = "allow this network in the networking settings of the storage account"
SIGN_IN = "sign in to the tenant of the storage account, or mend the key in AzureWebJobsStorage"
AGAIN = "run again, and check the address in RECONCILER_STATE if it stays so"


@pytest.mark.parametrize(
    ("status", "code", "kind", "start", "advice"),
    [
        (403, "AuthorizationPermissionMismatch", ConfigError, "this identity may not use {}", ROLE),
        (403, "AuthorizationFailure", ConfigError, "{} lets nothing in from this network", NETWORK),
        (403, "AuthenticationFailed", ConfigError, "{} does not take this sign-in", SIGN_IN),
        (403, "KeyBasedAuthenticationNotPermitted", ConfigError, "{} does not take this sign-in", SIGN_IN),
        (401, "InvalidAuthenticationInfo", ConfigError, "{} does not take this sign-in", SIGN_IN),
        (409, "ContainerBeingDeleted", ReconcilerError, "{} did not do what was asked", AGAIN),
        (503, "ServerBusy", ReconcilerError, "{} did not do what was asked", AGAIN),
        (418, "NeverHeardOf", ReconcilerError, "{} did not do what was asked", AGAIN),
    ],
)
def test_a_refusal_is_one_sentence(
    status: int, code: str, kind: type[ReconcilerError], start: str, advice: str
) -> None:
    with service(status, code) as there:
        said = sentences(BlobStore(there.url, account_key(ACCOUNT, KEY), retries=0))
    assert said == {f"{start.format(f'the state container {there.url}')} ({code}); {advice}": kind}


@pytest.mark.parametrize(("code", "asked"), [("ResourceNotFound", ["PUT"]), ("ContainerNotFound", ["PUT", "PUT"])])
def test_a_place_where_nothing_can_be_made_is_an_error(code: str, asked: list[str]) -> None:
    with service(404, code) as there:
        store = BlobStore(there.url, account_key(ACCOUNT, KEY), retries=0)
        with pytest.raises(ReconcilerError) as caught:
            store.put("runs/a", {})
        assert there.asked == asked
    assert str(caught.value) == f"the state container {there.url} did not do what was asked ({code}); {AGAIN}"


def test_a_busy_service_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with service(503, "ServerBusy") as there, pytest.raises(ReconcilerError):
        BlobStore(there.url, account_key(ACCOUNT, KEY)).put("runs/a", {})
    assert there.asked == ["PUT"] * 4


def test_nobody_there_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}/{ACCOUNT}/state"
    assert sentences(BlobStore(url, account_key(ACCOUNT, KEY), retries=0)) == {
        f"the state container {url} cannot be reached; check the address in RECONCILER_STATE and the way there "
        "from here (name, firewall, proxy)": ReconcilerError
    }


def test_no_identity_is_one_sentence() -> None:
    class Nobody:
        def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
            raise CredentialUnavailableError(message="tried this.\nTried that, with a secret.")

    url = "https://example.blob.core.windows.net/state"
    assert sentences(BlobStore(url, Nobody(), retries=0)) == {
        f"there is no identity to use the state container {url} with; sign in with 'az login', or set "
        "AZURE_CLIENT_ID to the client id of the function app's identity": ConfigError
    }


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "state"
    assert sentences(FolderStore(folder)) == {
        f"the state folder {folder} cannot be {done} (Not a directory); "
        "set RECONCILER_STATE to another folder": ConfigError
        for done in ("written", "read")
    }


def test_the_container_is_made_by_the_first_write_only(azurite: Azurite) -> None:
    name = f"state-{uuid.uuid4().hex}"
    client = ContainerClient.from_connection_string(azurite.connection_string, name)
    store = BlobStore(f"{azurite.blobs}/{name}", account_key(ACCOUNT, KEY), retries=0)
    assert store.get("runs/a") is None
    assert list(store.each("runs")) == []
    assert not client.exists()
    store.put("runs/a", {"a": 1})
    properties = client.get_blob_client("runs/a.json").get_blob_properties()
    assert properties.content_settings.content_type == "application/json"
    assert client.get_container_properties().public_access is None
    assert json.loads(client.download_blob("runs/a.json").readall()) == {"a": 1}

"""State in a container of Azure Blob Storage: one blob per document, shared by all who may use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Any

from azure.core import MatchConditions
from azure.core.credentials import AzureNamedKeyCredential, TokenCredential
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobClient, ContainerClient, ContentSettings, ExponentialRetry

from reconciler.errors import ConfigError, ReconcilerError
from reconciler.store import decode, encode, names_in, path_of

Credential = TokenCredential | AzureNamedKeyCredential
"""An identity of Microsoft Entra ID, or a key of the storage account."""

_API_VERSION = "2023-11-03"
"""Pinned, as for the management clients; older than the newest, so that emulators know it."""
_NOT_SIGNED_IN = {"AuthenticationFailed", "KeyBasedAuthenticationNotPermitted"}
_SOMEBODY_WAS_FASTER = {"BlobAlreadyExists", "ConditionNotMet", "BlobNotFound"}
"""It is there already; it is another version; it was removed, and its ETag is nothing any more."""
_JSON = ContentSettings(content_type="application/json")


def account_key(account: str, key: str) -> Credential:
    """The credential of somebody who has the account's key."""
    return AzureNamedKeyCredential(account, key)


class BlobStore:
    """A container, made on the first write where it is missing; `url` is its address without a query.

    A blob of this size is written by one request, which the service takes whole or not at all.
    """

    def __init__(self, url: str, credential: Credential, *, retries: int = 3) -> None:
        self.url = url
        transport = RequestsTransport(connection_timeout=10, read_timeout=60)
        transport.open()
        self._container = ContainerClient.from_container_url(
            url,
            credential,
            api_version=_API_VERSION,
            transport=transport,
            retry_policy=ExponentialRetry(
                initial_backoff=1, increment_base=2, random_jitter_range=1, retry_total=retries
            ),
        )

    def put(self, name: str, document: dict[str, Any]) -> None:
        """See Store; raises ReconcilerError where the container cannot be written."""
        with self.explained():
            self._upload(path_of(name), encode(document), overwrite=True)

    def get(self, name: str) -> dict[str, Any] | None:
        """See Store; raises ReconcilerError where the container cannot be read."""
        return self.read(name)[0]

    def read(self, name: str) -> tuple[dict[str, Any] | None, str]:
        """See Store; the version is the blob's ETag. Raises ReconcilerError where it cannot be read."""
        path = path_of(name)
        with self.explained():
            try:
                stream = self._container.download_blob(path)
                return decode(stream.readall()), str(stream.properties.etag)
            except ResourceNotFoundError:
                return None, ""

    def replace(self, name: str, document: dict[str, Any], version: str) -> bool:
        """See Store; raises ReconcilerError where the container cannot be written."""
        how: dict[str, Any] = (
            {"overwrite": True, "etag": version, "match_condition": MatchConditions.IfNotModified}
            if version
            else {"overwrite": False}
        )
        with self.explained():
            try:
                self._upload(path_of(name), encode(document), **how)
            except (ResourceExistsError, ResourceModifiedError, ResourceNotFoundError) as error:
                if _code(error) not in _SOMEBODY_WAS_FASTER:
                    raise  # whoever tries again would try for ever
                return False
        return True

    def each(self, prefix: str) -> Iterator[dict[str, Any]]:
        """See Store; raises ReconcilerError where the container cannot be read."""
        with self.explained():
            try:
                paths = list(self._container.list_blob_names(name_starts_with=f"{prefix}/"))
            except ResourceNotFoundError:
                return
        for name in names_in(paths):
            document = self.get(name)
            if document is not None:
                yield document

    def blob(self, name: str) -> BlobClient:
        """The blob of a document, for what only Azure's own client can do with it: leases."""
        return self._container.get_blob_client(path_of(name))

    def _upload(self, path: str, data: bytes, **how: Any) -> None:
        """Write a blob; make the container where it is missing."""
        try:
            self._container.upload_blob(path, data, content_settings=_JSON, **how)
        except ResourceNotFoundError as error:
            if _code(error) != "ContainerNotFound":
                raise
            with suppress(ResourceExistsError):  # another writer was here first
                self._container.create_container()
            self._container.upload_blob(path, data, content_settings=_JSON, **how)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turns what the SDK raises into one sentence of ours; the words of services are left out."""
        try:
            yield
        except (ServiceRequestError, ServiceResponseError):
            raise ReconcilerError(
                f"the state container {self.url} cannot be reached; check the address in RECONCILER_STATE and "
                "the way there from here (name, firewall, proxy)"
            ) from None
        except HttpResponseError as error:
            raise self._refused(error) from None
        except AzureError as error:
            raise ReconcilerError(
                f"the state container {self.url} cannot be used ({type(error).__name__}); run again"
            ) from None

    def _refused(self, error: HttpResponseError) -> ReconcilerError:
        if isinstance(error, ClientAuthenticationError) and error.response is None:
            return ConfigError(
                f"there is no identity to use the state container {self.url} with; sign in with 'az login', or "
                "set AZURE_CLIENT_ID to the client id of the function app's identity"
            )
        code = _code(error)
        if code in _NOT_SIGNED_IN or error.status_code == HTTPStatus.UNAUTHORIZED:
            return ConfigError(
                f"the state container {self.url} does not take this sign-in ({code}); sign in to the tenant of "
                "the storage account, or mend the key in AzureWebJobsStorage"
            )
        if code == "AuthorizationFailure":
            return ConfigError(
                f"the state container {self.url} lets nothing in from this network ({code}); "
                "allow this network in the networking settings of the storage account"
            )
        if error.status_code == HTTPStatus.FORBIDDEN:
            return ConfigError(
                f"this identity may not use the state container {self.url} ({code}); give it the role "
                "Storage Blob Data Contributor on the storage account"
            )
        return ReconcilerError(
            f"the state container {self.url} did not do what was asked ({code}); run again, and check the address "
            "in RECONCILER_STATE if it stays so"
        )


def _code(error: HttpResponseError) -> str:
    """The service's own word for what is wrong, else the HTTP status."""
    code = getattr(error, "error_code", None) or error.status_code or type(error).__name__
    return str(getattr(code, "value", code))  # the codes that the SDK knows are an enumeration

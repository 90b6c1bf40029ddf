import pytest

from simulator.app import KINDS
from tests.simulator.asking import GATEWAY, azure

CHILDREN = [
    "apis", "apis/orders-api/operations", "apis/orders-api/diagnostics", "apis/orders-api/tags", "backends",
    "diagnostics", "groups", "loggers", "namedValues", "policies", "policyFragments", "products",
    "products/starter/groups", "products/starter/subscriptions", "subscriptions", "tags", "tagResources",
    "apisByTags", "authorizationProviders",
]  # fmt: skip


@pytest.mark.parametrize("version", ["2022-08-01", "2024-05-01"])
@pytest.mark.parametrize("place", CHILDREN)
def test_the_versions_of_the_cli_and_of_the_sdks_work_for_every_list(place: str, version: str) -> None:
    assert azure().get(f"{GATEWAY}/{place}", version=version).status == 200


@pytest.mark.parametrize(
    ("place", "version", "status"),
    [
        ("tags", "2019-01-01", 200),
        ("namedValues", "2019-12-01", 200),
        ("namedValues", "2019-01-01", 400),
        ("backends", "2025-03-01-preview", 200),
        ("products", "2025-03-01-preview", 400),
        ("policyFragments", "2021-08-01", 400),
        ("products", "2021-08-01", 200),
        ("products", "2099-01-01", 400),
    ],
)
def test_other_versions_work_where_somebody_saw_them_work(place: str, version: str, status: int) -> None:
    got = azure().get(f"{GATEWAY}/{place}", version=version)
    assert got.status == status
    if status == 400:
        assert got.code == "NoRegisteredProviderFound"
        assert f"API version '{version}' for type 'service/{place}'" in got.message


def test_every_kind_of_api_management_knows_the_version_of_the_sdk() -> None:
    ours = [kind for type, kind in KINDS.items() if type.startswith("microsoft.apimanagement/service/")]
    assert len(ours) > 50
    assert [kind.type for kind in ours if "2024-05-01" not in kind.versions] == []


def test_a_backend_shows_newer_fields_only_to_those_who_know_them() -> None:
    client = azure()
    tls = {
        "serverCertificateThumbprints": ["1365083bae61ee876fc26850b825d05d3eb2e503"],
        "validateCertificateName": True,
    }
    body = {"properties": {"url": "https://x.example", "protocol": "http", "tls": tls}}
    one = f"{GATEWAY}/backends/one"
    assert client.put(one, body).status == 400
    assert client.put(one, body, version="2025-03-01-preview").body["properties"]["tls"] == tls
    assert client.get(one).body["properties"]["tls"] == {"validateCertificateName": True}
    assert client.get(one, version="2025-03-01-preview").body["properties"]["tls"] == tls

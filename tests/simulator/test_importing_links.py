import json

import pytest

from simulator import Simulator
from simulator.world import WorldError
from tests.simulator.asking import GATEWAY, JSON, Azure, S
from tests.simulator.documents import THINGS, document, importing, operation, operations, swagger, text

URL = "https://documents.example/v1/things"
ONE = json.dumps(document({"/a": {"get": operation("A")}}))
IN_YAML = "openapi: 3.0.0\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {operationId: A, responses: {}}}}"


@pytest.mark.parametrize(
    ("format", "found"),
    [
        ("openapi-link", ONE),
        ("openapi-link", IN_YAML),
        ("openapi+json-link", ONE),
        ("swagger-link-json", json.dumps(swagger({"/a": {"get": {"operationId": "A", "responses": {}}}}))),
    ],
)
def test_a_link_is_followed_to_a_document_of_the_simulators_web(format: str, found: str) -> None:
    client = importing()
    client.simulator.documents[URL] = found
    assert client.put(THINGS, text(URL, format)).status == 201
    assert list(operations(client)) == ["a"]


def test_a_document_behind_a_link_may_be_as_big_as_it_likes() -> None:
    client = importing()
    client.simulator.documents[URL] = json.dumps(document({}, info={"description": "x" * (5 * 1024 * 1024)}))
    assert client.put(THINGS, text(URL, "openapi-link")).status == 201


def test_a_relative_server_counts_from_where_the_document_was_found() -> None:
    client = importing()
    client.simulator.documents[URL] = json.dumps(document({}, servers=[{"url": "../api"}]))
    client.put(THINGS, text(URL, "openapi-link"))
    assert client.get(THINGS).body["properties"]["serviceUrl"] == "https://documents.example/api"


@pytest.mark.parametrize(
    ("format", "link", "why"),
    [
        ("openapi-link", "https://documents.example/other", "could not be retrieved from"),
        ("openapi-link", "things.json", "'link' is not a valid absolute URI. Path: link."),
        ("openapi-link", "ftp://documents.example/things", "'link' is not a valid absolute URI. Path: link."),
        ("openapi+json-link", f"{URL}.yaml", "not valid JSON"),
        ("swagger-link-json", f"{URL}.yaml", "Unexpected character encountered while parsing value: o."),
        ("wsdl-link", f"{URL}.yaml", "not valid XML"),
    ],
)
@pytest.mark.parametrize("when", ["at-once", "later"])
def test_a_link_that_leads_to_nothing_usable_is_refused(when: str, format: str, link: str, why: str) -> None:
    client = importing(import_refusal=when)
    client.simulator.documents[f"{URL}.yaml"] = IN_YAML
    got = client.put(THINGS, text(link, format))
    error = (
        got.body["error"] if when == "at-once" else client.follow(got.headers["Azure-AsyncOperation"]).body["error"]
    )
    assert got.status == (400 if when == "at-once" else 201)
    assert why in error["details"][0]["message"]
    assert client.get(THINGS).status == 404


def test_documents_are_put_and_taken_away_over_http() -> None:
    client = importing()
    admin = "/_simulator/documents"
    assert client.ask("PUT", admin, IN_YAML, version="", query={"url": URL}).status == 204
    assert client.ask("GET", admin, version="").body == {URL: IN_YAML}
    assert client.put(THINGS, text(URL, "openapi-link")).status == 201
    assert client.ask("DELETE", admin, version="", query={"url": URL}).status == 204
    assert client.ask("DELETE", admin, version="", query={"url": URL}).status == 404
    assert client.ask("PUT", admin, "x", version="").status == 400
    assert client.simulator.documents == {}


def test_a_world_may_bring_documents_and_apis_made_of_them() -> None:
    service = {
        "id": GATEWAY,
        "location": "eastus",
        "sku": {"name": "StandardV2", "capacity": 1},
        "properties": {"publisherEmail": "a@b.example", "publisherName": "C"},
    }
    world: JSON = {
        "subscriptions": {S.rpartition("/")[2]: {}},
        "documents": {URL: ONE},
        "resources": [service, {"id": THINGS, **text(URL, "openapi-link")}],
    }
    assert list(operations(Azure(Simulator(world)))) == ["a"]
    world["documents"] = {}
    with pytest.raises(WorldError, match="could not be retrieved"):
        Simulator(world)


WSDL = """<?xml version="1.0"?>
<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:t="urn:t" targetNamespace="urn:t">
  <w:portType name="Sums">
    <w:operation name="Add"><w:documentation>Adds.</w:documentation></w:operation>
    <w:operation name="Divide" />
  </w:portType>
  <w:binding name="SumsSoap" type="t:Sums">
    <w:operation name="Add"><soap:operation soapAction="urn:t/Add" /></w:operation>
    <w:operation name="Divide"><soap:operation soapAction="urn:t/Divide" /></w:operation>
  </w:binding>
  <w:service name="Calculator">
    <w:port name="SumsSoap" binding="t:SumsSoap"><soap:address location="http://sums.example/sums.asmx" /></w:port>
  </w:service>
</w:definitions>
"""


@pytest.mark.parametrize(
    ("type", "address", "templates"),
    [
        ("http", "http://sums.example", ["/Add", "/Divide"]),
        ("soap", "http://sums.example/sums.asmx", ["/?soapAction=urn:t/Add", "/?soapAction=urn:t/Divide"]),
    ],
)
@pytest.mark.parametrize("format", ["wsdl", "wsdl-link"])
def test_a_wsdl_gives_name_address_and_operations(
    format: str, type: str, address: str, templates: list[str]
) -> None:
    """The address of a REST API as in recording 34, that of a SOAP API as in the .NET SDK's WsdlTest.json."""
    client = importing()
    client.simulator.documents[URL] = WSDL
    body = text(WSDL if format == "wsdl" else URL, format)
    del body["properties"]["displayName"]
    selector = {"wsdlServiceName": "Calculator", "wsdlEndpointName": "SumsSoap"}
    body["properties"] |= {"apiType": type, "wsdlSelector": selector}
    assert client.put(THINGS, body).status == 201
    found = client.get(THINGS).body["properties"]
    assert (found["displayName"], found["serviceUrl"]) == ("Calculator", address)
    assert found.get("type", "http") == type
    made = operations(client)
    assert [(each["method"], each["urlTemplate"]) for each in made.values()] == [
        ("POST", each) for each in templates
    ]
    assert made["Add"]["description"] == "Adds."


@pytest.mark.parametrize(
    ("source", "selector", "why"),
    [
        (WSDL, {"wsdlServiceName": "Other"}, "has no service 'Other'"),
        (WSDL, {"wsdlEndpointName": "Other"}, "has no port 'Other'"),
        ("<html />", {}, "not a WSDL document"),
        ("nonsense", {}, "not valid XML"),
        (
            WSDL.replace("<w:portType", '<w:import location="x" /><w:portType', 1),
            {},
            "'wsdl:import' is not supported",
        ),
    ],
)
def test_a_bad_wsdl_is_refused(source: str, selector: JSON, why: str) -> None:
    body = text(source, "wsdl")
    body["properties"]["wsdlSelector"] = selector
    assert why in importing().put(THINGS, body).reasons[0]

"""Which calls make things in a service of API Management, and which undo them again."""

from typing import Any

from tests.simulator.asking import GATEWAY
from tests.simulator.documents import imported, operation
from tests.simulator.sdk.calling import Call, body, calls, whole

GROUP, SERVICE = "rg-gateway", "contoso-gateway"
call = calls("apim", GROUP, SERVICE)
POLICY = {
    "format": "rawxml",
    "value": '<policies><inbound><base /><set-backend-service backend-id="sdk" /></inbound></policies>',
}
PLAIN = {"format": "rawxml", "value": "<policies><inbound><base /></inbound></policies>"}
FRAGMENT = '<fragment><set-header name="x" exists-action="skip"><value>1</value></set-header></fragment>'
USES = {
    "format": "rawxml",
    "value": '<policies><inbound><include-fragment fragment-id="sdk" /></inbound></policies>',
}
SCHEMA = {"contentType": "application/vnd.oai.openapi.components+json", "document": {"components": {"schemas": {}}}}
PROVIDER = {
    "displayName": "SDK",
    "identityProvider": "aad",
    "oauth2": {
        "redirectUrl": "https://x.example",
        "grantTypes": {
            "authorizationCode": {
                "clientId": "c",
                "clientSecret": "s",
                "resourceUri": "https://graph.microsoft.com",
            }
        },
    },
}


def tags(found: Any) -> list[str]:
    """The tag of each resource in a list by tags."""
    return [each.tag.name for each in found]


def named(group: str, *ids: str, made: bytes, changed: bytes | None, listed: str, found: list[str]) -> list[Call]:
    """Create, look at, change and list one resource: what almost every operation group has."""
    begin = "begin_" if group in {"named_value", "policy_fragment", "api_schema", "api"} else ""
    name = ids[-1]
    script = [
        call(f"{group}.{begin}create_or_update", *ids, made, sees=name),
        call(f"{group}.get", *ids, sees=name),
    ]
    if not group.startswith("authorization"):
        script.append(
            call(f"{group}.{'get_entity_state' if group == 'tag' else 'get_entity_tag'}", *ids, sees=True)
        )
    if changed is not None:
        update = "begin_update" if group == "named_value" else "update"
        script.append(call(f"{group}.{update}", *ids, "*", changed, sees=name))
    return [*script, call(f"{group}.{listed}", *ids[:-1], sees=found)]


APIS = [
    *named(
        "api", "sdk",
        made=whole(imported({"/a": {"get": operation("first")}}, path="sdk")),
        changed=body(description="D"), listed="list_by_service", found=["legacy-openai-api", "orders-api", "sdk"],
    ),
    call(
        "api.begin_create_or_update", "sdk;rev=2", body(path="sdk", sourceApiId="/apis/sdk;rev=1"),
        sees="sdk;rev=2",
    ),
    call(
        "api_revision.list_by_service", "sdk", of=lambda found: [each.api_revision for each in found],
        sees=["2", "1"],
    ),
    *named(
        "api_release", "sdk", "one", made=body(apiId="/apis/sdk;rev=1", notes="N"),
        changed=body(apiId="/apis/sdk", notes="M"), listed="list_by_service", found=["one"],
    ),
    *named(
        "api_operation", "sdk", "second",
        made=body(displayName="Second", method="POST", urlTemplate="/b"), changed=body(description="D"),
        listed="list_by_api", found=["first", "second"],
    ),
    *named("api_schema", "sdk", "shape", made=body(**SCHEMA), changed=None, listed="list_by_api", found=["shape"]),
]  # fmt: skip
THINGS = [
    *named(
        "backend", "sdk", made=body(url="https://x.example", protocol="http"), changed=body(description="D"),
        listed="list_by_service", found=["legacy-openai", "sdk"],
    ),
    call("backend.reconnect", "sdk", sees=None),
    *named(
        "named_value", "sdk", made=body(displayName="sdk", value="V"), changed=body(tags=["a"]),
        listed="list_by_service", found=["sdk"],
    ),
    call("named_value.list_value", "sdk", of=lambda found: found.value, sees="V"),
    call(
        "named_value.begin_create_or_update", "vault",
        body(displayName="vault", secret=True, keyVault={"secretIdentifier": "https://v.example/secrets/s"}),
        sees="vault",
    ),
    call("named_value.begin_refresh_secret", "vault", sees="vault"),
    *named(
        "policy_fragment", "sdk", made=body(value=FRAGMENT, format="rawxml"), changed=None,
        listed="list_by_service", found=["sdk"],
    ),
    *named(
        "logger", "sdk", made=body(loggerType="applicationInsights", credentials={"instrumentationKey": "k"}),
        changed=body(description="D"), listed="list_by_service", found=["azuremonitor", "sdk"],
    ),
    *named(
        "diagnostic", "applicationinsights", made=body(loggerId="/loggers/sdk"),
        changed=body(alwaysLog="allErrors"), listed="list_by_service",
        found=["applicationinsights", "azuremonitor"],
    ),
    *named(
        "api_diagnostic", "sdk", "applicationinsights", made=body(loggerId="/loggers/sdk"),
        changed=body(alwaysLog="allErrors"), listed="list_by_service", found=["applicationinsights"],
    ),
    *named(
        "api_version_set", "sdk", made=body(displayName="SDK", versioningScheme="Segment"),
        changed=body(description="D"), listed="list_by_service", found=["sdk"],
    ),
    *named(
        "authorization_provider", "sdk", made=body(**PROVIDER), changed=None,
        listed="list_by_service", found=["sdk"],
    ),
]  # fmt: skip
POLICIES = [
    *named("policy", "policy", made=body(**USES), changed=None, listed="list_by_service", found=["policy"]),
    call(
        "policy_fragment.list_references", "sdk", of=lambda found: [each.id for each in found.value],
        sees=[f"{GATEWAY}/policies/policy"],
    ),
    *named(
        "api_policy", "sdk", "policy", made=body(**POLICY), changed=None, listed="list_by_api", found=["policy"],
    ),
    *named(
        "api_operation_policy", "sdk", "second", "policy", made=body(**PLAIN), changed=None,
        listed="list_by_operation", found=["policy"],
    ),
]  # fmt: skip
PRODUCTS = [
    *named(
        "product", "sdk", made=body(displayName="SDK", subscriptionRequired=True, state="published"),
        changed=body(description="D"), listed="list_by_service", found=["ai-platform", "sdk", "starter"],
    ),
    *named(
        "product_policy", "sdk", "policy", made=body(**PLAIN), changed=None,
        listed="list_by_product", found=["policy"],
    ),
    call("product_api.create_or_update", "sdk", "sdk", sees="sdk"),
    call("product_api.check_entity_exists", "sdk", "sdk", sees=True),
    call("product_api.list_by_product", "sdk", sees=["sdk"]),
    call("api_product.list_by_apis", "sdk", sees=["sdk"]),
    *named(
        "group", "sdk", made=body(displayName="SDK"), changed=body(description="D"),
        listed="list_by_service", found=["administrators", "developers", "guests", "sdk"],
    ),
    call("product_group.create_or_update", "sdk", "sdk", sees="sdk"),
    call("product_group.check_entity_exists", "sdk", "sdk", sees=True),
    call("product_group.list_by_product", "sdk", sees=["administrators", "sdk"]),
    *named(
        "subscription", "sdk", made=body(displayName="SDK", scope="/products/sdk"),
        changed=body(displayName="SDK 2"), listed="list", found=["master", "sdk"],
    ),
    call("subscription.list_secrets", "sdk", of=lambda found: len(found.primary_key), sees=32),
    call("subscription.regenerate_primary_key", "sdk", sees=None),
    call("subscription.regenerate_secondary_key", "sdk", sees=None),
    call("product_subscriptions.list", "sdk", sees=["sdk"]),
]  # fmt: skip
TAGS = [
    *named(
        "tag", "sdk", made=body(displayName="SDK"), changed=body(displayName="SDK 2"),
        listed="list_by_service", found=["sdk"],
    ),
    *(
        each
        for what, ids in (("api", ("sdk",)), ("operation", ("sdk", "second")), ("product", ("sdk",)))
        for each in (
            call(f"tag.assign_to_{what}", *ids, "sdk", sees="sdk"),
            call(f"tag.get_by_{what}", *ids, "sdk", sees="sdk"),
            call(f"tag.get_entity_state_by_{what}", *ids, "sdk", sees=True),
            call(f"tag.list_by_{what}", *ids, sees=["sdk"]),
        )
    ),
    call("api.list_by_tags", of=tags, sees=["SDK 2"]),
    call("product.list_by_tags", of=tags, sees=["SDK 2"]),
    call("operation.list_by_tags", "sdk", of=tags, sees=["SDK 2"]),
    call("tag_resource.list_by_service", of=tags, sees=["SDK 2"] * 3),
]  # fmt: skip
UNDO = [
    *(call(f"tag.detach_from_{what}", *ids, "sdk", sees=None) for what, ids in (
        ("api", ("sdk",)), ("operation", ("sdk", "second")), ("product", ("sdk",)))),
    call("tag.delete", "sdk", "*", sees=None),
    call("subscription.delete", "sdk", "*", sees=None),
    call("product_group.delete", "sdk", "sdk", sees=None),
    call("product_api.delete", "sdk", "sdk", sees=None),
    call("product_policy.delete", "sdk", "policy", "*", sees=None),
    call("product.delete", "sdk", "*", delete_subscriptions=True, sees=None),
    call("group.delete", "sdk", "*", sees=None),
    call("api_operation_policy.delete", "sdk", "second", "policy", "*", sees=None),
    call("api_policy.delete", "sdk", "policy", "*", sees=None),
    call("policy.delete", "policy", "*", sees=None),
    call("api_diagnostic.delete", "sdk", "applicationinsights", "*", sees=None),
    call("diagnostic.delete", "applicationinsights", "*", sees=None),
    call("logger.delete", "sdk", "*", sees=None),
    call("policy_fragment.delete", "sdk", "*", sees=None),
    call("named_value.delete", "sdk", "*", sees=None),
    call("named_value.delete", "vault", "*", sees=None),
    call("authorization_provider.delete", "sdk", "*", sees=None),
    call("backend.delete", "sdk", "*", sees=None),
    call("api_schema.delete", "sdk", "shape", "*", sees=None),
    call("api_operation.delete", "sdk", "second", "*", sees=None),
    call("api_release.delete", "sdk", "one", "*", sees=None),
    call("api.begin_delete", "sdk", "*", delete_revisions=True, sees=None),
    call("api_version_set.delete", "sdk", "*", sees=None),
]  # fmt: skip
CONNECTIONS = [  # they are made by signing in, which no client does
    call("authorization.get", "sdk", "c", sees="c"),
    call("authorization.list_by_authorization_provider", "sdk", sees=["c"]),
    call("authorization_access_policy.get", "sdk", "c", "p", sees="p"),
    call("authorization_access_policy.list_by_authorization", "sdk", "c", sees=["p"]),
    call("authorization_access_policy.delete", "sdk", "c", "p", "*", sees=None),
    call("authorization.delete", "sdk", "c", "*", sees=None),
]
MAKE = [*APIS, *THINGS, *POLICIES, *PRODUCTS, *TAGS]

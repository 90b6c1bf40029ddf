"""What can be turned where reports about Azure disagree, or where a test wants another speed."""

from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any, Literal


@dataclass(kw_only=True)
class Knobs:
    """Every setting of the simulator; times are in seconds of its own clock."""

    seed: int = 0  # where generated ids come from
    real_time: bool = False  # the clock runs by itself

    # how long things take
    read_latency: float = 0.0  # seconds, as everything here; the flag --read-latency is in milliseconds
    write_latency: float = 0.0  # as above
    import_time: float = 2.0  # an import's long-running operation
    lock_lingers: float = 1.0  # the API stays locked after the import says Succeeded (arm-wire 11)
    api_delete_time: float = 1.0
    named_value_time: float = 2.0  # writes of named values and policy fragments, and refreshSecret
    schema_time: float = 1.0  # a PUT of an API's schema
    service_update_time: float = 20.0
    service_retry_after: int = 20  # recordings 01, 20, 22; 0 sends none
    child_retry_after: int = 0  # recordings 07, 14, 15, 45 send none: clients then poll after 30 s (arm-wire 12)
    account_create_time: float = 20.0
    group_delete_time: float = 15.0  # a resource group's deletion (recording 27)
    account_update_time: float = 0.0  # an account is Accepted for so long after a PUT or PATCH of it
    account_delete_time: float = 0.0  # recording 25: at once
    deployment_time: float = 0.0  # 0: Succeeded at once (recording 24), otherwise Creating for so long
    principal_replication: float = 15.0  # a new identity is unknown to Authorization for so long
    role_read_delay: float = 0.0  # a new role assignment answers 404 for so long

    # what reports disagree about
    operation_names: Literal["documented", "preserved"] = "documented"  # arm-wire 3.2
    import_refusal: Literal["at-once", "later"] = "at-once"  # a bad document: 400, or an operation that fails
    fragment_refusal: Literal["at-once", "later"] = "at-once"  # a fragment names a missing backend: as above
    openapi_3_1: Literal["refused", "converted"] = "refused"  # what 3.0 cannot say: see openapi_newer.py
    import_recursion: Literal["accepted", "refused"] = "accepted"  # DOC-import refuses; Foundry's documents have it
    import_examples: Literal["generated", "given"] = "generated"  # of bodies whose document has none (arm-wire 3.2)
    api_list_settings: Literal["null", "filled"] = "null"  # apis LIST at 2024-05-01: nobody recorded it
    api_shape: Literal["2025-11", "2025-09"] = "2025-11"  # recordings 08 and 09
    revision_made_current: Literal["refused", "ignored"] = (
        "refused"  # isCurrent=true for another revision: api-management-devops-resource-kit#316, .NET SDK#5050
    )
    lock_code: Literal["PessimisticConcurrencyConflict", "Conflict"] = "PessimisticConcurrencyConflict"
    same_put_etag: Literal["new", "kept"] = "new"  # APIs, operations, backends, products: not known
    operation_description: Literal["null", "display-name"] = "null"  # when a PUT has none (arm-wire 4)
    patch_merge: Literal["shallow", "deep"] = "shallow"  # objects below `properties` in a PATCH
    rawxml_unescapes: Literal["expressions", "everything"] = "expressions"  # desired-state 5.3 Q10
    policy_put_answer: Literal["xml", "as-sent"] = (
        "xml"  # the spelling in the answer to a PUT: desired-state 5.3 Q2
    )
    policy_defaults: Literal["kept", "dropped"] = "kept"  # a default said in cors may vanish: desired-state 5.3 Q12
    durations: Literal["normalised", "as-sent"] = "normalised"  # PT60S reads back as PT1M (arm-wire 7)
    backend_managed_identity: Literal["kept", "hidden", "refused"] = "kept"  # desired-state 4.2
    backend_empty_credentials: Literal["absent", "shown"] = "absent"  # query and header not sent: desired-state 4.2
    product_subscription: Literal["created", "none"] = (
        "created"  # with a new protected product: apiops #707 says so, an exported template of a V2 tier does not
    )
    key_vault_denies: str = ""  # a pattern of secret identifiers that no service may read, such as *locked.vault*
    role_reput: Literal["200", "201", "409"] = "200"  # same name and same triple again (arm-wire 9)
    orphaned_roles: Literal["gone", "kept"] = "gone"  # of a deleted resource: desired-state 6.3 leaves it open
    activating_refusal: Literal["422", "409"] = (
        "422"  # writes inside a service that is being activated: arm-wire 2.3
    )
    account_shape: Literal["2025-06", "2025-10"] = "2025-06"  # recording 23; the Azure CLI's own, four months later
    rai_policy: Literal["absent", "Microsoft.Default", "Microsoft.DefaultV2"] = "absent"  # default: arm-wire 10.2
    models: Literal["families", "strict"] = (
        "families"  # any version of a known model, or those in the list of models
    )
    principal_type_failures: int = 0  # PrincipalNotFound so often even with principalType
    events_when: Literal["accepted", "completed"] = "accepted"  # ARM events of long-running operations
    events_schema: Literal["event-grid", "cloud-events"] = (
        "event-grid"  # in which they are delivered (platform 1.1)
    )
    events_duplicates: float = 0.0  # how many further times each is delivered, on average (platform 1.6)
    events_shuffle: float = 0.0  # how long each waits at most, so that others overtake it
    events_at_once: int = 1  # deliveries under way at once
    if_match_required: bool = False  # for PATCH and DELETE; 2024-05-01 did not ask for it

    # limits and checks
    throttle: bool = False
    deployment_quota: int = 0  # capacity a model may have in a subscription's region, per SKU; 0: no limit
    page_size: int = 100
    racing_conflicts: int = 0  # so many writes of APIM children answer 412 without any If-Match
    racing: Literal["off", "nested", "all"] = "off"  # writes under way at once below one parent: 412 (arm-wire 11)

    def __post_init__(self) -> None:
        """Refuse values that a knob does not have."""
        for knob in fields(self):
            value: Any = getattr(self, knob.name)
            allowed = getattr(knob.type, "__args__", ())
            if allowed and value not in allowed:
                raise ValueError(f"knob {knob.name}: {value!r} is not one of {', '.join(map(str, allowed))}")
            if not allowed:
                _need_type(knob.name, knob.type, value)


def _need_type(name: str, type: Any, value: Any) -> None:
    if type is bool and not isinstance(value, bool):
        raise ValueError(f"knob {name}: {value!r} is not true or false")
    if type in {int, float} and (isinstance(value, bool) or not isinstance(value, type | int)):
        raise ValueError(f"knob {name}: {value!r} is not a {'whole number' if type is int else 'number'}")
    if type in {int, float} and name != "seed" and not 0 <= value < float("inf"):
        raise ValueError(f"knob {name}: {value!r} is not 0 or more")
    if name in {"page_size", "events_at_once"} and value < 1:
        raise ValueError(f"knob {name}: {value!r} is not 1 or more")


def value_of(name: str, text: str) -> Any:
    """A knob's value as the command line writes it; what cannot be read stays a text, for Knobs to refuse."""
    type = next((knob.type for knob in fields(Knobs) if knob.name == name), str)
    if type is bool and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if type in {int, float}:
        with suppress(ValueError):
            return type(text)
    return text


def read_knobs(given: dict[str, Any]) -> Knobs:
    """Knobs by name; an unknown name is a mistake, not a wish."""
    known = {knob.name for knob in fields(Knobs)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise TypeError(f"unknown knob {', '.join(unknown)}; there are: {', '.join(sorted(known))}")
    return Knobs(**given)

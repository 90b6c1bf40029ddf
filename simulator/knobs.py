"""What can be turned where reports about Azure disagree, or where a test wants another speed."""

from dataclasses import dataclass, fields
from typing import Any, Literal


@dataclass(kw_only=True)
class Knobs:
    """Every setting of the simulator; times are in seconds of its own clock."""

    seed: int = 0  # where generated ids come from
    real_time: bool = False  # the clock runs by itself

    # how long things take
    read_latency: float = 0.0
    write_latency: float = 0.0
    import_time: float = 2.0  # an import's long-running operation
    lock_lingers: float = 1.0  # the API stays locked after the import says Succeeded (arm-wire 11)
    api_delete_time: float = 1.0
    service_update_time: float = 20.0
    service_retry_after: int = 20  # recordings 01, 20, 22; 0 sends none
    account_create_time: float = 20.0
    deployment_time: float = 0.0  # 0: Succeeded at once (recording 24), otherwise Creating for so long
    principal_replication: float = 15.0  # a new identity is unknown to Authorization for so long
    role_read_delay: float = 0.0  # a new role assignment answers 404 for so long

    # what reports disagree about
    operation_names: Literal["documented", "preserved"] = "documented"  # arm-wire 3.2
    import_refusal: Literal["at-once", "later"] = "at-once"  # a bad document: 400, or an operation that fails
    api_list_settings: Literal["null", "filled"] = "null"  # apis LIST at 2024-05-01: nobody recorded it
    api_shape: Literal["2025-11", "2025-09"] = "2025-11"  # recordings 08 and 09
    lock_code: Literal["PessimisticConcurrencyConflict", "Conflict"] = "PessimisticConcurrencyConflict"
    same_put_etag: Literal["new", "kept"] = "new"  # APIs, operations, backends, products: not known
    operation_description: Literal["null", "display-name"] = "null"  # when a PUT has none (arm-wire 4)
    patch_merge: Literal["shallow", "deep"] = "shallow"  # objects below `properties` in a PATCH
    rawxml_unescapes: Literal["expressions", "everything"] = "expressions"  # desired-state 5.3 Q10
    durations: Literal["normalised", "as-sent"] = "normalised"  # PT60S reads back as PT1M (arm-wire 7)
    backend_managed_identity: Literal["kept", "hidden", "refused"] = "kept"  # desired-state 4.2
    role_reput: Literal["200", "201", "409"] = "200"  # same name and same triple again (arm-wire 9)
    principal_type_failures: int = 0  # PrincipalNotFound so often even with principalType
    events_when: Literal["accepted", "completed"] = "accepted"  # ARM events of long-running operations
    if_match_required: bool = False  # for PATCH and DELETE; 2024-05-01 did not ask for it

    # limits and checks
    throttle: bool = False
    page_size: int = 100
    racing_conflicts: int = 0  # so many writes of APIM children answer 412 without any If-Match

    def __post_init__(self) -> None:
        """Refuse values that a knob does not have."""
        for knob in fields(self):
            allowed = getattr(knob.type, "__args__", ())
            value: Any = getattr(self, knob.name)
            if allowed and value not in allowed:
                raise ValueError(f"knob {knob.name}: {value!r} is not one of {', '.join(map(str, allowed))}")


def read_knobs(given: dict[str, Any]) -> Knobs:
    """Knobs by name; an unknown name is a mistake, not a wish."""
    known = {knob.name for knob in fields(Knobs)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise TypeError(f"unknown knob {', '.join(unknown)}; there are: {', '.join(sorted(known))}")
    return Knobs(**given)

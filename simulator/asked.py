"""Which parts of a request the simulator would have to ignore, and therefore says that it does not model them."""

from collections.abc import Collection

from simulator.errors import not_modelled
from simulator.wire import Ask

_READS = {"GET", "HEAD"}


def need_known_queries(ask: Ask, known: Collection[str] = ()) -> None:
    """Refuse `$…` parameters beyond these: what they ask for would not be done."""
    beyond = sorted(name for name in ask.query if name.startswith("$") and name not in known)
    if beyond:
        raise not_modelled(f"the query parameter '{beyond[0]}' of this request")


def need_known_conditions(ask: Ask) -> None:
    """If-None-Match: a write must not go through as if it was not there; a read may be answered in full."""
    if ask.if_none_match is not None and ask.method not in _READS:
        raise not_modelled(f"If-None-Match on a {ask.method}")

"""How a kind behaves of which the simulator knows nothing but the name: everything about it is 501."""

from collections.abc import Callable

from simulator.bodies import Anything, Fields
from simulator.cloud import Cloud
from simulator.errors import not_modelled
from simulator.ids import ResourcePath
from simulator.kinds import ALL, Change, Kind

Refuse = Callable[[Cloud, ResourcePath], None]


def known_by_name(type: str, versions: tuple[str, ...], what: str, refuse_first: Refuse | None = None) -> Kind:
    """A kind, and all kinds inside it; `what` it is called in the refusal."""

    def refuse(cloud: Cloud, path: ResourcePath) -> None:
        if refuse_first is not None:
            refuse_first(cloud, path)
        raise not_modelled(what)

    def refuse_behind(change: Change) -> None:
        refuse(change.cloud, change.path)

    return Kind(
        type=type,
        versions=versions,
        shape=Fields(others=Anything()),
        family="apim" if type.lower().startswith("microsoft.apimanagement/service/") else "provider",
        verbs=ALL,
        check=refuse_behind,
        offered=refuse,
        modelled=False,
    )

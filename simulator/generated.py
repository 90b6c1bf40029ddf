"""Where generated ids come from: from one seed, so that two equal runs give equal worlds."""

import random
import uuid


class Ids:
    """Guids and hex ids in a reproducible order."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # ids of a stand-in, no secrets

    def guid(self) -> str:
        """A random guid."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def hex(self, digits: int = 24) -> str:
        """A random hex id, as API Management uses them for schemas and operations."""
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"

"""The store finds what is below an id, and forgets it, as if it looked at every resource."""

import random

from simulator.ids import key
from simulator.store import Entity, Store


def test_what_is_below_an_id_is_what_a_full_scan_finds() -> None:
    chance, store = random.Random(7), Store()  # noqa: S311  # a repeatable choice, no secret
    prefixes = ["/s/A", "/s/A/b", "/s/Ab", "/s/A/b/c", "/s/A/b/c/d/e", "/s", "/s/A/b;rev=2", "/T/x"]
    for _ in range(3000):
        id = "/".join([chance.choice(prefixes), *(chance.choice("pQr") for _ in range(chance.randint(0, 3)))])
        if chance.random() < 0.6:
            store.put(Entity(id, "t", {}))
        else:
            store.remove(id.upper())
            assert not [each for each in store if (key(each.id) + "/").startswith(key(id) + "/")]
        asked = chance.choice(prefixes)
        expected = {key(each.id) for each in store if key(each.id).startswith(key(asked) + "/")}
        found = store.below(asked + "/")
        assert {key(each.id) for each in found} == expected
        assert len(found) == len(expected)
        depths = [each.id.count("/") for each in found]
        assert depths == sorted(depths, reverse=True)


def test_an_empty_store_remembers_nothing_of_what_was_there() -> None:
    store = Store()
    for id in ("/a/b/c", "/a/b/c/d/e", "/a/b/x"):
        store.put(Entity(id, "t", {}))
    assert [each.id for each in store.remove("/a/B")] == ["/a/b/c/d/e", "/a/b/c", "/a/b/x"]
    assert (list(store), store.below("/a"), store._below.get("/a")) == ([], [], None)  # noqa: SLF001  # no leak

"""Which requests the proxy strikes: one in ten, at random, with every fault on either side of the effect."""

from __future__ import annotations

import random
from collections.abc import Collection

from attrs import define, field
from scripts.soaking.faults import Arrival, Kind, Strike
from scripts.soaking.writes import Key, key_of, read_of

SHARE = 0.1
# Refused connections are a state of the proxy, which meets all workers at once, and so it is rarer than the rest.
FAULTS = [Strike(kind, after) for kind in Kind for after in (False, True)] * 3 + [
    Strike(Kind.RESET, after, then_refuse=True) for after in (False, True)
]


@define
class Chance:
    """A `choose` for the proxy.

    Unreadable: conversations of which no reading succeeds, and the first answer to each write is lost.
    """

    seed: int
    unreadable: Collection[str]
    _random: random.Random = field(init=False)
    _met: set[Key] = field(factory=set[Key], init=False)

    def __attrs_post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def __call__(self, arrival: Arrival) -> Strike | None:
        """Say what goes wrong with a request."""
        read, write = read_of(arrival), key_of(arrival)
        certain = read in self.unreadable
        if write is not None and write[1] in self.unreadable and write not in self._met:
            self._met.add(write)
            certain = True
        if not certain and self._random.random() >= SHARE:
            return None
        return self._random.choice(FAULTS)

"""Which requests a fault strikes: rules that a test arms, and that the fault proxy asks."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from attrs import define, field
from scripts.soaking.faults import Arrival, Strike

Where = Callable[[Arrival], bool]


@define
class _Rule:
    strike: Strike
    where: Where
    times: int | None
    skip: int


@define
class Armed:
    """A `choose` for the proxy. The first rule that matches strikes; a rule that is used up is gone."""

    _rules: list[_Rule] = field(factory=list[_Rule])
    _lock: Lock = field(factory=Lock, repr=False)

    def arm(self, strike: Strike, where: Where, *, times: int | None = 1, skip: int = 0) -> None:
        """Strike the next requests that match. times: so many, None: all. skip: so many matching ones pass first."""
        with self._lock:
            self._rules.append(_Rule(strike, where, times, skip))

    def clear(self) -> None:
        """Forget all rules."""
        with self._lock:
            self._rules.clear()

    def __call__(self, arrival: Arrival) -> Strike | None:
        """Say what goes wrong with a request."""
        with self._lock:
            for rule in self._rules:
                if not rule.where(arrival):
                    continue
                if rule.skip:
                    rule.skip -= 1
                    continue
                if rule.times is not None:
                    rule.times -= 1
                    if not rule.times:
                        self._rules.remove(rule)
                return rule.strike
        return None


def any_request(_arrival: Arrival) -> bool:
    """Every request."""
    return True


def reads_of(conversation_id: str) -> Where:
    """The readings of one conversation, and of the ticket that it may have become."""
    paths = (f"/conversations/{conversation_id}", f"/tickets/{conversation_id}")
    return lambda arrival: arrival.method == "GET" and arrival.path in paths


def writes_to(conversation_id: str) -> Where:
    """The redactions in one conversation, and its conversion."""
    path, named = f"/conversations/{conversation_id}/convert", f'"conversation_id":"{conversation_id}"'.encode()

    def matches(arrival: Arrival) -> bool:
        body = arrival.body.replace(b": ", b":")  # httpx before 0.28 writes a space
        return arrival.method == "POST" and (arrival.path == path or named in body)

    return matches

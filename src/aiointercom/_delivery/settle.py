"""PURE: what a resource knows about its write: how an answer confirms it, and what a read shows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from attrs import field, frozen

from aiointercom.errors import APIError, IntercomError
from intercom_raw import Sender


@frozen(eq=False, repr=False)
class Done:
    """The write took effect; `answer` is what the caller gets."""

    answer: dict[str, Any] = field(repr=False)
    outcome: str


@frozen(eq=False, repr=False)
class NotApplied:
    """A whole read showed no effect of the write, so far."""

    reason: str


@frozen(eq=False, repr=False)
class Refused:
    """The write did not take effect, and never will: `error` says why."""

    error: IntercomError
    outcome: str | None = None
    reason: str | None = None


@frozen(eq=False, repr=False)
class Unknown:
    """A read failed, was incomplete, or contradicts itself: it shows nothing."""

    reason: str
    useless: bool = False
    """Reading again would end in the same: the token may not read, the client was closed, or the conversation is
    another call's ticket in part."""
    error: IntercomError | None = None
    """By which the read failed; None: it was answered."""


Verdict = Done | NotApplied | Refused | Unknown


@frozen(eq=False, repr=False)
class Sent:
    """What is known about a write whose outcome is in question."""

    refusal: APIError | None
    """Intercom's definite refusal of a write that is not in doubt; None: the write is in doubt."""
    window: Callable[[], tuple[float, float]] | None
    """Between which times a request of the write can have taken effect, Unix seconds by Intercom's clock; None: no
    request can have. Asked for after the read, whose answer may be the first to tell Intercom's time."""


class Settle(Protocol):
    """How one write is confirmed, and settled by reading back. Implemented by the resources, used by the sender."""

    @property
    def outcome(self) -> str:
        """The name of success, for observers."""
        ...

    @property
    def attributes(self) -> Mapping[str, Any] | None:
        """What a conversion asked for, so that its error can be settled later; None for other writes."""
        ...

    def confirms(self, answer: Mapping[str, Any]) -> bool:
        """Say whether a successful answer shows the effect."""
        ...

    async def read_back(self, reader: Sender, sent: Sent) -> Verdict:
        """Read the conversation and say what it shows. An error of the read is a verdict too, never raised."""
        ...

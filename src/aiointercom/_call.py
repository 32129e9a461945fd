"""What one call is made of: its options, its state on the way, and what a resource knows about settling a write. No I/O."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol

from attrs import define, field, frozen

from ._decode import code_like
from ._policy import Effect, Happened, Limits
from ._request import Request
from .errors import APIError, IntercomError, UnreadableResponseError

if TYPE_CHECKING:
    from ._sender import Sender, Timeout
    from .events import Event
    from .regions import Region

Priority = Literal["interactive", "batch"]
_numbers = itertools.count(1)


@frozen
class Options:
    """What a client was told."""

    base_url: str
    region: Region
    timeout: Timeout
    limits: Limits
    priority: Priority
    strict_region: bool
    on_event: Callable[[Event], object] | None


@frozen
class Done:
    """The write took effect; `answer` is what the caller gets."""

    answer: dict[str, Any] = field(repr=False)
    outcome: str


@frozen
class NotApplied:
    """A read showed that the write did not take effect, so it may be sent again."""

    reason: str


@frozen
class Refused:
    """The write did not take effect, and never will: `error` says why."""

    error: IntercomError
    outcome: str | None = None
    reason: str | None = None


@frozen
class Unknown:
    """Reading back could not settle it."""

    reason: str


Verdict = Done | NotApplied | Refused | Unknown


@frozen
class Sent:
    """What the sender knows about a write whose outcome is in question."""

    refusal: APIError | None
    """The definite refusal that Intercom answered the last attempt with; None: its answer was lost, or said nothing."""
    since: float | None
    """When the first request of this call was sent that may have taken effect, Unix seconds; None: none of them can have."""


class Settle(Protocol):
    """How one write is confirmed, and settled by reading back. Implemented by the resources, used by the sender."""

    @property
    def outcome(self) -> str:
        """The name of success, for observers."""
        ...

    def confirms(self, answer: Mapping[str, Any]) -> bool:
        """Say whether a successful answer shows the effect."""
        ...

    async def read_back(self, reader: Sender, sent: Sent) -> Verdict:
        """Read the conversation and say what it shows. An error of the read is a verdict too, never raised."""
        ...


@define
class Call:
    """The state of one call on its way through the sender."""

    request: Request
    started: float
    """Seconds, monotonic clock."""
    number: int
    waited: float = 0.0
    """Seconds spent waiting for the rate limit and between attempts."""
    invited: bool = False
    """The server said by `Retry-After` when to come again, and that is now."""
    attempt: int = 0
    """Rounds of the loop."""
    sent: int = 0
    """Requests that left."""
    sent_at: float | None = None
    """When the last one did, Unix seconds."""
    since: float | None = None
    """When the first one did that was not definitely refused; a read that shows no effect does not rule out that it comes late."""
    uncertain: bool = False
    """A request of it may have taken effect, and no read has shown that it did not."""
    stage: str = "waiting"
    large: bool = False
    """Its answer took the event loop some milliseconds to decode."""

    @classmethod
    def begin(cls, request: Request, started: float, parent: int | None) -> Call:
        """Start a call; reading back shares the number of the call that it reads for."""
        return cls(request, started, next(_numbers) if parent is None else parent)

    def leaves(self, now: float) -> None:
        """Note that a request is about to leave."""
        self.sent, self.sent_at, self.stage = self.sent + 1, now, "sent"
        self.uncertain = self.request.effect is not Effect.READ
        self.since = now if self.since is None else self.since

    def ended(self, happened: Happened, before: tuple[bool, float | None]) -> None:
        """Note how it ended; a definite no rules out this request, and leaves what was known of earlier ones (`before`)."""
        self.stage = "waiting"
        if happened in DEFINITE:
            self.uncertain, self.since = before


DEFINITE = frozenset(
    {
        Happened.NOT_SENT,
        Happened.RATE_LIMITED,
        Happened.REFUSED,
        Happened.NOT_REDACTABLE,
        Happened.UNAUTHORIZED,
        Happened.REDIRECTED,
    }
)
"""Ends of a request after which it certainly has not taken effect."""


@frozen
class Result:
    """How one attempt ended."""

    happened: Happened
    value: Any = field(default=None, repr=False)
    error: IntercomError | None = None
    status: int | None = None
    headers: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def request_id(self) -> str | None:
        """Intercom's id of the request, where the answer has one."""
        if isinstance(self.error, APIError | UnreadableResponseError):
            return self.error.request_id
        return None if self.headers is None else code_like(self.headers.get("x-request-id"))

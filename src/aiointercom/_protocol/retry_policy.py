"""PURE: the table of outcomes.

What to do after each thing that can happen to a request; no I/O, no clock, no event loop.

Whether a request is safe to repeat is a property of the operation, not of its HTTP verb: a search is a POST and a read.

Doubt is sticky. A request is in doubt once it may have arrived and its end is not known. From then on the call is in
doubt: only an answer or a read that shows the effect ends it, never a refusal of a later request, and never one read
that shows nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from enum import Enum, auto

from attrs import frozen

from aiointercom._values.limits import WINDOW

from .headers import read_date, read_seconds


class RequestEffect(Enum):
    """What an operation does to the workspace."""

    READ = auto()
    REDACT = auto()
    CONVERT = auto()
    WRITE = auto()
    """Any other write: it cannot be read back, so it is never sent again once it may have arrived."""


class Happened(Enum):
    """How one attempt ended."""

    ANSWERED = auto()
    NOT_SENT = auto()
    """Nothing reached Intercom: no connection, no TLS, no free connection."""
    RATE_LIMITED = auto()
    SERVER_FAILED = auto()
    """Status 5xx or 408, from Intercom or from a gateway before it, which may go on behind its answer."""
    LOST = auto()
    """Sent, at least in part, and no whole answer came."""
    UNREADABLE = auto()
    """A success without readable JSON."""
    UNCONFIRMED = auto()
    """A readable success that does not show the effect, or that carries an error list."""
    NOT_REDACTABLE = auto()
    """400 with code conversation_part_not_redactable, which "redacted already" shares with true refusals."""
    REFUSED = auto()
    """Any other 4xx with Intercom's error list: a definite no."""
    INTERCEPTED = auto()
    """A 4xx without Intercom's error list: something in between stopped the request, and Intercom said nothing."""
    UNAUTHORIZED = auto()
    """401: a definite no that says nothing about the conversation."""
    REDIRECTED = auto()
    """3xx: never followed, since the token is for this host only."""


DOUBTFUL = frozenset({Happened.SERVER_FAILED, Happened.LOST, Happened.UNREADABLE, Happened.UNCONFIRMED})
"""Ends of a request after which it is unknown whether it took effect, or will."""


class Action(Enum):
    """What comes next."""

    PROCEED = auto()
    RETRY = auto()
    READ_BACK = auto()
    """Read the conversation once, to say more about a definite refusal."""
    SETTLE = auto()
    """Read the conversation at growing intervals until it shows the effect; send again where that does no harm."""
    FAIL = auto()


P, R, B, S, F = Action.PROCEED, Action.RETRY, Action.READ_BACK, Action.SETTLE, Action.FAIL
_COLUMNS = (RequestEffect.READ, RequestEffect.REDACT, RequestEffect.CONVERT, RequestEffect.WRITE)
_ROWS = {
    Happened.ANSWERED: (P, P, P, P),
    Happened.NOT_SENT: (R, R, R, R),
    Happened.RATE_LIMITED: (R, R, R, R),
    Happened.SERVER_FAILED: (R, S, S, F),
    Happened.LOST: (R, S, S, F),
    Happened.UNREADABLE: (R, S, S, F),
    Happened.UNCONFIRMED: (F, S, S, F),
    Happened.NOT_REDACTABLE: (F, B, F, F),
    Happened.REFUSED: (F, F, B, F),
    Happened.INTERCEPTED: (F, F, F, F),
    Happened.UNAUTHORIZED: (F, F, F, F),
    Happened.REDIRECTED: (F, F, F, F),
}
TABLE = {(effect, happened): row[i] for happened, row in _ROWS.items() for i, effect in enumerate(_COLUMNS)}
IN_DOUBT = {RequestEffect.READ: F, RequestEffect.REDACT: S, RequestEffect.CONVERT: S, RequestEffect.WRITE: F}
"""What comes after any end but ANSWERED, of a request of a call that an earlier request left in doubt."""

LOOKS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds after the last doubtful request at which a call in doubt reads; with a longer `settle_for` the intervals go
on doubling."""
SEND_AGAIN = {RequestEffect.REDACT: (1, 0.0), RequestEffect.CONVERT: (2, 2.0)}
"""So many successful reads must have shown nothing, the last one so many seconds after the last doubtful request,
before the write is sent again. A second redaction does no harm. A second conversion is refused by Intercom itself: the
conversation becomes the ticket."""
REPEATABLE = DOUBTFUL | {Happened.NOT_SENT, Happened.RATE_LIMITED}
"""Ends of a request after which sending it again makes sense."""

BACKOFF, BACKOFF_CAP = 0.5, 8.0
"""Seconds: the first backoff is at most this long; each further one twice as long, up to the cap."""
FARTHEST_RESET = 120.0
"""Seconds: a reset farther ahead is garbage, since Intercom's windows are 10 s long."""


@frozen
class Limits:
    """How long and how often one call may try."""

    max_retries: int = 3
    """How often a request is repeated; 0: never."""
    max_elapsed: float | None = 120.0
    """Seconds from the call's start after which no further attempt is scheduled; None: no limit."""
    settle_for: float = 10.0
    """Seconds after its last doubtful request for which a write in doubt is read back; 0: it is read once, at once."""
    horizon: float = 60.0
    """Seconds after its last doubtful request after which a write that no read shows counts as not applied."""


@frozen
class Decision:
    """What to do next, and when."""

    action: Action
    after: float = 0.0
    """Seconds to wait before a retry. On FAIL: what the wait would have been, or 0."""
    told: bool = False
    """Whether that wait is what the server asked for; else it is a guess, which no error tells."""


def effect_of(method: str, path: str) -> RequestEffect:
    """Say what an operation does, by its method and path template."""
    return _EFFECTS.get((method, path)) or (RequestEffect.READ if method in ("GET", "HEAD") else RequestEffect.WRITE)


_EFFECTS = {
    ("POST", "/conversations/redact"): RequestEffect.REDACT,
    ("POST", "/conversations/{conversation_id}/convert"): RequestEffect.CONVERT,
    ("POST", "/conversations/search"): RequestEffect.READ,
}


def decide(
    effect: RequestEffect,
    happened: Happened,
    *,
    attempt: int,
    elapsed: float,
    now: float,
    limits: Limits,
    in_doubt: bool = False,
    headers: Mapping[str, str] | None = None,
    left: float | None = None,
    jitter: Callable[[], float] = random.random,
) -> Decision:
    """Look up what comes after an attempt, and whether there is room for it.

    Args:
        effect: What the operation does.
        happened: How the attempt ended.
        in_doubt: Whether this or an earlier request of the call may have taken effect.
        attempt: Which attempt it was, from 1.
        elapsed: Seconds since the call began.
        now: This machine's clock, Unix seconds.
        limits: How long and how often the call may try.
        headers: The answer's, where there was one.
        left: Seconds left to the caller's own deadline. None: there is no deadline.
        jitter: Gives a number from 0 to 1.
    """
    action = IN_DOUBT[effect] if in_doubt and happened is not Happened.ANSWERED else TABLE[effect, happened]
    if action is not Action.RETRY:
        return Decision(action)
    return retry(
        happened, attempt=attempt, elapsed=elapsed, now=now, limits=limits, headers=headers, left=left, jitter=jitter
    )


def retry(
    happened: Happened,
    *,
    attempt: int,
    elapsed: float,
    now: float,
    limits: Limits,
    headers: Mapping[str, str] | None = None,
    left: float | None = None,
    jitter: Callable[[], float] = random.random,
) -> Decision:
    """Say when to send again, or to fail because a limit would be passed; arguments as for `decide`.

    For a write in doubt it says the earliest moment; `may_send_again` says whether the reads allow it.
    """
    asked = asked_wait(headers, now, happened is Happened.RATE_LIMITED) if headers is not None else None
    told = asked is not None
    # A refusal for the rate limit that says nothing of a reset: one window later it is over, and a short backoff would
    # only be refused.
    if asked is None and happened is Happened.RATE_LIMITED and "x-ratelimit-reset" not in (headers or {}):
        asked = WINDOW
    backoff = min(BACKOFF * 2 ** min(attempt - 1, 30), BACKOFF_CAP)
    after = backoff * jitter() if asked is None else asked + min(asked, backoff) * jitter()
    spent = attempt > limits.max_retries
    late = limits.max_elapsed is not None and elapsed + after > limits.max_elapsed
    late = late or (left is not None and after >= left)
    return Decision(Action.FAIL if spent or late else Action.RETRY, after, told)


def may_send_again(effect: RequestEffect, reads: int, after: float) -> bool:
    """Say whether a write in doubt may be sent again.

    Args:
        effect: What the operation does.
        reads: How many successful reads have shown no effect since the last doubtful request.
        after: How many seconds after that request the last of them began.
    """
    wanted = SEND_AGAIN.get(effect)
    return wanted is not None and reads >= wanted[0] and after >= wanted[1]


def looks(limits: Limits) -> list[float]:
    """List when a call in doubt reads, in seconds after its last doubtful request; at least once."""
    times = [at for at in LOOKS if at <= limits.settle_for] or [limits.settle_for]
    while times[-1] >= LOOKS[-1] and times[-1] * 2 <= limits.settle_for:
        times.append(times[-1] * 2)
    if times[-1] < limits.horizon <= limits.settle_for:
        times.append(limits.horizon)
    return times


def asked_wait(headers: Mapping[str, str], now: float, limited: bool = True) -> float | None:
    """Read how long the server asks to wait, in seconds; None where it does not say so readably.

    `Retry-After` (seconds or a date; 0 is an answer) comes first, though Intercom does not document it;
    `X-RateLimit-Reset` is what Intercom sends, on every answer, so it says something of this request only where the
    request was refused for it (`limited`). Both dates are the server's, so they are held against the server's own
    `Date`.
    """
    clock = read_date(headers.get("date"))
    clock = now if clock is None else clock
    text = headers.get("retry-after")
    if (seconds := read_seconds(text)) is not None:
        return seconds
    if (date := read_date(text)) is not None:
        return max(0.0, date - clock)
    reset = read_seconds(headers.get("x-ratelimit-reset")) if limited else None
    # A reset that is over is no order to send at once: 0 would mean several refusals in a row without a pause.
    return None if reset is None or not 0 < reset - clock <= FARTHEST_RESET else reset - clock

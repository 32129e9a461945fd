"""Writes in doubt, tried in a row by a clock that nobody waits for: what the caller was told against what the
sandbox did.

A history is what goes wrong with one write. One clock serves the sandbox and the client; a sleep of the client
moves it on. What truly happened is read from the sandbox's own ledger, long after the call ended.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterable
from itertools import product
from typing import Any, Literal

import anyio
from attrs import define, field, frozen
from starlette.types import Receive, Scope, Send

from aiointercom._delivery.clock import Clock
from aiointercom._http.asgi import InProcessTransport
from aiointercom.errors import IntercomError, OutcomeUnknownError
from aiointercom.events import CallCancelled, Event, OutcomeSettled
from aiointercom.sandbox import Fault, Sandbox

Kind = Literal["redact", "convert"]
KINDS: tuple[Kind, ...] = ("redact", "convert")
SUCCESSES = frozenset({"redacted", "already_redacted", "converted"})
AFTERWARDS = 120.0
"""Seconds for which the clock runs on after a call before the ledger is read."""
OPERATIONS = ("redactConversation", "convertConversationToTicket")
ATTRIBUTES = {"_default_title_": "Kettle", "_default_description_": "Broken"}
PAGE = b"<html><body><h1>Gateway</h1></body></html>"


@frozen
class History:
    """What goes wrong with a write and the reads after it. retries: the client's `max_retries`."""

    name: str
    faults: tuple[Fault, ...]
    retries: int = 3


def gateway(status: int, late: float, times: int | None = 1) -> Fault:
    """A gateway gives up on a write with a page of its own, and the write goes on. times: so many writes; None: all."""
    return Fault(status=status, body=PAGE, late=late, times=times)


LOST = tuple(Fault(operation=operation, drop=True, when="after") for operation in OPERATIONS)
"""The write takes effect, and its answer is lost."""
GATEWAY, FORBIDDEN = (
    tuple(Fault(operation=operation, status=status, body=PAGE, times=None) for operation in OPERATIONS)
    for status in (504, 403)
)
UNCHANGED = Fault(operation="redactConversation", status=400, code="conversation_part_not_redactable")


def _refused(status: int, code: str) -> tuple[Fault, Fault]:
    """The write meets a definite refusal each time it is sent again, though the first one is still on its way."""
    first, second = (Fault(operation=operation, status=status, code=code, times=None) for operation in OPERATIONS)
    return first, second


def _lagging(lag: float, every: int = 1) -> tuple[Fault, ...]:
    return *LOST, Fault(lag=lag, every=every, times=None)


ELEVEN = (
    History("502, effect 1 s later", (gateway(502, 1, times=None),), 0),
    History("504, effect 1 s later", (gateway(504, 1, times=None),), 0),
    History("524, effect 1 s later", (gateway(524, 1, times=None),), 0),
    History("408, effect 1 s later", (Fault(status=408, code="request_timeout", late=1, times=None),), 0),
    History("504, effect 7 s later", (gateway(504, 7, times=None),), 0),
    History("504, then 429, effect 3 s later", (gateway(504, 3), *_refused(429, "rate_limit_exceeded"))),
    History("504, then 400, effect 3 s later", (gateway(504, 3), *_refused(400, "parameter_invalid"))),
    History("504, then 404, effect 3 s later", (gateway(504, 3), *_refused(404, "not_found"))),
    History("lost answer, reads lag 0.25 s", _lagging(0.25)),
    History("lost answer, reads lag 1 s", _lagging(1)),
    History("lost answer, reads lag 8 s", _lagging(8)),
)
"""The histories that were tried from outside: ten redactions and ten conversions each, 220 writes."""

MORE = (
    History("dropped, effect 2 s later", (Fault(late=2, drop=True),)),
    History("500, effect 2 s later", (Fault(late=2, status=500),)),
    History("200 with a page, effect 2 s later", (Fault(late=2, body=PAGE),)),
    History(
        "200 with an empty object, effect 2 s later", (Fault(late=2, body=b"{}", content_type="application/json"),)
    ),
    History("408 by a gateway, effect 7 s later", (gateway(408, 7),)),
    History("504 again and again, the first effect 2 s later", (gateway(504, 2), *GATEWAY)),
    History("504 four times, each with an effect 40 s later", (gateway(504, 40, times=None),)),
    History("504 again and again, and never an effect", GATEWAY),
    History(
        "dropped again and again, and never an effect",
        (Fault(drop=True, times=None, operation=OPERATIONS[0]), Fault(drop=True, times=None, operation=OPERATIONS[1])),
    ),
    History("504, then 401, effect 3 s later", (gateway(504, 3), *_refused(401, "unauthorized"))),
    History("504, then 403 by a gateway, effect 3 s later", (gateway(504, 3), *FORBIDDEN)),
    History("504, then 409, effect 3 s later", (gateway(504, 3), *_refused(409, "conflict"))),
    History("504, then 422, effect 12 s later", (gateway(504, 12), *_refused(422, "parameter_invalid"))),
    History("504, then not redactable, effect 12 s later", (gateway(504, 12), UNCHANGED)),
    History("lost answer, reads lag 3 s", _lagging(3)),
    History("lost answer, every second read lags 20 s", _lagging(20, every=2)),
    History("504, effect 1 s later, reads lag 2 s", (gateway(504, 1), Fault(lag=2, times=None))),
    History(
        "504, effect 1 s later, every second read lags 30 s", (gateway(504, 1), Fault(lag=30, every=2, times=None))
    ),
    History(
        "504, effect 3 s later, reads fail at first",
        (gateway(504, 3), *(Fault(operation="retrieveConversation", status=503) for _ in range(2))),
    ),
)
"""Siblings of the eleven."""


class Shared:
    """One clock for the sandbox and the client. Sleeping moves it on and takes no time."""

    def __init__(self, seed: int = 1) -> None:
        self.now = 1_720_000_000.0
        self.cancel_at: tuple[float, anyio.CancelScope] | None = None
        self.clock = Clock(now=self, monotonic=self._monotonic, sleep=self._sleep, jitter=random.Random(seed).random)

    def __call__(self) -> float:
        return self.now

    def _monotonic(self) -> float:
        return self.now - 1_700_000_000.0

    async def _sleep(self, seconds: float) -> None:
        if self.cancel_at is not None and self.now + seconds >= self.cancel_at[0]:
            self.now = self.cancel_at[0]
            self.cancel_at[1].cancel()
        else:
            self.now += seconds
        await anyio.lowlevel.checkpoint()


@define
class Tried:
    """One write: what was told, and what is true."""

    history: str
    kind: Kind
    ended: str = ""
    """"done", "unknown", "cancelled", or the name of the error that said a definite no."""
    heard: list[str] = field(factory=list[str])
    """What observers were told."""
    may_be_applied: bool | None = None
    settled: list[str] = field(factory=list[str])
    """What settling an unknown outcome said: at once, after half a minute, and long after."""
    effects: int = 0
    seconds: float = 0.0
    requests: int = 0

    @property
    def untrue(self) -> str | None:
        """What was told and is not true; None: all of it is."""
        outcome = self.heard[-1] if self.heard else None
        no = self.ended not in ("done", "unknown", "cancelled")
        if self.effects and (no or self.may_be_applied is False or outcome not in (*SUCCESSES, "unknown", None)):
            return f"{self.history}, {self.kind}: told {self.ended}, heard {self.heard}, may be applied {self.may_be_applied}: it was"
        if not self.effects and (self.ended == "done" or outcome in SUCCESSES):
            return f"{self.history}, {self.kind}: told {self.ended}, heard {self.heard}: it was not applied"
        if ("not_applied" if self.effects else "done") in self.settled:
            return f"{self.history}, {self.kind}: settled as {self.settled}, took effect {self.effects} times"
        return None


class Trial:
    """A sandbox and a client on one clock."""

    TRIP = 0.03
    """Seconds that a request takes on its way to the sandbox, and an answer on its way back."""

    def __init__(self, seed: int = 1, **options: Any) -> None:
        self.time = Shared(seed)
        self.sandbox = Sandbox(clock=self.time)
        self.events: list[Event] = []
        # Without pacing: it is no matter here, and would wait by a clock of its own.
        door = InProcessTransport(self._travel)
        self._unknown: OutcomeUnknownError | None = None
        self.intercom = self.sandbox.client(on_event=self.events.append, pace=None, transport=door, **options)
        self.intercom.sender._clock = self.time.clock

    async def attempt(self, history: History, kind: Kind, *, cancel_after: float | None = None) -> Tried:
        """Make one write to a new conversation, let the clock run on, and hold what was told against the ledger."""
        self.events.clear()
        self.sandbox.clear_faults()
        id = self.sandbox.add_conversation(parts=1)
        before, requests = self.time.now, len(self.sandbox.requests)
        self.sandbox.fault(*history.faults)
        tried = Tried(history.name, kind)
        with anyio.CancelScope() as scope:
            self.time.cancel_at = None if cancel_after is None else (before + cancel_after, scope)
            tried.ended = await self._told(self._call(id, kind))
        self.time.cancel_at = None
        if scope.cancelled_caught:
            tried.ended = "cancelled"
        tried.seconds, tried.requests = self.time.now - before, len(self.sandbox.requests) - requests
        self._hear(tried)
        await self._settle(tried)
        self.time.now += AFTERWARDS
        tried.effects = sum(effect.conversation_id == id for effect in self.sandbox.ledger)
        return tried

    async def _travel(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.time.now += self.TRIP
        try:
            await self.sandbox(scope, receive, send)
        finally:
            self.time.now += self.TRIP

    def _call(self, id: str, kind: Kind) -> Callable[[], Awaitable[object]]:
        conversations, part = self.intercom.conversations, self.sandbox.conversation(id)["parts"][0]["id"]
        if kind == "redact":
            return lambda: conversations.redact_part(id, part)
        return lambda: conversations.convert_to_ticket(id, ticket_type_id="85", title="Kettle", description="Broken")

    async def _told(self, call: Callable[[], Awaitable[object]]) -> str:
        self._unknown = None
        try:
            await call()
        except OutcomeUnknownError as error:
            self._unknown = error
            return "unknown"
        except IntercomError as error:
            return type(error).__name__
        return "done"

    async def _settle(self, tried: Tried) -> None:
        if self._unknown is None:
            return
        for seconds in (0, 30, AFTERWARDS):
            self.time.now += seconds
            tried.settled.append((await self.intercom.settle(self._unknown, ATTRIBUTES)).outcome)

    def _hear(self, tried: Tried) -> None:
        for event in self.events:
            if isinstance(event, OutcomeSettled):
                tried.heard.append(event.outcome)
            elif isinstance(event, CallCancelled):
                tried.may_be_applied = event.may_be_applied  # the write's own record comes after that of its read


async def try_all(histories: Iterable[History], times: int) -> list[Tried]:
    """Try each history so often as a redaction and as a conversion, each from another fraction of a second on."""
    tried: list[Tried] = []
    for seed, history in enumerate(histories):
        trial = Trial(seed, max_retries=history.retries)
        async with trial.intercom:
            for number, kind in product(range(times), KINDS):
                trial.time.now = int(trial.time.now) + 1 + number / times
                tried.append(await trial.attempt(history, kind))
    return tried

"""Each fault, at each stage, for each write and a read, on both event loops and over both transports: what the
caller is told against what truly happened.

What truly happened is the sandbox's ledger. Between it and the SDK stands the fault proxy; all of it is real
sockets. The three writes of one test run at once, in one client and each to a conversation of its own. Client and
sandbox share a clock that runs 10 times as fast as this machine's, so the ten seconds for which a call in doubt
looks are one second here: long enough for a busy machine.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import anyio
import httpx
import pytest
from attrs import define, field, frozen
from scripts.soaking.fault_proxy import FaultProxy
from scripts.soaking.faults import Kind, Strike

from aiointercom import Intercom
from aiointercom._http.factory import Transport
from aiointercom.errors import (
    IntercomError,
    NotSentError,
    OutcomeUnknownError,
    ResponseLostError,
    ServerError,
    UnreadableResponseError,
)
from aiointercom.events import Event, OutcomeSettled
from aiointercom.sandbox import Fault, Sandbox
from tests.wire.armed import Armed, reads_of, writes_to
from tests.wire.fast_clock import FastClock

WAYS = [("asyncio", "httpx"), ("trio", "httpx"), ("asyncio", "aiohttp")]
pytestmark = [pytest.mark.anyio, pytest.mark.parametrize(("anyio_backend", "transport"), WAYS)]
each_fault = pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.name.lower())
each_stage = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])

FAST = FastClock(10)
READ_WITHIN = 0.5  # seconds until the SDK gives up on an answer
DELAY = 1.5  # seconds; 15 of the fast clock, so longer than a call looks after one request
RETRIES = 1
DONE = {"redact_part": "redacted", "redact_source": "redacted", "convert_to_ticket": "converted"}
# A read ends in what the last attempt showed; here are those that are no lost answer.
ENDS: dict[Kind, type[IntercomError]] = {
    Kind.GATEWAY: ServerError,
    Kind.GIVES_UP: ServerError,
    Kind.HTML: UnreadableResponseError,
}


@frozen
class Subject:
    """One write to one conversation: what to call, and how the ledger names it."""

    name: str
    conversation_id: str
    call: Callable[[Intercom], Awaitable[Any]]
    effect: tuple[str, str, str]


@define
class Told:
    """What the caller learnt. ended: "done", or the error's class. settled: what observers were told."""

    ended: object = None
    settled: list[tuple[str, bool]] = field(factory=list[tuple[str, bool]])


class Scene:
    """The sandbox as a real server, and the proxy before it."""

    def __init__(self, sandbox: Sandbox, proxy: FaultProxy, faults: Armed) -> None:
        self.sandbox, self.proxy, self.faults = sandbox, proxy, faults
        self.transport: Transport = "httpx"

    def subjects(self) -> list[Subject]:
        """The three writes, each to a new conversation."""
        ids = [self.sandbox.add_conversation(parts=1) for _ in range(3)]
        part = self.sandbox.conversation(ids[0])["parts"][0]["id"]
        source = self.sandbox.conversation(ids[1])["source"]["id"]
        return [
            Subject(
                "redact_part",
                ids[0],
                lambda intercom: intercom.conversations.redact_part(ids[0], part),
                ("redactConversation", ids[0], part),
            ),
            Subject(
                "redact_source",
                ids[1],
                lambda intercom: intercom.conversations.redact_source(ids[1], source),
                ("redactConversation", ids[1], source),
            ),
            Subject(
                "convert_to_ticket",
                ids[2],
                lambda intercom: intercom.conversations.convert_to_ticket(
                    ids[2], ticket_type_id="85", title="Kettle", description="Came broken"
                ),
                ("convertConversationToTicket", ids[2], ids[2]),
            ),
        ]

    def effects(self, subject: Subject) -> int:
        """How often a write took effect."""
        ledger = [(effect.operation, effect.conversation_id, effect.target_id) for effect in self.sandbox.ledger]
        assert subject.effect in ledger or subject.conversation_id not in [entry[1] for entry in ledger]
        return ledger.count(subject.effect)

    def sent(self, subject: Subject) -> int:
        """How often the SDK sent a write."""
        return sum(writes_to(subject.conversation_id)(arrival) for arrival, _ in self.proxy.log)

    async def quiet(self) -> None:
        """Wait until nothing is held back on its way to the sandbox."""
        while self.proxy.holding:  # noqa: ASYNC110  # it is counted in another thread
            await anyio.sleep(0.01)


def unverified(**_: object) -> ssl.SSLContext:
    """No certificates are loaded for each client: that would take a third of the time of all these tests, and none is
    looked at.
    """
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture(scope="module")
def running() -> Iterator[Scene]:
    sandbox, faults = Sandbox(limit=1_000_000, clock=FAST), Armed()
    with sandbox.serve() as server, FaultProxy(server.port, faults, delay=DELAY) as proxy:
        yield Scene(sandbox, proxy, faults)


@pytest.fixture
def scene(running: Scene, transport: Transport, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """The same servers for all tests; faults and connections that one leaves behind do not reach the next."""
    monkeypatch.setattr(httpx, "create_ssl_context", unverified)
    running.transport = transport
    yield running
    running.faults.clear()
    running.sandbox.clear_faults()
    running.proxy.listen()


async def told(
    scene: Scene,
    calls: Mapping[str, Callable[[Intercom], Awaitable[Any]]],
    sleep: Callable[[float], Awaitable[None]] = FAST.sleep,
) -> dict[str, Told]:
    """Make calls at once, by conversation id, with one client, and return what their callers learnt."""
    learnt = {conversation_id: Told() for conversation_id in calls}

    def hear(event: Event) -> None:
        if isinstance(event, OutcomeSettled):
            learnt[str(event.ids["conversation_id"])].settled.append((event.outcome, event.by_reading))

    async def make(conversation_id: str) -> None:
        try:
            await calls[conversation_id](intercom)
            learnt[conversation_id].ended = "done"
        except IntercomError as error:
            learnt[conversation_id].ended = type(error)

    async with Intercom(
        "sandbox-token",
        base_url=scene.proxy.url,
        timeout=httpx.Timeout(5, read=READ_WITHIN),
        max_retries=RETRIES,
        transport=scene.transport,
        on_event=hear,
    ) as intercom:
        intercom.sender._clock = FAST.clock(sleep)
        intercom.sender.token_state.pacer = FAST.pacer()
        async with anyio.create_task_group() as tasks:
            for conversation_id in calls:
                tasks.start_soon(make, conversation_id)
    await scene.quiet()
    return learnt


async def all_told(scene: Scene, subjects: list[Subject]) -> dict[str, Told]:
    """Make the three writes at once; what their callers learnt, by the name of the write."""
    learnt = await told(scene, {subject.conversation_id: subject.call for subject in subjects})
    return {subject.name: learnt[subject.conversation_id] for subject in subjects}


@each_fault
@each_stage
@pytest.mark.parametrize("reading_struck", [False, True], ids=["reading_works", "one_reading_struck"])
async def test_write_with_one_lost_answer_is_done_once(
    scene: Scene, kind: Kind, after: bool, reading_struck: bool
) -> None:
    """A write whose answer is lost is done, once, and told as done; where it took effect at first it is never sent
    again.

    Where the request arrives late it is sent again, or the effect is read before that.
    """
    subjects = scene.subjects()
    for subject in subjects:
        scene.faults.arm(Strike(kind, after), writes_to(subject.conversation_id))
        if reading_struck:
            scene.faults.arm(Strike(kind, after), reads_of(subject.conversation_id))
    learnt = await all_told(scene, subjects)
    assert {name: was.ended for name, was in learnt.items()} == dict.fromkeys(DONE, "done")
    assert [scene.effects(subject) for subject in subjects] == [1, 1, 1]
    if after or not Strike(kind, after).arrives:
        assert {name: was.settled for name, was in learnt.items()} == {
            name: [(told, after)] for name, told in DONE.items()
        }
        assert [scene.sent(subject) for subject in subjects] == [1 if after else 2] * 3


@each_fault
@each_stage
@pytest.mark.parametrize("every", [1, 2], ids=["lagging", "flipping"])
async def test_write_with_one_lost_answer_and_reads_that_lag(scene: Scene, kind: Kind, after: bool, every: int) -> None:
    """Reads show the conversation as it was three seconds ago, all of them or one in two: done, once, or unknown, never
    a no.
    """
    subjects = scene.subjects()
    scene.sandbox.fault(Fault(lag=3, every=every, times=None))
    for subject in subjects:
        scene.faults.arm(Strike(kind, after), writes_to(subject.conversation_id))
    learnt = await all_told(scene, subjects)
    ended = {was.ended for was in learnt.values()}
    assert ended <= ({"done"} if every == 1 else {"done", OutcomeUnknownError})
    assert {told for was in learnt.values() for told, _ in was.settled} <= {*DONE.values(), "unknown"}
    assert [scene.effects(subject) for subject in subjects] == [1, 1, 1]


@each_fault
@each_stage
async def test_write_is_unknown_only_where_nothing_can_be_read(scene: Scene, kind: Kind, after: bool) -> None:
    """The answer is lost and no reading succeeds: unknown, whatever the truth is, and never sent a second time."""
    subjects = scene.subjects()
    for subject in subjects:
        scene.faults.arm(Strike(kind, after), writes_to(subject.conversation_id))
        scene.faults.arm(Strike(kind, after), reads_of(subject.conversation_id), times=None)
    learnt = await all_told(scene, subjects)
    assert {name: (was.ended, was.settled) for name, was in learnt.items()} == {
        name: (OutcomeUnknownError, [("unknown", True)]) for name in DONE
    }
    assert [scene.effects(subject) for subject in subjects] == [Strike(kind, after).arrives] * 3
    assert [scene.sent(subject) for subject in subjects] == [1, 1, 1]


@each_fault
@each_stage
async def test_write_that_is_struck_every_time(scene: Scene, kind: Kind, after: bool) -> None:
    """All answers are lost: if it took effect the first reading shows it; if not it is sent as often as allowed,
    then it is unknown.

    Where its requests arrive late a reading may still show the effect.
    """
    subjects = scene.subjects()
    for subject in subjects:
        scene.faults.arm(Strike(kind, after), writes_to(subject.conversation_id), times=None)
    learnt = await all_told(scene, subjects)
    strike = Strike(kind, after)
    ends = {(was.ended, *was.settled) for was in learnt.values()}
    assert {end[0] for end in ends} <= (
        {"done"} if after else {OutcomeUnknownError} | ({"done"} if strike.arrives else set())
    )
    assert all(end[1:] == (("unknown", True),) for end in ends if end[0] is OutcomeUnknownError)
    assert [scene.effects(subject) for subject in subjects] == [strike.arrives] * 3
    if after or not strike.arrives:
        assert [scene.sent(subject) for subject in subjects] == [1 if after else 1 + RETRIES] * 3


@each_fault
@each_stage
@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
async def test_read(scene: Scene, kind: Kind, after: bool, times: int | None) -> None:
    """A read is repeated, and ends in the conversation or in an error that says what its last answer was."""
    [subject, *_] = scene.subjects()
    scene.faults.arm(Strike(kind, after), reads_of(subject.conversation_id), times=times)
    id = subject.conversation_id
    learnt = (await told(scene, {id: lambda intercom: intercom.conversations.retrieve(id)}))[id]
    assert (learnt.ended, learnt.settled) == ("done" if times else ENDS.get(kind, ResponseLostError), [])
    assert scene.effects(subject) == 0


@pytest.mark.parametrize("again", [True, False], ids=["then_accepted", "for_good"])
@pytest.mark.parametrize("name", ["redact_part", "redact_source", "convert_to_ticket", "read"])
async def test_refused_connection(scene: Scene, name: str, again: bool) -> None:
    """Where no connection is made nothing was sent: the call is repeated, and ends as done, or as certainly not
    sent.
    """
    subjects = {subject.name: subject for subject in scene.subjects()}
    subject = subjects.get(name, subjects["redact_part"])
    call = subject.call if name in subjects else lambda intercom: intercom.conversations.retrieve("471")

    async def sleep(seconds: float) -> None:
        await FAST.sleep(seconds)
        if again:
            scene.proxy.listen()

    scene.proxy.refuse()
    learnt = (await told(scene, {subject.conversation_id: call}, sleep))[subject.conversation_id]
    assert learnt.ended == ("done" if again else NotSentError)
    assert learnt.settled == ([(DONE[name] if again else "not_applied", False)] if name in DONE else [])
    assert scene.effects(subject) == (1 if again and name in DONE else 0)


@each_stage
@pytest.mark.parametrize("again", [True, False], ids=["then_accepted", "for_good"])
@pytest.mark.parametrize("name", list(DONE))
async def test_refused_connection_for_the_reading(scene: Scene, name: str, after: bool, again: bool) -> None:
    """The answer is lost, and then no connection is made to read back: done once there is one again, else unknown."""
    [subject] = [subject for subject in scene.subjects() if subject.name == name]

    sleeps = 0

    async def sleep(seconds: float) -> None:
        nonlocal sleeps
        await FAST.sleep(seconds)
        sleeps += 1
        if again and sleeps > 1:  # the first look is refused
            scene.proxy.listen()

    scene.faults.arm(Strike(Kind.RESET, after, then_refuse=True), writes_to(subject.conversation_id))
    learnt = (await told(scene, {subject.conversation_id: subject.call}, sleep))[subject.conversation_id]
    assert learnt.ended == ("done" if again else OutcomeUnknownError)
    assert learnt.settled == [(DONE[name], after) if again else ("unknown", True)]
    assert scene.effects(subject) == (1 if again or after else 0)

"""`carry_out`: one item for an engine of somebody else's, which keeps two times and calls again when it is told to.
Nobody waits for the clock.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, Literal

import pytest

from aiointercom import IntercomError, RateLimitedError
from aiointercom.cleanup import Convert, Item, RedactPart, RedactSource, Result, carry_out
from aiointercom.events import RequestSent
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.virtual import Virtual

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual")]

PAGE = b"<html><body>Gateway</body></html>"
WRITES = ("redactConversation", "convertConversationToTicket")
Kind = Literal["part", "source", "convert"]
KINDS: tuple[Kind, ...] = ("part", "source", "convert")
each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def box(virtual: Virtual) -> Sandbox:
    """An empty workspace without a rate limit to speak of."""
    return Sandbox(seed=False, limit=100_000, clock=virtual.now)


def item_in(box: Sandbox, kind: Kind) -> Item:
    """Something that can be done in the workspace."""
    conversation_id = box.add_conversation(parts=1)
    conversation = box.conversation(conversation_id)
    if kind == "part":
        return RedactPart(conversation_id, conversation["parts"][0]["id"])
    if kind == "source":
        return RedactSource(conversation_id, conversation["source"]["id"])
    return Convert(conversation_id, box.add_ticket_type(), title="Refund")


def effects(box: Sandbox) -> Counter[str]:
    """In which conversations something took effect, and how often."""
    return Counter(effect.conversation_id for effect in box.ledger)


def methods(box: Sandbox) -> list[str]:
    """The methods of all requests."""
    return [received.method for received in box.requests]


def kept(result: Result) -> dict[str, float | None]:
    """What an engine keeps between two calls."""
    return {"first_sent_at": result.first_sent_at, "last_doubt_at": result.last_doubt_at}


async def driven(
    box: Sandbox, virtual: Virtual, item: Item, times: dict[str, Any] | None = None, **options: Any
) -> tuple[Result, int]:
    """Call again as often as a result says, as an engine would; the last result, and the number of calls."""
    async with box.client(**options) as intercom:
        for number in range(1, 20):
            result = await carry_out(intercom, item, **(times or {}))
            if result.retry_after is None:
                return result, number
            assert 0 < result.retry_after <= 63
            virtual.ahead += result.retry_after
            times = kept(result)
    raise AssertionError("it never came to an end")


@each_kind
async def test_an_item_is_sent(box: Sandbox, virtual: Virtual, kind: Kind) -> None:
    """One that was never sent costs one request, and its result is final and holds no times."""
    item = item_in(box, kind)
    result, calls = await driven(box, virtual, item)
    assert (result.state, result.item, result.attempts, calls) == ("done", item, 1, 1)
    assert kept(result) == {"first_sent_at": None, "last_doubt_at": None}
    assert result.outcome == ("converted" if kind == "convert" else "redacted")
    assert methods(box) == ["POST"]
    assert effects(box) == {item.conversation_id: 1}


@each_kind
async def test_a_worker_that_died_after_the_effect(box: Sandbox, virtual: Virtual, kind: Kind) -> None:
    """What took effect before the worker died is found by reading, and not sent again."""
    item, since = item_in(box, kind), virtual.now()
    await driven(box, virtual, item)
    virtual.ahead += 30
    result, calls = await driven(box, virtual, item, {"first_sent_at": since})
    assert (result.state, result.by_reading, result.attempts, calls) == ("done", True, 0, 1)
    assert methods(box).count("POST") == 1


@each_kind
async def test_a_worker_that_died_before_it_sent(box: Sandbox, virtual: Virtual, kind: Kind) -> None:
    """A redaction that no read shows is sent at once; a conversion waits for the horizon without holding a place."""
    item, since = item_in(box, kind), virtual.now()
    virtual.ahead += 30
    result, calls = await driven(box, virtual, item, {"first_sent_at": since})
    assert (result.state, result.by_reading, result.attempts) == ("done", False, 1)
    # Intercom's clock tells whole seconds, so that a first read after the horizon may come a moment too early for a
    # conversion.
    assert calls in ((2, 3) if kind == "convert" else (1,))
    assert virtual.now() - since > (90 if kind == "convert" else 30)
    assert effects(box) == {item.conversation_id: 1}


async def test_a_conversion_in_doubt_says_how_long_and_since_when(box: Sandbox, virtual: Virtual) -> None:
    """The first call after a death notes the time until which the dead worker may have sent, and later calls do not
    move it.
    """
    item, since = item_in(box, "convert"), virtual.now() - 5
    async with box.client() as intercom:
        first = await carry_out(intercom, item, first_sent_at=since)
        virtual.ahead += 20
        second = await carry_out(intercom, item, **kept(first))
    assert (first.state, second.state, first.attempts) == ("unknown", "unknown", 0)
    assert first.first_sent_at == since
    assert kept(second) == kept(first)
    assert first.retry_after == pytest.approx(62.25, abs=3)
    assert second.retry_after == pytest.approx(42.25, abs=3)
    assert methods(box) == ["GET", "GET"]


@each_kind
@pytest.mark.parametrize("late", [3.0, 20.0, 50.0])
async def test_late_effects_are_found(box: Sandbox, virtual: Virtual, kind: Kind, late: float) -> None:
    """A write whose gateway gives up and that takes effect much later ends as done, once."""
    item = item_in(box, kind)
    box.fault(*(Fault(operation=name, status=504, body=PAGE, late=late, times=3) for name in WRITES))
    result, _ = await driven(box, virtual, item)
    assert result.state == "done"
    assert effects(box) == {item.conversation_id: 1}


@each_kind
async def test_a_write_that_never_arrives_is_sent_again_after_the_horizon(
    box: Sandbox, virtual: Virtual, kind: Kind
) -> None:
    """A gateway swallows the write again and again; each doubt has a horizon of its own, and then it is sent anew."""
    item = item_in(box, kind)
    box.fault(*(Fault(operation=name, status=504, body=PAGE, times=8) for name in WRITES))
    result, calls = await driven(box, virtual, item)
    assert (result.state, kept(result)) == ("done", {"first_sent_at": None, "last_doubt_at": None})
    assert calls >= 2
    assert effects(box) == {item.conversation_id: 1}


@each_kind
async def test_the_rate_limit_comes_back_as_a_result(box: Sandbox, virtual: Virtual, kind: Kind) -> None:
    """A refusal for the rate limit is a result that says when to call again, with the time that Intercom asked for."""
    item = item_in(box, kind)
    box.fault(Fault(rate_limited=True, times=None))
    async with box.client(max_retries=0) as intercom:
        result = await carry_out(intercom, item)
        assert (result.state, result.outcome, type(result.error)) == ("failed", "not_applied", RateLimitedError)
        assert result.retry_after is not None
        assert 0 < result.retry_after <= 20
        assert kept(result) == {"first_sent_at": None, "last_doubt_at": None}
        box.clear_faults()
        virtual.ahead += result.retry_after + 20
        assert (await carry_out(intercom, item)).state == "done"


async def test_the_rate_limit_leaves_a_doubt_as_it_was(box: Sandbox, virtual: Virtual) -> None:
    """A redaction in doubt that is refused for the rate limit stays in doubt, and is due when the rate limit allows
    it.
    """
    item, since = item_in(box, "part"), virtual.now()
    box.fault(Fault(operation="redactConversation", rate_limited=True, times=None))
    async with box.client(max_retries=0) as intercom:
        result = await carry_out(intercom, item, first_sent_at=since)
    assert (result.state, kept(result)) == ("unknown", {"first_sent_at": since, "last_doubt_at": None})
    assert result.retry_after is not None
    assert result.retry_after <= 20
    box.clear_faults()
    result, calls = await driven(box, virtual, item, kept(result))
    assert (result.state, calls) == ("done", 1)
    assert effects(box) == {item.conversation_id: 1}


async def test_a_read_that_fails_after_the_horizon_is_tried_again(box: Sandbox, virtual: Virtual) -> None:
    """A conversion whose reads fail is due again soon, however long ago it was sent, and is never sent on the strength
    of a failed read.
    """
    item = item_in(box, "convert")
    times = {"first_sent_at": virtual.now() - 500, "last_doubt_at": virtual.now() - 400}
    box.fault(Fault(operation="retrieveConversation", status=500, times=None))
    async with box.client() as intercom:
        result = await carry_out(intercom, item, **times)
    assert (result.state, result.retry_after, kept(result)) == ("unknown", 10.0, times)
    assert "POST" not in methods(box)
    box.clear_faults()
    assert (await driven(box, virtual, item, times))[0].outcome == "converted"


async def test_what_reading_cannot_tell_is_left_to_a_person(box: Sandbox, virtual: Virtual) -> None:
    """A ticket with other attributes than were asked for stays unknown, and no wait is told once the horizon has
    passed.
    """
    item = item_in(box, "convert")
    assert isinstance(item, Convert)
    since = virtual.now()
    await driven(box, virtual, item)
    other = Convert(item.conversation_id, item.ticket_type_id, title="Something else")
    result, _ = await driven(box, virtual, other, {"first_sent_at": since})
    assert (result.state, result.retry_after) == ("unknown", None)
    assert "other attributes" in (result.reason or "")
    assert effects(box) == {item.conversation_id: 1}


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (
            Fault(
                operation="redactConversation", status=404, code="conversation_part_or_message_not_found", times=None
            ),
            "refused",
        ),
        (Fault(operation="redactConversation", status=403, body=PAGE, times=None), "failed"),
        (Fault(operation="redactConversation", status=401, code="unauthorized", times=None), "failed"),
    ],
)
async def test_errors_are_results(box: Sandbox, virtual: Virtual, fault: Fault, state: str) -> None:
    """An answer that says no is a result with its error, final only where Intercom said it about this very item."""
    box.fault(fault)
    result, calls = await driven(box, virtual, item_in(box, "part"))
    assert (result.state, result.retry_after, calls) == (state, None, 1)
    assert isinstance(result.error, IntercomError)
    assert box.ledger == []


async def test_the_applications_own_function_hears_the_events(box: Sandbox) -> None:
    """`on_event` of the client goes on hearing everything."""
    heard: list[object] = []
    async with box.client(on_event=heard.append) as intercom:
        await carry_out(intercom, item_in(box, "part"))
    assert any(isinstance(event, RequestSent) for event in heard)


async def test_what_cannot_be_used_is_refused_before_anything_is_sent(box: Sandbox) -> None:
    """No item, a last time without a first one, times that are none."""
    item = item_in(box, "part")
    async with box.client() as intercom:
        for wrong, error in (
            ({"last_doubt_at": 5.0}, ValueError),
            ({"first_sent_at": float("nan")}, ValueError),
            ({"first_sent_at": -1}, ValueError),
            ({"first_sent_at": "yesterday"}, TypeError),
            ({"first_sent_at": 5.0, "last_doubt_at": True}, TypeError),
        ):
            with pytest.raises(error, match="_at"):
                await carry_out(intercom, item, **wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="not str"):
            await carry_out(intercom, "471")  # type: ignore[arg-type]
    assert box.requests == []


def trouble(dice: random.Random) -> list[Fault]:
    """What may go wrong with a few writes and reads."""
    late = dice.choice([None, 1.0, 8.0, 40.0])
    kinds: list[dict[str, Any]] = [
        {"status": dice.choice([500, 502, 504, 408]), "body": PAGE, "late": late},
        {"drop": True, "late": late},
        {"drop": True, "when": "after"},
        {"status": dice.choice([500, 504]), "body": PAGE, "when": "after"},
        {"truncate": 10, "when": "after"},
        {"rate_limited": True},
        {"status": 403, "body": PAGE},
    ]
    faults = [Fault(operation=name, times=dice.randint(1, 5), **dice.choice(kinds)) for name in WRITES]
    if dice.random() < 0.4:
        faults.append(Fault(operation="retrieveConversation", lag=dice.choice([0.5, 5.0, 30.0]), times=3))
    if dice.random() < 0.3:
        faults.append(Fault(operation="retrieveConversation", status=500, times=3))
    return faults


@pytest.mark.parametrize("seed", range(12))
async def test_faults_of_all_kinds_with_deaths_in_between(box: Sandbox, virtual: Virtual, seed: int) -> None:
    """Random faults, and a worker that forgets its result every now and then: each item ends done, took effect once,
    and nothing untrue is told.
    """
    dice = random.Random(seed)
    items = [item_in(box, dice.choice(KINDS)) for _ in range(5)]
    async with box.client(settle_for=2) as intercom:
        for item in items:
            box.fault(*trouble(dice))
            times: dict[str, float | None] = {}
            for _ in range(25):
                picked = virtual.now()
                result = await carry_out(intercom, item, **times)
                if result.state in ("done", "refused"):
                    break
                # Now and then the worker dies with its result: the engine knows only when it first handed out the item.
                died = {"first_sent_at": times.get("first_sent_at") or picked}
                times = died if dice.random() < 0.3 else kept(result)
                virtual.ahead += result.retry_after or 10.0
            assert result.state == "done", (item.kind, result.reason)
            virtual.ahead += 100
            box.clear_faults()
    assert effects(box) == Counter({item.conversation_id: 1 for item in items})

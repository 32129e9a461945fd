"""`Intercom.settle`: what became of a write in doubt, read later, in this process or another one, on a clock that
nobody waits for.
"""

from __future__ import annotations

import pickle
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from attrs import evolve

from aiointercom import AlreadyTicketError, ConfigurationError, Intercom, OutcomeUnknownError, Settlement
from aiointercom.events import RequestSent
from aiointercom.sandbox import Fault
from tests.journeys.canned import Canned, Scene, refuses, says
from tests.journeys.histories import Trial

pytestmark = pytest.mark.anyio

Write = Callable[[Intercom], Awaitable[Any]]
PAGE = b"<html>gateway</html>"
WRITES: dict[str, Write] = {
    "redact_part": lambda intercom: intercom.conversations.redact_part("471", "115"),
    "redact_source": lambda intercom: intercom.conversations.redact_source("480", "403918320"),
    "convert": lambda intercom: intercom.conversations.convert_to_ticket("474", ticket_type_id="85", title="Kettle"),
}
each_write = pytest.mark.parametrize("write", WRITES)


async def doubted(trial: Trial, write: str, late: float | None) -> OutcomeUnknownError:
    """Make a write whose gateway gives up at once, and that takes effect so many seconds later; None: never."""
    fault = {"status": 504, "body": PAGE} | ({} if late is None else {"late": late})
    trial.sandbox.fault(
        *(Fault(operation=name, **fault) for name in ("redactConversation", "convertConversationToTicket"))
    )
    with pytest.raises(OutcomeUnknownError) as caught:
        await WRITES[write](trial.intercom)
    trial.sandbox.clear_faults()
    return caught.value


def unpickled(error: OutcomeUnknownError) -> OutcomeUnknownError:
    """The error as it arrives in another process."""
    return pickle.loads(pickle.dumps(error))


@each_write
@pytest.mark.parametrize("there", [lambda error: error, unpickled], ids=["here", "in another process"])
async def test_a_late_effect_is_found(write: str, there: Callable[[OutcomeUnknownError], OutcomeUnknownError]) -> None:
    """Before the effect it is unknown, and says for how long; after it, done, with what the write would have
    returned.
    """
    trial = Trial(max_retries=0)
    error = there(await doubted(trial, write, late=30))
    assert error.seen is not None
    assert (error.seen.status, error.seen.code) == (504, None)
    early = await trial.intercom.settle(error)
    assert (early.outcome, early.answer) == ("unknown", None)
    assert early.retry_after is not None
    assert 45 < early.retry_after < 65
    trial.time.now += 31
    late = await trial.intercom.settle(error)
    assert late.outcome == "done"
    assert late.answer is not None
    assert late.ticket_id == ("474" if write == "convert" else None)
    assert len(trial.sandbox.ledger) == 1


@each_write
@pytest.mark.parametrize("there", [lambda error: error, unpickled], ids=["here", "in another process"])
async def test_not_applied_is_told_after_the_horizon_only(
    write: str, there: Callable[[OutcomeUnknownError], OutcomeUnknownError]
) -> None:
    """A read shows nothing: that is "unknown" for a minute after the last doubtful request, and "not applied" from then
    on.
    """
    trial = Trial(max_retries=0)
    error = there(await doubted(trial, write, late=None))
    since = trial.time.now - error.last_doubt_at.timestamp()
    trial.time.now += 57 - since
    early = await trial.intercom.settle(error)
    assert early.outcome == "unknown"
    assert early.retry_after is not None
    assert 0 < early.retry_after < 6
    trial.time.now += early.retry_after + 0.01
    assert await trial.intercom.settle(error) == Settlement(
        outcome="not_applied", reason="no ticket" if write == "convert" else "not redacted"
    )
    assert trial.sandbox.ledger == []


async def test_the_horizon_is_the_clients() -> None:
    """`horizon=` says after how many seconds a write that no read shows counts as not applied."""
    trial = Trial(max_retries=0, settle_for=0, horizon=3)
    error = await doubted(trial, "redact_part", late=None)
    trial.time.now += 3
    assert (await trial.intercom.settle(error)).outcome == "not_applied"
    patient = trial.intercom.with_options(horizon=90)
    patient.sender._clock = trial.time.clock
    assert (await patient.settle(error)).outcome == "unknown"


@each_write
async def test_a_conversation_that_is_gone_stays_unknown(write: str) -> None:
    """A conversation that was deleted meanwhile tells nothing about the write."""
    trial = Trial(max_retries=0)
    error = await doubted(trial, write, late=None)
    trial.time.now += 600
    trial.sandbox.fault(Fault(operation="retrieveConversation", status=404, code="not_found"))
    settlement = await trial.intercom.settle(error)
    assert settlement.outcome == "unknown"
    assert settlement.retry_after is None
    assert "gone" in str(settlement.reason)


async def test_somebody_elses_ticket() -> None:
    """A conversation that somebody made a ticket of another type is no success of this write, at any time."""
    trial = Trial(max_retries=0)
    error = await doubted(trial, "convert", late=None)
    await trial.sandbox.client(transport=trial.intercom._transport.transport).conversations.convert_to_ticket(
        "474", ticket_type_id="95", attributes={"amount": 3}
    )
    settlement = await trial.intercom.settle(error)
    assert (settlement.outcome, settlement.ticket_id) == ("not_applied", "474")


async def test_a_pickled_conversion_knows_its_ticket_by_the_attributes_that_are_given_again() -> None:
    """Attributes are not pickled; given again, they are compared, so a ticket with other words is not taken for one's
    own.
    """
    trial = Trial(max_retries=0)
    error = unpickled(await doubted(trial, "convert", late=20))
    assert error.attributes is None
    trial.time.now += 21
    assert (await trial.intercom.settle(error)).outcome == "done"
    assert (await trial.intercom.settle(error, {"_default_title_": "Kettle"})).outcome == "done"
    other = await trial.intercom.settle(error, {"_default_title_": "Toaster"})
    assert other.outcome == "unknown"
    assert "other attributes" in str(other.reason)


async def test_a_ticket_made_long_after_is_not_the_writes_own() -> None:
    """What became a ticket later than the horizon was made by somebody else, though type and words are the same."""
    trial = Trial(max_retries=0)
    error = unpickled(await doubted(trial, "convert", late=None))
    trial.time.now += 300
    await WRITES["convert"](trial.sandbox.client(transport=trial.intercom._transport.transport))
    settlement = await trial.intercom.settle(error, {"_default_title_": "Kettle"})
    assert (settlement.outcome, settlement.ticket_id) == ("not_applied", "474")


async def test_another_workspace_is_refused() -> None:
    """Ids of another workspace would be other things: the error remembers where the write went, once the client had
    read it.
    """
    trial = Trial(max_retries=0)
    await trial.intercom.me()
    error = unpickled(await doubted(trial, "redact_part", late=None))
    assert error.workspace == "sandbox1"
    assert (await trial.intercom.settle(error)).outcome == "unknown"
    me = says({"type": "admin", "id": "1", "app": {"type": "app", "id_code": "other9", "region": "US"}})
    canned = Canned(me)
    async with Scene(canned) as scene:
        with pytest.raises(ConfigurationError, match="other9"):
            await scene.intercom.settle(error)
    assert len(canned.requests) == 1


async def test_a_read_that_is_not_allowed_is_unknown() -> None:
    """A token that may not read ends in "unknown" and the reason, not in an error that hides the write."""
    trial = Trial(max_retries=0)
    error = await doubted(trial, "redact_part", late=None)
    async with Scene(Canned(refuses(403, "forbidden"))) as scene:
        settlement = await scene.intercom.settle(error)
    assert settlement.outcome == "unknown"
    assert "ForbiddenError" in str(settlement.reason)


async def test_settling_sends_no_write_and_takes_no_other_error() -> None:
    """It reads once; anything but an OutcomeUnknownError is a TypeError before anything is sent."""
    trial = Trial(max_retries=0)
    error = await doubted(trial, "redact_part", late=None)
    trial.events.clear()
    await trial.intercom.settle(error)
    assert [event.operation for event in trial.events if isinstance(event, RequestSent)] == [
        "GET /conversations/{conversation_id}"
    ]
    trial.events.clear()
    with pytest.raises(TypeError, match="OutcomeUnknownError"):
        await trial.intercom.settle(ValueError("x"))  # type: ignore[arg-type]
    assert trial.events == []


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
async def test_a_wall_clock_that_is_set_does_not_change_whose_ticket_it_is(step: float) -> None:
    """The machine's clock jumps an hour while a conversion is in doubt: its own ticket is still known as its own, and
    an older one as older.
    """
    trial = Trial()
    wall = [0.0]
    clock = trial.time.clock

    def jump(_event: object) -> None:
        wall[0] = step

    client = trial.intercom.with_options(on_event=jump)
    client.sender._clock = evolve(clock, now=lambda: trial.time.now + wall[0])
    trial.sandbox.fault(Fault(operation="convertConversationToTicket", when="after", drop=True, times=2))
    ticket = await client.conversations.convert_to_ticket("474", ticket_type_id="85", title="Kettle")
    assert ticket.id == "474"
    with pytest.raises(AlreadyTicketError):
        await client.conversations.convert_to_ticket("493", ticket_type_id="112")

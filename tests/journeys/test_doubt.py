"""A "no" is told only when it is one: writes in doubt, on a clock that nobody waits for, held against the sandbox's own
ledger.
"""

from __future__ import annotations

from collections import Counter

import pytest
from attrs import evolve

from tests.journeys.histories import ELEVEN, KINDS, MORE, History, Kind, Trial, Tried, try_all

pytestmark = pytest.mark.anyio
CANCELLED_AFTER = (0.2, 0.7, 1.5, 3.0, 6.0)


def untrue(tried: list[Tried]) -> list[str]:
    """Everything that was told and is not true."""
    return [words for one in tried if (words := one.untrue)]


def share(tried: list[Tried]) -> str:
    """How many ended as unknown, of how many, by history."""
    unknown = Counter(one.history for one in tried if one.ended == "unknown")
    return f"unknown: {unknown.total()} of {len(tried)}, {unknown.total() / len(tried):.1%} ({dict(unknown)})"


async def test_220_writes_in_doubt() -> None:
    """Eleven histories, redact and convert, ten each: nothing untrue is told, no conversation converted twice, at most
    40 end as unknown.
    """
    tried = await try_all(ELEVEN, 10)
    print(share(tried))  # noqa: T201  # the share of unknown is told beside the zeros: `pytest -s`
    assert len(tried) == 220
    assert untrue(tried) == []
    assert [one for one in tried if one.effects != 1] == []
    assert sum(one.ended == "unknown" for one in tried) <= 40


async def test_unknown_only_where_the_effect_is_seen_last() -> None:
    """The effect within four seconds: each ends as done, within the ten seconds for which a call looks."""
    tried = await try_all(
        tuple(history for history in ELEVEN if not any(word in history.name for word in ("7 s", "8 s"))), 3
    )
    assert {one.ended for one in tried} == {"done"}
    assert max(one.seconds for one in tried) < 10


async def test_siblings_of_the_eleven() -> None:
    """Other gateways, other answers to the write that is sent again, flipping reads: nothing untrue is told, and no
    conversion made twice.
    """
    tried = await try_all(MORE, 3)
    print(share(tried))  # noqa: T201  # the share of unknown is told beside the zeros: `pytest -s`
    assert untrue(tried) == []
    assert [one for one in tried if one.effects != ("never" not in one.history)] == []
    assert max(one.seconds for one in tried) <= 25


async def test_unknown_is_settled_later() -> None:
    """What ended as unknown is settled truly by one read long after, and never before by a no."""
    tried = [one for one in await try_all((*ELEVEN, *MORE), 2) if one.ended == "unknown"]
    assert {one.kind for one in tried} == set(KINDS)
    assert {one.effects for one in tried} == {0, 1}
    for one in tried:
        assert one.settled[-1] == ("done" if one.effects else "not_applied"), one
        assert "not_applied" not in one.settled[:-1], one


@pytest.mark.parametrize("retries", [0, 1, 3])
async def test_sending_again_changes_nothing_of_the_truth(retries: int) -> None:
    """However often a call may send again, it looks as long, and tells nothing untrue."""
    tried = await try_all([evolve(history, retries=retries) for history in (*ELEVEN, *MORE)], 1)
    assert untrue(tried) == []


@pytest.mark.parametrize("moment", CANCELLED_AFTER)
@pytest.mark.parametrize("kind", KINDS)
async def test_cancelled_in_doubt(kind: Kind, moment: float) -> None:
    """A call that is cancelled while it is in doubt says that it may be applied."""
    tried: list[Tried] = []
    for history in (*ELEVEN, *MORE):
        trial = Trial()
        async with trial.intercom:
            tried.append(await trial.attempt(history, kind, cancel_after=moment))
    assert untrue(tried) == []
    assert any(one.ended == "cancelled" for one in tried)
    assert {one.may_be_applied for one in tried if one.ended == "cancelled"} == {True}


@pytest.mark.parametrize("kind", KINDS)
async def test_without_a_fault_it_is_done_at_once(kind: Kind) -> None:
    """The harness itself: an undisturbed write is done with one request."""
    trial = Trial()
    async with trial.intercom:
        tried = await trial.attempt(History("nothing", ()), kind)
    assert (tried.ended, tried.effects, tried.requests, round(tried.seconds, 3), tried.untrue) == (
        "done",
        1,
        1,
        2 * Trial.TRIP,
        None,
    )


def test_harness_notices_what_is_untrue() -> None:
    """A no that is none, a success that is none, a wrong word to observers and a wrong word on cancelling are each
    named.
    """
    for told in (
        Tried("h", "redact", "ServerError", ["unknown"], None, [], 1),
        Tried("h", "redact", "unknown", ["not_applied"], None, [], 1),
        Tried("h", "convert", "AlreadyTicketError", ["already_ticket"], None, [], 1),
        Tried("h", "redact", "cancelled", [], False, [], 1),
        Tried("h", "redact", "done", ["redacted"], None, [], 0),
        Tried("h", "redact", "unknown", ["unknown"], None, ["unknown", "not_applied"], 1),
        Tried("h", "redact", "unknown", ["unknown"], None, ["done"], 0),
    ):
        assert told.untrue
    for told in (
        Tried("h", "redact", "unknown", ["unknown"], None, [], 1),
        Tried("h", "redact", "ServerError", ["not_applied"], None, [], 0),
        Tried("h", "redact", "cancelled", [], True, [], 0),
        Tried("h", "redact", "done", ["already_redacted"], None, [], 1),
    ):
        assert told.untrue is None

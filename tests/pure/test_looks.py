"""When a write in doubt is read back, and when it may be sent again: arithmetic over times that come in as
arguments.
"""

from __future__ import annotations

from math import inf

import pytest

from aiointercom._delivery.call import AttemptResult, Call
from aiointercom._delivery.read_schedule import ReadSchedule
from aiointercom._protocol.request import prepare
from aiointercom._protocol.retry_policy import DOUBTFUL, Happened, Limits, RequestEffect, looks, may_send_again

REDACT, CONVERT = "/conversations/redact", "/conversations/{conversation_id}/convert"


def doubtful(path: str = REDACT, at: float = 100.0) -> Call:
    """A call whose only request was lost."""
    values = {"conversation_id": "471"} if "{" in path else None
    call = Call.begin(prepare("POST", path, values, None, {}), at - 1, None)
    call.leaves(at - 1, 0.0)
    call.ended(AttemptResult(Happened.LOST), at)
    return call


def times(call: Call, limits: Limits, **facts: float | bool) -> list[float]:
    """All times at which a call reads when every read takes a tenth of a second and shows nothing, after its last
    doubt.
    """
    plan = ReadSchedule(call, limits, **({"refused": False, "ended": 100.0, "again_at": inf} | facts))  # type: ignore[arg-type]
    now, told = 100.0, []
    while (at := plan.next(now)) is not None:
        call.looked(at, empty=True)
        told.append(at - 100.0)
        now = at + 0.1
    return told


@pytest.mark.parametrize(
    ("settle_for", "horizon", "expected"),
    [
        (10.0, 60.0, [0.5, 1, 2, 4, 8]),
        (3.0, 60.0, [0.5, 1, 2]),
        (0.5, 60.0, [0.5]),
        (0.2, 60.0, [0.2]),
        (0.0, 60.0, [0.0]),
        (40.0, 60.0, [0.5, 1, 2, 4, 8, 16, 32]),
        (100.0, 60.0, [0.5, 1, 2, 4, 8, 16, 32, 64]),
        (60.0, 60.0, [0.5, 1, 2, 4, 8, 16, 32, 60]),
        (10.0, 9.0, [0.5, 1, 2, 4, 8, 9]),
    ],
)
def test_times_of_reading(settle_for: float, horizon: float, expected: list[float]) -> None:
    """The intervals double, as long as the settling lasts; a horizon within it has a read of its own; one read there is
    always.
    """
    limits = Limits(settle_for=settle_for, horizon=horizon)
    assert looks(limits) == expected
    assert times(doubtful(), limits) == pytest.approx(expected)


def test_missed_times_are_made_up_by_one_read() -> None:
    """A read that hangs for three seconds is followed by one read at once, not by one for each time that passed."""
    call = doubtful()
    plan = ReadSchedule(call, Limits(), refused=False, ended=100.0, again_at=inf)
    assert plan.next(100.0) == 100.5
    call.looked(100.5, empty=False)
    assert plan.next(103.5) == 103.5
    call.looked(103.5, empty=False)
    assert plan.next(103.6) == 104.0


def test_a_refusal_is_read_back_at_once() -> None:
    """Intercom's refusal of the second sending may mean that the first one took effect, so the first read does not
    wait.
    """
    call = doubtful()
    call.looked(100.5, empty=True)
    plan = ReadSchedule(call, Limits(), refused=True, ended=100.6, again_at=inf)
    assert plan.next(100.6) == 100.6
    call.looked(100.6, empty=True)
    assert plan.next(100.7) == 101.0


def test_a_long_pause_that_the_server_asks_for_is_waited_for_and_read_after() -> None:
    """Where the server wants 30 seconds, the write is read once more and then sent again, though the looking is
    over.
    """
    call = doubtful()
    assert times(call, Limits(), again_at=130.0) == [0.5, 1, 2, 4, 8, 30]
    plan = ReadSchedule(call, Limits(), refused=False, ended=100.0, again_at=130.0)
    assert plan.may_send_again


@pytest.mark.parametrize(
    ("path", "reads", "allowed"),
    [
        (REDACT, [], False),
        (REDACT, [(100.5, False)], False),
        (REDACT, [(100.5, True)], True),
        (CONVERT, [(100.5, True)], False),
        (CONVERT, [(100.5, True), (101.0, True)], False),
        (CONVERT, [(102.0, True)], False),
        (CONVERT, [(100.5, True), (102.0, False)], False),
        (CONVERT, [(100.5, True), (102.0, True)], True),
    ],
)
def test_when_a_write_is_sent_again(path: str, reads: list[tuple[float, bool]], allowed: bool) -> None:
    """A redaction needs one successful read without the effect, a conversion two, the later one two seconds after the
    doubt.
    """
    call = doubtful(path)
    for at, empty in reads:
        call.looked(at, empty=empty)
    assert ReadSchedule(call, Limits(), refused=False, ended=100.0, again_at=100.0).may_send_again is allowed


def test_no_read_allows_what_the_limits_forbid() -> None:
    """Without retries left nothing is sent again; nor before the backoff is over."""
    call = doubtful()
    call.looked(100.5, empty=True)
    assert not ReadSchedule(call, Limits(), refused=False, ended=100.0, again_at=inf).may_send_again
    assert not ReadSchedule(call, Limits(), refused=False, ended=100.0, again_at=100.9).may_send_again


def test_writes_that_nobody_reads_back_are_never_sent_again() -> None:
    """Reads say nothing about a write by `request`."""
    assert not may_send_again(RequestEffect.WRITE, 9, 9.0)


@pytest.mark.parametrize("happened", Happened)
def test_only_an_unknown_end_brings_doubt_and_nothing_ends_it(happened: Happened) -> None:
    """Each end of a first request either leaves the call without doubt or in doubt; no end of a second request clears
    it.
    """
    call = Call.begin(prepare("POST", REDACT, None, None, {}), 0.0, None)
    call.leaves(1.0, 0.0)
    assert call.may_be_applied
    call.ended(AttemptResult(happened), 2.0)
    assert call.in_doubt is (happened in DOUBTFUL)
    second = doubtful()
    second.leaves(101.0, 0.0)
    second.ended(AttemptResult(happened), 102.0)
    assert second.in_doubt
    assert second.first_sent == 99.0
    assert second.doubt_at == (102.0 if happened in DOUBTFUL else 100.0)


def test_reads_are_never_in_doubt() -> None:
    """A read that was lost can be made again, so nothing of it may be applied."""
    call = Call.begin(prepare("GET", "/me", None, None, None), 0.0, None)
    call.leaves(1.0, 0.0)
    assert not call.may_be_applied
    call.ended(AttemptResult(Happened.LOST), 2.0)
    assert not call.may_be_applied


def test_a_new_doubt_starts_the_reading_anew() -> None:
    """The reads before the last doubtful request say nothing about it."""
    call = doubtful()
    call.looked(100.5, empty=True)
    call.leaves(100.6, 0.0)
    call.ended(AttemptResult(Happened.SERVER_FAILED), 101.0)
    assert (call.empty_reads, call.looked_at, call.first_sent) == (0, None, 99.0)
    assert ReadSchedule(call, Limits(), refused=False, ended=101.0, again_at=inf).next(101.0) == 101.5

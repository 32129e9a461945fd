"""The soak at a small size, and its account: it would notice each broken promise."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from scripts.soaking.account import Facts, Row, account, table
from scripts.soaking.chance import SHARE, Chance
from scripts.soaking.faults import Arrival, Kind, Strike
from scripts.soaking.writes import Key, Write, key_of, read_of

from aiointercom.sandbox import Effect

ROOT = Path(__file__).parents[2]
PART, CONVERSION = Write("part", "7", "70"), Write("convert", "8", "8")
ENDS = ("done", "unknown, unreadable", "unknown, given up", "error, not applied")
REDACT = b'{"type":"conversation_part","conversation_id":"7","conversation_part_id":"70"}'
LOST = Strike(Kind.RESET, after=True)


def arrival(path: str, body: bytes = b"", at: float = 0.0) -> Arrival:
    """A request at a time; one with a body is a write."""
    return Arrival("POST" if body else "GET", path, b"", body, at)


def effect(write: Write, at: float = 10.0) -> Effect:
    """A write took effect."""
    return Effect(*write.key, at, "request")


def accounted(
    told: Mapping[Key, str],
    *effects: Effect,
    log: Sequence[tuple[Arrival, Strike | None]] = (),
    limited: Sequence[Arrival] = (),
    finished: bool = True,
) -> Row:
    """The row of two writes."""
    passed = {arrival for arrival, strike in log if strike is None}
    return account("ours", Facts([PART, CONVERSION], effects, log, passed, limited, 1.0), told, finished)


def test_quick_soak_keeps_all_promises() -> None:
    """A few hundred writes under faults by four processes: all accounted for, none twice, none lost, exit code 0."""
    command = [str(ROOT / "scripts" / "soak"), "--quick", "--writes", "300"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    figures = dict(re.findall(r"^(\w[\w, ]+?) {2,}([\d.]+%?)$", run.stdout, re.MULTILINE))
    assert figures["writes"] == "300"
    assert sum(int(figures[name]) for name in ENDS) == 300
    zeros = ("error, but applied", "done, not applied", "twice", "lost", "sent again unread")
    assert [figures[name] for name in zeros] == ["0"] * 5
    assert float(figures["requests struck"].rstrip("%")) > 0


def test_row_of_truth() -> None:
    """What was told as done and took effect once breaks nothing."""
    told = {PART.key: "done", CONVERSION.key: "done"}
    row = accounted(told, effect(PART), effect(CONVERSION), limited=[arrival("/me")])
    assert (row.done, row.limited, row.broken) == (2, 1, [])
    assert re.search(r"^lost +0$", table([row]), re.MULTILINE)


def test_each_broken_promise_is_noticed() -> None:
    """Twice, lost, an untrue error, an untrue success and an effect that nobody asked for are each named."""
    both = {PART.key: "done", CONVERSION.key: "done"}
    twice = accounted(both, effect(PART), effect(CONVERSION), effect(CONVERSION))
    assert (twice.twice, twice.broken) == (1, ["1 writes took effect twice"])
    lost = accounted({PART.key: "done"}, effect(PART))
    assert (lost.untold, lost.broken) == (1, ["1 writes ended without an outcome"])
    assert accounted({PART.key: "done"}, effect(PART), finished=False).broken == []
    untrue_error = accounted({**both, PART.key: "AlreadyTicketError"}, effect(PART), effect(CONVERSION))
    assert untrue_error.broken == ["1 untrue errors, 0 untrue successes"]
    assert untrue_error.errors == {"AlreadyTicketError": 1}
    assert accounted(both, effect(PART)).broken == ["0 untrue errors, 1 untrue successes"]
    refused = accounted({**both, PART.key: "NotSentError"}, effect(CONVERSION))
    assert (refused.refused, refused.broken) == (1, [])
    stranger = accounted(both, effect(PART), effect(CONVERSION), effect(Write("part", "9", "90")))
    assert stranger.broken == ["1 effects that nobody asked for"]


SENT = arrival("/conversations/redact", REDACT, 1)
READ = arrival("/conversations/7", at=2)
READ_BEFORE = arrival("/conversations/7", at=0)


@pytest.mark.parametrize(
    ("log", "needless"),
    [
        ([(SENT, LOST), (READ, LOST)], False),
        ([(SENT, LOST), (READ, None)], True),
        ([(READ_BEFORE, None), (SENT, LOST)], False),
    ],
    ids=["unreadable", "readable", "read_before"],
)
def test_unknown_is_allowed_only_where_reading_was_impossible(
    log: list[tuple[Arrival, Strike | None]], needless: bool
) -> None:
    """Unknown breaks a promise if a reading was answered after the write was last sent."""
    row = accounted({PART.key: "unknown", CONVERSION.key: "done"}, effect(CONVERSION), log=log)
    assert row.unknown == 1
    assert row.broken == ([f"unknown although it could be read: {PART.key}"] if needless else [])


@pytest.mark.parametrize(("last", "needless"), [(LOST, False), (None, True)], ids=["all_lost", "one_answered"])
def test_giving_up_is_allowed_only_where_all_was_lost(last: Strike | None, needless: bool) -> None:
    """A write is given up as unknown only when the answer to each sending of it was lost."""
    log = [(SENT, LOST), (READ, None), (SENT, last), (READ, None)]
    row = accounted({PART.key: "given up", CONVERSION.key: "done"}, effect(CONVERSION), log=log)
    assert (row.unknown, row.given_up) == (0, 1)
    assert row.broken == ([f"unknown although it could be read: {PART.key}"] if needless else [])


def test_sending_again_without_a_reading_is_noticed() -> None:
    """A write may be sent again after a reading that was answered, or after a 429; otherwise a promise is broken."""
    told = {PART.key: "done", CONVERSION.key: "done"}
    effects = effect(PART), effect(CONVERSION)
    assert accounted(told, *effects, log=[(SENT, LOST), (READ, None), (SENT, None)]).broken == []
    assert accounted(told, *effects, log=[(SENT, None), (SENT, None)], limited=[SENT]).broken == []
    blind = accounted(told, *effects, log=[(SENT, LOST), (READ, LOST), (SENT, None)])
    assert (blind.unread, blind.broken) == (1, ["1 writes were sent again without a reading"])


def test_requests_after_the_effect_are_counted() -> None:
    """A write that is sent again when it has taken effect already is counted, not the one that did it."""
    log = tuple((arrival("/conversations/redact", REDACT, at), None) for at in (9.0, 11.0))
    assert accounted({}, effect(PART, 10.0), log=log).resent == 1


def test_requests_are_told_apart() -> None:
    """Writes have the names of the ledger; readings of a conversation or its ticket have its id; others have
    neither.
    """
    source = b'{"type":"source","conversation_id":"7","source_id":"71"}'
    assert key_of(arrival("/conversations/redact", REDACT)) == PART.key
    assert key_of(arrival("/conversations/redact", source)) == Write("source", "7", "71").key
    assert key_of(arrival("/conversations/8/convert", b"{}")) == CONVERSION.key
    reads = [arrival(path) for path in ("/conversations/7", "/tickets/7", "/me", "/conversations")]
    assert [read_of(read) for read in reads] == ["7", "7", None, None]
    assert [key_of(read) for read in reads] == [None] * 4
    assert read_of(arrival("/conversations/8/convert", b"{}")) is None


def test_chance_strikes_one_in_ten_and_the_unreadable_always() -> None:
    """Every fault comes up, at the rate that is promised; of an unreadable conversation the first write and all
    readings are struck.
    """
    chance = Chance(1, {"7"})
    struck = [chance(arrival("/conversations/8")) for _ in range(20_000)]
    hits = [strike for strike in struck if strike is not None]
    assert abs(len(hits) / len(struck) - SHARE) < 0.01
    assert {(hit.kind, hit.after) for hit in hits} == {(kind, after) for kind in Kind for after in (False, True)}
    assert any(hit.then_refuse for hit in hits)
    assert all(chance(arrival("/conversations/7")) for _ in range(100))
    assert chance(arrival("/conversations/redact", REDACT)) is not None
    assert None in [chance(arrival("/conversations/redact", REDACT)) for _ in range(50)]

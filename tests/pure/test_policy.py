"""The table of outcomes, row by row, and every way in which a wait is asked for, limited or refused. No event loop, no
clock.
"""

from __future__ import annotations

import time
from email.utils import formatdate
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiointercom._protocol.retry_policy import (
    BACKOFF,
    BACKOFF_CAP,
    FARTHEST_RESET,
    Action,
    Happened,
    Limits,
    RequestEffect,
    asked_wait,
    decide,
    effect_of,
    read_date,
    retry,
)

P, R, B, S, F = Action.PROCEED, Action.RETRY, Action.READ_BACK, Action.SETTLE, Action.FAIL
NOW = 1_700_000_000.0

# What happened, and what comes next for a read, a redaction, a conversion and a write that nobody can read back.
OUTCOMES = [
    ("ANSWERED", P, P, P, P),
    ("NOT_SENT", R, R, R, R),
    ("RATE_LIMITED", R, R, R, R),
    ("SERVER_FAILED", R, S, S, F),
    ("LOST", R, S, S, F),
    ("UNREADABLE", R, S, S, F),
    ("UNCONFIRMED", F, S, S, F),
    ("NOT_REDACTABLE", F, B, F, F),
    ("REFUSED", F, F, B, F),
    ("INTERCEPTED", F, F, F, F),
    ("UNAUTHORIZED", F, F, F, F),
    ("REDIRECTED", F, F, F, F),
]
ROWS = [
    (effect, happened, action)
    for happened, *actions in OUTCOMES
    for effect, action in zip(("READ", "REDACT", "CONVERT", "WRITE"), actions, strict=True)
]


def decision(happened: Happened = Happened.RATE_LIMITED, effect: RequestEffect = RequestEffect.READ, **given_facts):
    """Ask the policy about a first attempt that has just failed, unless told otherwise."""
    facts = {"attempt": 1, "elapsed": 0.0, "now": NOW, "limits": Limits(), "jitter": lambda: 1.0, **given_facts}
    return decide(effect, happened, **facts)


@pytest.mark.parametrize(("effect", "happened", "action"), ROWS)
def test_what_comes_after_each_outcome(effect: str, happened: str, action: Action) -> None:
    """Each cell of the design's table of outcomes is what the policy answers."""
    assert decision(Happened[happened], RequestEffect[effect]).action is action


def test_the_rows_here_are_all_rows() -> None:
    """No outcome and no effect exists that the table above leaves out."""
    assert {(effect, happened) for effect, happened, _ in ROWS} == {
        (effect.name, happened.name) for effect, happened in product(RequestEffect, Happened)
    }


@pytest.mark.parametrize("happened", [h for h in Happened if h not in (Happened.NOT_SENT, Happened.RATE_LIMITED)])
@pytest.mark.parametrize("effect", [RequestEffect.REDACT, RequestEffect.CONVERT, RequestEffect.WRITE])
def test_a_write_that_may_have_arrived_is_never_sent_again_unseen(effect: RequestEffect, happened: Happened) -> None:
    """Only what surely did not take effect is sent again without a read before it."""
    assert decision(happened, effect).action is not Action.RETRY


@pytest.mark.parametrize(
    ("method", "path", "effect"),
    [
        ("GET", "/me", RequestEffect.READ),
        ("HEAD", "/me", RequestEffect.READ),
        ("POST", "/conversations/search", RequestEffect.READ),
        ("POST", "/conversations/redact", RequestEffect.REDACT),
        ("POST", "/conversations/{conversation_id}/convert", RequestEffect.CONVERT),
        ("POST", "/tags", RequestEffect.WRITE),
        ("PUT", "/tags", RequestEffect.WRITE),
        ("PATCH", "/tags", RequestEffect.WRITE),
        ("DELETE", "/tags/{id}", RequestEffect.WRITE),
    ],
)
def test_effect_belongs_to_the_operation(method: str, path: str, effect: RequestEffect) -> None:
    """A search is a POST and a read; what nobody knows is a write that cannot be read back."""
    assert effect_of(method, path) is effect


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        ({"attempt": 1, "limits": Limits(max_retries=0)}, F),
        ({"attempt": 1, "limits": Limits(max_retries=1)}, R),
        ({"attempt": 2, "limits": Limits(max_retries=1)}, F),
        ({"attempt": 3}, R),
        ({"attempt": 4}, F),
        ({"elapsed": 119.0}, R),
        ({"elapsed": 119.6}, F),
        ({"elapsed": 1e9, "limits": Limits(max_elapsed=None)}, R),
        ({"left": 0.6}, R),
        ({"left": 0.5}, F),
        ({"left": 0.0}, F),
        ({"left": -1.0}, F),
        ({"left": None}, R),
    ],
)
def test_limits_of_a_retry(facts: dict, action: Action) -> None:
    """Attempts, total time and the caller's own deadline each end the retries; a wait that reaches the deadline is too
    long.
    """
    assert decision(Happened.NOT_SENT, **facts).action is action


@pytest.mark.parametrize("facts", [{"left": 7.0}, {"elapsed": 115.0}, {"attempt": 4}])
def test_a_refused_wait_tells_its_length(facts: dict) -> None:
    """The decision to fail carries the wait that was asked for, so that the error can name it."""
    told = decision(headers={"x-ratelimit-reset": str(NOW + 8)}, jitter=lambda: 0.0, **facts)
    assert (told.action, told.after) == (Action.FAIL, 8.0)


@pytest.mark.parametrize("happened", [h for h in Happened if decision(h, RequestEffect.READ).action is Action.FAIL])
def test_a_definite_no_names_no_wait(happened: Happened) -> None:
    """Where nothing can be tried again there is no wait to tell."""
    assert decision(happened).after == 0.0


DATE = formatdate(NOW, usegmt=True)
WAITS = [
    ({}, None),
    ({"retry-after": "3"}, 3.0),
    ({"retry-after": " 3 "}, 3.0),
    ({"retry-after": "1.5"}, 1.5),
    ({"retry-after": "0"}, 0.0),
    ({"retry-after": ""}, None),
    ({"retry-after": "-1"}, None),
    ({"retry-after": "soon"}, None),
    ({"retry-after": "nan"}, None),
    ({"retry-after": "inf"}, None),
    ({"retry-after": "1e999"}, None),
    ({"retry-after": formatdate(NOW + 30, usegmt=True)}, 30.0),
    ({"retry-after": formatdate(NOW - 30, usegmt=True)}, 0.0),
    ({"retry-after": "Mon, 99 Foo 2023 99:99:99 GMT"}, None),
    ({"x-ratelimit-reset": str(NOW + 8)}, 8.0),
    ({"x-ratelimit-reset": "1700000008"}, 8.0),
    ({"x-ratelimit-reset": str(NOW + FARTHEST_RESET)}, FARTHEST_RESET),
    ({"x-ratelimit-reset": str(NOW + FARTHEST_RESET + 1)}, None),
    ({"x-ratelimit-reset": str(NOW * 1000)}, None),
    ({"x-ratelimit-reset": "soon"}, None),
    ({"x-ratelimit-reset": ""}, None),
    ({"x-ratelimit-reset": "nan"}, None),
    ({"x-ratelimit-reset": "inf"}, None),
    ({"retry-after": "0", "x-ratelimit-reset": str(NOW + 8)}, 0.0),
    ({"retry-after": "2", "x-ratelimit-reset": str(NOW + 8)}, 2.0),
    ({"retry-after": "soon", "x-ratelimit-reset": str(NOW + 8)}, 8.0),
    ({"retry-after": "-1", "x-ratelimit-reset": str(NOW + 8)}, 8.0),
    ({"date": "yesterday", "x-ratelimit-reset": str(NOW + 8)}, 8.0),
]


@pytest.mark.parametrize(("headers", "seconds"), WAITS)
def test_wait_that_the_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    """Retry-After (seconds, a date, 0) comes before X-RateLimit-Reset, and garbage in either is as good as nothing."""
    assert asked_wait(headers, NOW) == seconds


@pytest.mark.parametrize("off", [-86_400.0, -3.0, 0.0, 5.0, 86_400.0])
@pytest.mark.parametrize("name", ["retry-after", "x-ratelimit-reset"])
def test_the_servers_clock_is_held_against_its_own_date(off: float, name: str) -> None:
    """A clock that differs from the server's does not change the wait, as long as the answer carries a Date."""
    at = NOW + 8
    headers = {"date": DATE, name: formatdate(at, usegmt=True) if name == "retry-after" else str(at)}
    assert asked_wait(headers, NOW + off) == 8.0


@pytest.mark.parametrize("reset", [NOW, NOW - 1, NOW - 86_400, 0.0, -5.0])
def test_reset_in_the_past_asks_for_nothing(reset: float) -> None:
    """A reset that is over says nothing about this refusal: the wait is a backoff, or refusals would be re-sent without
    any pause.
    """
    told = decision(headers={"x-ratelimit-reset": str(reset), "date": DATE})
    assert (told.action, told.after) == (Action.RETRY, BACKOFF)


@pytest.mark.parametrize("headers", [None, {}, {"date": DATE}, {"retry-after": "soon"}])
@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_a_refusal_that_tells_nothing_waits_for_one_window(headers: dict[str, str] | None, attempt: int) -> None:
    """A 429 without a reset is sent again ten seconds later, not after a short backoff, and the wait is told to be a
    guess.
    """
    guess = decision(headers=headers, attempt=attempt, jitter=lambda: 0.0)
    assert (guess.action, guess.after, guess.told) == (Action.RETRY, 10.0, False)
    assert decision(headers={"retry-after": "0"}).told
    assert decision(Happened.SERVER_FAILED, headers=headers, jitter=lambda: 1.0).after == BACKOFF


@pytest.mark.parametrize("happened", [Happened.SERVER_FAILED, Happened.UNREADABLE])
def test_reset_asks_for_a_wait_only_with_429(happened: Happened) -> None:
    """Intercom sends the end of its window with every answer, so on a 500 it is no reason to wait for it."""
    headers = {"x-ratelimit-limit": "1667", "x-ratelimit-remaining": "1666", "x-ratelimit-reset": str(NOW + 9)}
    assert decision(happened, headers=headers).after == BACKOFF


def test_reset_is_not_waited_for_after_reading_back() -> None:
    """Nor is it when a write is sent again because a read showed that a 500 had not applied it."""
    told = retry(
        Happened.SERVER_FAILED,
        attempt=1,
        elapsed=0.0,
        now=NOW,
        limits=Limits(),
        headers={"x-ratelimit-remaining": "1666", "x-ratelimit-reset": str(NOW + 9)},
        jitter=lambda: 1.0,
    )
    assert told.after == BACKOFF


@pytest.mark.parametrize("happened", [Happened.RATE_LIMITED, Happened.SERVER_FAILED])
def test_retry_after_counts_with_any_answer(happened: Happened) -> None:
    """Retry-After is a wish wherever it stands: with a 503 as well as with a 429."""
    assert decision(happened, headers={"retry-after": "4"}, jitter=lambda: 0.0).after == 4.0


@pytest.mark.parametrize("jitter", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("asked", [0, 1, 3, 60])
def test_jitter_only_lengthens_a_wait_that_was_asked_for(asked: int, jitter: float) -> None:
    """Nobody comes back before the time that the server named; 0 means 0."""
    after = decision(headers={"retry-after": str(asked)}, jitter=lambda: jitter).after
    assert asked <= after <= asked + min(asked, BACKOFF)


@pytest.mark.parametrize(
    ("attempt", "longest"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (6, 8.0), (5000, 8.0)]
)
def test_full_jitter(attempt: int, longest: float) -> None:
    """Without a wish of the server the wait lies anywhere between 0 and a bound that doubles up to the cap."""
    limits = Limits(max_retries=10_000)
    waits = [
        decision(Happened.NOT_SENT, attempt=attempt, limits=limits, jitter=lambda j=j: j).after for j in (0.0, 0.5, 1.0)
    ]
    assert waits == [0.0, longest / 2, longest]
    assert longest <= BACKOFF_CAP


def test_the_default_jitter_is_random() -> None:
    """Two hundred waits by the default jitter differ and stay inside of their bounds."""
    waits = {
        retry(Happened.LOST, attempt=1, elapsed=0.0, now=NOW, limits=Limits(), headers=None, left=None).after
        for _ in range(200)
    }
    assert len(waits) > 100
    assert all(0.0 <= wait <= BACKOFF for wait in waits)


@given(st.dictionaries(st.sampled_from(["date", "retry-after", "x-ratelimit-reset"]), st.text(max_size=40)))
def test_no_header_raises(headers: dict[str, str]) -> None:
    """Whatever the headers hold, the wait is a finite number of seconds, not negative, or none."""
    wait = asked_wait(headers, NOW)
    assert wait is None or 0.0 <= wait < float("inf")


DATE_WORDS = [
    "Mon,",
    "Mon",
    "06",
    "6",
    "Jan",
    "1994",
    "08:49:37",
    "08:49",
    "GMT",
    "+0000",
    "-0000",
    ",",
    "-",
    ":",
    "99",
    "x",
    "0",
]


@given(st.lists(st.sampled_from(DATE_WORDS), max_size=7).map(" ".join))
def test_no_half_date_raises(text: str) -> None:
    """What resembles a date and is none reads as none, wherever the parser of the standard library trips."""
    assert read_date(text) is None or isinstance(read_date(text), float)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 -0000",
    ],
)
def test_dates_are_utc_on_every_machine(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All forms of an HTTP date mean UTC, also on a machine whose local time is another."""
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert read_date(text) == 784_111_777.0
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("text", [None, "", " ", ",", "x", "1 Jan , 00:00:00 GMT", "Sun, 06 Nov 1994 08:49:99 GMT"])
def test_what_is_no_date_reads_as_none(text: str | None) -> None:
    """A missing, empty or broken date is none."""
    assert read_date(text) is None

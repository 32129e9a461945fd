"""The sandbox's windows, under a clock that the test moves."""

from __future__ import annotations

import pytest

from aiointercom.sandbox import Sandbox
from aiointercom.sandbox.limits import Windows
from tests.journeys.sandbox_client import client_of


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


HEADERS = {"Authorization": "Bearer sandbox-token"}


def test_headers_count_down_and_the_window_ends() -> None:
    """Each answer tells limit, remaining and reset; over the limit it is a 429 until the window has ended."""
    clock = Clock(1_000_003.2)
    client = client_of(Sandbox(limit=2, clock=clock))
    answers = [client.get("/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"2"}
    assert {answer.headers["X-RateLimit-Reset"] for answer in answers} == {"1000010"}
    error = answers[2].json()["errors"][0]
    assert error == {"code": "rate_limit_exceeded", "message": "Exceeded rate limit of 2 in 10_seconds"}
    assert "Retry-After" not in answers[2].headers
    clock.now = 1_000_010.0
    assert client.get("/me").headers["X-RateLimit-Remaining"] == "1"


def test_refusals_count_but_strangers_do_not() -> None:
    """A 404 takes a place in the window; a request with a wrong token takes none."""
    client = client_of(Sandbox(limit=9, clock=Clock(5.0)))
    assert client.get("/tags").headers["X-RateLimit-Remaining"] == "8"
    client.get("/me", headers={"Authorization": "Bearer other"})
    assert client.get("/me").headers["X-RateLimit-Remaining"] == "7"


def test_refused_write_takes_no_effect() -> None:
    """A conversion over the limit is not done."""
    sandbox = Sandbox(limit=0)
    client = client_of(sandbox)
    assert client.post("/conversations/474/convert", json={"ticket_type_id": "79"}).status_code == 429
    assert sandbox.ledger == []


@pytest.mark.parametrize(
    ("window", "now", "resets_at"),
    [(10.0, 20.0, 30), (0.5, 20.1, 21), (0.5, 20.6, 21), (0.1, 0.3, 1), (1.5, 4.4, 5), (60.0, 1.0, 60)],
)
def test_reset_is_a_whole_second_not_before_the_windows_end(window: float, now: float, resets_at: int) -> None:
    """The reset is rounded up to whole seconds, so waiting for it never falls into the same window."""
    assert Windows(1, window, lambda: now).take().resets_at == resets_at


@pytest.mark.parametrize(("limit", "window"), [(-1, 10.0), (1, 0.0), (1, -1.0)])
def test_impossible_windows_are_refused(limit: int, window: float) -> None:
    """A negative limit or a window without length is an error at once."""
    with pytest.raises(ValueError, match="limit must not be negative"):
        Sandbox(limit=limit, window=window)

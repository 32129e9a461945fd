"""What an observer learns of a call: each request, answer, retry, wait and outcome, in order, with ids and codes
only.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

import anyio
import httpx
import pytest

from aiointercom import Intercom, IntercomError, NotFoundError, Pace, RateLimit
from aiointercom.events import Event, OutcomeSettled, Paced, RequestSent, ResponseReceived, RetryScheduled
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.canned import Canned, Scene, refuses, says

pytestmark = pytest.mark.anyio


def kinds(events: list[Event]) -> list[str]:
    """The classes of the records, in order."""
    return [type(event).__name__ for event in events]


async def test_a_plain_write() -> None:
    """A write that goes well is told as sent, answered and settled, with operation, ids, status, request id and
    duration.
    """
    sandbox = Sandbox()
    async with Scene(sandbox) as scene:
        await scene.intercom.conversations.redact_part("471", 115)
    sent, received, settled = scene.events
    assert isinstance(sent, RequestSent)
    assert isinstance(received, ResponseReceived)
    assert isinstance(settled, OutcomeSettled)
    assert sent.operation == received.operation == settled.operation == "POST /conversations/redact"
    assert sent.ids == {"conversation_id": "471", "conversation_part_id": 115}
    assert (sent.attempt, received.attempt, settled.attempts) == (1, 1, 1)
    assert (received.status, received.error, received.code) == (200, None, None)
    assert received.request_id == sandbox.requests[0].request_id
    assert received.duration >= 0
    assert (settled.outcome, settled.by_reading, settled.reason) == ("redacted", False, None)


async def test_a_read_has_no_outcome() -> None:
    """Nothing is settled by a read, so none is told; its path is told as a template."""
    async with Scene(Sandbox()) as scene:
        await scene.intercom.conversations.retrieve("471")
        await scene.intercom.request("GET", "/tickets/493")
    assert kinds(scene.events) == ["RequestSent", "ResponseReceived"] * 2
    assert [event.operation for event in scene.told(RequestSent)] == [
        "GET /conversations/{conversation_id}",
        "GET /tickets/{}",
    ]


async def test_a_refused_read() -> None:
    """A refusal is told with the class of the error and Intercom's code."""
    async with Scene(Sandbox()) as scene:
        with pytest.raises(NotFoundError):
            await scene.intercom.tickets.retrieve("1")
    [received] = scene.told(ResponseReceived)
    assert (received.status, received.error, received.code) == (404, "NotFoundError", "not_found")


@pytest.mark.parametrize(
    ("failure", "reason", "status", "error"),
    [
        (httpx.ConnectError("x"), "not_sent", None, "NotSentError"),
        (httpx.ReadError("x"), "lost", None, "ResponseLostError"),
        (refuses(500), "server_failed", 500, "ServerError"),
        (refuses(408), "server_failed", 408, "APIError"),
        (refuses(429, "rate_limit_exceeded"), "rate_limited", 429, "RateLimitedError"),
        (says([]), "unreadable", 200, "UnreadableResponseError"),
    ],
)
async def test_retries(failure: Any, reason: str, status: int | None, error: str) -> None:
    """Each retry is told with its reason, its delay and the attempt that failed."""
    async with Scene(Canned(failure, says({}))) as scene:
        await scene.intercom.me()
    assert kinds(scene.events) == [
        "RequestSent",
        "ResponseReceived",
        "RetryScheduled",
        "RequestSent",
        "ResponseReceived",
    ]
    [retry] = scene.told(RetryScheduled)
    assert (retry.reason, retry.attempt, retry.delay) == (reason, 1, scene.waits.slept[0])
    first = scene.told(ResponseReceived)[0]
    assert (first.status, first.error) == (status, error)
    assert [event.attempt for event in scene.told(RequestSent)] == [1, 2]


async def test_a_paced_call() -> None:
    """A call that waited for the rate limit tells how long, and the limit that it waited for."""
    sandbox = Sandbox(limit=4, window=1.0)
    async with Scene(sandbox, pace=Pace()) as scene:
        with anyio.fail_after(30):
            for _ in range(6):
                await scene.intercom.me(timeout=httpx.Timeout(30))
    paced = scene.told(Paced)
    assert paced
    assert all(event.waited > 0 for event in paced)
    assert all(isinstance(event.rate_limit, RateLimit) and event.rate_limit.limit == 4 for event in paced)
    assert {request.status for request in sandbox.requests} == {200}


async def test_each_call_has_its_number() -> None:
    """The records of one call share a number, also when many run at once, and no two calls have the same."""
    sandbox = Sandbox()
    sandbox.fault(Fault(status=500, times=5))
    async with Scene(sandbox) as scene:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(scene.intercom.me)
    by_call: dict[int, list[str]] = {}
    for event in scene.events:
        by_call.setdefault(event.call, []).append(type(event).__name__)
    assert len(by_call) == 20
    assert all(names[0] == "RequestSent" and names[-1] == "ResponseReceived" for names in by_call.values())


async def test_writes_by_request() -> None:
    """A write by `request` is told as applied, not applied or unknown."""
    for answers, outcome in (
        ([says({})], "applied"),
        ([refuses(400)], "not_applied"),
        ([refuses(500)], "unknown"),
        ([httpx.ReadError("x")], "unknown"),
        ([httpx.ConnectError("x")], "not_applied"),
    ):
        async with Scene(Canned(*answers), max_retries=0) as scene:
            with suppress(IntercomError):
                await scene.intercom.request("POST", "/tags", json={"name": "x"})
        assert [event.outcome for event in scene.told(OutcomeSettled)] == [outcome]
        assert scene.told(OutcomeSettled)[0].ids == {}


@pytest.mark.parametrize("stage", ["sent", "answered", "settled"])
async def test_an_observer_that_raises_changes_nothing(stage: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever an observer raises, and when: the write goes its way and its result comes back."""
    kind = {"sent": RequestSent, "answered": ResponseReceived, "settled": OutcomeSettled}[stage]

    def fail(event: Event) -> None:
        if isinstance(event, kind):
            raise ZeroDivisionError

    sandbox = Sandbox()
    async with Scene(sandbox, on_event=fail) as scene:
        await scene.intercom.conversations.redact_part("471", "115")
    assert len(sandbox.ledger) == 1
    assert "on_event raised ZeroDivisionError" in caplog.text


async def test_the_logger_prints_the_records(caplog: pytest.LogCaptureFixture) -> None:
    """Without an observer the logger "aiointercom" tells the same: outcomes and retries at INFO, the rest at DEBUG."""
    sandbox = Sandbox()
    async with sandbox.client(pace=None) as intercom:
        with caplog.at_level(logging.INFO, "aiointercom"):
            await intercom.conversations.redact_part("471", "115")
        at_info = [record.getMessage() for record in caplog.records if record.name == "aiointercom"]
        caplog.clear()
        with caplog.at_level(logging.DEBUG, "aiointercom"):
            await intercom.conversations.redact_source("480", "403918320")
        at_debug = [record.getMessage() for record in caplog.records if record.name == "aiointercom"]
    assert [line.partition("(")[0] for line in at_info] == ["OutcomeSettled"]
    assert [line.partition("(")[0] for line in at_debug] == ["RequestSent", "ResponseReceived", "OutcomeSettled"]


async def test_records_are_not_made_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without observer and logger no record is made at all."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a record was made")

    for kind in (RequestSent, ResponseReceived, OutcomeSettled):
        monkeypatch.setattr(kind, "__init__", refuse)
    logging.getLogger("aiointercom").setLevel(logging.CRITICAL)
    try:
        async with Intercom(
            "t", transport=Canned(says({"id": "1", "source": {"id": "2", "redacted": True}})), pace=None
        ) as intercom:
            await intercom.conversations.redact_source("1", "2")
    finally:
        logging.getLogger("aiointercom").setLevel(logging.NOTSET)

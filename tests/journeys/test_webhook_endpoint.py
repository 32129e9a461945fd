"""The endpoint without a server: what it does with late, failing and cancelled handlers, odd requests, and what it
logs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from aiointercom.webhooks import Endpoint, Notification
from tests.pure.signing import CARD, SECRET, headers, packed, sign

pytestmark = pytest.mark.anyio

WORD = "Rumpelstilzchen"


class Request:
    """One request to an ASGI app, given in pieces; without more pieces the client is silent, unless it leaves."""

    def __init__(
        self, body: bytes, sent: dict[str, str], *, pieces: int = 1, cut: int | None = None, leaves: bool = False
    ) -> None:
        whole = body if cut is None else body[:cut]
        step = max(1, -(-len(whole) // pieces))
        parts = [whole[at : at + step] for at in range(0, len(whole), step)] or [b""]
        last = len(parts) - 1 if cut is None else -1
        self._messages = [
            {"type": "http.request", "body": part, "more_body": n != last} for n, part in enumerate(parts)
        ]
        if leaves:
            self._messages.append({"type": "http.disconnect"})
        self.taken = 0
        self.answers: list[dict[str, Any]] = []
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        }

    async def receive(self) -> Any:
        await anyio.lowlevel.checkpoint()
        if self.taken == len(self._messages):
            await anyio.sleep_forever()
        self.taken += 1
        return self._messages[self.taken - 1]

    async def send(self, message: Any) -> None:
        await anyio.lowlevel.checkpoint()
        self.answers.append(message)

    async def to(self, app: Endpoint) -> int:
        """Send it; gives the status of the one answer."""
        await app(self.scope, self.receive, self.send)
        start, end = self.answers
        assert end == {"type": "http.response.body", "body": b""}
        return int(start["status"])


class Handler:
    """Remembers what it was called with, and then does something."""

    def __init__(self, then: Callable[[], Any] | None = None) -> None:
        self.seen: list[Notification] = []
        self._then = then

    async def __call__(self, notification: Notification) -> None:
        self.seen.append(notification)
        if self._then is not None:
            await self._then()


async def status_of(handler: Handler, body: bytes | None = None, **options: Any) -> int:
    """The status of one signed notification."""
    body = packed() if body is None else body
    return await Request(body, headers(body)).to(Endpoint(handler, secret=SECRET, **options))


async def test_it_answers_after_the_handler() -> None:
    """At the time of the answer the handler has returned."""
    steps: list[str] = []

    async def then() -> None:
        await anyio.lowlevel.checkpoint()
        steps.append("handled")

    body = packed()
    request = Request(body, headers(body), pieces=7)
    handler = Handler(then)
    assert await request.to(Endpoint(handler, secret=SECRET)) == 200
    assert (steps, len(handler.seen)) == (["handled"], 1)


async def fail() -> None:
    raise RuntimeError(WORD)


async def cancel_itself() -> None:
    raise anyio.get_cancelled_exc_class()  # as from a task that somebody else cancelled


async def test_a_failing_handler(caplog: pytest.LogCaptureFixture) -> None:
    """Its error is a 503, and the log names the class, the notification and the topic, and not the text."""
    assert await status_of(Handler(fail)) == 503
    assert "RuntimeError" in caplog.text
    assert "notif_1" in caplog.text
    assert WORD not in caplog.text


async def test_a_handler_that_is_no_async_function(caplog: pytest.LogCaptureFixture) -> None:
    """What returns nothing to await has promised nothing that can be relied on, and the log says so."""
    body = packed()
    app = Endpoint(lambda _notification: None, secret=SECRET)  # type: ignore[arg-type, return-value]
    assert await Request(body, headers(body)).to(app) == 503
    assert "not an async function" in caplog.text


async def test_a_late_handler() -> None:
    """At the end of the time it is cancelled, and the answer asks to send again."""
    left: list[str] = []

    async def hang() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            left.append("cancelled")

    assert await status_of(Handler(hang), within=0.05) == 503
    assert left == ["cancelled"]


async def test_a_handler_that_cannot_be_cancelled_does_not_delay_the_answer() -> None:
    """The answer goes out at the end of the time, and the handler may finish."""
    goes_on, body = anyio.Event(), packed()
    request = Request(body, headers(body))

    async def shielded() -> None:
        with anyio.CancelScope(shield=True):
            await goes_on.wait()

    async def release() -> None:
        while not request.answers:  # noqa: ASYNC110  # the list is what a server would see
            await anyio.sleep(0.01)
        goes_on.set()

    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(release)
            assert await request.to(Endpoint(Handler(shielded), secret=SECRET, within=0.05)) == 503


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_handler_that_was_cancelled_by_another() -> None:
    """A cancellation that comes from inside of the handler is no success; the request gets its one answer."""
    assert await status_of(Handler(cancel_itself)) == 503


async def test_a_server_that_stops_cancels_the_handler() -> None:
    """A cancellation from outside goes through, and nothing is answered."""
    body = packed()
    request = Request(body, headers(body))
    with anyio.move_on_after(0.05) as scope:
        await request.to(Endpoint(Handler(anyio.sleep_forever), secret=SECRET, within=30))
    assert scope.cancelled_caught
    assert request.answers == []


async def test_topics() -> None:
    """Only the chosen ones are handed over; the others are accepted. Pings are for the address, unless they are asked
    for.
    """
    handler = Handler()
    for topics, expected in (
        (None, 1),
        (["ping"], 1),
        (["conversation.user.created", "conversation.user.replied"], 1),
        ([], 0),
    ):
        handler.seen.clear()
        for body in (packed(), packed("ping", {"type": "ping"})):
            assert await status_of(handler, body, topics=topics) == 200
        assert len(handler.seen) == expected


async def test_what_is_refused_never_reaches_the_handler() -> None:
    """Forged, unsigned, unreadable and too large: nothing of it is handed over, and no status is one that slows or ends
    the delivery.
    """
    handler, body = Handler(), packed()
    app = Endpoint(handler, secret=SECRET, most_bytes=len(body))
    cases = [
        (401, body, {}),
        (401, body, {"X-Hub-Signature": sign(body, "other")}),
        (401, body, {"X-Hub-Signature": "sha1=" + "ä" * 20}),
        (400, b"[]", headers(b"[]")),
        (413, body + b" ", headers(body + b" ")),
        (413, body, {**headers(body), "Content-Length": str(len(body) + 1)}),
        (413, body, {**headers(body), "Content-Length": "9" * 9_999}),
        (200, body, {**headers(body), "Content-Length": "many"}),
    ]
    for status, content, sent in cases:
        assert await Request(content, sent, pieces=3).to(app) == status
    assert len(handler.seen) == 1


async def test_a_large_body_is_not_read_to_its_end() -> None:
    """It stops at the piece that is too much, and at once where the header tells."""
    body = b"x" * 10_000
    request = Request(body, {}, pieces=100)
    assert await request.to(Endpoint(Handler(), secret=SECRET, most_bytes=1_000)) == 413
    assert request.taken == 11
    announced = Request(body, {"Content-Length": "10000"}, pieces=100)
    assert await announced.to(Endpoint(Handler(), secret=SECRET, most_bytes=1_000)) == 413
    assert announced.taken == 0


async def test_a_body_that_does_not_come() -> None:
    """A request that stops in the middle is answered at the end of the time, or given up when the client leaves."""
    body, handler = packed(), Handler()
    assert await Request(body, headers(body), cut=50).to(Endpoint(handler, secret=SECRET, within=0.05)) == 503
    assert await Request(body, headers(body), cut=50, leaves=True).to(Endpoint(handler, secret=SECRET)) == 400
    assert handler.seen == []


async def test_duplicates_are_handed_over() -> None:
    """What Intercom sends twice is handed over twice: whoever carries it out knows it by its key."""
    handler = Handler()
    assert [await status_of(handler) for _ in range(2)] == [200, 200]
    assert handler.seen[0] == handler.seen[1]


async def test_other_scopes() -> None:
    """Alone under a server it answers the lifespan; a websocket is closed."""
    app = Endpoint(Handler(), secret=SECRET)
    sent: list[str] = []
    waiting = ["lifespan.startup", "lifespan.shutdown"]

    async def receive() -> Any:
        return {"type": waiting.pop(0)}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await app({"type": "lifespan"}, receive, send)
    await app({"type": "websocket", "headers": []}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]


async def test_nothing_private_is_printed_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    """No log has a word of a body or a secret, whatever was answered; `repr` has neither."""
    caplog.set_level(logging.DEBUG)
    app = Endpoint(Handler(fail), secret=WORD)
    for body in (packed(title=WORD), b"{" + WORD.encode(), packed(item={"type": "conversation", "title": CARD})):
        for secret in (WORD, "other"):
            await Request(body, headers(body, secret)).to(app)
    assert WORD not in caplog.text + repr(app)
    assert CARD not in caplog.text


def test_arguments() -> None:
    """What cannot work is refused when the endpoint is made."""
    handler = Handler()
    for wrong in ({"secret": ""}, {"secret": []}, {"within": 0}, {"most_bytes": 0}, {"most_bytes": 10**9}):
        with pytest.raises(ValueError, match=r"secret|within|most_bytes"):
            Endpoint(handler, **{"secret": SECRET, **wrong})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="handle"):
        Endpoint("handle", secret=SECRET)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="topics"):
        Endpoint(handler, secret=SECRET, topics="ping")
    assert repr(Endpoint(handler, secret=SECRET, topics=["b", "a"])) == "<Endpoint for a, b>"
    assert repr(Endpoint(handler, secret=SECRET)) == "<Endpoint for all topics>"


async def test_a_long_topic_is_logged_in_part(caplog: pytest.LogCaptureFixture) -> None:
    """A topic is as long as its sender likes, and a line of the log is not."""

    async def fail() -> None:
        raise RuntimeError

    body = packed("t" * 100_000)
    assert await Request(body, headers(body)).to(Endpoint(Handler(fail), secret=SECRET)) == 503
    (record,) = caplog.records
    assert "handle raised RuntimeError" in record.getMessage()
    assert len(record.getMessage()) < 300


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_handler_that_cancels_itself_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """It is answered with 503 as any failure is, and the log says why."""

    async def cancel() -> None:
        raise asyncio.CancelledError

    body = packed("t")
    assert await Request(body, headers(body)).to(Endpoint(Handler(cancel), secret=SECRET)) == 503
    assert [record.getMessage() for record in caplog.records] == [
        "handle cancelled itself, so a notification is not accepted"
    ]


async def test_a_scope_of_an_unknown_type_is_refused() -> None:
    """ASGI asks an app to raise an error then: an answer of HTTP would be no answer in another protocol."""
    request = Request(b"", {})
    request.scope["type"] = "webtransport"
    with pytest.raises(ValueError, match="webtransport"):
        await Endpoint(Handler(), secret=SECRET)(request.scope, request.receive, request.send)
    assert request.answers == []

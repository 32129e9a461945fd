"""`Intercom.finish`: a write that has begun ends in an outcome that is told, though its caller is cancelled; on asyncio
and trio.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import httpx
import pytest

from aiointercom import ClientClosedError, Intercom, NotFoundError
from aiointercom._http.asgi import InProcessTransport
from aiointercom.events import CallCancelled, Event, OutcomeSettled
from aiointercom.models import Conversation
from aiointercom.sandbox import Sandbox

pytestmark = pytest.mark.anyio


class Held(httpx.AsyncBaseTransport):
    """Carries requests to a sandbox; each waits until it is let through."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._inner = InProcessTransport(sandbox)
        self.arrived, self.release = anyio.Event(), anyio.Event()
        self.paths: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        self.arrived.set()
        await self.release.wait()
        return await self._inner.handle_async_request(request)


class Scene:
    """A client whose requests are held, and what its observer was told."""

    def __init__(self) -> None:
        self.sandbox, self.events = Sandbox(), list[Event]()
        self.held = Held(self.sandbox)
        self.intercom = Intercom("sandbox-token", transport=self.held, on_event=self.events.append)

    def redact(self, part: str = "115") -> Any:
        return self.intercom.conversations.redact_part("471", part)

    def outcomes(self) -> list[str]:
        return [event.outcome for event in self.events if isinstance(event, OutcomeSettled)]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """A scene on the event loop of the test, which leaves no task behind."""
    scene = Scene()
    yield scene
    await scene.intercom.aclose()
    if is_asyncio():
        assert [task for task in asyncio.all_tasks() if "TestRunner" not in repr(task)] == []


def is_asyncio() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def test_it_returns_what_the_coroutine_returns(scene: Scene) -> None:
    """Without a cancellation nothing changes, errors included."""
    scene.held.release.set()
    assert (await scene.intercom.finish(scene.redact())).id == "471"
    with pytest.raises(NotFoundError):
        await scene.intercom.finish(scene.intercom.conversations.retrieve("999999"))


async def test_a_cancelled_scope_waits_for_the_outcome(scene: Scene) -> None:
    """The handler's scope is cancelled in the middle of the write: the write ends, its outcome is told, then the
    handler is cancelled.
    """
    went_on = False

    async def handler() -> None:
        nonlocal went_on
        await scene.intercom.finish(scene.redact())
        went_on = True

    async with anyio.create_task_group() as group:
        group.start_soon(handler)
        await scene.held.arrived.wait()
        group.cancel_scope.cancel()
        scene.held.release.set()
    assert (went_on, scene.outcomes()) == (False, ["redacted"])
    assert [effect.target_id for effect in scene.sandbox.ledger] == ["115"]
    assert not [event for event in scene.events if isinstance(event, CallCancelled)]


async def test_a_time_out_of_the_caller_comes_after_the_outcome(scene: Scene) -> None:
    """`fail_after` around it is served once the outcome is known: an unknown one is not made by it."""

    async def handler() -> None:
        with anyio.fail_after(60) as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(past, scope, scene)
                await scene.intercom.finish(scene.redact())

    with pytest.raises(TimeoutError):
        await handler()
    assert scene.outcomes() == ["redacted"]


async def past(scope: anyio.CancelScope, scene: Scene) -> None:
    """Let the deadline of a scope pass once the request is under way, and then the request through."""
    await scene.held.arrived.wait()
    scope.deadline = anyio.current_time()
    with anyio.CancelScope(shield=True):
        await anyio.wait_all_tasks_blocked()
        scene.held.release.set()


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("times", [1, 3])
async def test_plain_cancellations_wait_for_the_outcome(scene: Scene, times: int) -> None:
    """`task.cancel()`, also several times, is raised in the end, and without the write being cut."""
    task = asyncio.create_task(scene.intercom.finish(scene.redact()))
    await scene.held.arrived.wait()
    for _ in range(times):
        task.cancel()
        await anyio.wait_all_tasks_blocked()
    assert not task.done()
    scene.held.release.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert scene.outcomes() == ["redacted"]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_asyncio_timeout_is_still_a_timeout(scene: Scene) -> None:
    """`asyncio.timeout` around it gives its TimeoutError, after the outcome."""

    async def handler() -> None:
        async with asyncio.timeout(60) as limit:
            asyncio.get_running_loop().call_soon(ring, limit)
            await scene.intercom.finish(scene.redact())

    def ring(limit: asyncio.Timeout) -> None:
        limit.reschedule(0)
        asyncio.get_running_loop().call_later(0.01, scene.held.release.set)

    with pytest.raises(TimeoutError):
        await handler()
    assert len(scene.sandbox.ledger) == len(scene.held.paths)


async def test_a_cancellation_before_it_begins_sends_nothing(scene: Scene) -> None:
    """What is cancelled already does not begin, and the coroutine is closed without a warning."""
    with anyio.CancelScope() as scope:
        scope.cancel()
        await scene.intercom.finish(scene.redact())
    assert scope.cancelled_caught
    assert (scene.held.paths, scene.events) == ([], [])


async def test_who_asks_again_gets_the_outcome(scene: Scene) -> None:
    """A second caller with the same key gets what the first one, who has gone, would have got; the write is sent
    once.
    """
    told: list[Conversation] = []

    async def ask() -> None:
        told.append(await scene.intercom.finish(scene.redact(), key=("redact", "115")))

    async with anyio.create_task_group() as group:
        async with anyio.create_task_group() as first:
            first.start_soon(ask)
            await scene.held.arrived.wait()
            group.start_soon(ask)
            first.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await anyio.wait_all_tasks_blocked()
            scene.held.release.set()
    assert [conversation.id for conversation in told] == ["471"]
    assert scene.held.paths == ["/conversations/redact"]
    assert (await scene.intercom.finish(scene.redact(), key=("redact", "115"))).id == "471"  # later it is sent again
    assert scene.outcomes() == ["redacted", "already_redacted"]


async def test_keys_of_other_tokens_are_other_keys(scene: Scene) -> None:
    """The same key for two workspaces names two pieces of work."""
    other = scene.intercom.with_options(token="another-token")
    results: list[object] = []

    async def ask(intercom: Intercom, result: str) -> None:
        async def work() -> str:
            await scene.held.release.wait()
            return result

        results.append(await intercom.finish(work(), key="same"))

    async with anyio.create_task_group() as group:
        group.start_soon(ask, scene.intercom, "one")
        group.start_soon(ask, other, "two")
        await anyio.wait_all_tasks_blocked()
        scene.held.release.set()
    assert sorted(map(str, results)) == ["one", "two"]


async def test_closing_waits_and_lets_further_calls_of_the_work_through(scene: Scene) -> None:
    """`aclose(drain=)` waits for the work as a whole, also for a call that it begins meanwhile; new work is refused."""

    async def both() -> None:
        await scene.redact()
        await scene.intercom.conversations.redact_source("480", "403918320")

    async with anyio.create_task_group() as group:
        async with anyio.create_task_group() as handlers:
            handlers.start_soon(scene.intercom.finish, both())
            await scene.held.arrived.wait()
            handlers.cancel_scope.cancel()
            group.start_soon(closed, scene)
            with anyio.CancelScope(shield=True):
                await anyio.wait_all_tasks_blocked()
            scene.held.release.set()
    assert scene.outcomes() == ["redacted", "redacted"]


async def closed(scene: Scene) -> None:
    """Close with a long time to drain; meanwhile nothing new begins."""
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: scene.intercom.aclose(drain=60))
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(ClientClosedError):
            await scene.intercom.finish(scene.redact("116"))


async def test_an_error_that_nobody_gets_is_logged_by_its_class(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """What the work raises after its caller has gone is named in the log, without its text."""

    async def work() -> None:
        await scene.redact()
        raise LookupError("Rumpelstilzchen")

    async with anyio.create_task_group() as group:
        group.start_soon(scene.intercom.finish, work())
        await scene.held.arrived.wait()
        group.cancel_scope.cancel()
        scene.held.release.set()
    (record,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert record.getMessage() == "work that outlasted its caller ended in LookupError"


@pytest.mark.parametrize("work", [lambda scene: scene.intercom.conversations.list(), lambda scene: scene.redact, len])
async def test_only_coroutines(scene: Scene, work: Callable[[Scene], Any]) -> None:
    """What cannot be awaited by it is a TypeError that names its kind."""
    with pytest.raises(TypeError, match="a coroutine, not"):
        await scene.intercom.finish(work(scene) if work is not len else 7)

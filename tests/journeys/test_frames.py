"""No local variable of the SDK's frames shows a token, a body or an answer: tracebacks with locals and Sentry print
them all.

Left out are the arguments of public methods, which are the caller's own, and frames outside of the SDK.
"""

from __future__ import annotations

import asyncio
import hmac
import inspect
import io
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import sentry_sdk
from rich.console import Console
from rich.traceback import Traceback

import aiointercom.errors
from aiointercom import Intercom, IntercomError
from aiointercom.cleanup import Convert, find, read_plan, run
from aiointercom.regions import Region
from aiointercom.sandbox import Fault
from aiointercom.webhooks import Notification, verify
from tests.journeys.canned import Canned, Scene, refuses, says
from tests.journeys.frames import CALLERS, OURS, frames_of, leaks
from tests.journeys.test_privacy import CALLS, FAULTS, TOKEN, WORD, planted

pytestmark = pytest.mark.anyio

WORDS = (WORD, TOKEN)
Case = Callable[[], Awaitable[BaseException]]


async def error_of(call: Awaitable[Any]) -> BaseException:
    """The error that a call ends in."""
    with pytest.raises(BaseException) as caught:  # every kind is looked at
        await call
    return caught.value


async def all_errors(call: str, fault: str) -> list[BaseException]:
    """The errors of a call against a sandbox in which every text is the word, done twice."""
    sandbox = planted()
    sandbox.fault(*(Fault(**described) for described in FAULTS[fault]))
    found: list[BaseException] = []
    async with Scene(sandbox, max_retries=1) as scene:
        for _ in range(2):
            try:
                await CALLS[call](scene.intercom)
            except Exception as error:  # noqa: BLE001  # every one is looked at
                found.append(error)
    return found


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_no_word_in_a_local_variable(call: str, fault: str) -> None:
    """Whatever call ends in whatever error."""
    for error in await all_errors(call, fault):
        assert leaks(error, WORDS) == []


PART = {"type": "conversation_part", "id": "115", "body": WORD, "redacted": False}
CONVERSATION = {
    "type": "conversation",
    "id": "471",
    "ticket": None,
    "conversation_parts": {"conversation_parts": [PART], "total_count": 1},
}
LATE = {**CONVERSATION, "ticket": {"id": "471", "type": "ticket", "title": WORD}}


async def refused(status: int, code: str) -> BaseException:
    """A conversion that Intercom refuses, with words in the refusal; it is sent once."""
    return await with_answers(convert, refuses(status, code, WORD))


async def with_answers(call: Callable[[Intercom], Awaitable[Any]], *answers: Any, **options: Any) -> BaseException:
    """The error of a call that gets these answers."""
    async with Scene(Canned(*answers), **({"token": TOKEN, "max_retries": 0, "settle_for": 0.5} | options)) as scene:
        return await error_of(call(scene.intercom))


def convert(intercom: Intercom) -> Awaitable[Any]:
    """The call with the most words."""
    return intercom.conversations.convert_to_ticket(
        "471", ticket_type_id="79", title=WORD, description=WORD, attributes={"note": WORD}
    )


def redact(intercom: Intercom) -> Awaitable[Any]:
    """A write without words, whose answers have them."""
    return intercom.conversations.redact_part("471", "115")


def read(intercom: Intercom) -> Awaitable[Any]:
    """A read."""
    return intercom.conversations.retrieve("471")


async def closed() -> BaseException:
    """A client that is closed."""
    intercom = Intercom(TOKEN, transport=Canned(says({})))
    await intercom.aclose()
    return await error_of(convert(intercom))


def other_loop() -> BaseException:
    """A client that was used in another event loop."""
    intercom = Intercom(TOKEN, transport=Canned(says(CONVERSATION)), pace=None)

    async def used() -> None:
        await read(intercom)

    async def again() -> BaseException:
        return await error_of(convert(intercom))

    asyncio.run(used())
    found = asyncio.run(again())
    asyncio.run(intercom.aclose())
    return found


async def in_thread(find: Callable[[], BaseException]) -> BaseException:
    """What is found where no event loop runs."""
    return await anyio.to_thread.run_sync(find)


class Quoting:
    """A detector that quotes what it was looking at."""

    name = "mine"

    def find(self, text: str) -> Any:
        """Raise the text."""
        raise ValueError(text)


async def detected(size: int = 1) -> BaseException:
    """A plan whose detector fails on a body; a large one is looked at in a thread."""
    sandbox = planted()
    sandbox.add_conversation(480, source={"id": "901", "body": WORD * size, "author": {"type": "user", "id": "1"}})
    async with Scene(sandbox) as scene:
        found = find(scene.intercom, ["480"], [Quoting()])

        async def all_of_it() -> None:
            async for _ in found:
                pass

        return await error_of(all_of_it())


def bad_plan(folder: Path, line: dict[str, Any] | str) -> BaseException:
    """A plan file with a line that cannot be used."""
    file = folder / "x.plan"
    file.write_text(line if isinstance(line, str) else json.dumps(line) + "\n")
    with pytest.raises(IntercomError) as caught:
        read_plan(file)
    return caught.value


HEADER = {"type": "plan", "version": 1, "made_at": "2026-11-24", "region": "us", "aiointercom": "1", "workspace": "w"}
CONVERT_TO = {"ticket_type_id": "79", "title": WORD, "description": WORD, "attributes": [WORD], "resolve": True}


async def other_ledger(folder: Path) -> BaseException:
    """A ledger that is none, for items with words."""
    async with Scene(planted()) as scene:

        async def carried_out() -> None:
            async with run(scene.intercom, [Convert("471", "79", title=WORD)], ledger=folder):
                pass

        return await error_of(carried_out())


async def region() -> BaseException:
    """A token of another region than the client's."""
    me = {"type": "admin", "id": "1", "name": WORD, "app": {"type": "app", "id_code": "w", "region": "Europe"}}
    return await with_answers(convert, says(me), strict_region=True, region=Region.US)


class Pieces(httpx.AsyncByteStream):
    """A body in two pieces, of words. No generator: trio warns of those that are left before their end."""

    def __init__(self) -> None:
        self.pieces = [WORD.encode() * 1000] * 2

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> bytes:
        """Give a piece."""
        if not self.pieces:
            raise StopAsyncIteration
        return self.pieces.pop()


async def too_large() -> BaseException:
    """An answer beyond the limit."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Pieces()))
    async with Intercom(TOKEN, transport=transport, max_response_bytes=20_000, max_retries=0, pace=None) as intercom:
        return await error_of(read(intercom))


async def no_region() -> BaseException:
    """A region that nobody knows, asked for by whoever makes a client."""
    me = {"type": "admin", "id": "1", "name": WORD, "app": {"type": "app", "id_code": "w", "region": WORD}}
    return await error_of(Region.discover(TOKEN, transport=Canned(says(me)), pace=None))


async def no_discovery() -> BaseException:
    """A token that is refused when the region is asked for."""
    return await error_of(Region.discover(TOKEN, transport=Canned(refuses(401, "unauthorized", WORD)), pace=None))


async def bad_callable() -> BaseException:
    """A callable whose token cannot stand in a header."""

    async def give() -> str:
        return f"{TOKEN} x"

    return await with_answers(convert, says({}), token=give)


async def unsigned() -> BaseException:
    """A body that Intercom did not sign."""
    with pytest.raises(IntercomError) as caught:
        verify(WORD.encode(), "sha1=" + 40 * "0", TOKEN)
    return caught.value


async def notified(body: str, *, secret: str = TOKEN, header: str = "X-Hub-Signature") -> BaseException:
    """A notification that is refused. The app's secret is the token."""
    signed = hmac.new(secret.encode(), body.encode(), "sha1").hexdigest()
    with pytest.raises(IntercomError) as caught:
        Notification.from_http({header: f"sha1={signed}"}, body.encode(), secret=TOKEN)
    return caught.value


def lost() -> httpx.ReadError:
    """No answer."""
    return httpx.ReadError(WORD)


def cases(folder: Path) -> dict[str, list[Callable[[], Awaitable[BaseException]]]]:
    """Ways to each kind of error, by its name."""
    return {
        "ConfigurationError": [region, bad_callable],
        "ClientClosedError": [closed],
        "WrongEventLoopError": [lambda: in_thread(other_loop)],
        "InvalidInputError": [
            lambda: with_answers(lambda i: i.conversations.retrieve(f"{WORD} !")),
            lambda: with_answers(
                lambda i: i.conversations.convert_to_ticket("471", ticket_type_id="79", title=f"{WORD} \ud800")
            ),
            lambda: with_answers(lambda i: i.request("POST", "/tags", json={"name": f"{WORD} \ud800"})),
            lambda: with_answers(lambda i: i.request("POST", "/tags", json={"name": [WORD, float("nan")]})),
            lambda: with_answers(lambda i: i.request("GET", "/tags", query={"name": f"{WORD} \ud800"})),
        ],
        "InvalidAttributesError": [lambda: one_of("resolve refused"), lambda: one_of("convert resolved wrongly")],
        "NotSentError": [lambda: with_answers(convert, httpx.ConnectError("refused"))],
        "ResponseLostError": [lambda: with_answers(read, lost())],
        "OutcomeUnknownError": [
            lambda: with_answers(convert, lost(), says({**CONVERSATION, "id": "9"})),
            lambda: with_answers(convert, lost(), says(LATE), says({"type": "ticket", "id": "471", "words": WORD})),
            lambda: with_answers(redact, lost(), refuses(500, "x", WORD)),
            lambda: with_answers(convert, says([WORD]), max_response_bytes=None),
        ],
        "UnreadableResponseError": [
            lambda: with_answers(read, says([WORD])),
            lambda: with_answers(read, httpx.Response(200, content=f"<html>{WORD}".encode())),
            lambda: with_answers(read, says({**CONVERSATION, "id": f"{WORD} !"})),
            too_large,
            no_region,
            lambda: with_answers(read, httpx.Response(302, headers={"Location": f"https://x.example/{WORD}"})),
            lambda: with_answers(listed, says({"conversations": [WORD], "pages": {"next": WORD}})),
            lambda: with_answers(listed, says({"conversations": None, "words": WORD})),
            lambda: with_answers(listed, says({"conversations": [CONVERSATION], "pages": {"next": {WORD: WORD}}})),
            lambda: with_answers(lambda i: i.ticket_types.list(), says({"words": WORD})),
        ],
        "LedgerError": [lambda: other_ledger(folder)],
        "PlanError": [
            lambda: in_thread(lambda: bad_plan(folder, f"{WORD}\n")),
            lambda: in_thread(lambda: bad_plan(folder, f'"{WORD}"\n')),
            lambda: in_thread(lambda: bad_plan(folder, WORD * 200_000)),
            lambda: in_thread(lambda: bad_plan(folder, {"type": WORD})),
            lambda: in_thread(lambda: bad_plan(folder, {**HEADER, "detectors": WORD, "convert": CONVERT_TO})),
            lambda: in_thread(lambda: bad_plan(folder, {**HEADER, "detectors": None, "convert": CONVERT_TO})),
            lambda: in_thread(lambda: bad_plan(folder, {**HEADER, "detectors": None, "convert": {WORD: WORD}})),
        ],
        "DetectorError": [detected, lambda: detected(1000)],
        "SignatureError": [
            unsigned,
            lambda: notified(json.dumps({"topic": WORD}), secret=f"another {TOKEN}"),
            lambda: notified(json.dumps({"topic": WORD}), header=WORD),
        ],
        "NotificationError": [
            lambda: notified(WORD),
            lambda: notified(json.dumps([WORD])),
            lambda: notified(json.dumps({"data": {"item": WORD}})),
            lambda: notified(json.dumps({"topic": WORD, "data": float("nan")})),
            lambda: notified('{"topic":' + "[" * 60 + f'"{WORD}"' + "]" * 60 + "}"),
            lambda: notified(json.dumps({"topic": WORD * 100_000})),
        ],
        "APIError": [lambda: refused(418, "teapot")],
        "BadRequestError": [lambda: refused(400, "parameter_invalid")],
        "UnauthorizedError": [lambda: refused(401, "unauthorized"), no_discovery],
        "ForbiddenError": [lambda: refused(403, "forbidden")],
        "NotFoundError": [lambda: refused(404, "not_found")],
        "ConflictError": [lambda: with_answers(convert, refuses(409, "conflict", WORD), says(CONVERSATION))],
        "UnprocessableError": [lambda: with_answers(convert, refuses(422, "x", WORD), says(CONVERSATION))],
        "PartNotRedactableError": [
            lambda: with_answers(redact, refuses(400, "conversation_part_not_redactable", WORD), says(CONVERSATION))
        ],
        "AlreadyTicketError": [lambda: with_answers(convert, refuses(400, "parameter_invalid", WORD), says(LATE))],
        "RateLimitedError": [lambda: refused(429, "rate_limit_exceeded")],
        "ServerError": [lambda: with_answers(read, refuses(503, "x", WORD))],
    }


def listed(intercom: Intercom) -> Awaitable[Any]:
    """The first items of a search with words."""
    pages = intercom.conversations.search({"field": "source.body", "operator": "~", "value": WORD})
    return anext(pages)


async def one_of(call: str) -> BaseException:
    """The error of a call in the sandbox full of words."""
    async with Scene(planted()) as scene:
        if call in CALLS:
            return await error_of(CALLS[call](scene.intercom))
        return await error_of(
            scene.intercom.conversations.convert_to_ticket(
                "471", ticket_type_id="79", title=WORD, attributes={"unheard of": WORD}, resolve=True
            )
        )


KINDS = sorted(
    name
    for name, kind in vars(aiointercom.errors).items()
    if inspect.isclass(kind) and issubclass(kind, IntercomError) and name not in ("IntercomError", "WebhookError")
)
"""All but the two that are never raised themselves."""


@pytest.fixture
def sentry() -> Iterator[list[Any]]:
    """The events that the real SDK of Sentry would send, with its default integrations; nothing is sent."""
    events: list[Any] = []

    def keep(event: Any, _: Any) -> None:
        events.append(event)

    sentry_sdk.init(
        "https://key@sentry.invalid/1", before_send=keep, include_local_variables=True, auto_session_tracking=False
    )
    yield events
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.init()


def printed(error: BaseException) -> str:
    """What rich prints of the SDK's frames, with local variables."""
    trace = Traceback.extract(
        type(error), error, error.__traceback__, show_locals=True, locals_max_length=10_000, locals_max_string=10_000
    )
    for stack in trace.stacks:
        stack.frames = [frame for frame in stack.frames if frame.filename.startswith(OURS)]
        for frame in stack.frames:
            for name in CALLERS.get((frame.filename, frame.name), ()):
                (frame.locals or {}).pop(name, None)
    out = io.StringIO()
    Console(file=out, width=400).print(Traceback(trace, show_locals=True))
    return out.getvalue()


def reported(event: Any) -> str:
    """What Sentry gets of the SDK's frames, and of the errors."""
    told = []
    for value in event["exception"]["values"]:
        told.append(str(value["value"]))
        for frame in value.get("stacktrace", {}).get("frames", ()):
            if frame["abs_path"].startswith(OURS):
                hidden = CALLERS.get((frame["abs_path"], frame["function"]), ())
                told += [repr((name, shown)) for name, shown in frame["vars"].items() if name not in hidden]
    return "\n".join(told)


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_error(kind: str, tmp_path: Path, sentry: list[Any]) -> None:
    """Each class of `aiointercom.errors` is met, and its traceback shows no word by hand. A new class without a case
    fails here.
    """
    for case in cases(tmp_path)[kind]:
        error = await case()
        assert type(error).__name__ == kind
        assert frames_of(error)
        assert leaks(error, WORDS) == []
        assert WORD not in printed(error)
        sentry.clear()
        sentry_sdk.capture_exception(error)
        assert len(sentry) == 1
        assert WORD not in reported(sentry[0])


class Stuck(Canned):
    """Gives its answers, and then none any more: before the headers, within the body, or in a group of tasks."""

    def __init__(self, where: str, *answers: Any) -> None:
        super().__init__(*answers, says({}))
        self.where, self.reached = where, anyio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or do not."""
        if len(self.answers) > 1:
            return await super().handle_async_request(request)
        if self.where == "body":
            return httpx.Response(200, stream=Dripping(self.reached))
        if self.where == "group":
            async with anyio.create_task_group() as group:
                group.start_soon(anyio.sleep_forever)
                group.start_soon(anyio.sleep_forever)
                self.reached.set()
        self.reached.set()
        await anyio.sleep_forever()
        raise AssertionError


class Dripping(httpx.AsyncByteStream):
    """A body that begins with words and never ends."""

    def __init__(self, reached: anyio.Event) -> None:
        self.reached = reached

    async def __aiter__(self) -> Any:
        yield f'{{"words": "{WORD}'.encode()
        self.reached.set()
        await anyio.sleep_forever()


UNCLEAR = {"_default_title_": WORD, "_default_description_": WORD, "note": "item"}
"""What a ticket of the call may have, where `note` is a list."""
STUCK: dict[str, tuple[Callable[[Intercom], Awaitable[Any]], list[Any]]] = {
    "convert": (convert, []),
    "reading back": (convert, [lost()]),
    "whose ticket": (convert, [lost(), says(LATE)]),
    "which types": (
        convert,
        [
            lost(),
            says(LATE),
            says({"type": "ticket", "id": "471", "ticket_type": {"id": "79"}, "ticket_attributes": UNCLEAR}),
        ],
    ),
    "resolve": (CALLS["convert resolved"], []),
    "redact": (redact, []),
    "redact all": (lambda i: i.conversations.redact_all("471"), [says(CONVERSATION)]),
    "search": (listed, []),
    "request": (lambda i: i.request("POST", "/notes", json={"body": WORD}), []),
}


async def given_up(call: Callable[[Intercom], Awaitable[Any]], stuck: Stuck) -> list[BaseException]:
    """What passes through the caller, whose time is over once the call is stuck, and what it ends in."""
    found: list[BaseException] = []
    async with Scene(stuck, token=TOKEN) as scene:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:

                async def stop() -> None:
                    await stuck.reached.wait()
                    scope.cancel()

                group.start_soon(stop)
                try:
                    await call(scene.intercom)
                except BaseException as ended:
                    found.append(ended)
                    raise
    return found


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
@pytest.mark.parametrize("where", ["headers", "body", "group"])
@pytest.mark.parametrize("name", STUCK)
async def test_time_outs_of_the_caller(name: str, where: str) -> None:
    """A caller whose time is over, at any point of a call, sees no word in the frames of the SDK."""
    call, answers = STUCK[name]
    for error in await given_up(call, Stuck(where, *answers)):
        assert frames_of(error)
        assert leaks(error, WORDS) == []


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("where", ["headers", "body", "group"])
@pytest.mark.parametrize("name", STUCK)
async def test_time_outs_of_asyncio(name: str, where: str, sentry: list[Any]) -> None:
    """`asyncio.timeout` chains its TimeoutError to the cancellation, and so to the frames that it came through."""
    call, answers = STUCK[name]
    stuck = Stuck(where, *answers)

    async def in_time(intercom: Intercom) -> None:
        async with asyncio.timeout(None) as scope, asyncio.TaskGroup() as group:

            async def stop() -> None:
                await stuck.reached.wait()
                scope.reschedule(0)

            group.create_task(stop())
            await call(intercom)

    async with Scene(stuck, token=TOKEN) as scene:
        error = await error_of(in_time(scene.intercom))
    assert isinstance(error, TimeoutError)
    assert frames_of(error)
    assert leaks(error, WORDS) == []
    sentry_sdk.capture_exception(error)
    assert WORD not in reported(sentry[0])


LISTED: dict[str, Any] = {
    "type": "conversation",
    "id": "471",
    "title": WORD,
    "source": {"type": "conversation", "id": "1", "body": WORD, "author": {"type": "user", "id": "1", "email": WORD}},
    "custom_attributes": {"note": WORD},
}


def page(**more: Any) -> dict[str, Any]:
    """A page of words."""
    return {"type": "conversation.list", "total_count": 2, "conversations": [LISTED], "extra": WORD, **more}


def behind(*cursors: str) -> list[dict[str, Any]]:
    """Pages that lead on by these cursors."""
    return [page(pages={"type": "pages", "next": {"starting_after": WORD + cursor}}) for cursor in cursors]


PAGES: dict[str, list[dict[str, Any]]] = {
    "no list": [page(conversations=None)],
    "a text for a list": [page(conversations=WORD)],
    "an item that is no object": [page(conversations=[LISTED, WORD])],
    "a cursor that is no text": [page(pages={"next": {"starting_after": [WORD]}})],
    "pages that are no object": [page(pages=WORD)],
    "an address without a cursor": [page(pages={"next": f"https://api.intercom.io/conversations?q={WORD}"})],
    "a cursor that leads to itself": behind("a", "a"),
    "cursors that lead in a circle": behind("a", "b", "a", "b"),
}


@pytest.mark.parametrize("case", PAGES)
@pytest.mark.parametrize("searching", [False, True])
async def test_pages_that_cannot_be_read(case: str, searching: bool) -> None:
    """A list that ends in an error shows nothing of its pages, nor of their cursors, which hold what Intercom put
    there.
    """

    async def walk(intercom: Intercom) -> None:
        conversations = intercom.conversations
        query = {"field": "title", "operator": "=", "value": WORD}
        async for _ in conversations.search(query) if searching else conversations.list():
            pass

    error = await with_answers(walk, *map(says, PAGES[case]))
    assert isinstance(error, IntercomError)
    assert frames_of(error)
    assert WORD not in str(error)
    assert leaks(error, WORDS) == []

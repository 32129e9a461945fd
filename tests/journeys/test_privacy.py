"""A planted word, in every message, name, email, title, attribute, error body and token, appears in nothing that
prints or travels.

What is looked at: repr and str of every result and error, formatted tracebacks with their chains, pickles, every
record for observers, and every record of every logger at DEBUG. Of foreign loggers one line is not ours: httpx
names method and address of each request, which hold ids and what the caller puts into a path or a query.
"""

from __future__ import annotations

import inspect
import logging
import pickle
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import attrs
import httpx
import pytest

import aiointercom._delivery.call
import aiointercom._protocol.request
import aiointercom._writes.conversion
import aiointercom.errors
import aiointercom.pagination
from aiointercom import AsIs, ConfigurationError, Intercom, OutcomeUnknownError, Settlement
from aiointercom._delivery.call import AttemptResult
from aiointercom._delivery.settle import Done
from aiointercom._protocol.request import prepare
from aiointercom._protocol.retry_policy import Happened
from aiointercom.errors import Hidden
from aiointercom.models import Conversation
from aiointercom.pagination import search_body
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.canned import Canned, Scene, refuses, says

pytestmark = pytest.mark.anyio

WORD = "Rumpelstilzchen"
TEXT = f"<p>My card is {WORD}</p>"
PERSON = {"type": "user", "id": "66a1", "name": f"{WORD} Person", "email": f"{WORD}@example.com"}
TOKEN = f"tok-{WORD}"


class Seen:
    """Collects what could be shown, and tells where the word is in it."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []

    def value(self, value: object) -> None:
        """What came back."""
        self.texts += [("repr", repr(value)), ("str", str(value)), ("format", f"{value}")]

    def error(self, error: BaseException) -> None:
        """What was raised, and what it drags along."""
        self.value(error)
        self.texts.append(("traceback", "".join(traceback.format_exception(error))))
        self.texts.append(("pickle", pickle.dumps(error).decode("latin-1")))
        self.texts.append(("attributes", repr(vars(error))))
        chained = (error.__cause__, error.__context__)
        for inner in chained:
            if inner is not None:
                self.error(inner)

    @property
    def leaks(self) -> list[tuple[str, str]]:
        """Where the word stands."""
        return [(where, text) for where, text in self.texts if WORD.lower() in text.lower()]


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Every logger's records, from DEBUG on."""
    names = ["", *logging.root.manager.loggerDict]
    before = {name: logging.getLogger(name).level for name in names}
    caplog.set_level(logging.DEBUG)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield caplog
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def log_leaks(logged: pytest.LogCaptureFixture) -> list[str]:
    """Log records in which the word stands: formatted, raw, or in the traceback that they carry."""
    found = []
    for record in logged.records:
        text = logging.Formatter("%(name)s %(message)s").format(record) + repr(record.args)
        if WORD.lower() in text.lower():
            found.append(text)
    return found


def planted() -> Sandbox:
    """A sandbox in which every text is the word."""
    sandbox = Sandbox(token=TOKEN, seed=False)
    sandbox.add_ticket_type(
        79,
        name=f"{WORD} type",
        description=WORD,
        attributes=[
            {"name": "_default_title_"},
            {"name": "_default_description_"},
            {"name": "note", "description": WORD},
        ],
    )
    for number in (471, 472):
        sandbox.add_conversation(
            number,
            title=f"{WORD} title",
            custom_attributes={f"{WORD} key": WORD},
            tags={"type": "tag.list", "tags": [{"type": "tag", "id": "7", "name": WORD}]},
            source={"id": "900", "body": TEXT, "subject": WORD, "author": PERSON, "url": f"https://x.example/{WORD}"},
            parts=[
                {
                    "id": "115",
                    "body": TEXT,
                    "author": PERSON,
                    "attachments": [{"type": "upload", "name": WORD, "url": WORD}],
                },
                {"id": "116", "body": None, "author": PERSON, "external_id": WORD},
            ],
        )
    return sandbox


CALLS: dict[str, Callable[[Intercom], Awaitable[Any]]] = {
    "redact_part": lambda i: i.conversations.redact_part("471", "115"),
    "redact_part refused": lambda i: i.conversations.redact_part("471", "116"),
    "redact_part unknown": lambda i: i.conversations.redact_part("471", "999"),
    "redact_source": lambda i: i.conversations.redact_source("471", "900"),
    "redact_all": lambda i: i.conversations.redact_all("471"),
    "redact_all of some": lambda i: i.conversations.redact_all("472", lambda message: message.id == "115"),
    "resolve": lambda i: _unprinted(i.ticket_types.resolve("79", {"note": WORD, "Title": WORD})),
    "resolve refused": lambda i: i.ticket_types.resolve("79", {"note": [WORD], "Title": AsIs(WORD), "title": WORD}),
    "convert resolved": lambda i: i.conversations.convert_to_ticket(
        "471", ticket_type_id="79", title=WORD, attributes={"Note": WORD}, resolve=True
    ),
    "convert": lambda i: i.conversations.convert_to_ticket(
        "471", ticket_type_id="79", title=f"{WORD} title", description=TEXT, attributes={"note": WORD}
    ),
    "convert refused": lambda i: i.conversations.convert_to_ticket("471", ticket_type_id="79", attributes={WORD: WORD}),
    "retrieve": lambda i: i.conversations.retrieve("471"),
    "retrieve plain": lambda i: i.conversations.retrieve("472", display_as="plaintext"),
    "list": lambda i: collect(i.conversations.list(per_page=1)),
    "search": lambda i: collect(i.conversations.search({"field": "source.body", "operator": "~", "value": WORD})),
    "ticket_types": lambda i: i.ticket_types.list(),
    "ticket_type": lambda i: i.ticket_types.retrieve("79"),
    "no ticket": lambda i: i.tickets.retrieve("471"),
    "me": lambda i: i.me(),
    "request": lambda i: _unprinted(i.request("POST", "/notes", json={"body": WORD})),
}


async def collect(pages: Any) -> list[Any]:
    """All items, and the iterator itself, whose repr must be as silent."""
    return [pages, *[item async for item in pages]]


async def _unprinted(answer: Awaitable[Any]) -> None:
    await answer  # plain JSON is the caller's own, and prints as JSON does


FAULTS: dict[str, list[dict[str, Any]]] = {
    "none": [],
    "lost": [{"drop": True, "when": "after", "times": 1}],
    "lost for ever": [{"drop": True, "when": "after", "times": None}],
    "cut": [{"truncate": 400, "when": "after", "times": None}],
    "html": [{"status": 502, "body": f"<html>{WORD}</html>".encode(), "times": None}],
    "html 200": [{"body": f"<html>{WORD}</html>".encode(), "times": None}],
    "list 200": [{"body": f'["{WORD}"]'.encode(), "times": None}],
    "refused": [{"status": 400, "code": f"{WORD} said", "message": f"{WORD} is wrong", "times": None}],
    "refused in words": [{"status": 422, "code": "parameter_invalid", "message": WORD, "times": None}],
    "limited": [{"rate_limited": True, "headers": {"Retry-After": "1"}, "times": None}],
    "unauthorized": [{"status": 401, "code": "unauthorized", "message": f"{WORD} Invalid \n", "times": None}],
    "headers": [
        {"status": 500, "headers": {"X-Request-Id": f"{WORD} !", "Retry-After": WORD, "Date": WORD}, "times": None}
    ],
    "redirect": [{"status": 307, "headers": {"Location": f"https://example.com/{WORD}"}, "times": None}],
    "error list 200": [
        {"body": f'{{"type": "error.list", "errors": [{{"code": "x y {WORD}"}}]}}'.encode(), "times": None}
    ],
}


@pytest.mark.parametrize("anyio_backend", ["asyncio"])  # what is printed does not depend on the loop
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_no_word_is_shown(call: str, fault: str, seen: Seen, logged: pytest.LogCaptureFixture) -> None:
    """Through successes, refusals, lost, garbled and limited answers the word is in no result's repr, error, log or
    record.
    """
    sandbox = planted()
    sandbox.fault(*(Fault(**described) for described in FAULTS[fault]))
    async with Scene(sandbox, max_retries=1) as scene:
        for _ in range(2):
            try:
                seen.value(await CALLS[call](scene.intercom))
            except Exception as error:  # noqa: BLE001  # every one is looked at
                seen.error(error)
        seen.value([scene.intercom, scene.intercom.sender, scene.intercom.conversations, scene.intercom.rate_limit])
    for event in scene.events:
        seen.value(event)
    assert seen.leaks == []
    assert log_leaks(logged) == []


@pytest.mark.parametrize("source", ["string", "callable"])
async def test_refused_tokens_are_not_shown(source: str, seen: Seen, logged: pytest.LogCaptureFixture) -> None:
    """A token that Intercom refuses, fixed or from a callable, first and fresh, is shown nowhere."""
    asked: list[str] = []

    async def fresh() -> str:
        asked.append(f"{TOKEN}-{len(asked)}")
        return asked[-1]

    token: Any = TOKEN if source == "string" else fresh
    async with Scene(Canned(refuses(401, "unauthorized", WORD)), token=token) as scene:
        for call in CALLS.values():
            with pytest.raises(Exception) as caught:  # looked at below
                await call(scene.intercom)
            seen.error(caught.value)
        seen.value([scene.intercom._token_state, scene.intercom._token_state.tokens, scene.intercom._shared])
    seen.value(scene.events)
    assert seen.leaks == []
    assert log_leaks(logged) == []


@pytest.mark.parametrize(
    "token",
    [f"{TOKEN}\n", f" {TOKEN}", f"{TOKEN}\x00", f"{TOKEN} x", f"{TOKEN}\u00e9", f"{TOKEN}\ud800", TOKEN.encode()],
)
async def test_unusable_tokens_are_refused_without_being_shown(token: Any, seen: Seen) -> None:
    """A token that cannot stand in a header is refused at once, and no error, cause or context holds it."""
    with pytest.raises(ConfigurationError) as caught:
        Intercom(token)
    seen.error(caught.value)

    async def give() -> Any:
        return token

    async with Scene(Canned(says({})), token=give) as scene:
        with pytest.raises(ConfigurationError) as caught:
            await scene.intercom.me()
        seen.error(caught.value)
    assert seen.leaks == []


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadError(WORD),
        httpx.RemoteProtocolError(f"illegal header line: {WORD}"),
        httpx.LocalProtocolError(f"Illegal header value {WORD}"),
        httpx.WriteError(WORD),
        httpx.DecodingError(WORD),
        httpx.ProxyError(WORD),
        httpx.ReadTimeout(WORD),
        httpx.InvalidURL(WORD),
        OSError(WORD),
        httpx.StreamError(WORD),
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_errors_of_the_transport_are_not_chained(
    failure: Exception, seen: Seen, logged: pytest.LogCaptureFixture
) -> None:
    """What the HTTP library raises holds the request, headers and all, and may quote an answer: none of it comes
    along.
    """
    async with Scene(Canned(failure), max_retries=0, token=TOKEN) as scene:
        for call in CALLS.values():
            with pytest.raises(Exception) as caught:  # looked at below
                await call(scene.intercom)
            seen.error(caught.value)
    seen.value(scene.events)
    assert seen.leaks == []
    assert log_leaks(logged) == []


UNSENDABLE: dict[str, Callable[[Intercom], Awaitable[Any]]] = {
    "lone surrogate": lambda i: i.conversations.convert_to_ticket("471", ticket_type_id="79", title=f"{WORD}\ud800"),
    "not a number": lambda i: i.conversations.convert_to_ticket(
        "471", ticket_type_id="79", title=WORD, attributes={"amount": float("nan")}
    ),
    "no JSON": lambda i: i.conversations.convert_to_ticket(
        "471", ticket_type_id="79", title=WORD, attributes={"amount": object()}
    ),
    "twice": lambda i: i.conversations.convert_to_ticket(
        "471", ticket_type_id="79", title=WORD, attributes={"_default_title_": WORD}
    ),
    "id": lambda i: i.conversations.retrieve(f"{WORD}/x"),
    "path": lambda i: i.request("GET", f"/{WORD}?x"),
    "query": lambda i: i.request("GET", "/tags", query={"q": f"{WORD}\ud800"}),
    "body": lambda i: i.request("POST", "/tags", json={"name": f"{WORD}\udcff"}),
}


@pytest.mark.parametrize("what", UNSENDABLE)
async def test_what_cannot_be_sent_is_not_shown(what: str, seen: Seen) -> None:
    """An argument that cannot be sent is a ValueError or TypeError before anything leaves, and does not quote the words
    in it.
    """
    canned = Canned(says({}))
    async with Scene(canned) as scene:
        with pytest.raises((ValueError, TypeError)) as caught:
            await UNSENDABLE[what](scene.intercom)
    seen.error(caught.value)
    assert canned.requests == []
    assert seen.leaks == []


async def test_settings_do_not_show_what_they_hold(seen: Seen) -> None:
    """A password in an address is refused and not shown."""
    with pytest.raises(ConfigurationError) as caught:
        Intercom("t", base_url=f"https://user:{WORD}@example.com")
    seen.error(caught.value)
    with pytest.raises(ConfigurationError) as caught:
        Intercom("t", region=WORD)
    seen.error(caught.value)
    assert seen.leaks == []


async def test_an_observer_that_raises_is_logged_by_name_only(logged: pytest.LogCaptureFixture) -> None:
    """The text of an error in the caller's own observer may hold anything, so only its class is logged, and the call
    goes its way.
    """

    def fail(_event: object) -> None:
        raise RuntimeError(WORD)

    async with Scene(planted(), on_event=fail) as scene:
        await scene.intercom.conversations.redact_part("471", "115")
    assert "on_event raised RuntimeError" in logged.text
    assert log_leaks(logged) == []


def internal_records() -> list[Any]:
    """One of each internal object that carries message text on its way, and could stand in a frame that an error
    tracker prints.
    """
    body = {"conversation_id": "471", "title": WORD}
    request = prepare("POST", "/conversations/{conversation_id}/convert", {"conversation_id": "471"}, {"q": WORD}, body)
    return [
        request,
        aiointercom._delivery.call.Call.begin(request, 0.0, None),
        AttemptResult(Happened.ANSWERED, {"body": WORD}, None, 200, {"set-cookie": WORD}),
        Done({"body": WORD}, "redacted"),
        search_body({"field": "source.body", "operator": "~", "value": WORD}, None),
        aiointercom._writes.conversion.Conversion("471", "79", {"_default_title_": WORD}),
        Hidden({"_default_title_": WORD}),
        Settlement(outcome="done", answer=Conversation.from_dict({"id": "1", "title": WORD})),
    ]


@pytest.mark.parametrize("record", internal_records(), ids=lambda record: type(record).__name__)
def test_internal_records_are_silent(record: Any, seen: Seen) -> None:
    """Error trackers print the variables of every frame: the records that carry texts inside of the package show
    none.
    """
    seen.value(record)
    assert seen.leaks == []


def test_all_internal_records_that_carry_text_are_looked_at() -> None:
    """No record class of these modules has a field for content and stands outside of the test above."""
    carrying = {"content", "target", "value", "headers", "answer", "query", "attributes", "further", "request"}
    modules = (
        aiointercom._delivery.call,
        aiointercom.pagination,
        aiointercom._protocol.request,
        aiointercom._writes.conversion,
        aiointercom.errors,
    )
    classes = {
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if attrs.has(kind)
        and kind.__module__.startswith("aiointercom.")
        and any(f.name in carrying and f.type is not None and f.type != "None" for f in attrs.fields(kind))
    }
    assert classes <= {type(record) for record in internal_records()}


async def test_unknown_outcomes_travel_without_words(seen: Seen) -> None:
    """The error that a worker hands on to another process names ids only, and arrives whole."""
    async with Scene(Canned(httpx.ReadError(WORD), refuses(500, "server_error", WORD)), max_retries=0) as scene:
        with pytest.raises(OutcomeUnknownError) as caught:
            await CALLS["convert"](scene.intercom)
    seen.error(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.attributes, again.doubted) == (None, None)
    only_here = {"_attributes", "doubted"}
    assert {k: v for k, v in vars(again).items() if k not in only_here} == {
        k: v for k, v in vars(caught.value).items() if k not in only_here
    }
    assert str(again) == str(caught.value)
    assert seen.leaks == []


def test_over_a_real_socket(seen: Seen, logged: pytest.LogCaptureFixture) -> None:
    """Over a real connection the HTTP library's own DEBUG records hold neither the token nor a word of what is sent and
    received.
    """
    import anyio

    async def scene(url: str) -> None:
        async with Intercom(TOKEN, base_url=url, max_retries=0) as intercom:
            for call in CALLS.values():
                with suppress(Exception):
                    seen.value(await call(intercom))

    with planted().serve() as server:
        anyio.run(scene, server.url)
    assert any(record.name.startswith("httpcore") for record in logged.records)
    assert seen.leaks == []
    assert log_leaks(logged) == []

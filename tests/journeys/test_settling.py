"""Every write ends in a known outcome: each fault, before and after the effect, for each write; what the caller is told
is what was done.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from aiointercom import (
    AlreadyTicketError,
    APIError,
    BadRequestError,
    ForbiddenError,
    Intercom,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    PartNotRedactableError,
    RateLimitedError,
    ServerError,
    UnauthorizedError,
)
from aiointercom.events import OutcomeSettled, RequestSent, RetryScheduled
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.canned import Canned, Scene, refuses, says

pytestmark = pytest.mark.anyio

Write = Callable[[Intercom], Awaitable[Any]]
WRITES: dict[str, tuple[str, Write]] = {
    "part": ("redactConversation", lambda intercom: intercom.conversations.redact_part("471", "115")),
    "source": ("redactConversation", lambda intercom: intercom.conversations.redact_source("480", "403918320")),
    "convert": (
        "convertConversationToTicket",
        lambda intercom: intercom.conversations.convert_to_ticket(
            "474", ticket_type_id="85", title="Kettle", description="<p>It came broken</p>", attributes={"name": "x"}
        ),
    ),
}
FAULTS: dict[str, dict[str, Any]] = {
    "drop": {"drop": True},
    "500": {"status": 500},
    "503": {"status": 503},
    "520": {"status": 520, "body": b"<html>unknown error</html>"},
    "408": {"status": 408},
    "html": {"body": b"<html>login</html>"},
    "empty": {"body": b""},
    "null": {"body": b"null"},
    "list": {"body": b"[]"},
    "no effect shown": {"body": b"{}"},
    "bad utf-8": {"body": b'{"id": "\xff"}'},
    "late": {"delay": 30.0},
}
AFTER_ONLY = {"truncated": {"truncate": 20}, "nothing of it": {"truncate": 0}}
CASES = [
    *((name, fault, when) for name, fault in FAULTS.items() for when in ("before", "after")),
    *((name, fault, "after") for name, fault in AFTER_ONLY.items()),
]


def shows_effect(name: str, answer: Any) -> bool:
    """Say whether what the caller got back shows what was asked for."""
    if name == "part":
        return [part.redacted for part in answer.conversation_parts.conversation_parts] == [True]
    if name == "source":
        return answer.source.redacted is True
    return (answer.id, answer.ticket_type.id, answer.ticket_attributes["_default_title_"]) == ("474", "85", "Kettle")


def short(fault: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Options with a read time-out only where the fault is a delay: on a busy machine a short one would strike
    elsewhere, too.
    """
    return {"timeout": httpx.Timeout(5.0, read=0.05)} | options if fault.get("delay") else options


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(("name", "fault", "when"), CASES, ids=[f"{n}-{w}" for n, _, w in CASES])
async def test_one_fault_and_the_write_succeeds_once(write: str, name: str, fault: dict, when: str) -> None:
    """After one lost, late, broken or failed answer the write is done, exactly once, and the caller gets its result
    whole.
    """
    operation, call = WRITES[write]
    sandbox = Sandbox()
    sandbox.fault(Fault(operation=operation, when=when, **fault))
    async with Scene(sandbox, **short(fault)) as scene:
        answer = await call(scene.intercom)
    assert shows_effect(write, answer)
    assert len(sandbox.ledger) == 1
    [settled] = scene.told(OutcomeSettled)
    assert settled.outcome == ("converted" if write == "convert" else "redacted")
    assert settled.by_reading is (when == "after")
    writes = [request for request in sandbox.requests if request.operation == operation]
    assert len(writes) == (2 if when == "before" and not fault.get("delay") else len(writes))


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(("name", "fault", "when"), CASES, ids=[f"{n}-{w}" for n, _, w in CASES])
async def test_faults_without_end(write: str, name: str, fault: dict, when: str) -> None:
    """Where every answer fails, what was applied is told as done, and what was not ends in an error after the retries,
    applied not once.
    """
    operation, call = WRITES[write]
    sandbox = Sandbox()
    sandbox.fault(Fault(operation=operation, when=when, times=None, **fault))
    async with Scene(sandbox, **short(fault, max_retries=2)) as scene:
        if when == "after":
            assert shows_effect(write, await call(scene.intercom))
        else:
            with pytest.raises((OutcomeUnknownError, ServerError, APIError)) as caught:
                await call(scene.intercom)
            assert caught.value.attempts == 3
    assert len(sandbox.ledger) == (1 if when == "after" else 0)
    assert len(scene.told(OutcomeSettled)) == 1


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("reading", [{"status": 500}, {"drop": True}, {"body": b"<html>"}, {"rate_limited": True}])
async def test_reading_back_that_fails_is_unknown(write: str, when: str, reading: dict) -> None:
    """A write whose answer is lost, and whose reading back fails too, is unknown: the error says which, when, how often
    and why.
    """
    operation, call = WRITES[write]
    sandbox = Sandbox()
    sandbox.fault(Fault(operation=operation, when=when, drop=True))
    sandbox.fault(Fault(operation="retrieveConversation", times=None, **reading))
    async with Scene(sandbox, max_retries=1) as scene:
        with pytest.raises(OutcomeUnknownError) as caught:
            await call(scene.intercom)
    error = caught.value
    assert error.operation.startswith("POST /conversations/")
    assert error.ids["conversation_id"] in ("471", "480", "474")
    assert error.attempts == 1
    assert error.sent_at.tzinfo is not None
    assert error.first_sent_at <= error.last_doubt_at
    assert error.reason.startswith("reading back failed with ")
    assert all(str(value) in str(error) for value in error.ids.values())
    assert [settled.outcome for settled in scene.told(OutcomeSettled)] == ["unknown"]
    assert len([request for request in sandbox.requests if request.operation == operation]) == 1


@pytest.mark.parametrize("write", WRITES)
async def test_limited_writes_wait_and_succeed(write: str) -> None:
    """A 429 is no doubt: the write waits as long as asked, is sent again without being read back, and is applied
    once.
    """
    operation, call = WRITES[write]
    sandbox = Sandbox()
    sandbox.fault(Fault(operation=operation, rate_limited=True, times=2, headers={"Retry-After": "3"}))
    async with Scene(sandbox) as scene:
        answer = await call(scene.intercom)
    assert shows_effect(write, answer)
    assert scene.waits.slept == [3.0, 3.0]
    assert [request.operation for request in sandbox.requests] == [operation] * 3
    assert [event.reason for event in scene.told(RetryScheduled)] == ["rate_limited", "rate_limited"]
    assert len(sandbox.ledger) == 1


@pytest.mark.parametrize("write", WRITES)
async def test_limited_without_end(write: str) -> None:
    """When the refusals for the rate do not end, the error says when to try again, and nothing was applied."""
    operation, call = WRITES[write]
    sandbox = Sandbox()
    sandbox.fault(Fault(operation=operation, rate_limited=True, times=None, headers={"Retry-After": "2"}))
    async with Scene(sandbox, max_retries=1) as scene:
        with pytest.raises(RateLimitedError) as caught:
            await call(scene.intercom)
    assert (caught.value.retry_after, caught.value.status, caught.value.attempts) == (2.0, 429, 2)
    assert caught.value.rate_limit is not None
    assert sandbox.ledger == []
    assert [settled.outcome for settled in scene.told(OutcomeSettled)] == ["not_applied"]


@pytest.mark.parametrize("write", WRITES)
async def test_nothing_was_sent(write: str) -> None:
    """Where no connection comes about the write was not applied, and the error says that nothing reached Intercom."""
    canned = Canned(httpx.ConnectError("refused"))
    async with Scene(canned, max_retries=2) as scene:
        with pytest.raises(NotSentError) as caught:
            await WRITES[write][1](scene.intercom)
    assert caught.value.attempts == 3
    assert {request.method for request in canned.requests} == {"POST"}
    assert [settled.outcome for settled in scene.told(OutcomeSettled)] == ["not_applied"]


@pytest.mark.parametrize("write", WRITES)
async def test_connection_comes_back(write: str) -> None:
    """A write that could not be sent is sent again without a read, for it cannot have been applied."""
    sandbox = Sandbox()
    async with Scene(sandbox) as scene:
        real = scene.intercom._transport.transport
        canned = Canned(httpx.ConnectError("refused"), httpx.PoolTimeout("full"), httpx.ConnectTimeout("slow"))
        canned.answers.append(httpx.Response(599))

        async def handle(request: httpx.Request) -> httpx.Response:
            return await (canned if len(canned.requests) < 3 else real).handle_async_request(request)

        scene.intercom._transport.transport = httpx.MockTransport(handle)
        answer = await WRITES[write][1](scene.intercom)
        assert shows_effect(write, answer)
    assert [request.method for request in sandbox.requests] == ["POST"]
    assert len(sandbox.ledger) == 1


# ---------------------------------------------------------------- redaction


@pytest.mark.parametrize("write", ["part", "source"])
async def test_redacted_already_is_success(write: str) -> None:
    """A second redaction returns the conversation like the first one; only the record tells them apart."""
    sandbox = Sandbox()
    async with Scene(sandbox) as scene:
        first = await WRITES[write][1](scene.intercom)
        second = await WRITES[write][1](scene.intercom)
    assert shows_effect(write, first)
    assert first == second
    assert [(event.outcome, event.by_reading) for event in scene.told(OutcomeSettled)] == [
        ("redacted", False),
        ("already_redacted", True),
    ]
    assert len(sandbox.ledger) == 1


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda c: c.redact_part("480", "122"), "no body"),
        (lambda c: c.redact_source("471", "403918311"), "author of type admin"),
    ],
)
async def test_not_redactable_says_why(call: Callable, reason: str) -> None:
    """What cannot be redacted is PartNotRedactableError with what the read showed, and Intercom's own code and request
    id.
    """
    sandbox = Sandbox()
    async with Scene(sandbox) as scene:
        with pytest.raises(PartNotRedactableError, match=reason) as caught:
            await call(scene.intercom.conversations)
    error = caught.value
    assert reason in str(error.reason)
    assert (error.status, error.code, error.attempts) == (400, "conversation_part_not_redactable", 1)
    assert error.request_id == sandbox.requests[0].request_id
    [settled] = scene.told(OutcomeSettled)
    assert (settled.outcome, settled.reason, settled.by_reading) == ("not_redactable", error.reason, True)


NOT_REDACTABLE = refuses(400, "conversation_part_not_redactable", "Part can't be redacted")


def conversation(*parts: dict[str, Any], id: Any = "471", total: int | None = None, **fields: Any) -> httpx.Response:
    """A conversation with these parts."""
    listed = {"conversation_parts": list(parts), "total_count": len(parts) if total is None else total}
    return says({"type": "conversation", "id": id, "ticket": None, "conversation_parts": listed} | fields)


def part(id: Any = "115", **fields: Any) -> dict[str, Any]:
    """A part that is not redacted."""
    return {"type": "conversation_part", "id": id, "body": "<p>words</p>", "redacted": False} | fields


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (conversation(), "not a part of this conversation"),
        (conversation(part("116")), "not a part of this conversation"),
        (conversation(part(body=None)), "no body"),
        (conversation(part(body="")), "no body"),
        (conversation(part()), "does not say why"),
        (conversation(part(id=115)), "does not say why"),
        (conversation(part(redacted="true")), "does not say why"),
    ],
)
async def test_reasons_for_a_part(read: httpx.Response, reason: str) -> None:
    """The reason follows from the part as the read shows it."""
    async with Scene(Canned(NOT_REDACTABLE, read)) as scene:
        with pytest.raises(PartNotRedactableError) as caught:
            await scene.intercom.conversations.redact_part(471, 115)
    assert reason in str(caught.value.reason)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ({"id": "9"}, "not the source of this conversation"),
        ({"id": "8", "body": "<p>words</p>", "author": {"type": "admin"}}, "author of type admin"),
        ({"id": "8", "body": "<p>words</p>", "author": {"type": "bot"}}, "author of type bot"),
        ({"id": "8", "body": None, "author": {"type": "user"}}, "no body"),
        ({"id": "8", "body": "<p>words</p>", "author": {"type": "lead"}}, "does not say why"),
        ({"id": 8, "body": "<p>words</p>", "author": None}, "does not say why"),
    ],
)
async def test_reasons_for_a_source(source: dict, reason: str) -> None:
    """The reason follows from the source as the read shows it."""
    async with Scene(Canned(NOT_REDACTABLE, conversation(source=source))) as scene:
        with pytest.raises(PartNotRedactableError) as caught:
            await scene.intercom.conversations.redact_source("471", "8")
    assert reason in str(caught.value.reason)


UNSHOWN = [
    (conversation(*(part(str(n)) for n in range(1000, 1500))), "not among the 500"),
    (conversation(part("116"), total=2), "not among the 500"),
    (conversation(id="999"), "UnreadableResponseError"),
    (conversation(conversation_parts=None), "not among the 500"),
    (conversation(conversation_parts={"total_count": 0}), "not among the 500"),
    (says({}), "UnreadableResponseError"),
]
REDACT, READ = "POST /conversations/redact", "GET /conversations/{conversation_id}"


@pytest.mark.parametrize(("read", "reason"), UNSHOWN)
@pytest.mark.parametrize("first", [httpx.ReadError("cut"), says({}), refuses(502)])
async def test_what_a_read_cannot_show_is_unknown(first: Any, read: httpx.Response, reason: str) -> None:
    """A part past the 500 that come, or another conversation than the one asked for, settles nothing: unknown, never
    success.
    """
    async with Scene(Canned(first, read)) as scene:
        with pytest.raises(OutcomeUnknownError, match=reason):
            await scene.intercom.conversations.redact_part("471", "115")
    assert [event.operation for event in scene.told(RequestSent)] == [REDACT] + [READ] * 5


@pytest.mark.parametrize(("read", "reason"), UNSHOWN)
async def test_a_definite_refusal_whose_read_lacks_the_part_stays_one(read: httpx.Response, reason: str) -> None:
    """A call that was never in doubt ends in Intercom's refusal; that the part may be redacted already stands in its
    reason.
    """
    async with Scene(Canned(NOT_REDACTABLE, read)) as scene:
        with pytest.raises(PartNotRedactableError, match=reason) as caught:
            await scene.intercom.conversations.redact_part("471", "115")
    error = caught.value
    assert (error.status, error.code, error.request_id) == (400, "conversation_part_not_redactable", "r-1")
    assert "may be redacted already" in str(error.reason)


async def test_more_than_500_parts_of_a_real_conversation() -> None:
    """A part past the newest 500 is redacted like any other by a 200; when that answer is lost, the outcome is
    unknown.
    """
    sandbox = Sandbox()
    sandbox.add_conversation(900, parts=[{"id": str(n)} for n in range(1, 503)])
    async with Scene(sandbox) as scene:
        answer = await scene.intercom.conversations.redact_part("900", "1")
        assert len(answer.conversation_parts.conversation_parts) == 500  # type: ignore[union-attr,arg-type]
        sandbox.fault(Fault(operation="redactConversation", when="after", drop=True, times=2))
        with pytest.raises(OutcomeUnknownError, match="not among the 500"):
            await scene.intercom.conversations.redact_part("900", "2")
        seen = await scene.intercom.conversations.redact_part("900", "502")
    assert seen.conversation_parts.conversation_parts[-1].redacted is True  # type: ignore[union-attr,index]
    assert [effect.target_id for effect in sandbox.ledger] == ["1", "2", "502"]


@pytest.mark.parametrize("answer", [conversation(part()), conversation(part(redacted=None)), conversation(part("7"))])
async def test_a_success_that_does_not_show_the_effect_is_read_back(answer: httpx.Response) -> None:
    """A 200 in which the part is not redacted is no proof: the conversation is read, and what it shows is returned."""
    canned = Canned(answer, conversation(part(redacted=True)))
    async with Scene(canned) as scene:
        told = await scene.intercom.conversations.redact_part("471", "115")
    assert told.conversation_parts.conversation_parts[0].redacted is True  # type: ignore[union-attr,index]
    assert [request.method for request in canned.requests] == ["POST", "GET"]
    assert scene.told(OutcomeSettled)[0].by_reading is True


async def test_a_success_that_reading_contradicts_ends_as_unknown() -> None:
    """A server that says 200 to every redaction and never shows it is not believed: the retries end in "unknown"."""
    async with Scene(Canned(conversation(part())), max_retries=2) as scene:
        with pytest.raises(OutcomeUnknownError) as caught:
            await scene.intercom.conversations.redact_part("471", "115")
    assert caught.value.attempts == 3


async def test_late_effect_of_a_lost_request_is_told_as_redacted() -> None:
    """A redaction that was lost, read as not applied, and then refused as done already, was this call's own."""
    canned = Canned(httpx.ReadTimeout("late"), conversation(part()), NOT_REDACTABLE, conversation(part(redacted=True)))
    async with Scene(canned) as scene:
        await scene.intercom.conversations.redact_part("471", "115")
    assert [event.outcome for event in scene.told(OutcomeSettled)] == ["redacted"]


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refused_redaction_stands_when_its_read_is_refused_as_well(status: int) -> None:
    """Not redactable, and the conversation may not be read: the refusal stands, and says that the part may be redacted
    already.
    """
    async with Scene(Canned(NOT_REDACTABLE, refuses(status))) as scene:
        with pytest.raises(PartNotRedactableError) as caught:
            await scene.intercom.conversations.redact_part("471", "115")
    assert "may be redacted already" in str(caught.value.reason)
    assert [event.outcome for event in scene.told(OutcomeSettled)] == ["not_redactable"]


@pytest.mark.parametrize("failure", [refuses(500), httpx.ReadError("cut"), httpx.ConnectError("no"), says([])])
async def test_a_refused_redaction_whose_read_fails_stays_refused(failure: Any) -> None:
    """Not redactable may mean "redacted already": when the read fails the definite refusal stands, and says so."""
    async with Scene(Canned(NOT_REDACTABLE, failure), max_retries=0) as scene:
        with pytest.raises(PartNotRedactableError, match=r"reading back failed.*may be redacted already"):
            await scene.intercom.conversations.redact_part("471", "115")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refuses(400), BadRequestError),
        (refuses(401), UnauthorizedError),
        (refuses(403), ForbiddenError),
        (refuses(404, "conversation_part_or_message_not_found"), NotFoundError),
        (says({"errors": [{"code": "not_found"}]}, 404), NotFoundError),
        (httpx.Response(403, content=b"<html>stop</html>"), ForbiddenError),
    ],
)
async def test_a_definite_no_to_a_redaction_is_not_read_back(answer: httpx.Response, kind: type[APIError]) -> None:
    """Any other refusal is final at once: one request, the error of its status, outcome "not applied"."""
    canned = Canned(answer)
    async with Scene(canned) as scene:
        with pytest.raises(kind):
            await scene.intercom.conversations.redact_part("471", "115")
    assert len(canned.requests) == 1
    assert [event.outcome for event in scene.told(OutcomeSettled)] == ["not_applied"]


# ---------------------------------------------------------------- conversion


async def test_already_a_ticket() -> None:
    """Converting a conversation that was a ticket before is AlreadyTicketError with the ticket's id and Intercom's
    refusal.
    """
    sandbox = Sandbox()
    async with Scene(sandbox) as scene:
        with pytest.raises(AlreadyTicketError) as caught:
            await scene.intercom.conversations.convert_to_ticket("493", ticket_type_id="85", title="x")
    error = caught.value
    assert (error.ticket_id, error.status, error.code) == ("493", 400, "parameter_invalid")
    assert error.request_id == sandbox.requests[0].request_id
    assert [event.outcome for event in scene.told(OutcomeSettled)] == ["already_ticket"]
    assert sandbox.ledger == []


@pytest.mark.parametrize(
    ("conversation_id", "ticket_type_id", "attributes", "kind"),
    [
        ("474", "80", {}, BadRequestError),
        ("474", "999", {}, BadRequestError),
        ("474", "95", {}, BadRequestError),
        ("474", "95", {"amount": 3, "priority": "no item"}, BadRequestError),
        ("474", "95", {"amount": 3, "unknown": "x"}, BadRequestError),
        ("99999", "85", {}, NotFoundError),
    ],
)
async def test_refused_conversions(conversation_id: str, ticket_type_id: str, attributes: dict, kind: type) -> None:
    """A refusal of the type, an attribute or the conversation is the error that Intercom gave, after the read showed no
    ticket.
    """
    sandbox = Sandbox()
    async with Scene(sandbox) as scene:
        with pytest.raises(kind):
            await scene.intercom.conversations.convert_to_ticket(
                conversation_id, ticket_type_id=ticket_type_id, attributes=attributes
            )
    assert [event.outcome for event in scene.told(OutcomeSettled)] == ["not_applied"]
    assert sandbox.ledger == []


async def test_conversion_of_an_older_ticket_with_a_lost_answer() -> None:
    """A lost answer does not make an older ticket this call's own: AlreadyTicketError."""
    sandbox = Sandbox()
    sandbox.fault(Fault(operation="convertConversationToTicket", when="after", drop=True))
    async with Scene(sandbox) as scene:
        with pytest.raises(AlreadyTicketError) as caught:
            await scene.intercom.conversations.convert_to_ticket("493", ticket_type_id="112")
    assert caught.value.ticket_id == "493"
    assert len([request for request in sandbox.requests if request.method == "POST"]) == 1


async def test_repeated_conversion_after_success() -> None:
    """A second conversion is told that the conversation is a ticket already, also when its own answer is lost."""
    now = [1_700_000_000.0]
    sandbox = Sandbox(clock=lambda: now[0])
    async with Scene(sandbox) as scene:
        await WRITES["convert"][1](scene.intercom)
        now[0] += 10
        sandbox.fault(Fault(operation="convertConversationToTicket", when="after", drop=True))
        for _ in range(2):
            with pytest.raises(AlreadyTicketError):
                await WRITES["convert"][1](scene.intercom)
    assert len(sandbox.ledger) == 1


@pytest.mark.parametrize("off", [-86_400.0, -5.0, 0.0, 5.0, 86_400.0])
async def test_conversion_is_recognised_whatever_the_servers_clock_says(off: float) -> None:
    """Whether the ticket is this call's own is judged by the server's clock, so a clock that differs does not
    matter.
    """
    import time

    sandbox = Sandbox(clock=lambda: time.time() + off)
    async with Scene(sandbox) as scene:
        sandbox.fault(Fault(operation="convertConversationToTicket", when="after", drop=True))
        ticket = await WRITES["convert"][1](scene.intercom)
        assert shows_effect("convert", ticket)
        sandbox.add_conversation(901)
        with pytest.raises(AlreadyTicketError):
            await scene.intercom.conversations.convert_to_ticket("493", ticket_type_id="85")


def ticket(**fields: Any) -> dict[str, Any]:
    """A ticket that was just made of conversation 474."""
    import time

    change = {"part_type": "ticket_state_updated_by_admin", "created_at": int(time.time()) + 1}
    usual = {
        "type": "ticket",
        "id": "474",
        "ticket_attributes": {"_default_title_": "Kettle", "_default_description_": "<p>It came <b>broken</b></p>"},
        "ticket_type": {"id": "85"},
        "ticket_parts": {"ticket_parts": [change]},
    }
    return usual | fields


AS_TICKET = conversation(id="474", ticket={"type": "ticket", "id": 474})
NO_TICKET = conversation(id="474")


async def convert(intercom: Intercom, **asked: Any) -> Any:
    """Convert conversation 474 with a title and a description."""
    usual: dict[str, Any] = {"ticket_type_id": "85", "title": "Kettle", "description": "It came broken"}
    return await intercom.conversations.convert_to_ticket("474", **usual | asked)


async def test_description_comes_back_as_html() -> None:
    """A ticket found by reading is this call's own when its default texts are the same but for tags and blanks."""
    async with Scene(Canned(httpx.ReadError("cut"), AS_TICKET, says(ticket()))) as scene:
        assert (await convert(scene.intercom)).id == "474"
    assert scene.told(OutcomeSettled)[0].outcome == "converted"


@pytest.mark.parametrize(
    ("found", "asked", "kind"),
    [
        ({"ticket_type": {"id": "86"}}, {}, AlreadyTicketError),
        ({"ticket_type": {"id": 85}}, {"ticket_type_id": 85}, None),
        ({"ticket_attributes": {"_default_title_": "Another"}}, {}, OutcomeUnknownError),
        ({"ticket_attributes": {}}, {}, OutcomeUnknownError),
        ({"ticket_attributes": None}, {}, OutcomeUnknownError),
        ({}, {"attributes": {"priority": "an-item-id"}}, OutcomeUnknownError),
        ({}, {"attributes": {"priority": None}}, None),
        (
            {"ticket_attributes": {"priority": "High"}},
            {"title": None, "description": None, "attributes": {"priority": "an-id"}},
            None,
        ),
        (
            {"ticket_parts": {"ticket_parts": [{"part_type": "ticket_state_updated_by_admin", "created_at": 1}]}},
            {},
            AlreadyTicketError,
        ),
        ({"ticket_parts": None}, {}, None),
        (
            {"ticket_parts": {"ticket_parts": [{"part_type": None}, {"part_type": "comment", "created_at": 1}]}},
            {},
            None,
        ),
        ({"id": "475"}, {}, OutcomeUnknownError),
        ({"ticket_type": None}, {}, OutcomeUnknownError),
        ({"ticket_type": {"id": None}}, {}, OutcomeUnknownError),
        (
            {"ticket_attributes": {"_default_title_": "Kettle", "_default_description_": "<p>Tom &amp; J. &lt;5</p>"}},
            {"description": "Tom & J. <5"},
            None,
        ),
    ],
)
async def test_whose_ticket_it_is(found: dict, asked: dict, kind: type[Exception] | None) -> None:
    """After a lost answer a ticket of the asked type and attributes is this call's; an older or other one is not;
    another id is no proof.
    """
    async with Scene(Canned(httpx.ReadError("cut"), AS_TICKET, says(ticket(**found)))) as scene:
        if kind is None:
            assert (await convert(scene.intercom, **asked)).type == "ticket"
        else:
            with pytest.raises(kind):
                await convert(scene.intercom, **asked)
    assert [event.outcome for event in scene.told(OutcomeSettled)] == [
        {None: "converted", AlreadyTicketError: "already_ticket", OutcomeUnknownError: "unknown"}[kind]
    ]


@pytest.mark.parametrize(
    "read",
    [
        says({"type": "conversation", "id": "474"}),
        conversation(id="475"),
        conversation(id="474", ticket={}),
        conversation(id="474", ticket={"id": None}),
        conversation(id="474", ticket="yes"),
        conversation(id="474", ticket=[]),
    ],
)
async def test_a_conversation_that_does_not_tell_its_ticket_is_unknown(read: httpx.Response) -> None:
    """Reads without a readable `ticket` settle nothing after a lost answer, and the conversion is not sent again."""
    canned = Canned(httpx.ReadError("cut"), read)
    async with Scene(canned) as scene:
        with pytest.raises(OutcomeUnknownError):
            await convert(scene.intercom)
    assert [request.method for request in canned.requests] == ["POST"] + ["GET"] * 5


@pytest.mark.parametrize(
    "read",
    [
        says({"type": "conversation", "id": "474"}),
        conversation(id="475"),
        refuses(404),
        refuses(500),
        httpx.ReadError("cut"),
    ],
)
async def test_a_definite_refusal_of_a_conversion_needs_no_read(read: Any) -> None:
    """A first request that was definitely refused was not applied, whatever the read behind it shows or does not
    show.
    """
    async with Scene(Canned(refuses(400), read), max_retries=0) as scene:
        with pytest.raises(BadRequestError):
            await convert(scene.intercom)
    assert [event.outcome for event in scene.told(OutcomeSettled)] == ["not_applied"]


@pytest.mark.parametrize("date", [None, "", "yesterday"])
async def test_what_is_known_of_the_servers_clock_outlives_an_answer_without_a_date(date: str | None) -> None:
    """A machine whose clock is a day ahead still knows its own ticket, when the last answer on the way has no readable
    Date.
    """
    import time
    from email.utils import formatdate

    there = time.time() - 86_400
    change = {"part_type": "ticket_state_updated_by_admin", "created_at": int(there) + 1}
    read = says(json.loads(AS_TICKET.content), Date=formatdate(there, usegmt=True))
    last = says(ticket(ticket_parts={"ticket_parts": [change]}), **({} if date is None else {"Date": date}))
    async with Scene(Canned(httpx.ReadError("cut"), read, last)) as scene:
        assert (await convert(scene.intercom)).id == "474"


async def test_ticket_that_cannot_be_read_is_unknown() -> None:
    """The conversation says it is a ticket now and the ticket cannot be read: unknown, with the ticket's id."""
    async with Scene(Canned(httpx.ReadError("cut"), *[AS_TICKET, refuses(404)] * 5)) as scene:
        with pytest.raises(OutcomeUnknownError, match="is ticket 474, and reading that failed with NotFoundError"):
            await convert(scene.intercom)


async def test_refused_after_a_lost_answer_is_the_calls_own_ticket() -> None:
    """A conversion that was lost, read as not applied, and then refused because the ticket is there, was this call's
    own.
    """
    canned = Canned(httpx.ReadError("cut"), NO_TICKET, NO_TICKET, NO_TICKET, refuses(400), AS_TICKET, says(ticket()))
    async with Scene(canned) as scene:
        assert (await convert(scene.intercom)).id == "474"
    assert [request.method for request in canned.requests] == ["POST", "GET", "GET", "GET", "POST", "GET", "GET"]
    assert scene.told(OutcomeSettled)[0].outcome == "converted"


@pytest.mark.parametrize(
    "answer", [says({}), says({"id": ""}), says({"id": None}), says({"type": "conversation", "id": "471"})]
)
async def test_a_success_that_is_no_ticket_is_read_back(answer: httpx.Response) -> None:
    """A 200 that does not carry the ticket of this conversation is read back before it is believed."""
    canned = Canned(answer, AS_TICKET, says(ticket()))
    async with Scene(canned) as scene:
        assert (await convert(scene.intercom)).ticket_type.id == "85"
    assert [request.method for request in canned.requests] == ["POST", "GET", "GET"]


# ---------------------------------------------------------------- any write


ENDS = {
    "lost, then no connection": [httpx.ReadError("cut"), "not applied", httpx.ConnectError("no")],
    "lost, then limited": [httpx.ReadError("cut"), "not applied", refuses(429, "rate_limit_exceeded")],
    "lost for ever": [httpx.ReadError("cut"), "not applied", httpx.ReadError("cut"), "not applied"],
    "failed for ever": [refuses(503), "not applied", refuses(503), "not applied"],
    "unreadable for ever": [says([]), "not applied", says([]), "not applied"],
    "refused at once": [refuses(403), "not applied"],
    "no connection": [httpx.ConnectError("no")],
    "limited": [refuses(429, "rate_limit_exceeded")],
    "reading fails": [httpx.ReadError("cut"), refuses(500)],
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("end", ENDS)
async def test_error_and_record_agree(write: str, end: str) -> None:
    """Each write ends with one record of its outcome, which is "unknown" if and only if the caller gets
    OutcomeUnknownError.
    """
    not_applied = (
        NO_TICKET
        if write == "convert"
        else conversation(part(), source={"id": "403918320"}, id="471" if write == "part" else "480")
    )
    canned = Canned(*(not_applied if step == "not applied" else step for step in ENDS[end]))
    async with Scene(canned, max_retries=1) as scene:
        with pytest.raises(Exception) as caught:  # which one is not the question here
            await WRITES[write][1](scene.intercom)
    outcomes = [event.outcome for event in scene.told(OutcomeSettled)]
    assert len(outcomes) == 1
    assert (outcomes == ["unknown"]) is isinstance(caught.value, OutcomeUnknownError)


@pytest.mark.parametrize("write", WRITES)
async def test_records_of_a_write_and_its_reading_back_share_a_number(write: str) -> None:
    """All that is sent for one write, the reading back too, carries its number; the reads are told by their own
    operation.
    """
    operation, call = WRITES[write]
    sandbox = Sandbox()
    sandbox.fault(Fault(operation=operation, when="after", drop=True))
    async with Scene(sandbox) as scene:
        await call(scene.intercom)
    assert len({event.call for event in scene.events}) == 1
    operations = [event.operation for event in scene.told(RequestSent)]
    assert operations[0].startswith("POST ")
    assert all(operation.startswith("GET /") for operation in operations[1:])


async def test_a_token_source_that_fails_while_reading_back_leaves_a_named_outcome() -> None:
    """A write in doubt ends as unknown also when the token for the read cannot be had: the source's own error does not
    hide the write.
    """
    asked: list[int] = []

    async def token() -> str:
        asked.append(1)
        if len(asked) > 1:
            raise LookupError("the vault is closed")
        return "one"

    async with Scene(Canned(httpx.ReadError("cut"), refuses(401)), token=token) as scene:
        with pytest.raises(OutcomeUnknownError):
            await scene.intercom.conversations.redact_part("471", "115")
    assert [event.outcome for event in scene.told(OutcomeSettled)] == ["unknown"]


@pytest.mark.parametrize("write", ["part", "convert"])
async def test_a_lost_write_of_the_raw_layer_is_unknown(write: str) -> None:
    """The generated functions over a client's sender know no reading back: a lost answer is unknown, after one
    request.
    """
    from intercom_raw.api.conversations import convert_conversation_to_ticket, redact_conversation
    from intercom_raw.models import ConvertConversationToTicketRequest, RedactConversationPartRequest

    canned = Canned(httpx.ReadError("cut"))
    async with Scene(canned) as scene:
        sender = scene.intercom.sender
        redaction = RedactConversationPartRequest(conversation_id="471", conversation_part_id="115")
        conversion = ConvertConversationToTicketRequest(ticket_type_id="85")
        calls = {
            "part": lambda: redact_conversation(sender, body=redaction),
            "convert": lambda: convert_conversation_to_ticket(sender, "474", body=conversion),
        }
        with pytest.raises(OutcomeUnknownError, match="not read back") as caught:
            await calls[write]()
    assert caught.value.ids["conversation_id"] in ("471", "474")
    assert len(canned.requests) == 1

"""A whole conversation: what is redacted, what is left and why, and that nothing is called complete without a read that
shows it.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest

from aiointercom import (
    ClientClosedError,
    ConfigurationError,
    Coverage,
    ForbiddenError,
    Intercom,
    IntercomError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    ServerError,
    UnauthorizedError,
    UnreadableResponseError,
)
from aiointercom.detect import Matching, Span
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.canned import Canned, Scene, refuses, says

pytestmark = pytest.mark.anyio

ADMIN = {"type": "admin", "id": "1", "name": "A", "email": "a@example.com"}
FILE = {"type": "upload", "name": "a.png", "url": "https://example.com/a.png"}
REDACT = "redactConversation"


def written(sandbox: Sandbox) -> list[str]:
    """The ids that were redacted, in order."""
    return [effect.target_id for effect in sandbox.ledger]


def asked(sandbox: Sandbox) -> list[str]:
    """The operations of all requests, in order."""
    return [str(request.operation) for request in sandbox.requests]


def of_three(**fields: Any) -> Sandbox:
    """A sandbox with conversation 7: a source 70 by a contact and the parts 1, 2 and 3 with texts."""
    sandbox = Sandbox(seed=False)
    parts = [{"id": str(n), "body": f"<p>text {n}</p>"} for n in (1, 2, 3)]
    sandbox.add_conversation("7", source={"id": "70", "body": "<p>Hello</p>"}, parts=parts, **fields)
    return sandbox


# ---------------------------------------------------------------- what is covered


async def test_everything() -> None:
    """All texts of a conversation are redacted one after the other, with one read before and one after, and it is
    complete.
    """
    sandbox = of_three()
    async with Scene(sandbox) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    assert coverage == Coverage(
        conversation_id="7",
        source_id="70",
        total=3,
        seen=3,
        redacted=("1", "2", "3", "70"),
        already_redacted=(),
        skipped={},
        refused={},
        unknown={},
        attachments={},
        remaining=(),
        complete=True,
    )
    assert written(sandbox) == ["1", "2", "3", "70"]
    assert asked(sandbox) == ["retrieveConversation", *[REDACT] * 4, "retrieveConversation"]


async def test_again() -> None:
    """A second time nothing is sent but one read, and it says that all is redacted already."""
    sandbox = of_three()
    async with Scene(sandbox) as scene:
        await scene.intercom.conversations.redact_all(7)
        before = len(sandbox.requests)
        coverage = await scene.intercom.conversations.redact_all(7)
    assert (coverage.redacted, coverage.already_redacted) == ((), ("1", "2", "3", "70"))
    assert coverage.complete
    assert asked(sandbox)[before:] == ["retrieveConversation"]


async def test_what_cannot_be_redacted_is_not_sent() -> None:
    """A part without a body and a source that no contact wrote are skipped, with the reason; the latter's text
    remains.
    """
    sandbox = Sandbox(seed=False)
    parts = [{"id": "1", "body": None}, {"id": "2", "body": ""}, {"id": "3"}]
    sandbox.add_conversation("7", source={"id": "70", "author": ADMIN}, parts=parts)
    async with Scene(sandbox) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    assert coverage.skipped == {"1": "no_body", "2": "no_body", "70": "written_by_admin"}
    assert (coverage.redacted, coverage.remaining, coverage.complete) == (("3",), ("70",), False)
    assert written(sandbox) == ["3"]


async def test_selection() -> None:
    """Only what `select` wants is redacted; the rest is skipped as not selected, and does not make it incomplete."""
    sandbox = of_three()
    seen: list[str] = []

    def select(message: Any) -> bool:
        seen.append(str(message.id))
        return message.id in ("2", "70")

    async with Scene(sandbox) as scene:
        coverage = await scene.intercom.conversations.redact_all("7", select)
    assert seen == ["1", "2", "3", "70"]
    assert (coverage.redacted, coverage.skipped) == (("2", "70"), {"1": "not_selected", "3": "not_selected"})
    assert (coverage.remaining, coverage.complete) == ((), True)


async def test_select_is_asked_about_texts_only() -> None:
    """What has no text, or is redacted already, is not put before `select`; a source by an admin is, and is not
    remaining unless wanted.
    """
    sandbox = Sandbox(seed=False)
    parts = [{"id": "1", "body": None}, {"id": "2", "redacted": True}, {"id": "3"}]
    sandbox.add_conversation("7", source={"id": "70", "author": ADMIN}, parts=parts)
    async with Scene(sandbox) as scene:
        none = await scene.intercom.conversations.redact_all("7", lambda message: message.body is None)
        source = await scene.intercom.conversations.redact_all("7", lambda message: message.id == "70")
    assert none.skipped == {"1": "no_body", "3": "not_selected", "70": "not_selected"}
    assert (none.already_redacted, none.complete) == (("2",), True)
    assert source.skipped == {"1": "no_body", "3": "not_selected", "70": "written_by_admin"}
    assert (source.remaining, source.complete) == (("70",), False)
    assert written(sandbox) == []


@pytest.mark.parametrize("what", ["raises", "returns nothing", "is async", "is no function"])
async def test_a_select_that_cannot_be_used(what: str) -> None:
    """An error in `select`, another answer than True or False, and a coroutine, which would count as true, stop it
    before any write.
    """

    def raises(message: Any) -> bool:
        if message.id == "3":
            raise LookupError("mine")
        return True

    async def is_async(message: Any) -> bool:
        return False

    choices: dict[str, Any] = {
        "raises": raises,
        "returns nothing": print,
        "is async": is_async,
        "is no function": "all",
    }
    sandbox = of_three()
    async with Scene(sandbox) as scene:
        with pytest.raises(LookupError if what == "raises" else TypeError):
            await scene.intercom.conversations.redact_all("7", choices[what])
    assert written(sandbox) == []
    assert len(sandbox.requests) == (0 if what == "is no function" else 1)


@pytest.mark.parametrize("id", ["", "1/2", None, True])
async def test_bad_ids(id: Any) -> None:
    """An id that cannot be sent is refused before anything is."""
    sandbox = of_three()
    async with Scene(sandbox) as scene:
        with pytest.raises((ValueError, TypeError)):
            await scene.intercom.conversations.redact_all(id)
    assert sandbox.requests == []


async def test_beyond_the_cap() -> None:
    """Of more than 500 parts those that are sent are redacted; the rest nobody can see, so it is never complete."""
    sandbox = Sandbox(seed=False)
    parts = [{"redacted": 4 <= n < 501} for n in range(503)]
    sandbox.add_conversation("7", source={"id": "70", "body": None}, parts=parts)
    async with Scene(sandbox) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    assert (coverage.total, coverage.seen) == (503, 500)
    assert (len(coverage.redacted), len(coverage.already_redacted), len(written(sandbox))) == (3, 497, 3)
    assert (coverage.remaining, coverage.unknown, coverage.complete) == ((), {}, False)


async def test_at_the_cap() -> None:
    """500 parts are not called complete either: what the count says of more than can be sent is not documented."""
    sandbox = Sandbox(seed=False)
    sandbox.add_conversation("7", source={"id": "70", "body": None}, parts=({"redacted": True} for _ in range(500)))
    async with Scene(sandbox) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    assert (coverage.total, coverage.seen, coverage.complete) == (500, 500, False)


# ---------------------------------------------------------------- attachments


async def test_attachments_are_what_the_last_read_shows() -> None:
    """What redaction does to attachments is not documented; those that the last read still shows are counted, and are
    not complete.
    """
    conversation = shown(part(1, attachments=[FILE, FILE]), part(2, attachments=[FILE]))
    after = shown(part(1, redacted=True, attachments=[FILE, FILE]), part(2, redacted=True))
    async with Scene(Canned(says(conversation), says(after), says(after), says(after))) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    assert (coverage.redacted, coverage.attachments) == (("1", "2"), {"1": 2})
    assert (coverage.remaining, coverage.complete) == (("1",), False)


async def test_attachments_that_nothing_can_remove() -> None:
    """Files of a part without a text, and of one redacted before, remain; with a `select`, what it was not asked about
    is not wanted.
    """
    conversation = shown(part(1, body=None, attachments=[FILE]), part(2, attachments=[FILE]))
    before = shown(part(2, redacted=True, attachments=[FILE]))
    async with Scene(Canned(says(conversation))) as scene:
        nothing = await scene.intercom.conversations.redact_all("7", lambda message: False)
    assert (nothing.attachments, nothing.remaining, nothing.complete) == ({"1": 1, "2": 1}, (), True)
    async with Scene(Canned(says(shown(part(1, body=None, attachments=[FILE]))))) as scene:
        everything = await scene.intercom.conversations.redact_all("7")
    assert (everything.skipped, everything.remaining) == ({"1": "no_body"}, ("1",))
    async with Scene(Canned(says(before))) as scene:
        again = await scene.intercom.conversations.redact_all("7", lambda message: False)
    assert (again.already_redacted, again.remaining, again.complete) == (("2",), ("2",), False)


async def test_a_subject_that_stays() -> None:
    """What redaction does to the subject of an email is not documented: while it shows, the source remains, if it was
    wanted.
    """
    sandbox = Sandbox(seed=False)
    sandbox.add_conversation("7", source={"id": "70", "subject": "My card 4000"}, parts=1)
    async with Scene(sandbox) as scene:
        unwanted = await scene.intercom.conversations.redact_all("7", lambda message: False)
        wanted = await scene.intercom.conversations.redact_all("7")
        again = await scene.intercom.conversations.redact_all("7")
    assert (unwanted.remaining, unwanted.complete) == ((), True)
    assert ("70" in wanted.redacted, wanted.remaining, wanted.complete) == (True, ("70",), False)
    assert (again.remaining, again.complete) == (("70",), False)


# ---------------------------------------------------------------- refusals and doubts


async def test_a_refusal_stops_nothing() -> None:
    """What Intercom refuses for one part is kept with its code; the others go on, and the refused one remains."""
    sandbox = of_three()
    sandbox.fault(Fault(operation=REDACT, status=422, code="not_now", skip=1))
    async with Scene(sandbox) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    assert (coverage.refused, coverage.redacted) == ({"2": "not_now"}, ("1", "3", "70"))
    assert (coverage.remaining, coverage.complete) == (("2",), False)
    assert written(sandbox) == ["1", "3", "70"]


@pytest.mark.parametrize(("status", "code"), [(400, "conversation_part_not_redactable"), (404, "x"), (409, "x")])
async def test_refusals_of_one_message(status: int, code: str) -> None:
    """Not redactable, not found and conflict concern one message; without a code the status stands for it."""
    sandbox = of_three()
    sandbox.fault(Fault(operation=REDACT, status=status, code=code))
    sandbox.fault(Fault(operation=REDACT, status=status, body=b"<html>"))
    async with Scene(sandbox) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    assert coverage.refused == {"1": code, "2": str(status)}
    assert coverage.redacted == ("3", "70")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 500}, {"body": b""}, {"rate_limited": True}])
async def test_lost_answers(when: Any, fault: dict[str, Any]) -> None:
    """Answers that are lost, before or after the effect, are settled, and each text is redacted once."""
    sandbox = of_three()
    for skip in (0, 1, 2):
        sandbox.fault(Fault(operation=REDACT, when=when, skip=skip, **fault))
    async with Scene(sandbox) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    assert (sorted(coverage.redacted), coverage.complete) == (["1", "2", "3", "70"], True)
    assert sorted(written(sandbox)) == ["1", "2", "3", "70"]


async def test_what_the_last_read_settles() -> None:
    """A redaction that could not be settled at once is named by the last read: redacted."""
    sandbox = of_three()
    sandbox.fault(Fault(operation=REDACT, when="after", drop=True))
    sandbox.fault(Fault(operation="retrieveConversation", status=500, skip=1))
    async with Scene(sandbox, max_retries=0) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    assert (coverage.redacted, coverage.unknown, coverage.complete) == (("1", "2", "3", "70"), {}, True)


async def test_what_stays_unknown() -> None:
    """Where the last read does not show a redaction in doubt, it stays unknown, since its effect may come late."""
    sandbox = of_three()
    sandbox.fault(Fault(operation=REDACT, drop=True))
    sandbox.fault(Fault(operation="retrieveConversation", status=500, skip=1))
    async with Scene(sandbox, max_retries=0) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    assert coverage.unknown == {"1": "reading back failed with ServerError"}
    assert (coverage.redacted, coverage.remaining, coverage.complete) == (("2", "3", "70"), ("1",), False)


async def test_doubts_in_a_row() -> None:
    """The third unknown outcome in a row stops it: no answers come any more. Two, and then an answer, do not."""
    sandbox = of_three()
    sandbox.fault(Fault(operation=REDACT, drop=True, times=2))
    sandbox.fault(Fault(operation=REDACT, drop=True, skip=1))
    async with Scene(sandbox, max_retries=0) as scene:
        some = await scene.intercom.conversations.redact_all("7")
        sandbox.fault(Fault(operation=REDACT, drop=True, times=None))
        sandbox.add_conversation("8", source={"id": "80"}, parts=[{"id": str(n)} for n in (11, 12, 13, 14)])
        with pytest.raises(OutcomeUnknownError) as caught:
            await scene.intercom.conversations.redact_all("8")
    assert (list(some.unknown), some.redacted) == (["1", "2", "70"], ("3",))
    assert caught.value.coverage is not None
    assert list(caught.value.coverage.unknown) == ["11", "12", "13"]
    assert caught.value.coverage.remaining == ("11", "12", "13", "14", "80")


STOPS: dict[str, tuple[dict[str, Any], type[IntercomError]]] = {
    "401": ({"status": 401, "code": "unauthorized"}, UnauthorizedError),
    "403": ({"status": 403, "code": "api_plan_restricted"}, ForbiddenError),
    "429": ({"rate_limited": True}, RateLimitedError),
}


@pytest.mark.parametrize("name", STOPS)
async def test_what_hits_all_stops_at_once(name: str) -> None:
    """An error that the next redaction would meet as well is raised, and says what was done until then."""
    fault, kind = STOPS[name]
    sandbox = of_three()
    sandbox.fault(Fault(operation=REDACT, skip=1, times=None, **fault))
    async with Scene(sandbox, max_retries=0) as scene:
        with pytest.raises(kind) as caught:
            await scene.intercom.conversations.redact_all("7")
    coverage = caught.value.coverage
    assert coverage is not None
    assert (coverage.redacted, coverage.remaining, coverage.complete) == (("1",), ("2", "3", "70"), False)
    assert coverage.unknown == {}
    assert written(sandbox) == ["1"]
    assert pickle.loads(pickle.dumps(caught.value)).coverage == coverage


async def test_errors_of_the_server_without_end_stop_at_the_third_doubt() -> None:
    """A 5xx leaves each redaction in doubt; after three in a row nothing more is tried, and the coverage names them."""
    sandbox = of_three()
    sandbox.fault(Fault(operation=REDACT, skip=1, times=None, status=500))
    async with Scene(sandbox, max_retries=0) as scene:
        with pytest.raises(OutcomeUnknownError) as caught:
            await scene.intercom.conversations.redact_all("7")
    coverage = caught.value.coverage
    assert coverage is not None
    assert (coverage.redacted, coverage.remaining, coverage.complete) == (("1",), ("2", "3", "70"), False)
    assert set(coverage.unknown) == {"2", "3", "70"}
    assert written(sandbox) == ["1"]


async def test_no_connection_stops() -> None:
    """Where nothing reaches Intercom any more, the error says what was done."""
    done = shown(part(1, redacted=True), part(2))
    canned = Canned(says(shown(part(1), part(2))), says(done), httpx.ConnectError("no"))
    async with Scene(canned, max_retries=0) as scene:
        with pytest.raises(NotSentError) as caught:
            await scene.intercom.conversations.redact_all("7")
    assert caught.value.coverage is not None
    assert (caught.value.coverage.redacted, caught.value.coverage.remaining) == (("1",), ("2",))


async def test_a_last_read_that_fails() -> None:
    """Without the last read nothing is complete: its error is raised, with all that was redacted."""
    sandbox = of_three()
    sandbox.fault(Fault(operation="retrieveConversation", status=500, skip=1, times=None))
    async with Scene(sandbox, max_retries=0) as scene:
        with pytest.raises(ServerError) as caught:
            await scene.intercom.conversations.redact_all("7")
    coverage = caught.value.coverage
    assert coverage is not None
    assert (coverage.redacted, coverage.remaining, coverage.complete) == (("1", "2", "3", "70"), (), False)


async def test_errors_before_anything_is_sent_carry_nothing() -> None:
    """A conversation that is not there, and a closed client, are errors without a coverage."""
    sandbox = of_three()
    async with Scene(sandbox) as scene:
        with pytest.raises(NotFoundError) as caught:
            await scene.intercom.conversations.redact_all("8")
        assert caught.value.coverage is None
    with pytest.raises(ClientClosedError):
        await scene.intercom.conversations.redact_all("7")


async def test_a_token_that_is_no_longer_to_be_had() -> None:
    """A token source that fails between two redactions stops it with its own error."""
    tokens: list[str] = []

    async def token() -> str:
        tokens.append("t")
        if len(tokens) > 1:
            raise ConfigurationError("no more")
        return "t"

    canned = Canned(says(shown(part(1))), refuses(401, "unauthorized"))
    async with Intercom(token, transport=canned, pace=None) as intercom:
        with pytest.raises(ConfigurationError) as caught:
            await intercom.conversations.redact_all("7")
    assert caught.value.coverage is not None


async def test_a_deadline() -> None:
    """A call that is cancelled on the way can be made again, and redacts what is left."""
    sandbox = of_three()
    sandbox.fault(Fault(operation=REDACT, delay=30.0, skip=1))
    async with Scene(sandbox) as scene:
        async with anyio.create_task_group() as group:
            group.start_soon(scene.intercom.conversations.redact_all, "7")
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()
        coverage = await scene.intercom.conversations.redact_all("7")
    assert coverage.complete
    assert (coverage.already_redacted, coverage.redacted) == (("1",), ("2", "3", "70"))


# ---------------------------------------------------------------- odd conversations


def part(id: Any, **fields: Any) -> dict[str, Any]:
    """A part as it is sent."""
    return {
        "type": "conversation_part",
        "id": id,
        "body": f"<p>{id}</p>",
        "redacted": False,
        "attachments": [],
    } | fields


def shown(*parts: Any, source: Any = None, **fields: Any) -> dict[str, Any]:
    """Conversation 7 with these parts."""
    inner: dict[str, Any] = {"conversation_parts": list(parts), "total_count": len(parts)}
    return {"type": "conversation", "id": "7", "source": source, "conversation_parts": inner} | fields


def with_text(id: Any = "70", **fields: Any) -> dict[str, Any]:
    """A source as it is sent."""
    return {"id": id, "body": "<p>Hello</p>", "redacted": False, "author": {"type": "user"}} | fields


async def read(conversation: Any) -> Coverage:
    """The coverage of a conversation in which nothing is to be redacted."""
    async with Scene(Canned(says(conversation))) as scene:
        return await scene.intercom.conversations.redact_all(7, lambda message: False)


async def test_nothing_there() -> None:
    """A conversation without parts and without a source is complete: one read shows that nothing is there."""
    coverage = await read(shown())
    assert (coverage.source_id, coverage.total, coverage.seen, coverage.complete) == (None, 0, 0, True)


async def test_a_conversation_that_began_as_a_ticket() -> None:
    """Its source is an object of nulls, about which there is nothing to say."""
    coverage = await read(shown(source={"type": None, "id": None, "body": "", "author": None}))
    assert (coverage.source_id, coverage.skipped, coverage.complete) == (None, {}, True)


@pytest.mark.parametrize("parts", [None, {}, {"conversation_parts": None}, {"conversation_parts": "x"}, []])
async def test_parts_that_did_not_come(parts: Any) -> None:
    """A conversation that came without its parts is not complete, whatever was redacted."""
    coverage = await read(shown(conversation_parts=parts))
    assert (coverage.total, coverage.seen, coverage.complete) == (None, 0, False)


async def test_fewer_parts_than_are_counted() -> None:
    """Where fewer parts came than Intercom counts, it is not complete; a count that is missing says nothing."""
    few = await read(shown(conversation_parts={"conversation_parts": [part(1)], "total_count": 2}))
    uncounted = await read(shown(conversation_parts={"conversation_parts": [part(1)], "total_count": None}))
    assert (few.total, few.seen, few.complete) == (2, 1, False)
    assert (uncounted.total, uncounted.seen, uncounted.complete) == (None, 1, True)


async def test_ids_of_either_type_and_doubles() -> None:
    """Integer ids are sent as their digits, a part that is listed twice is sent once, and a source may have the id of a
    part.
    """
    before = shown(part(1), part(1), part("2"), source=with_text(2), id=7)
    redacted = {"redacted": True}
    after = shown(
        part(1, **redacted), part(1, **redacted), part("2", **redacted), source=with_text(2, **redacted), id=7
    )
    canned = Canned(says(before), says(after))
    async with Scene(canned) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    bodies = [request.content for request in canned.requests[1:-1]]
    assert [b'"conversation_part_id":"1"' in bodies[0], b'"conversation_part_id":"2"' in bodies[1]] == [True, True]
    assert b'"source_id":"2"' in bodies[2]
    assert (len(bodies), coverage.complete, coverage.source_id) == (3, True, "2")


async def test_messages_without_an_id() -> None:
    """A text whose id did not come cannot be redacted, remains, and is named by its place."""
    conversation = shown(part(None, body=None), part(None), part(True), source=with_text(None))
    async with Scene(Canned(says(conversation))) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    assert coverage.skipped == {"?0": "no_id", "?1": "no_id", "?2": "no_id"}
    assert (coverage.source_id, coverage.remaining, coverage.complete) == (None, ("?1", "?2", "?0"), False)


@pytest.mark.parametrize("odd", ["3\n4", "\x1b[2J", "\ud800", "3 4", "../4", "x" * 300])
async def test_ids_that_no_call_could_send(odd: object) -> None:
    """A part with an id that cannot be sent is named by its place, never by that id, and keeps no other from being
    redacted.
    """
    canned = Canned(says(shown(part(odd), part(5))), says(shown(part(odd), part(5, redacted=True))))
    async with Scene(canned) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    assert (coverage.skipped, coverage.redacted, coverage.remaining) == ({"?0": "no_id"}, ("5",), ("?0",))
    assert b"conversation_part_id" in canned.requests[1].content


async def test_a_source_of_an_author_that_is_not_named() -> None:
    """Only admins, bots and teams are known not to be contacts; any other source is sent, and Intercom decides."""
    before, after = shown(source=with_text(author=None)), shown(source=with_text(author=None, redacted=True))
    async with Scene(Canned(says(before), says(after))) as scene:
        coverage = await scene.intercom.conversations.redact_all("7")
    assert (coverage.redacted, coverage.complete) == (("70",), True)


CHANGES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "a part came": (shown(part(1, redacted=True), part(2)), ("2",)),
    "a file came": (shown(part(1, redacted=True), part(2, body=None, attachments=[FILE])), ("2",)),
    "an event came": (shown(part(1, redacted=True), part(2, body=None)), ()),
    "a text came to what had none": (shown(part(1, redacted=True), part(3, body="<p>call</p>")), ("3",)),
    "it is not redacted after all": (shown(part(1)), ("1",)),
    "the part is gone": (shown(), ()),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_changed_meanwhile(change: str) -> None:
    """The last read decides: what came meanwhile remains, an event has nothing to remain, and what is gone was not seen
    redacted.
    """
    last, remaining = CHANGES[change]
    first = shown(part(1), part(3, body=None))
    done = shown(part(1, redacted=True))
    async with Scene(Canned(says(first), says(done), says(last))) as scene:
        coverage = await scene.intercom.conversations.redact_all("7", lambda message: True)
    assert (coverage.redacted, coverage.remaining) == (("1",), remaining)
    assert coverage.complete is (change == "an event came")


async def test_redacted_by_somebody_else_meanwhile() -> None:
    """A part that somebody else redacted between the read and the redaction is redacted."""
    sandbox = of_three()

    def meanwhile(message: Any) -> bool:
        sandbox._state.workspace.conversations["7"].by_id["1"]["redacted"] = True
        return True

    async with Scene(sandbox) as scene:
        coverage = await scene.intercom.conversations.redact_all("7", meanwhile)
    assert (coverage.redacted, coverage.complete) == (("1", "2", "3", "70"), True)
    assert written(sandbox) == ["2", "3", "70"]


@pytest.mark.parametrize("answer", [{}, {"id": "8"}, {"id": None}])
async def test_another_conversation(answer: dict[str, Any]) -> None:
    """A read that answers with another conversation is an error before anything is sent, and so is it at the end."""
    canned = Canned(says(answer))
    async with Scene(canned) as scene:
        with pytest.raises(UnreadableResponseError) as caught:
            await scene.intercom.conversations.redact_all("7")
    assert (len(canned.requests), caught.value.coverage) == (1, None)
    canned = Canned(says(shown(part(1))), says(shown(part(1, redacted=True))), says(answer))
    async with Scene(canned) as scene:
        with pytest.raises(UnreadableResponseError) as caught:
            await scene.intercom.conversations.redact_all("7")
    assert caught.value.coverage is not None
    assert caught.value.coverage.redacted == ("1",)


async def test_options() -> None:
    """`timeout` and `priority` go to every request."""
    canned = Canned(says(shown(part(1))), says(shown(part(1, redacted=True))))
    async with Scene(canned) as scene:
        with pytest.raises(ValueError, match="priority"):
            await scene.intercom.conversations.redact_all("7", priority="soon")  # type: ignore[arg-type]
        await scene.intercom.conversations.redact_all("7", timeout=1.5, priority="batch")
    assert [request.extensions["timeout"]["read"] for request in canned.requests] == [1.5] * 3


async def test_printing() -> None:
    """A coverage prints ids, counts and reasons, and not a word of a message."""
    sandbox = Sandbox()
    async with Scene(sandbox) as scene:
        coverage = await scene.intercom.conversations.redact_all("480")
    text = repr(coverage)
    assert "'120'" in text
    assert "no_body" in text
    for word in ("passport", "<p>", "Calder", "Reyl", "example.com"):
        assert word not in text
    assert pickle.loads(pickle.dumps(coverage)) == coverage


async def test_detectors_look_in_a_thread() -> None:
    """A `Matching` does not hold the event loop, and its detectors get one text at a time; a function is called where
    it always was.
    """
    here, threads, working = threading.get_ident(), set[int](), 0

    class Mine:
        name = "mine"

        def find(self, text: str) -> Iterator[Span]:
            nonlocal working
            working += 1
            assert working == 1
            threads.add(threading.get_ident())
            working -= 1
            yield Span(0, 1, self.name)

    def select(message: Any) -> bool:
        assert threading.get_ident() == here
        return True

    sandbox = of_three()
    other = sandbox.add_conversation(parts=[{"body": "x"}])
    matching = Matching(Mine())
    async with sandbox.client() as intercom, anyio.create_task_group() as tasks:
        tasks.start_soon(intercom.conversations.redact_all, "7", matching)
        tasks.start_soon(intercom.conversations.redact_all, other, matching)
    async with sandbox.client() as intercom:
        await intercom.conversations.redact_all(sandbox.add_conversation(parts=[{"body": "x"}]), select)
    assert threads
    assert here not in threads

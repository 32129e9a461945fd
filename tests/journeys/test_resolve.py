"""Conversions with human values: one read of the ticket type for many, all problems before anything is sent, and what
is sent fits.
"""

from __future__ import annotations

import gc
from typing import Any

import anyio
import httpx
import pytest

from aiointercom import (
    AsIs,
    BadRequestError,
    InvalidAttributesError,
    NotFoundError,
    ServerError,
    UnreadableResponseError,
)
from aiointercom._delivery.token_state import TICKET_TYPES
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.canned import Canned, Scene, says

pytestmark = pytest.mark.anyio

HIGH, LOW = "5b0c6f7e-2d1a-4c8e-9f43-7a1e0d9b6c21", "c4e19a02-8b5d-4f76-a3c0-1f2d7e6b9a58"
ITEMS = [{"id": HIGH, "name": "High"}, {"id": LOW, "name": "Low"}, {"id": "old", "name": "Urgent", "archived": True}]
ATTRIBUTES: list[dict[str, Any]] = [
    {"name": "_default_title_", "required_to_create": True},
    {"name": "_default_description_", "required_to_create": True},
    {"name": "Priority", "data_type": "list", "input_options": {"items": ITEMS}},
    {"name": "Amount", "data_type": "decimal"},
    {"name": "Pieces", "data_type": "integer"},
    {"name": "Express", "data_type": "boolean"},
    {"name": "Due", "data_type": "datetime"},
    {"name": "Papers", "data_type": "files"},
    {"name": "Colour", "archived": True},
]


def with_type(**fields: Any) -> Sandbox:
    """A sandbox with ticket type 300, which has an attribute of each kind, and the conversations of the published
    examples.
    """
    sandbox = Sandbox()
    sandbox.add_ticket_type(300, attributes=ATTRIBUTES, **fields)
    return sandbox


def reads(sandbox: Sandbox) -> int:
    """How often a ticket type was read."""
    return sum(request.operation == "getTicketType" for request in sandbox.requests)


def conversions(sandbox: Sandbox) -> int:
    """How many conversions were sent."""
    return sum(request.operation == "convertConversationToTicket" for request in sandbox.requests)


def aged(scene: Scene, seconds: float) -> None:
    """Make every read of a ticket type so many seconds older."""
    types = scene.intercom.sender.token_state.types
    for id, (began, ticket_type) in types.items():
        types[id] = (began - seconds, ticket_type)


async def test_what_is_resolved_can_be_sent() -> None:
    """Labels, texts and times of people become a ticket that carries the ids, numbers and Unix seconds."""
    sandbox = with_type()
    given = {"priority": "high", "amount": "12.50", "PIECES": "3", "express": "true", "due": "2026-11-22T12:00:00Z"}
    async with Scene(sandbox) as scene:
        values = await scene.intercom.ticket_types.resolve(300, given | {"Title": "A", "Description": "B"})
        ticket = await scene.intercom.conversations.convert_to_ticket("474", ticket_type_id="300", attributes=values)
    assert values == {
        "Priority": HIGH,
        "Amount": 12.5,
        "Pieces": 3,
        "Express": True,
        "Due": 1795348800,
        "_default_title_": "A",
        "_default_description_": "B",
    }
    assert ticket.ticket_attributes == values | {"Papers": []}


async def test_a_conversion_that_resolves() -> None:
    """`resolve=True` counts title and description among the attributes, reads the type once for many conversions, and
    each is one write.
    """
    sandbox = with_type()
    async with Scene(sandbox) as scene:
        for id in ("123", "474"):
            ticket = await scene.intercom.conversations.convert_to_ticket(
                id, ticket_type_id=300, title="A", description="B", attributes={"priority": "Low"}, resolve=True
            )
            assert (ticket.ticket_attributes or {})["Priority"] == LOW
    assert (reads(sandbox), conversions(sandbox), len(sandbox.ledger)) == (1, 2, 2)


async def test_without_resolve_nothing_is_looked_up() -> None:
    """Without `resolve` attributes are sent as they are, and Intercom refuses a label."""
    sandbox = with_type()
    async with Scene(sandbox) as scene:
        with pytest.raises(BadRequestError):
            await scene.intercom.conversations.convert_to_ticket(
                "474", ticket_type_id=300, attributes={"Priority": "Low"}
            )
    assert reads(sandbox) == 0


async def test_all_problems_before_anything_is_sent() -> None:
    """Everything that the sandbox would refuse one by one is told at once, and no conversion is sent."""
    sandbox = with_type(category="Tracker")
    given = {"Priority": "Urgent", "Colour": "red", "Size": "L", "Amount": "many"}
    async with Scene(sandbox) as scene:
        with pytest.raises(InvalidAttributesError) as caught:
            await scene.intercom.conversations.convert_to_ticket(
                "474", ticket_type_id=300, title="A", attributes=given, resolve=True
            )
    assert [(problem.code, problem.attribute) for problem in caught.value.problems] == [
        ("not_for_customers", None),
        ("archived_item", "Priority"),
        ("archived_attribute", "Colour"),
        ("unknown_attribute", "Size"),
        ("wrong_type", "Amount"),
        ("missing", "_default_description_"),
    ]
    assert (conversions(sandbox), sandbox.ledger) == (0, [])


REFUSED: dict[str, Any] = {
    "Priority": "old",
    "Amount": True,
    "Pieces": 2.5,
    "Express": "perhaps",
    "Due": {},
    "Papers": "a.png",
    "Colour": "red",
}


@pytest.mark.parametrize("name", REFUSED)
async def test_as_is_leaves_the_judgement_to_intercom(name: str) -> None:
    """What resolve refuses the sandbox refuses as well; in AsIs it is sent, if the attribute is there, and Intercom
    decides.
    """
    sandbox = with_type()
    both = {"title": "A", "description": "B", "resolve": True}
    async with Scene(sandbox) as scene:
        convert = scene.intercom.conversations.convert_to_ticket
        with pytest.raises(InvalidAttributesError):
            await convert("474", ticket_type_id=300, attributes={name: REFUSED[name]}, **both)  # type: ignore[arg-type]
        with pytest.raises(InvalidAttributesError if name == "Colour" else BadRequestError):
            await convert("474", ticket_type_id=300, attributes={name: AsIs(REFUSED[name])}, **both)  # type: ignore[arg-type]
    assert conversions(sandbox) == (name != "Colour")


async def test_one_read_for_all_who_ask_at_once() -> None:
    """Fifty resolvers of a fresh client share one read; so do clients made from it, but not those of another token."""
    sandbox = with_type()
    async with Scene(sandbox) as scene:
        other = scene.intercom.with_options(timeout=3)
        async with anyio.create_task_group() as group:
            for number in range(50):
                client = other if number % 2 else scene.intercom
                group.start_soon(client.ticket_types.resolve, "300", {"Title": "A", "Description": "B"})
        assert reads(sandbox) == 1
        await other.ticket_types.resolve(300, {"Title": "A", "Description": "B"})
        assert reads(sandbox) == 1
        foreign = scene.intercom.with_options(token="other")
        assert foreign.sender.token_state.types == {}


async def test_how_long_a_read_lasts() -> None:
    """A read is used for five minutes; `refresh=True` reads at once."""
    sandbox = with_type()
    async with Scene(sandbox) as scene:
        resolve, given = scene.intercom.ticket_types.resolve, {"Title": "A", "Description": "B"}
        await resolve(300, given)
        aged(scene, 290.0)
        await resolve(300, given)
        assert reads(sandbox) == 1
        aged(scene, 20.0)
        await resolve(300, given)
        assert reads(sandbox) == 2
        await resolve(300, given, refresh=True)
        assert reads(sandbox) == 3
        await resolve(300, given)
    assert reads(sandbox) == 3


async def test_a_type_that_was_changed() -> None:
    """Before attributes are refused the type is read anew, if it was read more than ten seconds ago: somebody may just
    have added it.
    """
    sandbox = with_type()
    async with Scene(sandbox) as scene:
        resolve, given = scene.intercom.ticket_types.resolve, {"Title": "A", "Description": "B", "Size": "L"}
        for _ in range(2):
            with pytest.raises(InvalidAttributesError):
                await resolve(300, given)
        assert reads(sandbox) == 1
        changed = Sandbox(seed=False)
        changed.add_ticket_type(300, attributes=[*ATTRIBUTES, {"name": "Size"}])
        sandbox._state.workspace.ticket_types |= changed._state.workspace.ticket_types
        aged(scene, 11.0)
        assert (await resolve(300, given))["Size"] == "L"
        assert reads(sandbox) == 2
        aged(scene, 11.0)
        with pytest.raises(InvalidAttributesError):
            await resolve(300, {"Weight": 1})
    assert reads(sandbox) == 3


async def test_reads_that_fail() -> None:
    """A type that is not there, one that cannot be read, and one that came without attributes are errors; none of them
    is remembered.
    """
    sandbox = with_type()
    sandbox.fault(Fault(operation="getTicketType", status=500))
    async with Scene(sandbox, max_retries=0) as scene:
        resolve = scene.intercom.ticket_types.resolve
        with pytest.raises(ServerError):
            await resolve(300, {})
        with pytest.raises(NotFoundError):
            await resolve(301, {})
        assert set(scene.intercom.sender.token_state.types) == set()
        await resolve(300, {"Title": "A", "Description": "B"})
    async with Scene(Canned(says({"type": "ticket_type", "id": "9"}))) as scene:
        with pytest.raises(UnreadableResponseError):
            await scene.intercom.ticket_types.resolve(9, {})


async def test_a_reader_that_is_cancelled_holds_up_nobody() -> None:
    """Who waits for another's read that is given up reads itself."""
    sandbox = with_type()
    sandbox.fault(Fault(operation="getTicketType", delay=60.0))
    found: list[dict[str, Any]] = []
    async with Scene(sandbox) as scene:

        async def wait() -> None:
            found.append(await scene.intercom.ticket_types.resolve(300, {"Title": "A", "Description": "B"}))

        with anyio.fail_after(30):
            async with anyio.create_task_group() as waiters, anyio.create_task_group() as group:
                group.start_soon(scene.intercom.ticket_types.resolve, 300, {})
                await anyio.wait_all_tasks_blocked()
                waiters.start_soon(wait)
                await anyio.wait_all_tasks_blocked()
                group.cancel_scope.cancel()
    assert found == [{"_default_title_": "A", "_default_description_": "B"}]


@pytest.mark.parametrize("known", [False, True])
async def test_a_slow_read_of_one_type_holds_up_no_other(known: bool) -> None:
    """While the answer about one type does not come, another type is read, or used as it was read before."""
    sandbox = with_type()
    sandbox.add_ticket_type(301, attributes=ATTRIBUTES)
    given = {"Title": "A", "Description": "B"}
    async with Scene(sandbox, timeout=600) as scene:
        resolve = scene.intercom.ticket_types.resolve
        if known:
            await resolve(301, given)
        sandbox.fault(Fault(operation="getTicketType", delay=3600.0))
        async with anyio.create_task_group() as group:
            group.start_soon(resolve, 300, given)
            await anyio.wait_all_tasks_blocked()
            with anyio.fail_after(30):
                assert await resolve(301, given) == {"_default_title_": "A", "_default_description_": "B"}
            group.cancel_scope.cancel()
        assert set(scene.intercom.sender.token_state.types) == {"301"}


async def test_a_slow_refresh_holds_up_nobody_who_is_content_with_the_last_read() -> None:
    """While a type is read anew for one caller, what was read before serves the others."""
    sandbox, given = with_type(), {"Title": "A", "Description": "B"}
    async with Scene(sandbox, timeout=600) as scene, anyio.create_task_group() as group:
        resolve = scene.intercom.ticket_types.resolve
        await resolve(300, given)
        sandbox.fault(Fault(operation="getTicketType", delay=3600.0))
        group.start_soon(lambda: resolve(300, given, refresh=True))
        await anyio.wait_all_tasks_blocked()
        with anyio.fail_after(30):
            await resolve(300, given)
        group.cancel_scope.cancel()


async def test_the_number_of_types_is_bounded() -> None:
    """A workspace with many ticket types does not make a client grow without end; the one read last stays."""

    def named(request: httpx.Request) -> httpx.Response:
        return says({"id": request.url.path.rpartition("/")[2], "ticket_type_attributes": {"data": []}})

    canned = Canned(named)
    async with Scene(canned) as scene:
        for number in range(TICKET_TYPES + 5):
            await scene.intercom.ticket_types.resolve(number, {})
        types = scene.intercom.sender.token_state.types
        assert (len(types), next(reversed(types))) == (TICKET_TYPES, str(TICKET_TYPES + 4))
        gc.collect()
        assert not scene.intercom.sender.token_state.reading_types


@pytest.mark.parametrize("attributes", [None, [("a", 1)], "x", {1: 2}, {"a": 1, None: 2}])
async def test_attributes_that_are_none(attributes: Any) -> None:
    """What is no mapping from names to values is refused before anything is read."""
    sandbox = with_type()
    async with Scene(sandbox) as scene:
        with pytest.raises(TypeError, match="attributes"):
            await scene.intercom.ticket_types.resolve(300, attributes)
        with pytest.raises(ValueError, match="ticket_type_id"):
            await scene.intercom.ticket_types.resolve("", {})
    assert sandbox.requests == []


async def test_options() -> None:
    """`timeout` and `priority` go to the read, of a conversion as well."""
    canned = Canned(says({"id": "9", "ticket_type_attributes": {"data": []}}), says({"type": "ticket", "id": "7"}))
    async with Scene(canned) as scene:
        with pytest.raises(ValueError, match="priority"):
            await scene.intercom.ticket_types.resolve(9, {}, priority="soon")  # type: ignore[arg-type]
        await scene.intercom.conversations.convert_to_ticket(
            "7", ticket_type_id=9, title="A", resolve=True, timeout=1.5, priority="batch"
        )
    assert [request.extensions["timeout"]["read"] for request in canned.requests] == [1.5, 1.5]

"""Preflight: what a clean-up rests on is checked once, before anything else is sent: the workspace, and the ticket type."""

from __future__ import annotations

from attrs import evolve

from aiointercom._writes.attributes import AsIs
from aiointercom.client import Intercom
from aiointercom.conversations import DESCRIPTION, TITLE
from aiointercom.types import Priority

from ._plan_records import ConvertTo
from .plans import Plan


async def preflight(intercom: Intercom, plan: Plan) -> None:
    """Check that a plan goes with the token: two reads at most, and nothing is changed.

    Of a conversion the type and the names of its attributes are checked; the values were looked up when the plan was made.

    Args:
        intercom: The client that is to run it.
        plan: The plan, from `read_plan`.

    Raises:
        PlanError: It was made for another workspace.
        InvalidAttributesError: No conversation can become a ticket of its type any more, or an attribute is gone, or needed that was not.
        IntercomError: A read failed, with NotFoundError where there is no such ticket type.
    """
    app = (await intercom.me()).app
    plan.check_workspace(None if app is None else app.id_code)
    if (convert := plan.header.convert) is not None:
        # Not looked up again: of a value that was given in AsIs the type knows nothing.
        values = {name: AsIs(value) for name, value in convert.attributes.items()}
        await resolved(intercom, evolve(convert, attributes=values))


async def resolved(intercom: Intercom, convert: ConvertTo, priority: Priority | None = None) -> ConvertTo:
    """Read the ticket type, and return the constants with the API's own keys and ids.

    With `resolve=False` the type is read all the same, so that a wrong id shows now and not 40,000 times later.

    Raises:
        InvalidAttributesError: They do not fit the type, or it is none for customers.
        IntercomError: The type could not be read.
    """
    types = intercom.ticket_types
    if not convert.resolve:
        await types.retrieve(convert.ticket_type_id, priority=priority)
        return convert
    texts = {TITLE: convert.title, DESCRIPTION: convert.description}
    asked = {name: text for name, text in texts.items() if text is not None} | dict(convert.attributes)
    # Read anew: what a client remembers of a type may be older than the plan.
    found = await types.resolve(convert.ticket_type_id, asked, refresh=True, priority=priority)
    title, description = found.pop(TITLE, None), found.pop(DESCRIPTION, None)
    looked_up = evolve(convert, title=title, description=description, attributes=found)
    looked_up.item("1")  # a value that is no JSON shows now
    return looked_up

"""Checks the workspace and the ticket type of a plan once, before anything else is sent."""

from __future__ import annotations

from attrs import evolve

from aiointercom import AsIs
from aiointercom._values.limits import DESCRIPTION, TITLE
from aiointercom.client import Intercom
from aiointercom.types import Priority

from .file import Plan
from .records import ConvertTo


async def preflight(intercom: Intercom, plan: Plan) -> None:
    """Check that a plan fits the token, with at most two reads. Nothing is changed.

    For conversions the ticket type and the names of its attributes are checked; the values were looked up when the plan
    was made.

    Args:
        intercom: The client that will run the plan.
        plan: The plan, from `read_plan`.

    Raises:
        PlanError: It was made for another workspace.
        InvalidAttributesError: Conversations cannot become tickets of this type any more, an attribute no longer
            exists, or a new one is required.
        IntercomError: A read failed; NotFoundError if the ticket type does not exist.
    """
    app = (await intercom.me()).app
    plan.check_workspace(None if app is None else app.id_code)
    if (convert := plan.header.convert) is not None:
        # Not looked up again: the ticket type does not know a value that was passed in AsIs.
        values = {name: AsIs(value) for name, value in convert.attributes.items()}
        await resolve_attributes(intercom, evolve(convert, attributes=values))


async def resolve_attributes(intercom: Intercom, convert: ConvertTo, priority: Priority | None = None) -> ConvertTo:
    """Read the ticket type, and return the constants with the API's own keys and ids.

    With `resolve=False` the type is read all the same, so that a wrong id shows now and not 40,000 times later.

    Raises:
        InvalidAttributesError: They do not fit the type, or the type is not for customers.
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
    looked_up.item("1")  # raises if a value is not JSON
    return looked_up

"""Preflight: what a clean-up rests on is checked once, before anything else is sent: the workspace, and the ticket type."""

from __future__ import annotations

from aiointercom._call import Priority
from aiointercom.client import Intercom

from ._plan_records import ConvertTo
from .plans import Plan


async def preflight(intercom: Intercom, plan: Plan) -> None:
    """Check that a plan goes with the token: two reads at most, and nothing is changed.

    Args:
        intercom: The client that is to run it.
        plan: The plan, from `read_plan`.

    Raises:
        PlanError: It was made for another workspace.
        ValueError: The ticket type is not for customers any more, or the attributes do not fit it.
        IntercomError: A read failed, with NotFoundError where there is no such ticket type.
    """
    app = (await intercom.me()).app
    plan.check_workspace(None if app is None else app.id_code)
    if plan.header.convert is not None:
        await resolved(intercom, plan.header.convert)


async def resolved(intercom: Intercom, convert: ConvertTo, priority: Priority | None = None) -> ConvertTo:
    """Read the ticket type, and return the constants with the API's own keys and ids.

    With `resolve=False` the type is read all the same, so that a wrong id shows now and not 40,000 times later.
    """
    await intercom.ticket_types.retrieve(convert.ticket_type_id, priority=priority)
    return convert

"""Settling later: what became of a write whose outcome was unknown, read back at any time, in any process."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from intercom_raw import models
from intercom_raw.api.admins import identify_admin

from ._delivery.sender import Sender
from ._delivery.settle import Done, NotApplied, Refused, Sent, Unknown, Verdict
from ._values.json_types import JSONMapping
from ._values.validation import checked_id, id_like
from ._writes.conversion import Conversion
from ._writes.read_back import workspace_of
from ._writes.redaction import PartRedaction, SourceRedaction
from .errors import AlreadyTicketError, ConfigurationError, IntercomError, OutcomeUnknownError

__all__ = ["Settlement"]

REDACT = "POST /conversations/redact"
CONVERT = "POST /conversations/{conversation_id}/convert"
UNSURE = 2.0
"""Seconds by which the time of a write and that of a read may differ when two processes took them: Intercom's clock
tells whole seconds."""


@frozen(kw_only=True)
class Settlement:
    """What a later read says about a write."""

    outcome: Literal["done", "not_applied", "unknown"]
    """"done": it took effect. "not_applied": it did not, and will not any more. "unknown": that cannot be said, or not
    yet."""
    reason: str | None = None
    """What the read showed, in our words; None where "done" says it all."""
    ticket_id: str | None = None
    """The id of the ticket that the conversation is, its own or somebody else's; None: it is not a ticket, or that was
    not read."""
    retry_after: float | None = None
    """Seconds until a read can tell "not_applied", where only the horizon is missing; None: waiting alone will not
    help."""
    answer: models.Conversation | models.Ticket | None = field(default=None, repr=False)
    """What the write would have returned; None where it is not "done"."""
    error: IntercomError | None = None
    """The error by which the read failed; None: the read was answered."""


async def settle(sender: Sender, error: OutcomeUnknownError, attributes: JSONMapping | None) -> Settlement:
    """Read back what became of a write. See `Intercom.settle`."""
    if not isinstance(error, OutcomeUnknownError):  # pyright: ignore[reportUnnecessaryIsInstance]  # untyped callers
        raise TypeError(f"settle takes an OutcomeUnknownError, not {type(error).__name__}")
    write = write_of(error, error.attributes if attributes is None else attributes)
    if write is None:
        return Settlement(outcome="unknown", reason=f"no read shows what became of {error.operation}")
    if error.workspace is not None:
        await _check_workspace(sender, error.workspace)
    until = error.last_doubt_at.timestamp() + sender.limits.horizon
    began = sender.monotonic()
    verdict = await write.read_back(sender, Sent(None, lambda: (error.first_sent_at.timestamp(), until)))
    if error.doubted is not None:  # this very process sent it
        missing = error.doubted + sender.limits.horizon - began
    else:  # with the answer to this read, if no earlier answer told Intercom's time
        missing = until + UNSURE - sender.server_time(began)
    if isinstance(verdict, Done) and isinstance(write, Conversion):
        sender.token_state.converted(str(write.conversation_id))
    return _settlement(verdict, missing)


async def _check_workspace(sender: Sender, workspace: str) -> None:
    """Check that the token belongs to the workspace that the write was sent to: its ids mean nothing elsewhere."""
    token_state = sender.token_state
    if token_state.workspace is None:
        token_state.workspace = workspace_of(await identify_admin(sender))
    if token_state.workspace != workspace:
        raise ConfigurationError(
            f"the write went to workspace {workspace}, the token belongs to {token_state.workspace}"
        )


def _settlement(verdict: Verdict, missing: float) -> Settlement:
    """Say what a read means, given the seconds that are still missing until the horizon."""
    match verdict:
        case Done(answer) if answer.get("type") == "ticket":
            return Settlement(
                outcome="done", ticket_id=id_like(answer.get("id")), answer=models.Ticket.from_dict(answer)
            )
        case Done(answer):
            return Settlement(outcome="done", answer=models.Conversation.from_dict(answer))
        case Refused(error, _, reason):
            ticket_id = error.ticket_id if isinstance(error, AlreadyTicketError) else None
            return Settlement(outcome="not_applied", reason=reason, ticket_id=ticket_id)
        case NotApplied(reason) if missing <= 0:
            return Settlement(outcome="not_applied", reason=reason)
        case NotApplied(reason):
            return Settlement(outcome="unknown", reason=f"{reason} yet, and it may still come", retry_after=missing)
        case Unknown(reason, _, failure):
            return Settlement(outcome="unknown", reason=reason, error=failure)


def write_of(
    error: OutcomeUnknownError, attributes: JSONMapping | None
) -> PartRedaction | SourceRedaction | Conversion | None:
    """Say which write an error is about; None: one that cannot be read back.

    Raises:
        ValueError, TypeError: An id of the error is not one.
    """
    ids = {name: checked_id(value, name) for name, value in error.ids.items()}
    match error.operation, ids:
        case op, {"conversation_id": conversation, "conversation_part_id": part} if op == REDACT:
            return PartRedaction(conversation, part)
        case op, {"conversation_id": conversation, "source_id": source} if op == REDACT:
            return SourceRedaction(conversation, source)
        case op, {"conversation_id": conversation, "ticket_type_id": ticket_type} if op == CONVERT:
            return Conversion(conversation, ticket_type, attributes)
        case _:
            return None

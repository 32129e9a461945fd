"""One item on its way: read back what an earlier run left in doubt, send it, and say how it ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import inf

from aiointercom._call import Done, Refused, Sent, Unknown, Verdict
from aiointercom._request import id_like
from aiointercom._settle import Conversion, PartRedaction, SourceRedaction
from aiointercom.client import Intercom
from aiointercom.errors import IntercomError, OutcomeUnknownError, RateLimitedError

from ._verdicts import Ended, Witness, failed, succeeded
from .items import Convert, Item, RedactPart

CONVERT = "POST /conversations/{conversation_id}/convert"


async def settle(intercom: Intercom, item: Item, since: float, seen: Witness) -> Ended | None:
    """Read what became of an item that may have been sent since a time (Intercom's clock, Unix seconds); None: send it."""
    verdict = await _write_of(item).read_back(intercom.sender, Sent(None, lambda: (since, inf)))
    match verdict:
        case Done():
            return Ended(
                "done", "converted" if isinstance(item, Convert) else "redacted", None, None, _ticket(verdict), True
            )
        case Refused(error, _, reason):
            ended = failed(error, seen, final=True)
            return Ended(ended.state, ended.outcome, error, reason, ended.ticket_id, by_reading=True)
        case Unknown(reason) if isinstance(item, Convert):  # a redaction is simply sent: twice is as good as once
            return Ended("unknown", "unknown", _unknown(item, since, reason), reason, by_reading=True)
        case _:
            return None


async def send(
    intercom: Intercom, item: Item, seen: Witness, patience: Callable[[float | None], Awaitable[bool]]
) -> Ended:
    """Send an item and say how it ended.

    Args:
        intercom: The client.
        item: What to send.
        seen: Sees the records of this item.
        patience: Waits until the rate limit may allow more, given seconds or None; False: wait no longer. A call has its own limits to
            what it waits, and a clean-up beside a busy product has all the time there is.
    """
    while True:
        try:
            return await _sent(intercom, item, seen)
        except RateLimitedError as error:
            ended = failed(error.with_traceback(None), seen, final=False)
            if ended.state == "unknown" or not await patience(error.retry_after):
                return ended
        except IntercomError as error:
            return failed(error.with_traceback(None), seen, final=not isinstance(item, Convert))


async def _sent(intercom: Intercom, item: Item, seen: Witness) -> Ended:
    conversations = intercom.conversations
    if isinstance(item, Convert):
        ticket = await conversations.convert_to_ticket(
            item.conversation_id, ticket_type_id=item.ticket_type_id, attributes=item.asked
        )
        return succeeded(seen, "converted", ticket.id)
    if isinstance(item, RedactPart):
        await conversations.redact_part(item.conversation_id, item.part_id)
    else:
        await conversations.redact_source(item.conversation_id, item.source_id)
    return succeeded(seen, "redacted")


def _unknown(item: Convert, since: float, reason: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"{CONVERT}: sent by an earlier run, outcome unknown for conversation_id {item.conversation_id}: {reason}",
        operation=CONVERT,
        ids={"conversation_id": item.conversation_id},
        sent_at=since,
        attempts=0,
        reason=reason,
    )


def _write_of(item: Item) -> PartRedaction | SourceRedaction | Conversion:
    if isinstance(item, Convert):
        return Conversion(item.conversation_id, item.ticket_type_id, item.asked)
    if isinstance(item, RedactPart):
        return PartRedaction(item.conversation_id, item.part_id)
    return SourceRedaction(item.conversation_id, item.source_id)


def _ticket(done: Verdict) -> str | None:
    answer = done.answer if isinstance(done, Done) else {}
    return id_like(answer.get("id")) if answer.get("type") == "ticket" else None

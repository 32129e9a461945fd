"""The commands about one thing: who the token belongs to, and one write with its outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from attrs import define, frozen

from aiointercom import Intercom, IntercomError
from aiointercom.cleanup import Item, RedactPart, RedactSource
from aiointercom.events import CallCancelled, Event, OutcomeSettled, ResponseReceived

from .account import OWN, Account, workspace_of
from .consent import CONSENT_ASKED, Consent
from .exits import NOTHING_SENT, Exit, StoppedError, arguments, exit_of, told
from .talk import TALK, Talk, complain


async def whoami(*, account: Account = OWN, talk: Talk = TALK) -> Exit:
    """Show which workspace the token belongs to, where it lives, and its rate limit."""
    talk.listen()
    async with account.client() as intercom:
        workspace, limit = await workspace_of(intercom), intercom.rate_limit
    record = {
        "workspace": workspace.id_code,
        "region": workspace.region,
        "admin_id": workspace.admin_id,
        "limit": limit.limit if limit else None,
    }
    allowed = f"{limit.limit} requests in 10 seconds" if limit else "unknown"
    talk.result(record, f"{workspace}, token of admin {workspace.admin_id}; rate limit: {allowed}")
    return Exit.DONE


@define
class Settled:
    """Remembers of one write what its error or result does not say."""

    outcome: str | None = None
    by_reading: bool = False
    request_id: str | None = None
    may_be_applied: bool = False

    def __call__(self, event: Event) -> None:
        """Take note of one record of the client."""
        match event:
            case OutcomeSettled():
                self.outcome, self.by_reading = event.outcome, event.by_reading
            case ResponseReceived() if event.request_id is not None:
                self.request_id = event.request_id
            case CallCancelled():
                self.may_be_applied = event.may_be_applied
            case _:
                pass


async def part(
    conversation: str,
    part: str,
    /,
    *,
    consent: Consent = CONSENT_ASKED,
    account: Account = OWN,
    talk: Talk = TALK,
) -> Exit:
    """Remove the text of one part. One that is redacted already is a success.

    Args:
        conversation: The conversation's id.
        part: The part's id.
    """
    with arguments():
        item = RedactPart(conversation, part)
    what = f"part {item.part_id} of conversation {item.conversation_id}"

    async def write(intercom: Intercom) -> None:
        await intercom.conversations.redact_part(item.conversation_id, item.part_id)

    return await Write(item, "redact", what, write).carried_out(consent, account, talk)


async def source(
    conversation: str,
    source: str,
    /,
    *,
    consent: Consent = CONSENT_ASKED,
    account: Account = OWN,
    talk: Talk = TALK,
) -> Exit:
    """Remove the text of the message that began a conversation. A contact must have written it.

    Args:
        conversation: The conversation's id.
        source: The id of its source.
    """
    with arguments():
        item = RedactSource(conversation, source)
    what = f"source {item.source_id} of conversation {item.conversation_id}"

    async def write(intercom: Intercom) -> None:
        await intercom.conversations.redact_source(item.conversation_id, item.source_id)

    return await Write(item, "redact", what, write).carried_out(consent, account, talk)


def record_of(item: Item) -> dict[str, Any]:
    """Return the ids of an item, named as in a plan file."""
    kind, conversation_id, target_id = item.key
    named = {"redact_part": "part_id", "redact_source": "source_id"}
    return {"type": kind, "conversation_id": conversation_id, **({named[kind]: target_id} if kind in named else {})}


@frozen
class Write:
    """One write: the item, its name in a sentence, the call, and what a dry run reads to see whether it fits."""

    item: Item
    verb: str
    what: str
    call: Callable[[Intercom], Awaitable[object]]
    look: Callable[[Intercom], Awaitable[object]] | None = None

    async def carried_out(self, consent: Consent, account: Account, talk: Talk) -> Exit:
        """Ask, send, and print the outcome."""
        talk.listen()
        if consent.dry_run:
            if self.look is not None:
                async with account.client() as intercom:
                    await self.look(intercom)
            talk.result({**record_of(self.item), "dry_run": True}, f"would {self.verb} {self.what}; nothing was sent")
            return Exit.DONE
        settled = Settled()
        async with account.client(settled) as intercom:
            await consent.given(intercom, f"{self.verb.capitalize()} {self.what}")
            error = await self._sent(intercom, settled)
        outcome = settled.outcome or "refused"
        found = {
            "outcome": outcome,
            "by_reading": settled.by_reading,
            "request_id": settled.request_id,
        }
        failure = {} if error is None else {"error": type(error).__name__, "code": getattr(error, "code", None)}
        talk.result({**record_of(self.item), **found, **failure}, f"{outcome.replace('_', ' ')}: {self.what}")
        if error is not None:
            complain(told(error))
        return Exit.DONE if error is None else exit_of(error)

    async def _sent(self, intercom: Intercom, settled: Settled) -> IntercomError | None:
        try:
            await self.call(intercom)
        except NOTHING_SENT:
            raise
        except IntercomError as error:
            return error
        except anyio.get_cancelled_exc_class():
            if settled.may_be_applied:
                words = "stopped while it was under way: nobody can say whether it was applied"
                raise StoppedError(words, Exit.UNKNOWN) from None
            raise
        return None

"""The commands for single calls: the owner of the token, and one write with its outcome."""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable

import anyio
from attrs import define, frozen

from aiointercom import Intercom, IntercomError, NotFoundError
from aiointercom.cleanup import Convert, Item, RedactPart, RedactSource
from aiointercom.events import CallCancelled, Event, OutcomeSettled, RequestSent, ResponseReceived
from aiointercom.types import JSONObject

from .account import OWN, Account, workspace_of
from .consent import CONSENT_ASKED, Consent
from .exits import NOTHING_SENT, Exit, StoppedError, UsageError, arguments, exit_of, preflight, shown, told
from .talk import TALK, Talk, complain


async def whoami(*, account: Account = OWN, talk: Talk = TALK) -> Exit:
    """Show which workspace the token belongs to, where it lives, and its rate limit."""
    talk.listen()
    async with account.client() as intercom:
        workspace, limit = await workspace_of(intercom), intercom.rate_limit
    record = {
        "type": "workspace",
        "workspace": workspace.id_code,
        "region": workspace.region,
        "admin_id": workspace.admin_id,
        "limit": limit.limit if limit else None,
    }
    allowed = f"{limit.limit} requests in 10 seconds" if limit else "unknown"
    talk.result(record, f"{workspace}, token of admin {workspace.admin_id}; rate limit: {allowed}")
    return shown()


@define
class Settled:
    """Remembers of one write what its error or result does not say."""

    sent: bool = False
    outcome: str | None = None
    by_reading: bool = False
    request_id: str | None = None
    may_be_applied: bool = False

    def __call__(self, event: Event) -> None:
        """Take note of one record of the client."""
        match event:
            case RequestSent() if event.operation.startswith("POST "):
                self.sent = True
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


def record_of(item: Item) -> JSONObject:
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
    call: Callable[[Intercom], Awaitable[str | None]]
    """Gives the id of the resulting ticket. None: no ticket resulted."""
    look: Callable[[Intercom], Awaitable[object]] | None = None

    async def carried_out(self, consent: Consent, account: Account, talk: Talk) -> Exit:
        """Ask, send, and print the outcome."""
        talk.listen()
        if consent.dry_run:
            if self.look is not None:
                async with account.client() as intercom:
                    with preflight():
                        await self.look(intercom)
            talk.result({**record_of(self.item), "dry_run": True}, f"would {self.verb} {self.what}; nothing was sent")
            return shown()
        settled = Settled()
        async with account.client(settled) as intercom:
            await consent.given(intercom, f"{self.verb.capitalize()} {self.what}")
            try:
                ended = await self._sent(intercom, settled)
            except StoppedError:
                talk.note(self._again(account))
                raise
        status = self._told(settled, ended, talk)
        if status is Exit.UNKNOWN:
            talk.note(self._again(account))
        return status

    def _again(self, account: Account) -> str:
        """Say what to type where the outcome is not known. The texts of a ticket are not repeated."""
        kind, *ids = self.item.key
        if isinstance(self.item, Convert):
            return "to know it, type the same command again: a conversation becomes a ticket only once"
        command = f"aiointercom redact {kind.removeprefix('redact_')} {shlex.join(ids)} {account.typed()}"
        return f"to know it, type it again; redacting twice does no harm: {command.rstrip()}"

    async def _sent(self, intercom: Intercom, settled: Settled) -> IntercomError | str | None:
        try:
            return await self.call(intercom)
        except NOTHING_SENT:
            raise
        except IntercomError as error:
            if isinstance(error, NotFoundError) and not settled.sent:  # the ticket type, which is read before
                raise UsageError(str(error)) from None
            return error
        except anyio.get_cancelled_exc_class():
            if settled.may_be_applied:
                words = "stopped while it was in progress: it is not known whether it was applied"
                raise StoppedError(words, Exit.UNKNOWN) from None
            raise

    def _told(self, settled: Settled, ended: IntercomError | str | None, talk: Talk) -> Exit:
        error = ended if isinstance(ended, IntercomError) else None
        outcome = settled.outcome or "refused"
        found: JSONObject = {
            "outcome": outcome,
            "by_reading": settled.by_reading,
            "request_id": settled.request_id,
        }
        ticket = getattr(error, "ticket_id", None) if error is not None else ended
        if isinstance(self.item, Convert):
            found["ticket_id"] = ticket
        if error is not None:
            found |= {"error": type(error).__name__, "code": getattr(error, "code", None)}
        made = f"; the ticket's id is {ticket}" if ticket is not None else ""
        talk.outcome({**record_of(self.item), **found}, f"{outcome.replace('_', ' ')}: {self.what}{made}")
        if error is None:
            return Exit.DONE
        complain(told(error))
        return exit_of(error)

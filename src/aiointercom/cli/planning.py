"""`aiointercom plan`: looks at conversations, changes nothing, and writes down what a run would do."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

from attrs import asdict, define
from cyclopts import Parameter, validators

from aiointercom import Intercom, IntercomError, cleanup
from aiointercom.cleanup import ConvertTo, PlanSummary
from aiointercom.events import Event
from aiointercom.types import JSONObject

from .account import OWN, Account
from .exits import (
    DASH,
    NOTHING_SENT,
    Exit,
    OutputLostError,
    StoppedError,
    UsageError,
    arguments,
    file_or_dash,
    preflight,
    shown,
)
from .looking import LOOKING, LOOKING_FOR_NOTHING, Looking
from .progress import Progress, ticking
from .selecting import NONE_SELECTED, Selection
from .streams import lost
from .talk import TALK, Talk, columns, counted, span
from .tickets import PLAIN_TICKET, TICKET, Ticket

KINDS = {"redact_part": "redact parts", "redact_source": "redact sources", "convert": "convert"}


async def plan(
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], allow_leading_hyphen=True, validator=file_or_dash)],
    overwrite: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    selection: Selection = NONE_SELECTED,
    looking: Looking = LOOKING_FOR_NOTHING,
    everything: Annotated[bool, Parameter(group=LOOKING, negative="", show_default=False)] = False,
    convert_to: Annotated[str | None, Parameter(group=TICKET)] = None,
    limit: Annotated[int | None, Parameter(validator=validators.Number(gte=1), show_default=False)] = None,
    ticket: Ticket = PLAIN_TICKET,
    account: Account = OWN,
    talk: Talk = TALK,
) -> Exit:
    """Find what to redact or convert, and write a plan of ids and names of detectors, without a word of a message.

    Args:
        output: The plan file, or - for stdout.
        overwrite: Replace a file that is there.
        everything: All messages that Intercom redacts.
        convert_to: In place of redacting: the id of the ticket type that the conversations become.
        limit: Find at most so many items, and leave the rest: then the exit status is 3, and a plan that is made after
            the run finds the next ones.
    """
    talk.listen()
    detectors = looking.detectors()
    if bool(detectors) + everything + (convert_to is not None) != 1:
        raise UsageError("say what to do: --find or --pattern, --everything, or --convert-to")
    if convert_to is None and ticket != PLAIN_TICKET:
        raise UsageError("--title, --description and --attribute go with --convert-to")
    if output == DASH and talk.json:
        raise UsageError("with --output - the plan itself goes to stdout: leave out --json")
    with arguments():
        convert = None if convert_to is None else _ticket(convert_to, ticket)
    options: JSONObject = {"detectors": detectors or None, "convert": convert, "overwrite": overwrite, "limit": limit}
    begun = Begun()
    async with account.client(begun) as intercom:
        summary = await _planned(intercom, begun, selection, output, talk=talk, **options)
    _summed_up(summary, output, account, talk)
    if output == DASH and shown() is not Exit.DONE:
        return Exit.STOPPED
    if summary.stopped_by is not None:
        talk.note(f"stopped early ({summary.stopped_by}): a plan that is made after its run finds the next items")
        return Exit.STOPPED
    return Exit.FAILED if summary.unread else Exit.DONE


def _ticket(type: str, ticket: Ticket) -> ConvertTo:
    return ConvertTo(type, ticket.title, ticket.description, ticket.attributes())


@define
class Begun:
    """Remembers whether conversations were requested yet: earlier errors show that the plan cannot be made at all."""

    conversations: bool = False

    def __call__(self, event: Event) -> None:
        """Take note of one record of the client."""
        self.conversations = self.conversations or "/conversations" in event.operation


async def _planned(
    intercom: Intercom, begun: Begun, selection: Selection, output: Path, *, talk: Talk, **options: Any
) -> PlanSummary:
    conversations = await selection.conversations(intercom)
    with Progress(talk, "looking", None) as progress:

        def show(found: PlanSummary) -> None:
            progress.show(found.conversations, (("found", found.items), ("unread", found.unread)), total=found.total)
            if output == DASH and lost() is not None:
                raise OutputLostError

        to = sys.stdout if output == DASH else output
        try:
            async with ticking(progress.refresh):
                return await cleanup.plan(intercom, conversations, to=to, on_progress=show, **options)
        except NOTHING_SENT:
            raise
        except IntercomError as error:
            if not begun.conversations:
                with preflight():
                    raise
            raise StoppedError(f"{error}; no plan was written") from None
        except FileExistsError:
            raise UsageError(f"{output} exists already: --overwrite replaces it") from None


def _summed_up(summary: PlanSummary, output: Path, account: Account, talk: Talk) -> None:
    least = "" if summary.minutes is None else f", at least {span(60 * summary.minutes)} at the present rate limit"
    rows = [
        ("plan", f"{output}, {counted(summary.items, 'item')}"),
        ("conversations", str(summary.conversations)),
        ("messages", str(summary.parts)),
        *((KINDS[kind], str(number)) for kind, number in summary.by_kind.items()),
        *((f"found {name}", str(number)) for name, number in summary.by_detector.items()),
        *((f"skipped: {reason.replace('_', ' ')}", str(number)) for reason, number in summary.skipped.items()),
        ("only in what no person sees", counted(summary.only_stored, "item") if summary.only_stored else ""),
        ("more than 500 parts", counted(summary.beyond_cap, "conversation") if summary.beyond_cap else ""),
        ("attachments", str(summary.attachments) if summary.attachments else ""),
        ("found in subjects", str(summary.subjects) if summary.subjects else ""),
        ("to run it", counted(summary.requests, "request") + least),
    ]
    if output == DASH:
        talk.note(f"{counted(summary.items, 'item')} in {counted(summary.conversations, 'conversation')}")
    else:
        talk.outcome({"type": "plan", "path": str(output), **asdict(summary)}, *columns(rows))
        hint = " ".join(filter(None, ("aiointercom run", shlex.quote(str(output)), "--ledger FILE", account.typed())))
        talk.note(f"nothing was changed; to carry it out: {hint}")

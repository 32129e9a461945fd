"""Writes the items that `find` finds to a plan file. Nothing in the workspace is changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from aiointercom._version import __version__
from aiointercom.cleanup._atomic_write import Target, atomic_write, check_target
from aiointercom.client import Intercom
from aiointercom.detect import Detector
from aiointercom.types import Priority

from .codec import encode_entry
from .find import CONCURRENCY, Progress, find
from .records import ConvertTo, PlanHeader, PlanSummary
from .sources import ConversationInput


async def plan(
    intercom: Intercom,
    conversations: ConversationInput,
    *,
    to: Target,
    detectors: Iterable[Detector] | None = None,
    convert: ConvertTo | None = None,
    overwrite: bool = False,
    concurrency: int = CONCURRENCY,
    priority: Priority = "batch",
    on_progress: Progress | None = None,
    limit: int | None = None,
) -> PlanSummary:
    """Read conversations and write the items of a clean-up to a plan file, one JSON line each. Nothing is changed.

    The file holds ids and names of detectors, and for a conversion the values of `convert`, but never words of a
    message. You may read or archive it; do not edit it. It is written under a temporary name and renamed when it is
    complete. A stream is complete if it has the line of type "end".

    Args:
        intercom: An open client.
        conversations: Any iterable, async or not, of ids or of what `conversations.list()` and `.search()` give;
            `ids_in` for a file.
        to: The path of the plan, or a text stream, which stays open.
        detectors: Select the parts and sources in which at least one detector finds something. None: select all that
            Intercom can redact.
        convert: The ticket that each conversation becomes, unless it is a ticket already; nothing is redacted. None:
            redact.
        overwrite: Whether an existing file may be replaced.
        concurrency: How many conversations are read at once.
        priority: "batch" leaves a share of every rate-limit window to other work.
        on_progress: A function that is called with the counts after each conversation. None: it is not called.
        limit: How many items to find at most. The plan is complete with the first ones, `stopped_by` is "limit", and a
            plan that is made after its run finds the next ones. None: all.

    Returns:
        The PlanSummary: counts, and an estimate of requests and minutes.

    Raises:
        FileExistsError: The file exists; nothing was read.
        ValueError: A line of a file of ids does not hold an id; nothing was sent.
        OSError: The file cannot be written.
        Exception: As for `find`.
    """
    place = check_target(
        to, overwrite=overwrite
    )  # before anything is read: an hour of reading must not end in this error
    finding = find(
        intercom,
        conversations,
        detectors,
        priority=priority,
        convert=convert,
        on_progress=on_progress,
        concurrency=concurrency,
        limit=limit,
    )
    await finding.check()
    with atomic_write(to if place is None else place, overwrite=overwrite) as file:
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        app = (await intercom.me(priority=priority)).app
        await finding.begin()
        workspace = None if app is None else app.id_code
        header = PlanHeader(made_at, workspace, intercom.region.name, __version__, finding.detectors, finding.convert)
        file.write(encode_entry(header))
        while (entries := await finding.more()) is not None:
            file.writelines(map(encode_entry, entries))
        summary = finding.summary
        file.write(encode_entry(summary))
    return summary

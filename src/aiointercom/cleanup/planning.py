"""plan: what `find` finds, written to a plan file. Reads only: nothing in the workspace is changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from aiointercom._version import __version__
from aiointercom.client import Intercom
from aiointercom.detect import Detector
from aiointercom.types import Priority

from ._drafts import Target, checked_place, drafted
from ._plan_lines import written
from ._plan_records import ConvertTo, PlanHeader, PlanSummary
from .finding import CONCURRENCY, Progress, find
from .sources import Conversations


async def plan(
    intercom: Intercom,
    conversations: Conversations,
    *,
    to: Target,
    detectors: Iterable[Detector] | None = None,
    convert: ConvertTo | None = None,
    overwrite: bool = False,
    concurrency: int = CONCURRENCY,
    priority: Priority = "batch",
    on_progress: Progress | None = None,
) -> PlanSummary:
    """Read conversations and write down what a clean-up has to do in them, one JSON line for each item. Nothing is changed.

    The file holds ids and names of detectors, and for a conversion what you pass as `convert`; never a word of a message. It is written beside its
    place and renamed when it is whole and on the disk. In a stream the line of type "end" tells that it is whole.

    Args:
        intercom: An open client.
        conversations: Any iterable, async or not, of ids or of what `conversations.list()` and `.search()` give; `ids_in` for a file.
        to: The path of the plan, or a text stream, which stays open.
        detectors: Parts and sources are wanted in which one of them finds something. None: all that Intercom allows to redact.
        convert: What the conversations become that are no ticket yet; then nothing is redacted. None: they are redacted.
        overwrite: Whether a file that is there may be replaced.
        concurrency: How many conversations are read at once.
        priority: "batch" leaves a share of every rate-limit window to other work.
        on_progress: A function that gets the counts so far after each conversation. None: nobody does.

    Returns:
        The PlanSummary: counts, and an estimate of requests and minutes.

    Raises:
        FileExistsError: A file is there; nothing was read.
        ValueError: A line of a file of ids holds none; nothing was sent.
        OSError: The file cannot be written.
        Exception: As for `find`.
    """
    place = checked_place(
        to, overwrite=overwrite
    )  # before anything is read: an hour of reading must not end in this error
    finding = find(
        intercom,
        conversations,
        detectors,
        convert=convert,
        concurrency=concurrency,
        priority=priority,
        on_progress=on_progress,
    )
    await finding.check()
    with drafted(to if place is None else place, overwrite=overwrite) as file:
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        app = (await intercom.me(priority=priority)).app
        await finding.begin()
        workspace = None if app is None else app.id_code
        header = PlanHeader(made_at, workspace, intercom.region.name, __version__, finding.detectors, finding.convert)
        file.write(written(header))
        while (entries := await finding.more()) is not None:
            file.writelines(map(written, entries))
        summary = finding.summary
        file.write(written(summary))
    return summary

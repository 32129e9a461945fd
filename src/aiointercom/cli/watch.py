"""`aiointercom watch`: redacts what is found in new messages as they come, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any

import anyio
from attrs import asdict
from cyclopts import Group, Parameter, validators

from aiointercom import LedgerError
from aiointercom.cleanup import Item, Ledger, Result
from aiointercom.live import Live, LiveSummary
from aiointercom.webhooks import Endpoint

from .account import OWN, Account
from .exits import Exit, UsageError, arguments
from .looking import LOOKING_FOR_NOTHING, Looking
from .running import status_in_ledger
from .single import record_of
from .talk import TALK, Talk, columns, complain

RAILS = Group("Guard rails", sort_key=1)
SECRET = "INTERCOM_CLIENT_SECRET"  # noqa: S105  # the name of the variable
TELL_EVERY = 60.0
"""Seconds between two lines about the rate and the time that it takes."""


async def watch(
    *,
    ledger: Path,
    port: Annotated[int, Parameter(validator=validators.Number(gte=0, lte=65535))] = 8080,
    host: str = "127.0.0.1",
    every: Annotated[float, Parameter(validator=validators.Number(gt=0))] = 300.0,
    dry_run: Annotated[bool | None, Parameter(group=RAILS, show_default=False)] = None,
    at_most: Annotated[
        int | None, Parameter(group=RAILS, validator=validators.Number(gte=1), show_default=False)
    ] = None,
    author: Annotated[list[str] | None, Parameter(group=RAILS, negative="")] = None,
    channel: Annotated[list[str] | None, Parameter(group=RAILS, negative="")] = None,
    looking: Looking = LOOKING_FOR_NOTHING,
    account: Account = OWN,
    talk: Talk = TALK,
) -> Exit:
    """Serve the address for Intercom's webhooks, behind a proxy of yours, and redact what is found in new messages.

    The client secret of the app comes from INTERCOM_CLIENT_SECRET. While you exchange it, put both secrets there,
    separated by a space. Every few minutes a sweep finds the changes that no notification told. Nothing is redacted
    until you give --no-dry-run once: before, the command only says what it would redact.

    Args:
        ledger: The file that records the outcome of each redaction; created if missing.
        port: The port to listen on; 0 takes a free one.
        host: The address to listen on.
        every: Seconds between two sweeps.
        dry_run: Count and say what would be redacted, and send no write. Default: while there is no ledger.
        at_most: Stop when more than so many redactions would begin within an hour.
        author: Only messages of authors of this type: user, lead, admin, bot, team. May be given again. Default: all.
        channel: Only conversations of this channel: conversation, email, ... May be given again. Default: all.
    """
    talk.listen()
    detectors, secrets = looking.detectors(), os.environ.get(SECRET, "").split()
    if not detectors:
        raise UsageError("say what to look for: --find or --pattern")
    if not secrets:
        raise UsageError(f"{SECRET} is not set: it is the client secret of the app, from its page in the Developer Hub")
    only_count = _only_counts(ledger, dry_run)
    options: dict[str, Any] = {"every": every, "authors": author, "channels": channel, "at_most": at_most}

    def found(item: Item) -> None:
        if only_count:
            talk.result({**record_of(item), "found": _names(item), "state": "found"}, f"would redact {_place(item)}")

    def ended(result: Result) -> None:
        talk.result(_record(result), f"{result.outcome.replace('_', ' ')}: {_place(result.item)}")

    async with account.client() as intercom:
        with arguments():
            live = Live(
                intercom, detectors, ledger=ledger, dry_run=only_count, on_found=found, on_result=ended, **options
            )
        async with live, _served(Endpoint(live.handle, secret=secrets), host, port) as url:
            _greet(talk, url, only_count=only_count)
            with _cancelled_is_asked():
                await _until_stopped(live, talk)
    summary = live.summary
    talk.result({"type": "summary", **asdict(summary)}, *columns(_rows(summary)))
    return _status_of(summary, None if only_count else ledger)


def _only_counts(ledger: Path, dry_run: bool | None) -> bool:
    """Return whether this is a dry run. A dry run makes no ledger, so the first start that redacts was asked for."""
    return not ledger.exists() if dry_run is None else dry_run


@contextmanager
def _cancelled_is_asked() -> Generator[None, None, None]:
    """Swallow the cancellation that Ctrl-C and SIGTERM arrive as. It is the usual end: what follows is waited for."""
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        assert task is not None
        task.uncancel()


async def _until_stopped(live: Live, talk: Talk) -> None:
    before = live.summary
    while True:
        with anyio.move_on_after(TELL_EVERY):
            await live.stopped()
            return
        if live.summary != before:
            before = live.summary
            talk.note(_line(before))


def _greet(talk: Talk, url: str, *, only_count: bool) -> None:
    record = {"type": "listening", "url": url, "dry_run": only_count}
    how = "dry run: nothing is redacted until --no-dry-run is given" if only_count else "what is found is redacted"
    talk.result(record, f"listening at {url}; {how}; Ctrl-C ends it")


def _names(item: Item) -> list[str]:
    return list(getattr(item, "found", ()))


def _record(result: Result) -> dict[str, Any]:
    error = None if result.error is None else type(result.error).__name__
    ended = {"state": result.state, "outcome": result.outcome, "error": error, "request_id": result.request_id}
    return {**record_of(result.item), "found": _names(result.item), **ended}


def _place(item: Item) -> str:
    kind, conversation_id, target_id = item.key
    what = "source" if kind == "redact_source" else "part"
    return f"{what} {target_id} of conversation {conversation_id} ({', '.join(_names(item))})"


def _line(summary: LiveSummary) -> str:
    times = "" if summary.median is None else f"; {summary.median:.2f} s at the median, {summary.p99 or 0:.2f} s at p99"
    redacted = summary.outcomes.get("redacted", 0)
    return f"{summary.notifications} notifications, {summary.found} found, {redacted} redacted{times}"


def _rows(summary: LiveSummary) -> list[tuple[str, str]]:
    return [
        ("notifications", str(summary.notifications)),
        ("found", f"{summary.found}, {summary.by_sweep} of them by a sweep only"),
        *((name.replace("_", " "), str(number)) for name, number in summary.outcomes.items()),
        ("conversations read", str(summary.read)),
        ("sweeps", f"{summary.sweeps}, {summary.failed_sweeps} failed"),
        ("median", "" if summary.median is None else f"{summary.median:.2f} s from the notification"),
        ("p99", "" if summary.p99 is None else f"{summary.p99:.2f} s"),
        ("stopped by", summary.stopped_by or ""),
    ]


def _status_of(summary: LiveSummary, ledger: Path | None) -> Exit:
    """Return the status. What is in the ledger at the end counts: what was in doubt or failed may be settled since."""
    if summary.stopped_by != "asked":
        complain(f"stopped by {summary.stopped_by}: nothing more is redacted")
        return Exit.STOPPED
    if ledger is None:
        return Exit.DONE
    try:
        with Ledger.read(ledger) as kept:
            states = {state for _, state, _ in kept.counts()}
    except LedgerError as error:
        complain(f"what became of the redactions cannot be read: {error}")
        return Exit.UNKNOWN if summary.found else Exit.STOPPED
    return status_in_ledger(states)


@asynccontextmanager
async def _served(app: Endpoint, host: str, port: int) -> AsyncGenerator[str, None]:
    """Serve an ASGI app in this event loop; at the end what is being answered is answered first."""
    import uvicorn

    class Quiet(uvicorn.Server):
        """A server that leaves the signals to the command."""

        @contextmanager
        def capture_signals(self) -> Generator[None, None, None]:
            yield

    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        log_level="critical",
        access_log=False,
        ws="none",
        server_header=False,
    )
    with _bound(host, port):
        bound = config.bind_socket()
        bound.listen(config.backlog)  # so that nobody is refused before the server has begun
    server = Quiet(config)
    async with anyio.create_task_group() as group:
        group.start_soon(server.serve, [bound])
        try:
            yield f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True


@contextmanager
def _bound(host: str, port: int) -> Generator[None, None, None]:
    """Around the binding of a socket: uvicorn ends the process where it fails."""
    try:
        yield
    except SystemExit:
        raise UsageError(f"cannot listen on {host}:{port}") from None

"""`aiointercom install`, `enqueue`, `worker` and `collect`: clean-ups on many machines, over a Postgres.

They need the extra `pgqueuer` too.
"""

from __future__ import annotations

import importlib
import os
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, cast

from attrs import asdict, frozen
from cyclopts import Group, Parameter, validators

from aiointercom import Intercom, checked_id, cleanup
from aiointercom.cleanup import Result
from aiointercom.pgqueuer import ClientFor, Collected

from .contents import contents_of
from .exits import Exit, StoppedError, UsageError, arguments, shown
from .progress import Progress
from .single import record_of
from .talk import TALK, Talk, agreed, columns, handles_signals

TOKEN = "INTERCOM_ACCESS_TOKEN_"  # noqa: S105  # the beginning of a variable's name
"""The variable that holds a workspace's token is this and the workspace's id."""
DATABASE = Group("Database", sort_key=2)


@Parameter(name="*", group=DATABASE)
@frozen(kw_only=True)
class Database:
    """Where the queue is."""

    dsn: Annotated[str | None, Parameter(env_var="AIOINTERCOM_DSN", show_default=False)] = None
    """The address of Postgres. Default: AIOINTERCOM_DSN, which shows no password in the list of processes; else PGHOST,
    PGUSER, ..."""


HERE = Database()


async def install(*, database: Database = HERE, talk: Talk = TALK) -> Exit:
    """Install the tables in Postgres, or upgrade them; doing it again changes nothing."""
    from aiointercom import pgqueuer

    async with pgqueuer.connect(database.dsn) as queries:
        await pgqueuer.install(queries)
    talk.outcome({"type": "installed"}, "the tables are there")
    return Exit.DONE


async def enqueue(
    plan: Path,
    /,
    *,
    priority: int = 0,
    dry_run: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    yes: Annotated[bool, Parameter(name=["--yes", "-y"], negative="", show_default=False)] = False,
    database: Database = HERE,
    talk: Talk = TALK,
) -> Exit:
    """Put a plan into the queue of its workspace, all of it or nothing, for `aiointercom worker` to carry out.

    It needs no token and asks Intercom nothing, so it does not check the plan's ticket type as `run` does. If the type
    no longer fits, Intercom refuses each conversion, and the items wait for a person.

    Args:
        plan: The plan file.
        priority: What has a higher one is handed out first, over all workspaces.
        dry_run: Say what would be put into the queue.
        yes: Do not ask.
    """
    from aiointercom import pgqueuer

    made = cleanup.read_plan(plan)
    what, workspace = contents_of(made), made.header.workspace
    if workspace is None:
        raise UsageError(f"{plan.name}: it does not name the workspace it was made for; make a new plan")
    if dry_run:
        record = {"type": "dry_run", "workspace": workspace, "items": what.total, "by_kind": dict(what.kinds)}
        talk.result(record, f"would put into the queue: {what} of workspace {workspace}")
        return shown()
    if not yes and not agreed(f"{str(what).capitalize()} of workspace {workspace}? This cannot be undone."):
        raise StoppedError("not agreed; nothing was put into the queue")
    async with pgqueuer.connect(database.dsn) as queries:
        await queries.driver.execute("BEGIN")
        added = await pgqueuer.enqueue(queries, workspace, made.items(), priority=priority)
        await queries.driver.execute("COMMIT")
    record = {"type": "enqueued", "workspace": workspace, "items": what.total, "new": added}
    talk.outcome(record, f"{added} of {what.total} are new in the queue of workspace {workspace}")
    return Exit.DONE


async def collect(workspace: str, /, *, ledger: Path, database: Database = HERE, talk: Talk = TALK) -> Exit:
    """Write what became of a workspace's items into a ledger, for `aiointercom report`; at any time, and again.

    Args:
        workspace: The id of the workspace.
        ledger: The ledger, created if missing.
    """
    from aiointercom import pgqueuer

    async with pgqueuer.connect(database.dsn) as queries:
        with arguments():
            collected = await pgqueuer.collect(queries, workspace, ledger)
    rows = [(name.replace("_", " "), str(number)) for name, number in asdict(collected).items()]
    talk.outcome({"type": "collected", "workspace": workspace, **asdict(collected)}, *columns(rows))
    return _status_of(collected, ledger)


def _status_of(collected: Collected, ledger: Path) -> Exit:
    with cleanup.Ledger.read(ledger) as kept:
        states = {state for _, state, _ in kept.counts()}
    if "unknown" in states or collected.in_progress:
        return Exit.UNKNOWN
    if "refused" in states or "failed" in states or collected.parked:
        return Exit.FAILED
    return Exit.STOPPED if collected.queued else Exit.DONE


async def worker(
    *,
    workspace: Annotated[list[str] | None, Parameter(negative="", show_default=False)] = None,
    clients: Annotated[str | None, Parameter(show_default=False)] = None,
    at_once: Annotated[int, Parameter(validator=validators.Number(gte=1))] = 4,
    drain: Annotated[float, Parameter(validator=validators.Number(gte=0))] = 30.0,
    heartbeat: Annotated[float, Parameter(validator=validators.Number(gte=1))] = 30.0,
    until_empty: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    health: Annotated[Path | None, Parameter(show_default=False)] = None,
    database: Database = HERE,
    talk: Talk = TALK,
) -> Exit:
    """Carry out what is in the queue, until SIGTERM or Ctrl-C. Then begin nothing new, and finish what is under way.

    Start as many as you like, on any machines. When a worker dies, another one carries out its items. The token of
    each workspace comes from the environment: INTERCOM_ACCESS_TOKEN_ followed by the workspace's id.

    Args:
        workspace: The id of a workspace; may be given again. Default: each that the environment holds a token of.
        clients: In place of tokens: MODULE:FUNCTION, which returns the client of a workspace by its id, or awaits to
            it.
        at_once: Items of one workspace under way at once, over all workers; the same for all of them.
        drain: Seconds that what is under way has to end in.
        heartbeat: Seconds without a sign of life after which another worker takes over; the same for all of them.
        until_empty: End when the queue is empty.
        health: A file that is written every few seconds while all is well, for a supervisor that looks at its age.
    """
    from aiointercom import pgqueuer

    talk.listen()
    names = workspace or sorted(name.removeprefix(TOKEN) for name in os.environ if name.startswith(TOKEN))
    if not names:
        raise UsageError("there is no workspace: pass --workspace, or set INTERCOM_ACCESS_TOKEN_ and its id")
    with arguments():
        for name in names:
            checked_id(name, "workspace")
    opened: list[Intercom] = []
    client_for = _from_environment(names, opened) if clients is None else _imported(clients)
    counts = Counter[str]()
    try:
        with Progress(talk, "working", None) as progress:
            whole = await pgqueuer.serve(
                database.dsn,
                client_for,
                workspaces=names,
                at_once=at_once,
                stop_on_signals=handles_signals(),
                drain=drain,
                until_empty=until_empty,
                health=health,
                heartbeat=heartbeat,
                on_result=lambda name, result: _show(name, result, counts, progress, talk),
            )
    finally:
        for client in opened:
            await client.aclose()
    talk.outcome({"type": "summary", "outcomes": dict(counts)}, *columns([(n, str(c)) for n, c in counts.items()]))
    return Exit.DONE if whole else Exit.STOPPED


def _show(workspace: str, result: Result, counts: Counter[str], progress: Progress, talk: Talk) -> None:
    """Count a result that is not tried again, and print it as JSON if that was asked for."""
    if result.retry_after is not None:
        return
    counts[result.outcome] += 1
    progress.show(counts.total(), counts.items())
    if talk.json:
        told = {"workspace": workspace, "state": result.state, "outcome": result.outcome, "reason": result.reason}
        talk.result({**record_of(result.item), **told})


def _from_environment(names: list[str], opened: list[Intercom]) -> ClientFor:
    """Return a function that makes a workspace's client from its token. All share their connections."""
    if missing := [name for name in names if not os.environ.get(TOKEN + name)]:
        raise UsageError(f"there is no token of workspace {missing[0]}: set {TOKEN}{missing[0]}")
    opened.append(Intercom(os.environ[TOKEN + names[0]]))
    return lambda workspace: opened[0].with_options(token=os.environ[TOKEN + workspace])


def _imported(name: str) -> ClientFor:
    module, _, function = name.partition(":")
    try:
        found: Any = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"--clients {name}: {type(error).__name__}: pass MODULE:FUNCTION") from None
    if not callable(found):
        raise UsageError(f"--clients {name}: it is not a function")
    return cast("ClientFor", found)

"""What `aiointercom.pgqueuer` says where it cannot work: on trio, and without its extra."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio

from aiointercom import ConfigurationError
from aiointercom.detect import CardNumbers
from aiointercom.live import LiveRules
from aiointercom.pgqueuer import (
    collect,
    enqueue,
    enqueue_notification,
    install,
    live_summary,
    register,
    register_live,
    resume_live,
)
from aiointercom.webhooks import Notification

WITHOUT = """
import sys
sys.modules["pgqueuer"] = None
from aiointercom import ConfigurationError
from aiointercom.pgqueuer import register
try:
    register(object(), print, workspaces=[])
except ConfigurationError as error:
    print(error)
"""
HINTS = """
import sys, typing
{before}
import aiointercom.pgqueuer as ours
assert "pgqueuer" not in sys.modules or not sys.modules["pgqueuer"], "importing it imports the engine"
for name in ours.__all__:
    if name != "ClientFor":
        try:
            hints = typing.get_type_hints(getattr(ours, name))
            print(name, *(hints[key].__name__ for key in ("pgq", "queries") if key in hints))
        except Exception as error:
            print(name, type(error).__name__, error)
"""


LIVE: dict[str, Callable[[Any], Awaitable[object]]] = {
    "enqueue_notification": lambda none: enqueue_notification(
        none, Notification(topic="ping"), LiveRules([CardNumbers()])
    ),
    "live_summary": lambda none: live_summary(none, "one1"),
    "resume_live": lambda none: resume_live(none, "one1"),
    "register_live": lambda none: register_live(none, print, LiveRules([CardNumbers()]), workspaces=["one1"]),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", ["register", "enqueue", "collect", "install", *LIVE])
def test_on_trio(name: str) -> None:
    """PgQueuer works on asyncio only, and so does this; the error says so before anything is asked of the database."""
    queries: Any = None
    pgq: Any = type("PgQueuer", (), {"queries": None})()

    async def ask() -> None:
        if name in LIVE:
            await LIVE[name](queries)
        elif name == "register":
            register(pgq, print, workspaces=["one1"])  # type: ignore[arg-type]
        elif name == "enqueue":
            await enqueue(queries, "one1", [])
        elif name == "collect":
            await collect(queries, "one1", "one1.ledger")
        else:
            await install(queries)

    with pytest.raises(ConfigurationError, match="asyncio only"):
        trio.run(ask)


def test_without_the_extra() -> None:
    """The error names what to install; the rest of the package does not need it."""
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    assert 'pip install "aiointercom[pgqueuer]"' in done.stdout


def hints(before: str) -> list[str]:
    """What a new process is told about the hints of each public name, one line for each."""
    program = HINTS.format(before=before)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.splitlines()


def test_hints_resolve_without_an_import_of_the_engine() -> None:
    """`typing.get_type_hints` imports PgQueuer by itself, and importing the adapter does not."""
    assert hints("") == [
        "Collected",
        "LiveState",
        "collect Queries",
        "connect",
        "enqueue Queries",
        "enqueue_notification Queries",
        "install Queries",
        "live_summary Queries",
        "register PgQueuer",
        "register_live PgQueuer",
        "resume_live Queries",
        "serve",
    ]


def test_hints_without_the_extra() -> None:
    """Where PgQueuer is missing, each function whose signature names it says what to install."""
    told = hints('sys.modules["pgqueuer"] = None')
    missing = [line for line in told if 'ConfigurationError this needs: pip install "aiointercom[pgqueuer]"' in line]
    assert [line.partition(" ")[0] for line in missing] == [
        "collect",
        "connect",
        "enqueue",
        "enqueue_notification",
        "install",
        "live_summary",
        "register",
        "register_live",
        "resume_live",
    ]

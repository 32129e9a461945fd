"""Checks what has to be there: the extra, asyncio, a real Postgres, and ids that can be part of a queue's name."""

from __future__ import annotations

import asyncio

from anyio import NoEventLoopError
from anyio.lowlevel import current_token

from aiointercom._values.validation import checked_id
from aiointercom.errors import ConfigurationError

from . import engine

PREFIX = "aiointercom:"
"""What the name of each workspace's queue begins with."""


def entrypoint_of(workspace: str) -> str:
    """Return the name of a workspace's queue.

    Raises:
        ValueError, TypeError: It cannot be the id of a workspace.
    """
    if not isinstance(workspace, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers may be untyped
        raise TypeError(f"a workspace is named by a string, not {type(workspace).__name__}")
    return f"{PREFIX}{checked_id(workspace, 'workspace')}"


def is_integer(value: object) -> bool:
    """Return whether it is an integer, and not True or False."""
    return isinstance(value, int) and not isinstance(value, bool)


def check_event_loop() -> None:
    """Check that asyncio runs, where an event loop runs at all.

    Raises:
        ConfigurationError: It is another one, such as trio.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        return
    try:
        current_token()
    except NoEventLoopError:
        return
    raise ConfigurationError(
        "aiointercom.pgqueuer works on asyncio only, since PgQueuer does: elsewhere use carry_out with another engine"
    )


def checked_queries(queries: object) -> engine.Queries:
    """Return PgQueuer's Queries over a real database.

    Raises:
        ConfigurationError: The extra is not installed, another event loop runs, or it is PgQueuer in memory.
    """
    check_event_loop()
    if not isinstance(queries, engine.Queries):
        raise ConfigurationError(f"queries must be a pgqueuer.Queries over Postgres, not {type(queries).__name__}")
    return queries

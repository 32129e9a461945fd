"""The jobs of docs/web-apps.md: in forked processes, in one after another, and over a client that the jobs of a process
share.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aiointercom.sandbox import Sandbox
from tests.wire.web_servers import PAGE, blocks

FORKED = """
import multiprocessing
from aiointercom import Intercom
import jobs

made_before = Intercom()

async def use():
    async with made_before:
        await made_before.conversations.redact_part("480", "121", timeout=20)

def in_fork(part):
    jobs.asyncio.run(use()) if part == "121" else jobs.forget("480", part)

processes = [multiprocessing.get_context("fork").Process(target=in_fork, args=(part,)) for part in ("120", "121")]
[process.start() for process in processes]
[process.join() for process in processes]
assert [process.exitcode for process in processes] == [0, 0]
"""
ONE_BY_ONE = """
import jobs
for part in ("120", "121"):
    jobs.forget("480", part)
"""
SHARED = """
import jobs
worker = jobs.Worker()
for part in ("120", "121"):
    worker.forget("480", part)
worker.close()
"""
LOOPS = """
import asyncio, threading
from loops import client, clients

async def use(part):
    await client().conversations.redact_part("480", part, timeout=20)
    assert client() is client()
    await client().aclose()

threads = [threading.Thread(target=lambda part=part: asyncio.run(use(part))) for part in ("120", "121")]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


@pytest.mark.parametrize("script", [FORKED, ONE_BY_ONE, SHARED, LOOPS], ids=["forked", "one by one", "shared", "loops"])
@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_jobs_redact(script: str, tmp_path: Path) -> None:
    """Each way carries out both jobs, once, and ends without a word of complaint."""
    for block in blocks(PAGE):
        if block.file in ("jobs.py", "loops.py"):
            (tmp_path / block.file).write_text(block.code)
    (tmp_path / "script.py").write_text(script)
    sandbox = Sandbox()
    with sandbox.serve() as server:
        known = {"INTERCOM_BASE_URL": server.url, "INTERCOM_ACCESS_TOKEN": sandbox.token}
        command = [sys.executable, "-W", "error::ResourceWarning", "script.py"]
        done = subprocess.run(
            command, cwd=tmp_path, env={**os.environ, **known}, capture_output=True, text=True, check=False, timeout=120
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(effect.target_id for effect in sandbox.ledger) == ["120", "121"]

"""What a run does to the handlers of signals that the process had before: real signals, in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aiointercom.sandbox import Sandbox

PROGRAM = """
import json, os, signal, sys
import anyio
from aiointercom import Intercom
from aiointercom.cleanup import run

url, ledger, backend, number = sys.argv[1:]
heard = []


def own(*_):
    heard.append("own")


async def main():
    await anyio.lowlevel.checkpoint()
    signal.signal(signal.SIGTERM, own)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    async with Intercom("sandbox-token", base_url=url) as intercom:
        async with run(intercom, [], ledger=ledger, stop_on_signals=True) as results:
            os.kill(os.getpid(), int(number))
            for _ in range(20):
                await anyio.sleep(0.005)
            stopping = results.stopping
        restored = [signal.getsignal(signal.SIGTERM) is own, signal.getsignal(signal.SIGINT) == signal.SIG_IGN]
    print(json.dumps([stopping, restored, heard]))


anyio.run(main, backend=backend)
"""


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize(("number", "stops"), [(2, False), (15, True)])
def test_handlers_are_those_of_before(tmp_path: Path, backend: str, number: int, stops: bool) -> None:
    """An ignored SIGINT stays ignored, SIGTERM stops the run even then, and afterwards both are handled as before."""
    with Sandbox(seed=False).serve() as server:
        words = (server.url, tmp_path / "ledger", backend, number)
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr
    stopping, restored, heard = json.loads(done.stdout)
    assert (restored, heard) == ([True, True], [])
    assert stopping is stops

"""What `aiointercom.pgqueuer` says where it cannot work: on trio, and without its extra."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import trio

from aiointercom import ConfigurationError
from aiointercom.pgqueuer import collect, enqueue, install, register

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


@pytest.mark.parametrize("name", ["register", "enqueue", "collect", "install"])
def test_on_trio(name: str) -> None:
    """PgQueuer works on asyncio only, and so does this; the error says so before anything is asked of the database."""
    queries: Any = None
    pgq: Any = type("PgQueuer", (), {"queries": None})()

    async def ask() -> None:
        if name == "register":
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

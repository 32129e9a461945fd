"""`aiointercom install`, `enqueue`, `worker` and `collect` as processes, over a real Postgres and a sandbox on a
socket.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from attrs import frozen

from aiointercom import ConfigurationError, Intercom
from aiointercom.cleanup import Item, Ledger, PlanHeader, PlanSummary, RedactPart
from aiointercom.cleanup.planning.codec import encode_entry
from aiointercom.cli import main
from aiointercom.pgqueuer import serve
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.command_line import SCHEMA
from tests.machines.fleet import effects, items_in, once, workspace

PATIENCE = 90


def line_of(text: str) -> Any:
    """A line of --json, which is as the schema says."""
    line = json.loads(text)
    SCHEMA.validate(line)
    return line


def environment(dsn: str, url: str, *boxes: Sandbox) -> dict[str, str]:
    """What a worker is told: the database, the sandbox's address, and the token of each workspace."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("INTERCOM_")}
    tokens = {f"INTERCOM_ACCESS_TOKEN_{box.workspace}": box.token for box in boxes}
    return {**kept, "AIOINTERCOM_DSN": dsn, "INTERCOM_BASE_URL": url, **tokens}


@frozen
class Ended:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def command(env: dict[str, str], *words: str) -> Ended:
    """Run one command to its end, in this process: starting one takes longer than most of them."""
    out, err = io.StringIO(), io.StringIO()
    nobody = patch.object(sys, "stdin", io.StringIO())
    with patch.dict(os.environ, env, clear=True), nobody, redirect_stdout(out), redirect_stderr(err):
        status = main(words)
    return Ended(status, out.getvalue(), err.getvalue())


@contextmanager
def queued(
    dsn: str, tmp_path: Path, slow: Fault, *, parts: int
) -> Iterator[tuple[Sandbox, list[Item], dict[str, str]]]:
    """A slow sandbox that answers until the end of the block, and the redactions of its parts in the queue."""
    box = workspace("one1")
    items = items_in(box, parts=parts)
    box.fault(slow)
    with box.serve() as server:
        env = environment(dsn, server.url, box)
        assert command(env, "enqueue", str(plan_of(tmp_path / "p", "one1", items)), "--yes").returncode == 0
        yield box, items, env


IN_BACKGROUND = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")
"""Starts a command as the shell of a script starts one in the background: it ignores SIGINT."""


@contextmanager
def running(env: dict[str, str], *words: str, before: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[str]]:
    """A worker that runs until the end of the block."""
    process = subprocess.Popen(
        [*before, sys.executable, "-m", "aiointercom", "worker", *words],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def plan_of(path: Path, name: str, items: list[Any]) -> Path:
    """A plan file of some parts."""
    header = PlanHeader(made_at="2026-01-01T00:00:00Z", workspace=name, region="US", aiointercom="0", detectors=())
    count = len(items)
    end = PlanSummary(items=count, by_kind={"redact_part": count})
    path.write_text("".join(map(encode_entry, [header, *items, end])))
    return path


def until(condition: Any) -> None:
    """Wait until something is so."""
    late = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < late
        time.sleep(0.02)


def test_from_the_tables_to_the_ledger(empty_database: str, tmp_path: Path) -> None:
    """Install, enqueue, a worker until the queue is empty, collect: with the exit statuses that are documented."""
    box = workspace("one1")
    items = items_in(box, parts=5)
    plan = plan_of(tmp_path / "plan.jsonl", "one1", items)
    with box.serve() as server:
        env = environment(empty_database, server.url, box)
        assert command(env, "install").returncode == 0
        assert command(env, "enqueue", str(plan)).returncode == 2  # nobody can answer
        dry = command(env, "enqueue", str(plan), "--dry-run", "--json")
        assert line_of(dry.stdout)["items"] == 5
        for new in (5, 0):
            done = command(env, "enqueue", str(plan), "--yes", "--json")
            assert (done.returncode, line_of(done.stdout)["new"]) == (0, new)
        waiting = command(env, "collect", "one1", "--ledger", str(tmp_path / "a.ledger"))
        assert waiting.returncode == 3
        health = tmp_path / "health"
        worked = command(env, "worker", "--until-empty", "--health", str(health), "--json")
        assert worked.returncode == 0, worked.stderr
        told = [line_of(line) for line in worked.stdout.splitlines()]
        assert [line["outcome"] for line in told[:-1]] == ["redacted"] * 5
        assert not health.exists()
        collected = command(env, "collect", "one1", "--ledger", str(tmp_path / "a.ledger"), "--json")
        assert (collected.returncode, line_of(collected.stdout)["results"]) == (0, 5)
    assert effects(box) == once(items)
    with Ledger.read(tmp_path / "a.ledger") as ledger:
        assert {record.state for record in ledger.records()} == {"done"}
    assert box.token not in worked.stdout + worked.stderr


def test_what_cannot_work_is_wrong_usage(dsn: str, tmp_path: Path) -> None:
    """No token, no workspace, no function, no database: status 2, and no password on the screen."""
    env = environment(dsn, "http://127.0.0.1:1")
    assert command(env, "worker").returncode == 2
    assert "INTERCOM_ACCESS_TOKEN_one1" in command(env, "worker", "--workspace", "one1").stderr
    assert command(env, "worker", "--workspace", "one1", "--clients", "nowhere:nothing").returncode == 2
    away = env | {"AIOINTERCOM_DSN": "postgresql://app:lavender-password@127.0.0.1:1/app"}
    done = command(away, "install")
    assert done.returncode == 2
    assert "lavender" not in done.stdout + done.stderr


def test_sigterm_lets_what_is_under_way_end(dsn: str, tmp_path: Path) -> None:
    """After SIGTERM nothing new is begun, what is under way ends and is recorded, and the worker says 0."""
    slow = Fault(operation="redactConversation", delay=1.5, times=4)
    with queued(dsn, tmp_path, slow, parts=12) as (box, items, env):
        health = tmp_path / "health"
        with running(env, "--at-once", "4", "--health", str(health)) as process:
            until(lambda: len(box.requests) >= 1 and health.exists())  # /me; the four writes are on their way
            time.sleep(0.5)  # for them to be: the sandbox shows a request when it has answered it
            process.send_signal(signal.SIGTERM)
            _, told = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, told
        assert 4 <= sum(effects(box).values()) < 12
        assert command(env, "worker", "--until-empty").returncode == 0
    assert effects(box) == once(items)


def test_an_ignored_sigint_stays_ignored(dsn: str, tmp_path: Path) -> None:
    """A worker in the background of a script goes on after the Ctrl-C that was for the script; SIGTERM still stops
    it.
    """
    slow = Fault(operation="redactConversation", delay=0.1, times=20)
    with queued(dsn, tmp_path, slow, parts=20) as (box, items, env):
        with running(env, "--at-once", "1", "--until-empty", before=IN_BACKGROUND) as process:
            until(lambda: sum(effects(box).values()) >= 2)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, told
        assert effects(box) == once(items)
        with running(env, "--health", str(tmp_path / "health"), before=IN_BACKGROUND) as process:
            until((tmp_path / "health").exists)
            process.send_signal(signal.SIGTERM)
            _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told


def test_serve_listens_to_signals_in_the_main_thread_only(dsn: str) -> None:
    """In another thread `stop_on_signals` is an error that says what to do, as in a clean-up."""

    def served() -> str:
        with pytest.raises(ConfigurationError) as told:
            asyncio.run(serve(dsn, workspaces=["one1"], client_for=lambda _: Intercom("t"), stop_on_signals=True))
        return str(told.value)

    with ThreadPoolExecutor(1) as threads:
        assert "main thread" in threads.submit(served).result(PATIENCE)


def test_a_worker_that_is_killed(dsn: str, tmp_path: Path) -> None:
    """kill -9 in the middle: another worker, started before, takes over what it held, and everything is done once."""
    slow = Fault(operation="redactConversation", delay=0.2, times=60)
    with queued(dsn, tmp_path, slow, parts=60) as (box, items, env):
        with running(env, "--heartbeat", "2") as doomed:
            until(lambda: sum(effects(box).values()) >= 8)
            doomed.kill()
            assert sum(effects(box).values()) < 60
            done = command(env, "worker", "--until-empty", "--heartbeat", "2")
    assert done.returncode == 0, done.stderr
    assert effects(box) == once(items)
    assert isinstance(items[0], RedactPart)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP here")
def test_a_worker_that_stands_still(dsn: str, tmp_path: Path) -> None:
    """A worker is stopped with items in its hands and goes on later: meanwhile another one does them, and nothing
    happens twice.
    """
    slow = Fault(operation="redactConversation", delay=0.3, times=12)
    with queued(dsn, tmp_path, slow, parts=30) as (box, items, env):
        with running(env, "--heartbeat", "2", "--until-empty") as still:
            until(lambda: sum(effects(box).values()) >= 4)
            still.send_signal(signal.SIGSTOP)
            done = command(env, "worker", "--until-empty", "--heartbeat", "2")
            still.send_signal(signal.SIGCONT)
            _, told = still.communicate(timeout=PATIENCE)
            assert still.returncode == 0, told
    assert done.returncode == 0, done.stderr
    assert effects(box) == once(items)

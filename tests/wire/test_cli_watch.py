"""`aiointercom watch` as a process: told by the sandbox over sockets, stopped by SIGTERM."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import anyio
import pytest
from scripts.soaking.live_processes import free_port, wait_for

from aiointercom import LedgerError
from aiointercom.cleanup import Ledger, RedactSource
from aiointercom.cleanup import run as cleanup_run
from aiointercom.cli.watch import _status_of
from aiointercom.live.counts import Counts
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.command_line import SCHEMA
from tests.pure.signing import CARD, SECRET
from tests.wire.commands import PATIENCE, environment, start, until

TEXT = f"<p>{CARD} Rumpelstilzchen</p>"


class Watch:
    """A running command and the records that it prints."""

    def __init__(self, tmp_path: Path, server: Any, *words: str, **more: str) -> None:
        options = ("--ledger", "live.ledger", "--find", "card_number", "--port", "0", "--json", *words)
        given = {"INTERCOM_CLIENT_SECRET": f"old {SECRET}", **more}
        self.process = start("watch", *options, folder=tmp_path, server=server, **given)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        with self.process:
            self.process.kill()

    def record(self) -> dict[str, Any]:
        """The next record."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read() if self.process.stderr else ""
        found: dict[str, Any] = json.loads(line)
        SCHEMA.validate(found)
        return found

    def stop(self) -> tuple[int, dict[str, Any], str]:
        """SIGTERM; gives the status, the last record and what went to stderr."""
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=PATIENCE)
        last = json.loads(out.splitlines()[-1])
        SCHEMA.validate(last)
        return self.process.returncode, last, out + err


def states(folder: Path) -> set[str]:
    """The states in the ledger."""
    try:
        with Ledger.read(folder / "live.ledger") as ledger:
            return {state for _, state, _ in ledger.counts()}
    except LedgerError:
        return set()


def test_dry_run_first_then_redactions(tmp_path: Path) -> None:
    """The first start only counts; with --no-dry-run it redacts, and from then on without it too. SIGTERM ends it in
    order.
    """
    sandbox = Sandbox(seed=False)
    with sandbox.serve() as server:
        for words, dry in (((), True), (("--no-dry-run",), False), ((), False)):
            with Watch(tmp_path, server, *words) as watch:
                greeting = watch.record()
                assert (greeting["type"], greeting["dry_run"]) == ("listening", dry)
                with sandbox.webhooks(greeting["url"], secret=SECRET) as hooks:
                    assert hooks.check() == 200
                    written = sandbox.write(TEXT)
                    record = watch.record()
                    while record["source_id"] != written.message_id:  # what a sweep found of the round before
                        record = watch.record()
                    assert (record["found"], record["state"]) == (["card_number"], "found" if dry else "done")
                status, summary, said = watch.stop()
            assert (status, summary["type"], summary["stopped_by"]) == (0, "summary", "asked")
            assert sandbox.conversation(written.conversation_id)["source"]["redacted"] is not dry
            assert "Rumpelstilzchen" not in said
            assert CARD not in said
            assert (tmp_path / "live.ledger").exists() is not dry


def test_a_failed_redaction_shows_in_the_status_until_it_is_settled(tmp_path: Path) -> None:
    """The status is that of the ledger at the end: 1 while a redaction failed, 0 when a later start has made it good."""
    sandbox = Sandbox(seed=False)
    sandbox.fault(Fault(operation="redactConversation", status=409, code="conflict", message="x"))
    with sandbox.serve() as server:
        for state, expected in (("failed", 1), ("done", 0)):
            with Watch(tmp_path, server, "--no-dry-run") as watch:
                with sandbox.webhooks(watch.record()["url"], secret=SECRET):
                    if state == "failed":
                        sandbox.write(TEXT)
                    assert watch.record()["state"] == state
                assert watch.stop()[0] == expected


def test_without_a_reader_it_goes_on(tmp_path: Path) -> None:
    """With stdout and stderr closed, on a full disk or with a reader that is gone, redactions are carried out and
    recorded all the same.
    """
    for number, streams in enumerate((">&- 2>&-", ">/dev/full 2>/dev/full", "| true")):
        sandbox = Sandbox(seed=False)
        with sandbox.serve() as server:
            folder = tmp_path / str(number)
            folder.mkdir()
            port = free_port()
            command = f'"{sys.executable}" -m aiointercom watch --ledger live.ledger --find card_number --json'
            script = f"{command} --no-dry-run --port {port} {streams}"
            given = environment(server, INTERCOM_CLIENT_SECRET=SECRET)
            group = subprocess.Popen(["/bin/sh", "-c", script], cwd=folder, env=given, start_new_session=True)
            try:
                with sandbox.webhooks(f"http://127.0.0.1:{port}", secret=SECRET, retry_after=0.1) as hooks:
                    wait_for(port)
                    assert hooks.check() == 200
                    sandbox.write(TEXT)
                    until(lambda folder=folder: states(folder) == {"done"})
                os.killpg(group.pid, signal.SIGTERM)
                group.wait(PATIENCE)
                assert states(folder) == {"done"}
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(group.pid, signal.SIGKILL)
                group.wait(PATIENCE)
        assert len(sandbox.ledger) == 1


def test_what_was_in_doubt_and_is_settled_is_done(tmp_path: Path) -> None:
    """A result in doubt that a later one has settled is no doubt at the end."""
    path = tmp_path / "live.ledger"

    async def settle() -> None:
        sandbox = Sandbox(seed=False)
        written = sandbox.write(TEXT)
        async with sandbox.client() as intercom:
            item = RedactSource(written.conversation_id, written.message_id)
            async with cleanup_run(intercom, [item], ledger=path) as results:
                assert [result.state async for result in results] == ["done"]

    anyio.run(settle)
    counts = Counts(outcomes=Counter({"unknown": 1, "redacted": 1}), found=1)
    assert _status_of(counts.summary("asked"), path) == 0


def test_at_most_ends_it(tmp_path: Path) -> None:
    """One too many ends the command with the status for "stopped"."""
    sandbox = Sandbox(seed=False)
    with sandbox.serve() as server, Watch(tmp_path, server, "--no-dry-run", "--at-most", "1") as watch:
        with sandbox.webhooks(watch.record()["url"], secret=SECRET, retry_after=60):
            for _ in range(2):
                sandbox.write(TEXT)
            out, err = watch.process.communicate(timeout=PATIENCE)
    assert watch.process.returncode == 3
    assert json.loads(out.splitlines()[-1])["stopped_by"] == "at_most"
    assert "at_most" in err
    assert len(sandbox.ledger) == 1


def test_kill_9_loses_nothing(tmp_path: Path) -> None:
    """Killed at three moments, with every third notification lost: at the end each card is redacted, once, and nothing
    else is touched.
    """
    sandbox = Sandbox(seed=False)
    cards: list[str] = []
    with sandbox.serve() as server:
        for answers in (0, 3, 8):
            with Watch(tmp_path, server, "--no-dry-run") as watch:
                with sandbox.webhooks(watch.record()["url"], secret=SECRET, retry_after=0.1) as hooks:
                    for n in range(12):
                        hooks.ask(drop=n % 3 == 0)
                        written = sandbox.write(TEXT if n % 2 else "<p>hello</p>")
                        cards += [written.message_id] if n % 2 else []
                    for _ in range(min(answers, len(cards))):
                        watch.record()
                    watch.process.kill()
                    watch.process.wait(PATIENCE)
        with Watch(tmp_path, server) as watch:
            while set(cards) - {effect.target_id for effect in sandbox.ledger}:
                watch.record()
            status, _, _ = watch.stop()
    assert status == 0
    assert sorted(effect.target_id for effect in sandbox.ledger) == sorted(cards)


@pytest.mark.parametrize(
    ("words", "more", "expected"),
    [
        ((), {"INTERCOM_CLIENT_SECRET": ""}, "INTERCOM_CLIENT_SECRET"),
        (("--at-most", "0"), {}, "at-most"),
        (("--host", "203.0.113.1"), {}, "cannot listen"),
    ],
)
def test_wrong_usage(tmp_path: Path, words: tuple[str, ...], more: dict[str, str], expected: str) -> None:
    """What cannot work is said in one line, with the status for it."""
    with Sandbox(seed=False).serve() as server, Watch(tmp_path, server, *words, **more) as watch:
        _, err = watch.process.communicate(timeout=PATIENCE)
    assert watch.process.returncode == 2
    assert expected in err
    assert "Traceback" not in err

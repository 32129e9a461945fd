"""Live redaction on the sandbox: what notifications tell is redacted, what they do not tell the sweep finds, and the
guard rails hold.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from attrs import evolve, frozen

from aiointercom import Intercom, LedgerError
from aiointercom.cleanup import Item, Ledger, LiveRecord, RedactPart, Result, page, run
from aiointercom.cleanup.ledger.live_record import save_live_record
from aiointercom.cleanup.ledger.watermark import load_watermark, save_values, save_watermark
from aiointercom.detect import CardNumbers, Span
from aiointercom.live import Live, memory, worker
from aiointercom.sandbox import Fault, Sandbox
from aiointercom.sandbox.messages import Written, told
from aiointercom.webhooks import Notification
from tests.pure.signing import CARD, SECRET, headers, packed

pytestmark = pytest.mark.anyio
FAR = 3_600.0
TEXT = f"<p>My card is {CARD}</p>"


class Scene:
    """A sandbox, a client, and what the callbacks were told."""

    def __init__(self, sandbox: Sandbox, intercom: Intercom, path: Path) -> None:
        self.sandbox, self.intercom, self.path = sandbox, intercom, path
        self.found: list[Item] = []
        self.results: list[Result] = []

    def live(self, **options: Any) -> Live:
        """A live redaction that sweeps when it is entered, and when the test wants."""
        settings: dict[str, Any] = {
            "ledger": self.path,
            "every": FAR,
            "on_found": self.found.append,
            "on_result": self.results.append,
        }
        return Live(self.intercom, [CardNumbers()], **(settings | options))

    def notification(self, written: Written, **change: Any) -> Notification:
        """What Intercom tells of a message."""
        record = self.sandbox._state.workspace.conversations[written.conversation_id]
        item = {**told(record, written.message_id, snapshot=False), **change}
        body = packed(written.topic, item, id=written.message_id, app_id="sandbox1")
        return Notification.from_http(headers(body), body, secret=SECRET)

    def is_redacted(self, written: Written) -> bool:
        """Whether a message is redacted."""
        seen = self.sandbox.conversation(written.conversation_id)
        return next(
            bool(one["redacted"]) for one in (seen["source"], *seen["parts"]) if one["id"] == written.message_id
        )


async def until(what: Callable[[], object]) -> None:
    """Wait until something is so."""
    with anyio.fail_after(60):
        while not what():  # noqa: ASYNC110  # it is looked at from outside
            await anyio.sleep(0.005)


@pytest.fixture
async def scene(tmp_path: Path, anyio_backend: str) -> Any:
    """A sandbox whose seeded conversations are too old for any sweep."""
    sandbox = Sandbox(seed=False)
    async with sandbox.client() as intercom:
        yield Scene(sandbox, intercom, tmp_path / "live.ledger")


async def test_a_message_is_redacted_when_it_is_told(scene: Scene) -> None:
    """A reply and a first message are redacted, a harmless one is not; times and counts are there."""
    async with scene.live() as live:
        await until(lambda: live.summary.sweeps)
        first = scene.sandbox.write(TEXT)
        reply = scene.sandbox.write(TEXT, first.conversation_id)
        harmless = scene.sandbox.write("<p>Thanks</p>", first.conversation_id)
        for written in (first, reply, harmless):
            await live.handle(scene.notification(written))
        await until(lambda: len(scene.results) == 2)
        summary = live.summary
    assert [scene.is_redacted(one) for one in (first, reply, harmless)] == [True, True, False]
    assert (summary.notifications, summary.found, summary.by_sweep, summary.waiting) == (3, 2, 0, 0)
    assert summary.outcomes == {"redacted": 2}
    assert summary.median is not None
    assert summary.p99 is not None
    assert 0 < summary.median <= summary.p99
    with Ledger.read(scene.path) as ledger:
        assert {record.target_id for record in ledger.records()} == {first.message_id, reply.message_id}


async def test_duplicates_are_redacted_once(scene: Scene) -> None:
    """What is told three times, or told and swept, is sent once."""
    async with scene.live() as live:
        written = scene.sandbox.write(TEXT)
        for _ in range(3):
            await live.handle(scene.notification(written))
        await live.sweep()
        await until(lambda: scene.results)
        await live.sweep()
        assert live.summary.found == 1
    assert len(scene.sandbox.ledger) == 1


async def test_the_sweep_finds_what_was_not_told(scene: Scene) -> None:
    """Messages without a notification are found on entering and by each sweep."""
    async with scene.live(since=1) as live:
        await until(lambda: live.summary.sweeps)
        missed = scene.sandbox.write(TEXT)
        await live.sweep()
        await until(lambda: scene.results)
        assert (live.summary.found, live.summary.by_sweep) == (1, 1)
        assert live.summary.median is None
    assert scene.is_redacted(missed)


async def test_a_conversation_is_read_when_not_all_came(scene: Scene) -> None:
    """A notification without the message leads to a read."""
    async with scene.live() as live:
        await until(lambda: live.summary.sweeps)
        written = scene.sandbox.write(TEXT, scene.sandbox.write("hello").conversation_id)
        await live.handle(scene.notification(written, conversation_parts=None))
        await until(lambda: scene.results)
        assert live.summary.by_sweep == 0
    assert scene.is_redacted(written)


async def test_a_new_process_catches_up(scene: Scene) -> None:
    """What was written while nothing ran is found from the watermark on; what an earlier process left unfinished is
    finished.
    """
    async with scene.live() as live:
        await until(lambda: live.summary.sweeps)
    missed = scene.sandbox.write(TEXT)
    left = scene.sandbox.write("<p>no card</p>", missed.conversation_id)
    scene.sandbox.fault(Fault(operation="redactConversation", status=409, code="conflict", message="x"))
    items = [RedactPart(left.conversation_id, left.message_id)]
    async with run(scene.intercom, items, ledger=scene.path) as results:
        assert [result.state async for result in results] == ["failed"]
    async with scene.live() as live:
        await until(lambda: scene.is_redacted(missed) and scene.is_redacted(left))
    assert live.summary.by_sweep == 1


async def test_the_watermark_moves_behind_what_is_in_the_ledger(scene: Scene) -> None:
    """It is kept from the start, moves to the beginning of the sweep before, and never back."""
    async with scene.live(since=1_000) as live:
        await until(lambda: live.summary.sweeps)
        assert load_watermark(scene.path) == 1_000
        await live.sweep()
        second = load_watermark(scene.path)
        assert second is not None
        assert second > 1_600_000_000
    async with scene.live(since=1_000) as live:
        await until(lambda: live.summary.sweeps)
        assert (load_watermark(scene.path) or 0) >= second


async def test_a_failed_sweep_keeps_the_watermark(scene: Scene) -> None:
    """One conversation that cannot be read holds up no other, and the sweep after it covers the same time."""
    async with scene.live(since=1_000) as live:
        await until(lambda: live.summary.sweeps)
        hard, easy = scene.sandbox.write(TEXT), scene.sandbox.write(TEXT)
        scene.sandbox.fault(Fault(operation="retrieveConversation", status=400, code="odd", message="x"))
        with pytest.raises(Exception, match="400"):
            await live.sweep()
        before = load_watermark(scene.path)
        await until(lambda: scene.is_redacted(easy) or scene.is_redacted(hard))
        await live.sweep()
        await until(lambda: scene.is_redacted(easy) and scene.is_redacted(hard))
        assert load_watermark(scene.path) == before


async def test_what_failed_is_tried_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redaction that failed is sent again by the run after the next sweep."""
    monkeypatch.setattr(worker, "LINGER", 0.01)
    async with scene.live() as live:
        await until(lambda: live.summary.sweeps)
        scene.sandbox.fault(Fault(operation="redactConversation", status=409, code="conflict", message="x"))
        written = scene.sandbox.write(TEXT)
        await live.handle(scene.notification(written))
        await until(lambda: [one.state for one in scene.results] == ["failed"])
        assert not scene.is_redacted(written)
        await live.sweep()
        await until(lambda: scene.is_redacted(written))
        later = scene.sandbox.write(TEXT)
        await live.handle(scene.notification(later))
        await until(lambda: scene.is_redacted(later))


# ---------------------------------------------------------------- guard rails


async def test_a_wrong_clock_forgets_no_redaction_of_the_last_hour(tmp_path: Path, anyio_backend: str) -> None:
    """The limit counts by Intercom's clock, of which this machine's is two hours ahead."""
    sandbox = Sandbox(seed=False, clock=lambda: time.time() - 7_200)
    async with sandbox.client() as intercom:
        scene = Scene(sandbox, intercom, tmp_path / "live.ledger")
        async with scene.live(at_most=1) as live:
            await until(lambda: live.summary.sweeps)
            await live.handle(scene.notification(scene.sandbox.write(TEXT)))
            await until(lambda: scene.results)
        async with scene.live(at_most=1) as live:
            await live.handle(scene.notification(scene.sandbox.write(TEXT)))
            with anyio.fail_after(30):
                assert await live.stopped() == "at_most"
    assert len(scene.results) == 1


async def test_at_most(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """The message that is one too many stops everything, and that is told; a new start within the hour does not begin
    from zero.
    """
    async with scene.live(at_most=3) as live:
        await until(lambda: live.summary.sweeps)
        written = [scene.sandbox.write(TEXT) for _ in range(6)]
        for one in written:
            await live.handle(scene.notification(one))
        with anyio.fail_after(30):
            assert await live.stopped() == "at_most"
        await until(lambda: len(scene.results) == 3)
        assert live.summary.stopped_by == "at_most"
        await live.handle(scene.notification(written[0]))
    assert "at_most" in caplog.text
    async with scene.live(at_most=3) as live:
        with anyio.fail_after(30):
            assert await live.stopped() == "at_most"
    assert len(scene.sandbox.ledger) == 3
    async with scene.live(at_most=100) as live:
        await until(lambda: all(scene.is_redacted(one) for one in written))


async def test_a_dry_run_counts(scene: Scene) -> None:
    """Nothing is sent and there is no ledger; each message is counted and told once."""
    async with scene.live(dry_run=True, since=1) as live:
        written = scene.sandbox.write(TEXT)
        await live.handle(scene.notification(written))
        await live.sweep()
        await live.sweep()
        assert (live.summary.found, live.summary.outcomes) == (1, {})
    assert [one.key[2] for one in scene.found] == [written.message_id]
    assert scene.sandbox.ledger == []
    assert not scene.path.exists()


async def test_authors_and_channels(scene: Scene) -> None:
    """Told or swept: what is not allowed stays."""
    async with scene.live(authors={"user"}, channels={"conversation"}) as live:
        await until(lambda: live.summary.sweeps)
        kept = scene.sandbox.write(TEXT, author="lead")
        other = scene.sandbox.write(TEXT, kept.conversation_id, author="user")
        await live.handle(scene.notification(kept))
        mail = scene.sandbox.add_conversation(
            source={"type": "email", "body": TEXT}, updated_at=int(scene.intercom.server_time())
        )
        await live.sweep()
        await until(lambda: scene.is_redacted(other))
    assert not scene.is_redacted(kept)
    assert not scene.sandbox.conversation(mail)["source"]["redacted"]


async def test_other_workspaces_are_passed_over(scene: Scene) -> None:
    """A notification of another workspace leads to nothing here."""
    async with scene.live() as live:
        body = packed(app_id="another")
        await live.handle(Notification.from_http(headers(body), body, secret=SECRET))
        assert (live.summary.notifications, live.summary.found) == (1, 0)


WORD = "Rumpelstilzchen"


@frozen
class Broken:
    """A detector with a fault, which quotes the text."""

    name: str = "broken"

    def find(self, text: str) -> list[Span]:
        raise ValueError(text)


async def test_a_broken_detector_stops_it(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """It would fail for every message: it stops, tells the class, and never the text."""
    caplog.set_level(logging.DEBUG)
    async with Live(scene.intercom, [Broken()], ledger=scene.path, every=FAR) as live:
        with pytest.raises(Exception, match="detector broken"):
            await live.handle(scene.notification(scene.sandbox.write(WORD)))
        assert await live.stopped() == "DetectorError"
    assert WORD not in caplog.text


async def test_a_revoked_token_stops_it(scene: Scene) -> None:
    """Every other call would be refused as well."""
    async with scene.live() as live:
        await until(lambda: live.summary.sweeps)
        scene.sandbox.fault(
            Fault(operation="redactConversation", status=401, code="unauthorized", message="x", times=None)
        )
        await live.handle(scene.notification(scene.sandbox.write(TEXT)))
        with anyio.fail_after(60):
            assert await live.stopped() == "UnauthorizedError"


async def test_nothing_private_is_kept_or_logged(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """No log, ledger or summary has a word of a message."""
    caplog.set_level(logging.DEBUG, logger="aiointercom")
    async with scene.live() as live:
        written = scene.sandbox.write(f"<p>{WORD} {CARD}</p>")
        await live.handle(scene.notification(written))
        await until(lambda: scene.results)
        assert WORD not in f"{live!r}{live.summary}{scene.results}{scene.found}"
    assert WORD not in caplog.text
    assert WORD.encode() not in scene.path.read_bytes()
    assert "4111" not in caplog.text + json.dumps([str(one) for one in scene.results])


async def test_the_life_of_it(scene: Scene) -> None:
    """It is used inside its block, once; afterwards Intercom is to send again."""
    live = scene.live()
    with pytest.raises(RuntimeError, match="async with"):
        await live.handle(scene.notification(scene.sandbox.write("x")))
    async with live:
        pass
    with pytest.raises(RuntimeError, match="send the notification again"):
        await live.handle(scene.notification(scene.sandbox.write("x")))
    with pytest.raises(RuntimeError, match="once"):
        await live.__aenter__()


async def test_functions_that_raise_lose_nothing(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """What is found is redacted although both functions of the caller fail, and the log names their errors alone."""

    def fail(told: object) -> None:
        if isinstance(told, Result):
            scene.results.append(told)
        raise KeyError(CARD)

    async with scene.live(on_found=fail, on_result=fail) as live:
        first = scene.sandbox.write(TEXT)
        written = [scene.sandbox.write(TEXT, first.conversation_id) for _ in range(2)]
        for one in written:
            await live.handle(scene.notification(one))
        await until(lambda: len(scene.results) >= 2)
        await live.sweep()
        await until(lambda: live.summary.outcomes.get("redacted") == 3)
    assert all(scene.is_redacted(one) for one in (first, *written))
    assert live.summary.stopped_by == "asked"
    logged = {record.getMessage() for record in caplog.records if record.levelno == logging.ERROR}
    assert logged == {"on_found raised KeyError", "on_result raised KeyError"}


async def test_since_zero_is_the_beginning(scene: Scene) -> None:
    """0 means 1970 and not now; a watermark that a wrong clock left in the future holds up nothing."""
    async with scene.live(since=0) as live:
        assert live._sweep.watermark <= 1
        await until(lambda: live.summary.sweeps)
    save_watermark(scene.path, scene.sandbox._state.now() + 86_400)
    async with scene.live() as live:
        assert live._sweep.watermark <= scene.sandbox._state.now() + 5


async def test_a_sweep_outside_of_the_block_is_refused(scene: Scene) -> None:
    """Before it is entered and after it has ended nothing is searched, and the watermark stays."""
    live = scene.live()
    with pytest.raises(RuntimeError, match="async with"):
        await live.sweep()
    async with live:
        await until(lambda: live.summary.sweeps)
    with pytest.raises(RuntimeError, match="async with"):
        await live.sweep()


async def _wrong(told: object) -> None:
    del told


@pytest.mark.parametrize("name", ["on_found", "on_result"])
def test_an_async_function_is_refused(tmp_path: Path, name: str) -> None:
    """Nothing would await it."""
    with pytest.raises(TypeError, match=f"{name} must not be async"):
        Live(Sandbox().client(), [CardNumbers()], ledger=tmp_path / "x", **{name: _wrong})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=f"{name} must be a function"):
        Live(Sandbox().client(), [CardNumbers()], ledger=tmp_path / "x", **{name: 3})  # type: ignore[arg-type]


def test_arguments(tmp_path: Path) -> None:
    """Mistakes are told at once."""
    intercom = Sandbox().client()
    for wrong in ({"every": 0}, {"at_most": 0}, {"since": 1_700_000_000_000}):
        with pytest.raises(ValueError, match=r"."):
            Live(intercom, [CardNumbers()], ledger=tmp_path / "x", **wrong)  # type: ignore[arg-type]
    for text in ({"authors": "user"}, {"channels": "email"}):
        with pytest.raises(TypeError, match="several"):
            Live(intercom, [CardNumbers()], ledger=tmp_path / "x", **text)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="detectors is empty"):
        Live(intercom, [], ledger=tmp_path / "x")


def test_a_watermark_needs_a_ledger(tmp_path: Path) -> None:
    """No file is made by reading or writing one."""
    for use in (load_watermark, lambda path: save_watermark(path, 1.0)):
        with pytest.raises(LedgerError):
            use(tmp_path / "no.ledger")
    assert list(tmp_path.iterdir()) == []


async def test_the_report_sums_what_all_processes_did(scene: Scene, tmp_path: Path) -> None:
    """What was told, what only a sweep found, and the times are in the ledger, summed, and `report` and the page show them."""
    for _ in range(2):
        missed = scene.sandbox.write(TEXT)
        async with scene.live(since=scene.sandbox._state.now() - 60) as live:
            await until(lambda: scene.is_redacted(missed))  # noqa: B023  # it is awaited here
            noticed = scene.sandbox.write(TEXT)
            await live.handle(scene.notification(noticed))
            await until(lambda: live.summary.outcomes.get("redacted") == 2)  # it is awaited here
    with Ledger.read(scene.path) as ledger:
        record = ledger.live
    assert record is not None
    assert (record.notifications, record.by_sweep, len(record.seconds)) == (2, 2, 2)
    assert record.median is not None
    assert record.p99 is not None
    assert 0 < record.median <= record.p99 < 60
    page(scene.path, to=tmp_path / "page.html")
    assert "Live redaction" in (tmp_path / "page.html").read_text()


async def test_the_times_in_the_ledger_are_bounded(scene: Scene) -> None:
    """However many processes wrote there, the latest 10,000 times are kept; a damaged record is a LedgerError."""
    async with scene.live() as live:
        await until(lambda: live.summary.sweeps)
    many = LiveRecord(notifications=9_000, read=1, by_sweep=2, seconds=(1.0,) * 9_000)
    save_live_record(scene.path, many.plus(evolve(many, seconds=(2.0,) * 9_000)))
    with Ledger.read(scene.path) as ledger:
        record = ledger.live
    assert record is not None
    assert (record.notifications, record.by_sweep, len(record.seconds), record.p99) == (18_000, 4, 10_000, 2.0)
    save_values(scene.path, {"live": "[]"})
    with Ledger.read(scene.path) as ledger, pytest.raises(LedgerError, match="damaged"):
        _ = ledger.live


async def test_a_ledger_that_is_gone_at_the_start_stops_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block goes on, and says why it has stopped; the error does not tear it down from within."""

    def save(path: Path, watermark: float) -> None:
        path.unlink()
        save_watermark(path, watermark)

    monkeypatch.setattr(memory, "save_watermark", save)
    async with scene.live() as live:
        with anyio.fail_after(60):
            assert await live.stopped() == "LedgerError"


async def test_a_ledger_that_is_gone_between_two_runs_stops_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same when the next run is to find out what the one before has left."""
    monkeypatch.setattr(worker, "LINGER", 0)
    scene.sandbox.fault(Fault(operation="redactConversation", status=409, code="conflict", message="x"))
    async with scene.live() as live:
        await until(lambda: live.summary.sweeps)
        await live.handle(scene.notification(scene.sandbox.write(TEXT)))
        await until(lambda: scene.results)
        scene.path.unlink()
        await live._worker.rotate()
        with anyio.fail_after(60):
            assert await live.stopped() == "LedgerError"


async def test_an_id_that_cannot_be_used_is_told_in_the_log(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """A sweep passes such a conversation over, and says so without what came."""
    async with scene.live() as live:
        await until(lambda: live.summary.sweeps)
        record = {"type": "conversation", "id": "../planted", "updated_at": 1}
        answer = {"type": "conversation.list", "conversations": [record], "total_count": 1}
        body = json.dumps(answer).encode()
        scene.sandbox.fault(Fault(operation="searchConversations", body=body, content_type="application/json"))
        await live.sweep()
    assert "no id that can be used" in caplog.text
    assert "planted" not in caplog.text


async def test_the_first_watermark_is_kept_before_anything_is_taken_up(scene: Scene) -> None:
    """A process that dies right after its start leaves no gap: the next one begins where it began."""
    async with scene.live(since=1_000):
        assert load_watermark(scene.path) == 1_000


@pytest.mark.parametrize("steps", range(0, 40, 3))
async def test_cancelled_while_it_is_entered(scene: Scene, steps: int) -> None:
    """However far it was, nothing goes on behind the caller's back, and the ledger is free for the next one."""

    async def enter() -> None:
        async with scene.live():
            await anyio.sleep_forever()

    async with anyio.create_task_group() as group:
        group.start_soon(enter)
        for _ in range(steps):
            await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    async with scene.live() as live:
        await until(lambda: live.summary.sweeps)
        written = scene.sandbox.write(TEXT)
        await live.handle(scene.notification(written))
        await until(lambda: scene.is_redacted(written))
        assert live.summary.stopped_by is None


async def test_two_on_one_ledger(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """The second one stops and says which file is held; the first goes on."""
    async with scene.live() as first, scene.live() as second:
        with anyio.fail_after(60):
            assert await second.stopped() == "LedgerError"
        written = scene.sandbox.write(TEXT)
        await first.handle(scene.notification(written))
        await until(lambda: scene.is_redacted(written))
        assert first.summary.stopped_by is None
    assert f"the ledger {scene.path} is in use by another run" in caplog.text

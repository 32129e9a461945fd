"""The ledger's file: what is taken for one and what is not, what is read from it, and the records and verdicts that go into it."""

from __future__ import annotations

import os
import pickle
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import fields

from aiointercom import errors
from aiointercom.cleanup import Convert, Ledger, LedgerError, Record, RedactPart, RedactSource, RunRecord
from aiointercom.cleanup import _entries as entries
from aiointercom.cleanup import _schema as schema
from aiointercom.cleanup import _writer as writing
from aiointercom.cleanup._verdicts import HITS_ALL, Ended, Witness, failed, succeeded
from aiointercom.events import OutcomeSettled, Paced, RequestSent, ResponseReceived, RetryScheduled

WORD = "Rumpelstilzchen"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a ledger lies, or will."""
    return tmp_path / "cleanup.ledger"


@pytest.fixture
def written(path: Path) -> Iterator[sqlite3.Connection]:
    """A new ledger, open for writing."""
    connection = writing._begun(path)
    yield connection
    connection.close()


def begun(connection: sqlite3.Connection, now: float = 100.0) -> int:
    """A run in a ledger of one workspace."""
    return entries.bind(connection, "w1", "US", now=now, requests=1)


# ---------------------------------------------------------------- items


def test_ids_of_items() -> None:
    """Ids are given as texts or numbers and kept as texts; the key tells items apart, and not what was found or asked for."""
    assert RedactPart(471, 115) == RedactPart("471", "115")
    assert RedactPart(471, 115, ["iban"]).key == ("redact_part", "471", "115") == RedactPart("471", "115").key
    assert RedactSource(471, 9).key == ("redact_source", "471", "9")
    assert Convert(471, 79).key == ("convert", "471", "") == Convert("471", "85", title="A").key
    assert len({Convert(1, 2, attributes={"a": []}), Convert(1, 2, attributes={"a": []})}) == 1


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: RedactPart("", "1"), ValueError),
        (lambda: RedactPart("1", "a/b"), ValueError),
        (lambda: RedactPart("1", None), TypeError),  # type: ignore[arg-type]
        (lambda: RedactPart("1", True), TypeError),
        (lambda: RedactPart("1", "2", "iban"), TypeError),
        (lambda: RedactSource(1.5, "2"), TypeError),  # type: ignore[arg-type]
        (lambda: RedactSource("1", " "), ValueError),
        (lambda: Convert("1", ".."), ValueError),
        (lambda: Convert(-1, "2"), ValueError),
        (lambda: Convert("1", "2", title="A", attributes={"_default_title_": "B"}), ValueError),
        (lambda: Convert("1", "2", attributes={"a": float("nan")}), ValueError),
        (lambda: Convert("1", "2", attributes={"a": object()}), TypeError),
        (lambda: Convert("1", "2", title="\ud800"), ValueError),
    ],
)
def test_items_that_cannot_be_sent(make: Callable[[], object], kind: type[Exception]) -> None:
    """What could not be sent is refused when the item is made, long before a run."""
    with pytest.raises(kind):
        make()


def test_conversions_do_not_print_their_texts() -> None:
    """The repr of a conversion has the names of its attributes, and neither values, title nor description; it can be pickled."""
    item = Convert("1", "2", title=WORD, description=WORD, attributes={"kind": WORD})
    assert WORD not in repr(item)
    assert "kind" in repr(item)
    assert "None" in repr(Convert("1", "2"))
    assert item.asked == {"_default_title_": WORD, "_default_description_": WORD, "kind": WORD}
    assert pickle.loads(pickle.dumps(item)) == item


# ---------------------------------------------------------------- what is a ledger


def refused(path: Path, words: str) -> None:
    """Neither a reader nor a run takes this file, and both say why."""
    for use in (Ledger.read, lambda where: writing._open(where, writing._lock_of(where))):
        with pytest.raises(LedgerError, match=words):
            use(path)


def test_no_file(path: Path) -> None:
    """To read what is not there is an error with the system's words, and makes no file."""
    with pytest.raises(LedgerError, match="No such file"):
        Ledger.read(path)
    assert list(path.parent.iterdir()) == []


def test_a_directory(path: Path) -> None:
    """A directory is no ledger."""
    with pytest.raises(LedgerError, match="is a directory"):
        Ledger.read(path.parent)
    with pytest.raises(LedgerError, match="is a directory"):
        schema.resolved(path.parent)


def test_a_folder_that_is_not_there(path: Path) -> None:
    """A run makes no folders: a slip of the pen would begin a new ledger."""
    refused(path / "ledger", "No such file|no folder")
    assert list(path.parent.iterdir()) == []


def test_a_path_through_a_file(path: Path) -> None:
    """A folder that is none is named as such."""
    path.write_text("x")
    refused(path / "ledger", "Not a directory|no folder")


def test_a_loop_of_links(path: Path) -> None:
    """A link to itself is an error of the ledger, like every other."""
    path.symlink_to(path)
    with pytest.raises((LedgerError, RuntimeError)):
        Ledger.read(path)


def test_another_file(path: Path) -> None:
    """A file that is no database is not touched."""
    path.write_text("a letter, and a long one " * 1000)
    refused(path, "not a database")
    assert path.read_text().startswith("a letter")


def test_another_database(path: Path) -> None:
    """A database of somebody else is not touched."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE cats (name)")
    connection.close()
    refused(path, "no ledger of aiointercom")


def test_a_newer_version(path: Path, written: sqlite3.Connection) -> None:
    """A ledger of a version that this code does not know is refused, whatever is in it."""
    written.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    refused(path, "of version 2.*knows 1")


def test_a_damaged_ledger(path: Path, written: sqlite3.Connection) -> None:
    """A ledger with a damaged page is refused."""
    run = begun(written)
    written.execute("BEGIN")
    for number in range(300):
        entries.intend(written, ("redact_part", "1", str(number)), run, 1.0)
    written.execute("COMMIT")
    written.execute("PRAGMA journal_mode = DELETE")
    content = bytearray(path.read_bytes())
    content[4096 * 4 : 4096 * 6] = b"\xff" * 8192
    path.write_bytes(content)
    refused(path, "damaged|malformed")


def test_an_empty_file(path: Path) -> None:
    """An empty file, or one in which a run was killed before its first commit, is nothing to read, and a run begins a ledger in it."""
    path.touch()
    with pytest.raises(LedgerError, match="no run has begun it"):
        Ledger.read(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    with pytest.raises(LedgerError, match="no run has begun it"):
        Ledger.read(path)
    writing._begun(path).close()
    with Ledger.read(path) as ledger:
        assert (dict(ledger.meta), ledger.runs(), list(ledger.records()), ledger.counts()) == ({}, [], [], {})


def test_a_name_with_odd_characters(tmp_path: Path) -> None:
    """Question marks, hashes and per cent signs are part of a file's name, not of an address."""
    path = tmp_path / "a?mode=rw#b%20c ü.ledger"
    begun(connection := writing._begun(path))
    connection.close()
    with Ledger.read(str(path)) as ledger:
        assert ledger.meta["workspace"] == "w1"
        assert str(path) in repr(ledger)


def test_the_lock_is_that_of_the_file(path: Path) -> None:
    """A link to a ledger resolves to the ledger, so that both have one lock."""
    link = path.with_name("link")
    link.symlink_to(path)
    assert schema.resolved(link) == schema.resolved(path)


KILLED = """
import os, sys
from aiointercom.cleanup import _entries, _writer
from pathlib import Path
connection = _writer._begun(Path(sys.argv[1]))
run = _entries.bind(connection, "w1", "US", now=1.0, requests=1)
_entries.intend(connection, ("redact_part", "1", "2"), run, 2.0)
os.kill(os.getpid(), 9)
"""


def test_read_after_a_kill(path: Path) -> None:
    """What a killed run left in the log beside the file is read with it, and reading changes nothing for the next run."""
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert path.with_name("cleanup.ledger-wal").stat().st_size > 0
    for _ in range(2):
        with Ledger.read(path) as ledger:
            assert [record.state for record in ledger.records()] == ["in_flight"]
            assert [run.ended_at for run in ledger.runs()] == [None]


@pytest.fixture
def nobody() -> Iterator[None]:
    """Not root, who may write everywhere."""
    if os.geteuid() == 0:
        os.seteuid(65534)
        yield
        os.seteuid(0)
    else:
        yield


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that other users reach too, as those of pytest are not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        Path(folder).chmod(0o755)


def test_a_folder_that_may_only_be_read(shared: Path, request: pytest.FixtureRequest) -> None:
    """A ledger that was closed is read where nothing may be written; a run there is refused with the system's words."""
    path = shared / "cleanup.ledger"
    begun(connection := writing._begun(path))
    connection.close()  # in WAL mode still, as when a reader kept it from being put away as one plain file
    shared.chmod(0o555)
    request.getfixturevalue("nobody")
    with Ledger.read(path) as ledger:
        assert ledger.meta["workspace"] == "w1"
    with pytest.raises(LedgerError, match=r"[Pp]ermission|readonly"):
        writing._open(path, writing._lock_of(path))


def test_a_log_that_cannot_be_read(shared: Path, request: pytest.FixtureRequest) -> None:
    """A log beside the file that cannot be taken into account is an error: the file alone would be a lie."""
    path = shared / "cleanup.ledger"
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    path.with_name("cleanup.ledger-shm").unlink()
    shared.chmod(0o555)
    request.getfixturevalue("nobody")
    with pytest.raises(LedgerError, match="cannot be used"):
        Ledger.read(path)


# ---------------------------------------------------------------- what is written


def test_what_stands_in_a_new_ledger(written: sqlite3.Connection, path: Path) -> None:
    """A ledger says whose it is, and since when; its file is durable at every commit."""
    assert begun(written, 100.0) == 1
    assert begun(written, 200.0) == 2
    assert written.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert written.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    with Ledger.read(path) as ledger:
        assert ledger.meta["workspace"] == "w1"
        assert (ledger.meta["region"], ledger.meta["created_at"]) == ("US", "100.000")
        assert [(run.id, run.started_at, run.requests) for run in ledger.runs()] == [(1, 100.0, 1), (2, 200.0, 1)]


def test_another_workspace(written: sqlite3.Connection) -> None:
    """A ledger belongs to the workspace that it was begun for."""
    begun(written)
    with pytest.raises(LedgerError, match="of workspace w1, and the token belongs to workspace w2"):
        entries.bind(written, "w2", "US", now=1.0, requests=1)


PART = ("redact_part", "1", "2")
DONE = Ended("done", "redacted")


def test_records_name_the_columns(written: sqlite3.Connection) -> None:
    """The records that readers get have a field for each column of the tables, and no other."""
    for kind, table in ((Record, "items"), (RunRecord, "runs")):
        columns = {row[1] for row in written.execute(f"PRAGMA table_info({table})")}
        assert columns == {field.name for field in fields(kind)}


@pytest.mark.parametrize(
    ("state", "over", "in_doubt", "intended_at"),
    [
        ("done", True, False, 10.0),
        ("refused", True, False, 10.0),
        ("failed", False, False, 50.0),
        ("unknown", False, True, 10.0),
        ("in_flight", False, True, 10.0),
    ],
)
def test_what_an_earlier_state_means(
    written: sqlite3.Connection, state: str, over: bool, in_doubt: bool, intended_at: float
) -> None:
    """What is final is over, what is in doubt is read first and keeps the time of its first intent, what failed begins anew."""
    first, second = begun(written), begun(written)
    assert entries.intend(written, PART, first, 10.0) == entries.Earlier(over=False, in_doubt=False, intended_at=10.0)
    written.execute("UPDATE items SET state = ?", (state,))
    earlier = entries.intend(written, PART, second, 50.0)
    assert earlier == entries.Earlier(over=over, in_doubt=in_doubt, intended_at=intended_at)
    row = written.execute("SELECT state, run, intended_at FROM items").fetchone()
    assert row == ((state, first, 10.0) if over else ("in_flight", second, intended_at))


def test_an_item_has_one_turn_in_a_run(written: sqlite3.Connection) -> None:
    """Whatever became of it, an item that had its turn in this run is over for this run."""
    run = begun(written)
    entries.intend(written, PART, run, 10.0)
    written.execute("UPDATE items SET state = 'failed'")
    assert entries.intend(written, PART, run, 20.0).over


def test_the_figures_add_up(written: sqlite3.Connection, path: Path) -> None:
    """What an item takes is summed over the runs, what a run's items take over the items; a new turn forgets the old outcome."""
    first = begun(written)
    entries.intend(written, PART, first, 10.0)
    seen = Witness(requests=3, refused=1, waited=2.5, request_id="r-1")
    lost = Ended("failed", "not_applied", errors.BadRequestError("no", status=400, code="x"), "why", None, True)
    entries.end(written, PART, first, ended=lost, seen=seen, now=11.0)
    with Ledger.read(path) as ledger:
        (record,) = ledger.records()
        assert (record.error, record.code, record.status) == ("BadRequestError", "x", 400)
        assert (record.reason, record.request_id, record.by_reading, record.ended_at) == ("why", "r-1", True, 11.0)
    second = begun(written)
    entries.intend(written, PART, second, 20.0)
    with Ledger.read(path) as ledger:
        (record,) = ledger.records()
        assert (record.state, record.outcome, record.error, record.ended_at) == ("in_flight", None, None, None)
        assert (record.requests, record.refused, record.waited) == (3, 1, 2.5)
    entries.end(written, PART, second, ended=DONE, seen=Witness(requests=1), now=21.0)
    entries.intend(written, ("convert", "5", ""), second, 30.0)
    assert entries.finish(written, second, "asked", 40.0) == 1
    with Ledger.read(path) as ledger:
        assert ledger.counts() == {("convert", "in_flight", None): 1, ("redact_part", "done", "redacted"): 1}
        assert [(r.requests, r.run, r.state) for r in ledger.records()] == [(4, 2, "done"), (0, 2, "in_flight")]
        assert [(r.requests, r.refused, r.waited, r.stopped_by) for r in ledger.runs()] == [
            (4, 1, 2.5, None),
            (2, 0, 0.0, "asked"),
        ]


def test_records_come_in_the_order_in_which_they_ended(written: sqlite3.Connection, path: Path) -> None:
    """Readers see the first ended first, and what is in flight last."""
    run = begun(written)
    for number, ended_at in ((1, 30.0), (2, None), (3, 10.0), (4, 20.0)):
        key = ("redact_part", "1", str(number))
        entries.intend(written, key, run, 1.0)
        if ended_at is not None:
            entries.end(written, key, run, ended=DONE, seen=Witness(), now=ended_at)
    with Ledger.read(path) as ledger:
        assert [record.target_id for record in ledger.records()] == ["3", "4", "1", "2"]


def test_a_reader_does_not_hold_up_the_writer(written: sqlite3.Connection, path: Path) -> None:
    """Somebody may read while a run goes on, and sees the ledger as it was when the reading began."""
    run = begun(written)
    written.execute("BEGIN")
    for number in range(1000):
        entries.intend(written, ("redact_part", "1", str(number)), run, 1.0)
    written.execute("COMMIT")
    with Ledger.read(path) as ledger:
        records = ledger.records()
        next(records)
        entries.intend(written, ("redact_part", "2", "x"), run, 1.0)
        assert sum(1 for _ in records) == 999
        assert ledger.counts() == {("redact_part", "in_flight", None): 1001}


# ---------------------------------------------------------------- what is made of how a write ended


def settled(outcome: str, **more: Any) -> Witness:
    """What was seen of a write that was settled so."""
    seen = Witness()
    told = {"by_reading": False, "attempts": 1, **more}
    seen.hear(OutcomeSettled(call=1, operation="POST /conversations/redact", ids={}, outcome=outcome, **told))
    return seen


def refusal(kind: type[errors.APIError]) -> errors.APIError:
    """An error of this class."""
    return kind("no", status=400)


UNKNOWN = errors.OutcomeUnknownError("lost", operation="POST /x", ids={}, sent_at=1.0, reason="no read")
VERDICTS = [
    (refusal(errors.PartNotRedactableError), "refused", "not_redactable"),
    (refusal(errors.AlreadyTicketError), "refused", "already_ticket"),
    (UNKNOWN, "unknown", "unknown"),
    (refusal(errors.BadRequestError), "refused", "refused"),
    (refusal(errors.NotFoundError), "refused", "refused"),
    (refusal(errors.UnprocessableError), "refused", "refused"),
    (refusal(errors.ConflictError), "failed", "not_applied"),
    (refusal(errors.UnauthorizedError), "failed", "not_applied"),
    (refusal(errors.ForbiddenError), "failed", "not_applied"),
    (refusal(errors.RateLimitedError), "failed", "not_applied"),
    (refusal(errors.ServerError), "failed", "not_applied"),
    (errors.NotSentError("no network"), "failed", "not_applied"),
    (errors.UnreadableResponseError("a redirect", status=302), "failed", "not_applied"),
    (errors.ClientClosedError("closed"), "failed", "not_applied"),
]


@pytest.mark.parametrize(("error", "state", "outcome"), VERDICTS, ids=lambda value: type(value).__name__)
def test_verdicts(error: errors.IntercomError, state: str, outcome: str) -> None:
    """Each error of a write has a state and an outcome; only what can never succeed is final."""
    ended = failed(error, Witness(), final=True)
    assert (ended.state, ended.outcome, ended.error) == (state, outcome, error)
    soft = failed(error, Witness(), final=False)
    assert (soft.state == "failed") == (state == "failed" or outcome == "refused")


def test_every_refusal_has_a_verdict() -> None:
    """Every class below APIError is in the table, so that a new one is not overlooked."""
    assert set(errors.APIError.__subclasses__()) <= {type(error) for error, _, _ in VERDICTS}
    assert set(HITS_ALL) == {errors.UnauthorizedError, errors.ForbiddenError, errors.ConfigurationError}


def test_an_error_after_which_nobody_knows() -> None:
    """Where the sender says that the outcome is unknown, it is, whatever the last error was."""
    ended = failed(refusal(errors.ServerError), settled("unknown", reason="late"), final=True)
    assert (ended.state, ended.outcome, ended.reason) == ("unknown", "unknown", "late")


def test_successes() -> None:
    """A success has the name that the sender gave it, and where no record told one the usual one."""
    assert succeeded(settled("already_redacted", by_reading=True), "redacted") == Ended(
        "done", "already_redacted", None, None, None, True
    )
    assert succeeded(Witness(), "converted", "5") == Ended("done", "converted", ticket_id="5")


def test_what_a_witness_counts() -> None:
    """Requests, refusals and waits are summed; the request that counts is the last write's, or a reading's where there was none."""
    seen = Witness()
    write = {"call": 1, "operation": "POST /conversations/redact", "ids": {}}
    read = {**write, "operation": "GET /conversations/{conversation_id}"}
    seen.hear(RequestSent(**read, attempt=1, sent_at=0.0))
    seen.hear(ResponseReceived(**read, attempt=1, duration=0.1, status=200, request_id="r-0"))
    assert (seen.requests, seen.attempts, seen.request_id) == (1, 0, "r-0")
    seen.hear(Paced(**write, waited=1.5, rate_limit=None))
    seen.hear(RequestSent(**write, attempt=1, sent_at=0.0))
    seen.hear(ResponseReceived(**write, attempt=1, duration=0.1, status=429, request_id="r-1"))
    seen.hear(RetryScheduled(**write, attempt=1, reason="rate_limited", delay=2.0))
    seen.hear(RequestSent(**write, attempt=2, sent_at=0.0))
    seen.hear(ResponseReceived(**write, attempt=2, duration=0.1, status=None))
    assert seen.unanswered
    seen.hear(RequestSent(**read, attempt=3, sent_at=0.0))
    seen.hear(ResponseReceived(**read, attempt=3, duration=0.1, status=200, request_id="r-2"))
    assert (seen.requests, seen.attempts, seen.refused, seen.waited) == (4, 2, 1, 3.5)
    assert (seen.request_id, seen.unanswered) == ("r-1", True)


@pytest.mark.parametrize(
    ("answer", "unanswered"),
    [
        ({"status": None}, True),
        ({"status": 503, "error": "ServerError"}, True),
        ({"status": 200, "error": "UnreadableResponseError"}, True),
        ({"status": 200}, False),
        ({"status": 404, "error": "NotFoundError"}, False),
        ({"status": 429, "error": "RateLimitedError"}, False),
    ],
)
def test_what_is_no_answer(answer: dict[str, Any], unanswered: bool) -> None:
    """A write that got no answer of Intercom's own counts as unanswered, and so does a reading where nothing was written."""
    for operation in ("POST /conversations/redact", "GET /conversations/{conversation_id}"):
        seen = Witness()
        seen.hear(ResponseReceived(call=1, operation=operation, ids={}, attempt=1, duration=0.1, **answer))
        assert seen.unanswered is unanswered

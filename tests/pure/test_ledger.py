"""The ledger's file: what is taken for one and what is not, what is read from it, and the records and verdicts that go
into it.
"""

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
from aiointercom.cleanup import Convert, Item, Ledger, LedgerError, Record, RedactPart, RedactSource, RunRecord
from aiointercom.cleanup.ledger import schema
from aiointercom.cleanup.ledger import statements as entries
from aiointercom.cleanup.ledger import writer as writing
from aiointercom.cleanup.ledger.statements import EarlierState, RunContext
from aiointercom.cleanup.outcomes import Doubt, Ended, EventRecorder, failed, stops_the_run, succeeded
from aiointercom.cleanup.running.failure_streak import IN_A_ROW, FailureStreak
from aiointercom.events import OutcomeSettled, Paced, RequestSent, ResponseReceived, RetryScheduled

WORD = "Rumpelstilzchen"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a ledger lies, or will."""
    return tmp_path / "cleanup.ledger"


@pytest.fixture
def written(path: Path) -> Iterator[sqlite3.Connection]:
    """A new ledger, open for writing."""
    connection = writing._open_connection(path)
    yield connection
    connection.close()


def begun(connection: sqlite3.Connection, now: float = 100.0, *, retry_refused: bool = False) -> RunContext:
    """A run in a ledger of one workspace."""
    return RunContext(entries.bind(connection, "w1", "US", now=now, requests=1), now, retry_refused)


# ---------------------------------------------------------------- items


def test_ids_of_items() -> None:
    """Ids are given as texts or numbers and kept as texts; the key tells items apart, and not what was found or asked
    for.
    """
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
    """The repr of a conversion has the names of its attributes, and neither values, title nor description; it can be
    pickled.
    """
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
        schema.resolve_path(path.parent)


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
    refused(path, "not a ledger of aiointercom")


def test_a_newer_version(path: Path, written: sqlite3.Connection) -> None:
    """A ledger of a version that this code does not know is refused, whatever is in it."""
    written.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    refused(path, "of version 3.*knows 2")


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
    """An empty file, or one in which a run was killed before its first commit, is nothing to read, and a run begins a
    ledger in it.
    """
    path.touch()
    with pytest.raises(LedgerError, match="no run has used it"):
        Ledger.read(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    with pytest.raises(LedgerError, match="no run has used it"):
        Ledger.read(path)
    writing._open_connection(path).close()
    with Ledger.read(path) as ledger:
        assert (dict(ledger.meta), ledger.runs(), list(ledger.records()), ledger.counts()) == ({}, [], [], {})


def test_a_name_with_odd_characters(tmp_path: Path) -> None:
    """Question marks, hashes and per cent signs are part of a file's name, not of an address."""
    path = tmp_path / "a?mode=rw#b%20c ü.ledger"
    begun(connection := writing._open_connection(path))
    connection.close()
    with Ledger.read(str(path)) as ledger:
        assert ledger.meta["workspace"] == "w1"
        assert str(path) in repr(ledger)


def test_the_lock_is_that_of_the_file(path: Path) -> None:
    """A link to a ledger resolves to the ledger, so that both have one lock."""
    link = path.with_name("link")
    link.symlink_to(path)
    assert schema.resolve_path(link) == schema.resolve_path(path)


KILLED = """
import os, sys
from aiointercom.cleanup.ledger import statements, writer
from pathlib import Path
connection = writer._open_connection(Path(sys.argv[1]))
run = statements.bind(connection, "w1", "US", now=1.0, requests=1)
statements.intend(connection, ("redact_part", "1", "2"), statements.RunContext(run, 1.0), 2.0)
os.kill(os.getpid(), 9)
"""


def test_read_after_a_kill(path: Path) -> None:
    """What a killed run left in the log beside the file is read with it, and reading changes nothing for the next
    run.
    """
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
    begun(connection := writing._open_connection(path))
    connection.close()  # in WAL mode still, as when a reader kept it from being put away as one plain file
    path.chmod(0o644)  # its owner lets others read it
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


# ---------------------------------------------------------------- an older version

VERSION_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, started_at REAL NOT NULL, ended_at REAL, stopped_by TEXT, version TEXT NOT NULL,
    requests INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0, waited REAL NOT NULL DEFAULT 0
);
CREATE TABLE items (
    kind TEXT NOT NULL, conversation_id TEXT NOT NULL, target_id TEXT NOT NULL,
    state TEXT NOT NULL, outcome TEXT, error TEXT, code TEXT, status INTEGER, reason TEXT, ticket_id TEXT, request_id TEXT,
    by_reading INTEGER NOT NULL DEFAULT 0, intended_at REAL NOT NULL, ended_at REAL,
    requests INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0, waited REAL NOT NULL DEFAULT 0, run INTEGER NOT NULL,
    PRIMARY KEY (kind, conversation_id, target_id)
) WITHOUT ROWID;
PRAGMA application_id = 1634290791;
PRAGMA user_version = 1;
INSERT INTO meta VALUES ('workspace', 'w1'), ('region', 'US');
INSERT INTO runs (id, started_at, version) VALUES (1, 5.0, '0.1.0');
INSERT INTO items (kind, conversation_id, target_id, state, outcome, intended_at, ended_at, run) VALUES
    ('redact_part', '1', '1', 'done', 'redacted', 10.0, 11.0, 1), ('redact_part', '1', '2', 'in_flight', NULL, 20.0, NULL, 1),
    ('convert', '3', '', 'unknown', 'unknown', 30.0, 35.0, 1), ('redact_part', '1', '4', 'failed', 'not_applied', 40.0, 41.0, 1);
"""


@pytest.fixture
def older(path: Path) -> Path:
    """A ledger that version 0.1.0 left: done, in flight, unknown, failed."""
    assert f"application_id = {schema.APPLICATION_ID};" in VERSION_1
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1)
    connection.close()
    return path


def times(path: Path) -> dict[str, tuple[float | None, float | None]]:
    """What the items of a ledger say about their doubt, by state."""
    with Ledger.read(path) as ledger:
        return {record.state: (record.first_sent_at, record.last_doubt_at) for record in ledger.records()}


def test_an_older_ledger_is_read_as_it_is(older: Path) -> None:
    """To read a ledger of version 1 changes nothing in it; what it did not note is None."""
    content = older.read_bytes()
    assert times(older) == dict.fromkeys(["done", "in_flight", "unknown", "failed"], (None, None))
    with Ledger.read(older) as ledger:
        assert ledger.state(("convert", "3", "")) == "unknown"
        assert len(ledger.runs()) == 1
    assert older.read_bytes() == content


def test_a_run_brings_an_older_ledger_up_to_date(older: Path) -> None:
    """What was in doubt can have been sent from the intent on, and until its outcome was called unknown; the next run
    knows the rest.
    """
    connection = writing._open_connection(older)
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert times(older) == {
        "done": (None, None),
        "in_flight": (20.0, None),
        "unknown": (30.0, 35.0),
        "failed": (None, None),
    }
    run = begun(connection, 100.0)
    assert entries.intend(connection, ("redact_part", "1", "2"), run, 110.0).doubt == Doubt(20.0, 100.0)
    assert entries.intend(connection, ("convert", "3", ""), run, 110.0).doubt == Doubt(30.0, 35.0)
    connection.close()
    writing._open_connection(older).close()  # once more, which changes nothing


def test_a_migration_that_fails_leaves_the_older_ledger(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it or nothing: where the last step fails the file is what it was."""
    monkeypatch.setattr(schema, "FROM_1", schema.FROM_1 + "UPDATE elsewhere SET x = 1;")
    with pytest.raises(LedgerError, match="no such table"):
        writing._open(older, writing._lock_of(older))
    assert times(older) == dict.fromkeys(["done", "in_flight", "unknown", "failed"], (None, None))
    monkeypatch.undo()
    writing._open_connection(older).close()
    assert times(older)["in_flight"] == (20.0, None)


# ---------------------------------------------------------------- whose it is


def test_nobody_else_may_read_it(path: Path) -> None:
    """A ledger, its log and its lock are readable for their owner only, however freely the process makes its files."""
    before = os.umask(0)
    try:
        connection = writing._open(path, lock := writing._lock_of(path))
        begun(connection)
    finally:
        os.umask(before)
    made = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert made == dict.fromkeys([path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}.lock"], 0o600)
    connection.close()
    lock.release()


def test_the_last_run_that_began_owns_it(written: sqlite3.Connection, path: Path) -> None:
    """A ledger says which run writes into it; to readers that is nothing."""
    begun(written)
    entries.claim(written, "first")
    entries.check_owner(written, "first")
    entries.claim(written, "second")
    with pytest.raises(LedgerError, match="another run"):
        entries.check_owner(written, "first")
    with Ledger.read(path) as ledger:
        assert "owner" not in ledger.meta


# ---------------------------------------------------------------- what is written


def test_what_stands_in_a_new_ledger(written: sqlite3.Connection, path: Path) -> None:
    """A ledger says whose it is, and since when; its file is durable at every commit."""
    assert begun(written, 100.0).id == 1
    assert begun(written, 200.0).id == 2
    assert written.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert written.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    with Ledger.read(path) as ledger:
        assert ledger.meta["workspace"] == "w1"
        assert (ledger.meta["region"], ledger.meta["created_at"]) == ("US", "100.000")
        assert [(run.id, run.started_at, run.requests) for run in ledger.runs()] == [(1, 100.0, 1), (2, 200.0, 1)]


def test_another_workspace(written: sqlite3.Connection) -> None:
    """A ledger belongs to the workspace that it was begun for."""
    begun(written)
    with pytest.raises(LedgerError, match="of workspace w1, and this is workspace w2"):
        entries.bind(written, "w2", "US", now=1.0, requests=1)


PART = ("redact_part", "1", "2")
DONE = Ended("done", "redacted")


def test_records_name_the_columns(written: sqlite3.Connection) -> None:
    """The records that readers get have a field for each column of the tables, and no other."""
    for kind, table in ((Record, "items"), (RunRecord, "runs")):
        columns = {row[1] for row in written.execute(f"PRAGMA table_info({table})")}
        assert columns == {field.name for field in fields(kind)}


LOST = Ended(
    "unknown",
    "unknown",
    errors.OutcomeUnknownError("lost", operation="POST /x", ids={}, sent_at=1.0),
    doubt=Doubt(11.0, 12.0),
)
NOT_NOW = Ended("failed", "not_applied")
REFUSED = Ended("refused", "refused")


@pytest.mark.parametrize(
    ("ended", "retry_refused", "earlier", "row"),
    [
        (DONE, False, EarlierState(over=True), ("done", 1, 10.0, None, None)),
        (DONE, True, EarlierState(over=True), ("done", 1, 10.0, None, None)),
        (REFUSED, False, EarlierState(over=True), ("refused", 1, 10.0, None, None)),
        (REFUSED, True, EarlierState(over=False), ("in_flight", 2, 50.0, None, None)),
        (NOT_NOW, False, EarlierState(over=False), ("in_flight", 2, 50.0, None, None)),
        (LOST, False, EarlierState(over=False, doubt=Doubt(11.0, 12.0)), ("unknown", 2, 10.0, 11.0, 12.0)),
        (None, False, EarlierState(over=False, doubt=Doubt(10.0, 40.0)), ("unknown", 2, 10.0, 10.0, 40.0)),
    ],
    ids=["done", "done, again", "refused", "refused, again", "failed", "unknown", "in flight"],
)
def test_what_an_earlier_state_means(
    written: sqlite3.Connection,
    ended: Ended | None,
    retry_refused: bool,
    earlier: EarlierState,
    row: tuple[object, ...],
) -> None:
    """What is final is over, what failed begins anew, and what is in doubt keeps its times; a killed run may have sent
    until this one began.
    """
    first = begun(written, 9.0)
    assert entries.intend(written, PART, first, 10.0) == EarlierState(over=False)
    if ended is not None:
        entries.end(written, PART, first.id, ended=ended, recorder=EventRecorder(), now=13.0)
    second = begun(written, 40.0, retry_refused=retry_refused)
    assert entries.intend(written, PART, second, 50.0) == earlier
    columns = "state, run, intended_at, first_sent_at, last_doubt_at"
    assert written.execute(f"SELECT {columns} FROM items").fetchone() == row


def test_runs_that_are_killed_one_after_the_other_do_not_put_the_doubt_off(written: sqlite3.Connection) -> None:
    """The first run after the kill notes since when nobody can have sent the item any more, and the next one believes
    it.
    """
    entries.intend(written, PART, begun(written, 9.0), 10.0)
    for began in (40.0, 50.0, 60.0):
        assert entries.intend(written, PART, begun(written, began), began).doubt == Doubt(10.0, 40.0)


def test_sending_again_keeps_the_first_times(written: sqlite3.Connection, path: Path) -> None:
    """An item that is sent again is in flight, and keeps the times of its first intent and of its first request."""
    run = begun(written, 9.0)
    entries.intend(written, PART, run, 10.0)
    entries.end(written, PART, run.id, ended=LOST, recorder=EventRecorder(), now=13.0)
    entries.again(written, PART)
    with Ledger.read(path) as ledger:
        (record,) = ledger.records()
    assert (record.state, record.outcome, record.error, record.ended_at) == ("in_flight", None, None, None)
    assert (record.intended_at, record.first_sent_at) == (10.0, 11.0)
    entries.end(written, PART, run.id, ended=DONE, recorder=EventRecorder(), now=90.0)
    with Ledger.read(path) as ledger:
        (record,) = ledger.records()
        assert (ledger.state(PART), ledger.state(("convert", "1", ""))) == ("done", None)
    assert (record.state, record.intended_at, record.first_sent_at, record.last_doubt_at) == ("done", 10.0, 11.0, 12.0)


def test_an_item_has_one_turn_in_a_run(written: sqlite3.Connection) -> None:
    """Whatever became of it, an item that had its turn in this run is over for this run."""
    run = begun(written)
    entries.intend(written, PART, run, 10.0)
    entries.end(written, PART, run.id, ended=NOT_NOW, recorder=EventRecorder(), now=11.0)
    assert entries.intend(written, PART, run, 20.0).over


def test_the_figures_add_up(written: sqlite3.Connection, path: Path) -> None:
    """What an item takes is summed over the runs, what a run's items take over the items; a new turn forgets the old
    outcome.
    """
    first = begun(written)
    entries.intend(written, PART, first, 10.0)
    seen = EventRecorder(requests=3, refused=1, waited=2.5, request_id="r-1")
    lost = Ended("failed", "not_applied", errors.BadRequestError("no", status=400, code="x"), "why", None, True)
    entries.end(written, PART, first.id, ended=lost, recorder=seen, now=11.0)
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
    entries.end(written, PART, second.id, ended=DONE, recorder=EventRecorder(requests=1), now=21.0)
    entries.intend(written, ("convert", "5", ""), second, 30.0)
    assert entries.finish(written, second.id, "asked", 40.0) == 1
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
            entries.end(written, key, run.id, ended=DONE, recorder=EventRecorder(), now=ended_at)
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


def settled(outcome: str, **more: Any) -> EventRecorder:
    """What was seen of a write that was settled so."""
    seen = EventRecorder()
    told = {"by_reading": False, "attempts": 1, **more}
    seen.record(OutcomeSettled(call=1, operation="POST /conversations/redact", ids={}, outcome=outcome, **told))
    return seen


def refusal(status: int, code: str | None, kind: type[errors.APIError] = errors.APIError) -> errors.APIError:
    """A refusal; without a code it is a page of something between Intercom and here."""
    return kind("no", status=status, code=code)


ITEM, TICKET = RedactPart("1", "2"), Convert("1", "2")
NOT_REDACTABLE = refusal(400, "conversation_part_not_redactable", errors.PartNotRedactableError)
TICKET_ALREADY = refusal(409, None, errors.AlreadyTicketError)
VERDICTS = [
    (ITEM, NOT_REDACTABLE, "refused", "not_redactable"),
    (TICKET, TICKET_ALREADY, "refused", "already_ticket"),
    (ITEM, refusal(404, "conversation_part_or_message_not_found", errors.NotFoundError), "refused", "refused"),
    (ITEM, refusal(404, "not_found", errors.NotFoundError), "refused", "refused"),
    (TICKET, refusal(404, "not_found", errors.NotFoundError), "failed", "refused"),
    (ITEM, refusal(404, None, errors.NotFoundError), "failed", "not_applied"),
    (ITEM, refusal(404, "ticket_not_found", errors.NotFoundError), "failed", "refused"),
    (ITEM, refusal(400, "parameter_invalid", errors.BadRequestError), "failed", "refused"),
    (ITEM, refusal(400, "intercom_version_invalid", errors.BadRequestError), "failed", "refused"),
    (TICKET, refusal(400, "parameter_invalid", errors.BadRequestError), "failed", "refused"),
    (ITEM, refusal(422, "client_error", errors.UnprocessableError), "failed", "refused"),
    (ITEM, refusal(409, "conflict", errors.ConflictError), "failed", "not_applied"),
    (ITEM, refusal(401, "token_revoked", errors.UnauthorizedError), "failed", "not_applied"),
    (ITEM, refusal(403, "api_plan_restricted", errors.ForbiddenError), "failed", "not_applied"),
    (ITEM, refusal(429, "rate_limit_exceeded", errors.RateLimitedError), "failed", "not_applied"),
    (ITEM, refusal(503, "service_unavailable", errors.ServerError), "failed", "not_applied"),
    *(
        (ITEM, refusal(status, None), "failed", "not_applied")
        for status in (400, 402, 405, 406, 407, 413, 418, 431, 451)
    ),
    (ITEM, errors.NotSentError("no network"), "failed", "not_applied"),
    (ITEM, errors.UnreadableResponseError("a redirect", status=302), "failed", "not_applied"),
    (ITEM, errors.ClientClosedError("closed"), "failed", "not_applied"),
]


@pytest.mark.parametrize(("item", "error", "state", "outcome"), VERDICTS, ids=str)
def test_verdicts(item: Item, error: errors.IntercomError, state: str, outcome: str) -> None:
    """Each error of a write has a state and an outcome; final is only what Intercom itself says about this very
    item.
    """
    ended = failed(error, EventRecorder(), item)
    assert (ended.state, ended.outcome, ended.error) == (state, outcome, error)


def test_every_refusal_has_a_verdict() -> None:
    """Every class below APIError is in the table, so that a new one is not overlooked."""
    assert set(errors.APIError.__subclasses__()) <= {type(error) for _, error, _, _ in VERDICTS}


@pytest.mark.parametrize(
    ("error", "hits"),
    [
        (refusal(401, "token_revoked", errors.UnauthorizedError), True),
        (refusal(403, "forbidden", errors.ForbiddenError), True),
        (refusal(401, None, errors.UnauthorizedError), False),
        (refusal(403, None, errors.ForbiddenError), False),
        (errors.ClientClosedError("closed"), True),
        (refusal(400, "parameter_invalid", errors.BadRequestError), False),
        (errors.NotSentError("no network"), False),
    ],
)
def test_what_stops_at_once(error: errors.IntercomError, hits: bool) -> None:
    """Intercom's own word about the token stops a run at once, and so does what is wrong with the client; a page of a
    proxy does not.
    """
    assert stops_the_run(error) is hits


@pytest.mark.parametrize(
    ("item", "error", "counts"),
    [
        (ITEM, None, False),
        (ITEM, NOT_REDACTABLE, False),
        (TICKET, TICKET_ALREADY, False),
        (ITEM, refusal(404, "not_found", errors.NotFoundError), False),
        (TICKET, refusal(400, "parameter_invalid", errors.BadRequestError), False),
        (ITEM, refusal(400, "parameter_invalid", errors.BadRequestError), True),
        (TICKET, refusal(400, "intercom_version_invalid", errors.BadRequestError), True),
        (ITEM, refusal(403, None, errors.ForbiddenError), True),
        (ITEM, refusal(418, None), True),
    ],
)
def test_a_streak(item: Item, error: errors.IntercomError | None, counts: bool) -> None:
    """Refusals in a row that say nothing about their items end a run, once each place has seen some; a word about an
    item ends the streak.
    """
    streak = FailureStreak(places=2)
    for _ in range(2 * IN_A_ROW - 1):
        streak.note(ITEM, refusal(418, None), EventRecorder())
    assert (streak.pauses, streak.ends) == (True, False)
    streak.note(item, error, EventRecorder())
    assert (streak.pauses, streak.ends) == (counts, counts)


def test_a_streak_of_writes_without_an_answer() -> None:
    """What no answer came to counts, whatever the error."""
    streak = FailureStreak(places=1)
    unknown = errors.OutcomeUnknownError("lost", operation="POST /x", ids={}, sent_at=1.0)
    for _ in range(IN_A_ROW):
        streak.note(ITEM, unknown, EventRecorder(unanswered=True))
    assert streak.ends


def test_successes() -> None:
    """A success has the name that the sender gave it, and where no record told one the usual one."""
    assert succeeded(settled("already_redacted", by_reading=True), "redacted") == Ended(
        "done", "already_redacted", None, None, None, True
    )
    assert succeeded(EventRecorder(), "converted", "5") == Ended("done", "converted", ticket_id="5")


def test_what_a_witness_counts() -> None:
    """Requests, refusals and waits are summed; the request that counts is the last write's, or a reading's where there
    was none.
    """
    seen = EventRecorder()
    write = {"call": 1, "operation": "POST /conversations/redact", "ids": {}}
    read = {**write, "operation": "GET /conversations/{conversation_id}"}
    seen.record(RequestSent(**read, attempt=1, sent_at=0.0))
    seen.record(ResponseReceived(**read, attempt=1, duration=0.1, status=200, request_id="r-0"))
    assert (seen.requests, seen.attempts, seen.request_id) == (1, 0, "r-0")
    seen.record(Paced(**write, waited=1.5, rate_limit=None))
    seen.record(RequestSent(**write, attempt=1, sent_at=0.0))
    seen.record(ResponseReceived(**write, attempt=1, duration=0.1, status=429, request_id="r-1"))
    seen.record(RetryScheduled(**write, attempt=1, reason="rate_limited", delay=2.0))
    seen.record(RequestSent(**write, attempt=2, sent_at=0.0))
    seen.record(ResponseReceived(**write, attempt=2, duration=0.1, status=None))
    assert seen.unanswered
    seen.record(RequestSent(**read, attempt=3, sent_at=0.0))
    seen.record(ResponseReceived(**read, attempt=3, duration=0.1, status=200, request_id="r-2"))
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
    """A write that got no answer of Intercom's own counts as unanswered, and so does a reading where nothing was
    written.
    """
    for operation in ("POST /conversations/redact", "GET /conversations/{conversation_id}"):
        seen = EventRecorder()
        seen.record(ResponseReceived(call=1, operation=operation, ids={}, attempt=1, duration=0.1, **answer))
        assert seen.unanswered is unanswered

"""The evidence file: what stands in it, and that nobody changes a line of it without `verify` saying where."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from errno import ENOSPC
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiointercom.cleanup.reporting.evidence import LONGEST, Evidence, Verified, evidence, verify
from aiointercom.cleanup.reporting.hash_chain import HashChain
from aiointercom.cleanup.reporting.page import page
from aiointercom.errors import LedgerError
from tests.pure.ledgers import BEGUN, item, large, ledger, run_row

Lines = list[bytes]
CHAIN = HashChain()
WRITTEN: Lines = [
    CHAIN.link({"type": "evidence", "version": 1}),
    *(CHAIN.link({"type": "item", "conversation_id": str(number)}) for number in range(6)),
    CHAIN.link({"type": "run", "id": 1}),
    CHAIN.link({"type": "end", "items": 6, "runs": 1}),
]


def made(folder: Path) -> tuple[Path, Evidence]:
    """The evidence of five items of two runs, one of which was killed."""
    rows = [item(number, BEGUN + number, run=1 + number // 3) for number in range(3)]
    rows.append(item(3, BEGUN + 9, state="in_flight", outcome=None, ended_at=None, request_id=None, run=2))
    refused = {"state": "refused", "outcome": "refused", "error": "NotFoundError", "code": "not_found", "status": 404}
    rows.append(item(4, BEGUN + 2.5, kind="convert", target_id="", requests=3, refused=1, waited=1.2345, **refused))
    runs = [run_row(1, BEGUN, None), run_row(2, BEGUN + 8, BEGUN + 10, "asked", 4)]
    path = folder / "evidence.jsonl"
    return path, evidence(ledger(folder / "cleanup.ledger", rows, runs), to=path, now=BEGUN + 3600)


def contents(path: Path) -> list[dict[str, Any]]:
    """The lines of a file, parsed."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def verified(path: Path, lines: Lines, head: str | None = None) -> Verified:
    """What `verify` says of these lines."""
    path.write_bytes(b"".join(lines))
    return verify(path, head=head)


def test_each_line_can_be_checked_by_hand(tmp_path: Path) -> None:
    """A line is canonical JSON; its hash is the sha256 of it without the hash, and the next line names it."""
    path, told = made(tmp_path)
    previous = "0" * 64
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        content = json.loads(line)
        assert json.dumps(content, sort_keys=True, separators=(",", ":")).encode() == line
        assert (content["line"], content["previous"]) == (number, previous)
        previous = content.pop("hash")
        assert sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest() == previous
    assert told == Evidence(number, previous, "evidence.jsonl")
    assert verify(path) == verify(path, head=told.head.upper() + "\n") == Verified(True, None, None, told.head)


def test_header_says_what_it_is_about(tmp_path: Path) -> None:
    """The first line names workspace, region, versions and times."""
    header = contents(made(tmp_path)[0])[0]
    assert (header["type"], header["version"], header["workspace"], header["region"]) == (
        "evidence",
        1,
        "lithic-weasel",
        "EU",
    )
    assert header["made_at"] == "2026-11-22T19:00:00.000+00:00"
    assert header["ledger"] == {"aiointercom": "0.1.0", "created_at": "2026-11-22T18:00:00.000+00:00"}


def test_items_stand_in_the_order_in_which_they_ended(tmp_path: Path) -> None:
    """One line per item, in the order of its end, those in flight last; all columns of the ledger, waiting in whole
    milliseconds.
    """
    items = [line for line in contents(made(tmp_path)[0]) if line["type"] == "item"]
    assert [line["target_id"] for line in items] == ["50000", "50001", "50002", "", "50003"]
    assert {
        name: items[3][name] for name in ("kind", "state", "outcome", "error", "code", "status", "requests", "refused")
    } == {
        "kind": "convert",
        "state": "refused",
        "outcome": "refused",
        "error": "NotFoundError",
        "code": "not_found",
        "status": 404,
        "requests": 3,
        "refused": 1,
    }
    assert (items[3]["waited_ms"], items[3]["ended_at"]) == (1234, "2026-11-22T18:00:02.500+00:00")
    assert (items[4]["state"], items[4]["outcome"], items[4]["ended_at"]) == ("in_flight", None, None)


def test_runs_and_counts_close_the_file(tmp_path: Path) -> None:
    """After the items come the runs, a killed one without an end, and last the counts."""
    *_, first, second, end = contents(made(tmp_path)[0])
    assert (first["type"], first["ended_at"], first["stopped_by"]) == ("run", None, None)
    assert (second["ended_at"], second["stopped_by"], second["requests"]) == (
        "2026-11-22T18:00:10.000+00:00",
        "asked",
        4,
    )
    assert (end["type"], end["items"], end["runs"]) == ("end", 5, 2)
    assert end["states"] == {"done": 3, "in_flight": 1, "refused": 1}
    assert end["outcomes"] == {"in_flight": 1, "redacted": 3, "refused": 1}


def test_empty_ledger_has_evidence_too(tmp_path: Path) -> None:
    """A ledger without items gives a whole chain of two lines."""
    told = evidence(ledger(tmp_path / "l"), to=tmp_path / "e")
    assert told.lines == 2
    assert verify(tmp_path / "e", head=told.head).whole


def edited(lines: Lines) -> Lines:
    """One digit is another."""
    return [*lines[:3], lines[3].replace(b'"conversation_id":"2"', b'"conversation_id":"9"'), *lines[4:]]


def rehashed(lines: Lines) -> Lines:
    """One line was changed and hashed again, its followers were not."""
    chain = HashChain(3, json.loads(lines[2])["hash"])
    return [*lines[:3], chain.link({"type": "item", "conversation_id": "9"}), *lines[4:]]


def shortened(lines: Lines) -> Lines:
    """A line was left out, and all after it linked anew but not counted anew."""
    chain = HashChain()
    kept = [json.loads(line) for line in [*lines[:3], *lines[4:]]]
    return [chain.link({key: value for key, value in line.items() if key not in {"hash", "previous"}}) for line in kept]


DAMAGES: list[tuple[str, Callable[[Lines], Lines], int, str]] = [
    ("edited", edited, 4, "edited"),
    ("other_blanks", lambda lines: [*lines[:3], lines[3].replace(b",", b", "), *lines[4:]], 4, "edited"),
    ("rehashed", rehashed, 5, "rewritten"),
    ("dropped", lambda lines: [*lines[:3], *lines[4:]], 4, "line 5 stands here"),
    ("dropped_first", lambda lines: lines[1:], 1, "line 2 stands here"),
    ("dropped_last", lambda lines: lines[:-1], 9, "cut off"),
    ("dropped_all_but_first", lambda lines: lines[:1], 2, "cut off"),
    ("swapped", lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], 4, "line 5 stands here"),
    ("copied", lambda lines: [*lines[:4], lines[3], *lines[4:]], 5, "line 4 stands here"),
    ("inserted", lambda lines: [*lines[:4], b"{}\n", *lines[4:]], 5, "not a line of evidence"),
    ("cut_in_a_line", lambda lines: [*lines[:5], lines[5][:40]], 6, "cut off"),
    ("no_last_newline", lambda lines: [*lines[:-1], lines[-1][:-1]], 9, "cut off"),
    ("no_json", lambda lines: [*lines[:2], b"hello\n", *lines[3:]], 3, "not JSON"),
    ("no_utf8", lambda lines: [*lines[:2], b"\xff\n", *lines[3:]], 3, "not JSON"),
    ("nested", lambda lines: [*lines[:2], b"[" * 100_000 + b"\n", *lines[3:]], 3, "not JSON"),
    ("no_object", lambda lines: [b"[]\n", *lines[1:]], 1, "not a line of evidence"),
    ("lone_surrogate", lambda lines: [b'{"hash":"\\ud800"}\n', *lines[1:]], 1, "edited"),
    ("empty", lambda _lines: [], 1, "empty"),
    ("blank_line_behind", lambda lines: [*lines, b"\n"], 10, "not JSON"),
    ("another_file_behind", lambda lines: [*lines, *lines], 10, "line 1 stands here"),
    ("very_long_line", lambda lines: [b" " * (LONGEST + 1) + b"\n", *lines], 1, "cut off"),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "line", "why"), [row[1:] for row in DAMAGES], ids=[row[0] for row in DAMAGES])
def test_damage_is_found_where_it_is(tmp_path: Path, damage: Callable[[Lines], Lines], line: int, why: str) -> None:
    """Whatever is done to a file, `verify` names the first line that does not hold, and says why; the head is that of
    the line before.
    """
    found = verified(tmp_path / "e", damage(WRITTEN))
    assert (found.whole, found.line) == (False, line)
    assert found.why is not None
    assert why in found.why
    assert found.head == (json.loads(WRITTEN[line - 2])["hash"] if line > 1 and "written" not in why else found.head)


def chained(*contents: dict[str, Any]) -> Lines:
    """A chain of which every link holds, whatever it says."""
    chain = HashChain()
    return [chain.link(content) for content in contents]


HEADER, END = {"type": "evidence", "version": 1}, {"type": "end", "items": 0, "runs": 0}


@pytest.mark.parametrize(
    ("lines", "line", "why"),
    [
        (chained(HEADER, {"type": "item"}, END), 3, "its counts of items and runs differ"),
        (chained(HEADER, END, {"type": "item"}), 3, "follows the closing line"),
        (chained(END), 1, "first line of an evidence file"),
        (chained(HEADER, HEADER, END), 2, "first line of an evidence file"),
        (chained({"type": "evidence", "version": 2}, END), 1, "its version is not 1"),
        (chained({"line": "x"}), 1, "first line of an evidence file"),
    ],
    ids=["counts", "behind_the_end", "no_header", "two_headers", "newer", "no_type"],
)
def test_whole_chain_must_be_evidence(tmp_path: Path, lines: Lines, line: int, why: str) -> None:
    """A chain whose links all hold, but that is no whole evidence, is refused with the line and the reason."""
    found = verified(tmp_path / "e", lines)
    assert (found.whole, found.line) == (False, line)
    assert why in str(found.why)


def test_line_without_a_number_is_refused(tmp_path: Path) -> None:
    """A line that hashes well but carries no number is none of ours."""
    content = json.dumps({"previous": "0" * 64}, separators=(",", ":"))
    line = f'{{"hash":"{sha256(content.encode()).hexdigest()}",{content[1:]}\n'
    assert "no number" in str(verified(tmp_path / "e", [line.encode()]).why)


def test_only_a_noted_head_shows_that_all_was_written_anew(tmp_path: Path) -> None:
    """A file that was changed and wholly linked anew passes for whole, as documented; with the head that was noted it
    does not.
    """
    anew = chained(HEADER, END)
    assert verified(tmp_path / "e", anew).whole
    found = verified(tmp_path / "e", anew, head=json.loads(WRITTEN[-1])["hash"])
    assert (found.whole, found.line) == (False, 2)
    assert "rewritten" in str(found.why)


@given(st.data())
def test_no_change_of_bytes_passes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Any one cut, insertion or change anywhere in the file is noticed."""
    text = b"".join(WRITTEN)
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(len(text), begin + 300)))
    changed = text[:begin] + data.draw(st.binary(max_size=8)) + text[end:]
    path = tmp_path_factory.getbasetemp() / "changed"
    path.write_bytes(changed)
    assert verify(path).whole is (changed == text)


def test_memory_does_not_grow_with_the_ledger(tmp_path: Path) -> None:
    """Thirty times the items take no more memory, neither to write nor to verify; held at once they would take
    megabytes.

    CPython 3.11 sets the memory of up to 2,000 tuples of twenty values aside for good, and so wide is a row: that
    is the allowance.
    """
    peaks: list[int] = []
    for count in (100, 3000):
        source = large(tmp_path / f"ledger-{count}", count)
        tracemalloc.start()
        evidence(source, to=tmp_path / "e")
        assert verify(tmp_path / "e").whole
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_000_000


def test_file_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the ledger is missing or the disk is full, the older file stays, and nothing half done lies beside it."""
    (tmp_path / "e").write_text("older")
    with pytest.raises(LedgerError):
        evidence(tmp_path / "missing", to=tmp_path / "e")

    def full(_file: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    source = ledger(tmp_path / "l", [item(1, BEGUN)])
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        evidence(source, to=tmp_path / "e")
    assert (tmp_path / "e").read_text() == "older"
    assert {path.name for path in tmp_path.iterdir()} == {"e", "l"}


@pytest.mark.parametrize("name", ["l", "l-wal", "l-shm", "l.lock", "other/../l"])
def test_report_never_takes_the_place_of_the_ledger(tmp_path: Path, name: str) -> None:
    """A slip in the name of the report does not cost the ledger."""
    source = ledger(tmp_path / "l", [item(1, BEGUN)])
    (tmp_path / "other").mkdir()
    before = source.read_bytes()
    for write in (evidence, page):
        with pytest.raises(ValueError, match="is the ledger, or a part of it"):
            write(source, to=tmp_path / name)
    assert source.read_bytes() == before


def test_missing_file_is_an_error_of_the_system() -> None:
    """There is nothing to say of a file that is not there."""
    with pytest.raises(FileNotFoundError):
        verify("/nowhere/evidence.jsonl")

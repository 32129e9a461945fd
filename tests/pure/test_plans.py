"""The plan file: what is written is read back; what is no whole plan is refused before anything is given out, and never
quoted.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import stat
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from aiointercom._values.hidden import Hidden
from aiointercom.cleanup._atomic_write import atomic_write, check_target
from aiointercom.cleanup.items import Convert, Item, RedactPart, RedactSource
from aiointercom.cleanup.planning.codec import LONGEST_LINE, Entry, PlanLine, encode_entry
from aiointercom.cleanup.planning.counts import PlanCounts, minutes_for
from aiointercom.cleanup.planning.file import read_plan
from aiointercom.cleanup.planning.queries import search_query
from aiointercom.cleanup.planning.records import ConvertTo, PlanHeader, PlanSummary, Unread
from aiointercom.errors import PlanError, RateLimit

WORD = "Rumpelstilzchen"
HEADER = PlanHeader("2026-11-22T10:00:00+00:00", "abc123", "US", "0.1.0", ("card_number", "iban"))
CONVERT = PlanHeader(
    "2026-11-22T10:00:00+00:00", "abc123", "EU", "0.1.0", None, ConvertTo("95", "T", None, {"a": [1]}, False)
)
ITEMS: list[Item | Unread] = [
    RedactPart("471", "115", ("card_number",)),
    RedactSource("471", "900", ("card_number", "iban")),
    Unread("472", "NotFoundError"),
]
END = PlanSummary(
    conversations=2, parts=3, items=2, by_kind={"redact_part": 1, "redact_source": 1}, unread=1, minutes=0.5
)


def lines_of(*entries: Entry) -> bytes:
    """Records as the bytes of a plan."""
    return "".join(map(encode_entry, entries)).encode()


WHOLE = lines_of(HEADER, *ITEMS, END)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "cleanup.plan"


def line_of(**changed: Any) -> bytes:
    """A line that is no record: a JSON object of these fields."""
    return json.dumps(changed).encode() + b"\n"


def test_what_is_written_is_read_back(place: Path) -> None:
    """Header, items in their order, unread conversations and counts come out as they went in, as often as one asks."""
    place.write_bytes(WHOLE)
    plan = read_plan(place)
    assert (plan.header, plan.summary, plan.count) == (HEADER, END, 2)
    for _ in range(2):
        assert list(plan.items()) == [ITEMS[0], ITEMS[1]]
        assert list(plan.unread()) == [ITEMS[2]]


def test_constants_of_a_conversion_stand_once(place: Path) -> None:
    """A conversion's line is its conversation; ticket type, title and attributes come from the header."""
    end = PlanSummary(conversations=2, items=2, by_kind={"convert": 2})
    place.write_bytes(lines_of(CONVERT, Convert("1", "95", "T"), Convert("2", "95", "T"), end))
    assert place.read_bytes().count(b'"95"') == 1
    plan = read_plan(str(place))
    assert plan.header == CONVERT
    assert list(plan.items()) == [Convert(id, "95", "T", None, {"a": [1]}) for id in ("1", "2")]


@pytest.mark.parametrize(
    "changed",
    [
        WHOLE.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + WHOLE,
        WHOLE + b"\n \n\r\n",
        WHOLE.replace(b"\n", b"\n\n"),
        WHOLE.rstrip(b"\n"),
        WHOLE.replace(b'"471"', b"471"),
    ],
    ids=["CRLF", "BOM", "blank lines behind", "blank lines between", "no newline at the end", "ids as integers"],
)
def test_what_editors_do_is_harmless(place: Path, changed: bytes) -> None:
    """Line ends, a byte order mark, blank lines and ids as integers change nothing."""
    place.write_bytes(changed)
    assert list(read_plan(place).items()) == [ITEMS[0], ITEMS[1]]


def with_line(content: bytes, before_end: bool = True) -> bytes:
    """A plan with one more line: before its end, or in the place of the header."""
    first, *rest = WHOLE.splitlines(keepends=True)
    return b"".join([first, *rest[:-1], content, rest[-1]] if before_end else [content, *rest])


def with_header(**changed: Any) -> bytes:
    """A plan whose header was changed; ... takes a field away."""
    header = {**json.loads(encode_entry(HEADER)), **changed}
    return with_line(line_of(**{name: value for name, value in header.items() if value is not ...}), before_end=False)


def with_end(**changed: Any) -> bytes:
    """A plan whose last line was changed."""
    return WHOLE.removesuffix(encode_entry(END).encode()) + line_of(**{**json.loads(encode_entry(END)), **changed})


CONSTANTS = {"ticket_type_id": "95", "title": WORD, "description": None, "attributes": {}, "resolve": False}
BROKEN: dict[str, tuple[bytes, int | None, str]] = {
    "empty": (b"", None, "cut off"),
    "blank": (b"\n\n", None, "cut off"),
    "header only": (encode_entry(HEADER).encode(), None, "cut off"),
    "no end": (lines_of(HEADER, *ITEMS), None, "cut off"),
    "cut in a line": (WHOLE[:-20], 5, "not a JSON object"),
    "no header": (lines_of(*ITEMS, END), 1, "begins with its header"),
    "two headers": (with_line(encode_entry(HEADER).encode()), 5, "second header"),
    "behind the end": (WHOLE + encode_entry(ITEMS[0]).encode(), 6, "follows the end"),
    "two ends": (WHOLE + encode_entry(END).encode(), 6, "follows the end"),
    "too few items": (lines_of(HEADER, ITEMS[0], ITEMS[2], END), 4, "differ from the lines"),
    "too many items": (lines_of(HEADER, *ITEMS, ITEMS[0], END), 6, "differ from the lines"),
    "an unread one lost": (lines_of(HEADER, *ITEMS[:2], END), 4, "differ from the lines"),
    "NUL": (WHOLE + b"\0" * 4096, 6, "not a JSON object"),
    "not JSON": (with_line(f"{WORD}\n".encode()), 5, "not a JSON object"),
    "a list": (with_line(f'["{WORD}"]\n'.encode()), 5, "not a JSON object"),
    "nested": (with_line(b"[" * 100_000 + b"\n"), 5, "not a JSON object"),
    "a long number": (with_line(b"9" * 10_000 + b"\n"), 5, "not a JSON object"),
    "NaN": (with_end(minutes=float("nan")), 5, "not a JSON object"),
    "UTF-16": (WHOLE.decode().encode("utf-16"), 1, "not a JSON object"),
    "Latin-1": (with_line(f'{{"type": "{WORD}ü"}}\n'.encode("latin-1")), 5, "not a JSON object"),
    "10 MB": (with_line(b'"' + WORD.encode() * 700_000 + b'"\n'), 5, f"longer than {LONGEST_LINE}"),
    "no type": (with_line(line_of(conversation_id=WORD)), 5, "type is not one of"),
    "unknown type": (with_line(line_of(type=WORD)), 5, "type is not one of"),
    "type of another kind": (with_line(line_of(type=["plan"])), 5, "type is not one of"),
    "missing id": (with_line(line_of(type="redact_part", part_id="1", found=[])), 5, "conversation_id is missing"),
    "missing part": (with_line(line_of(type="redact_part", conversation_id="1", found=[])), 5, "part_id is missing"),
    "missing source": (with_line(line_of(type="redact_source", conversation_id="1")), 5, "source_id is missing"),
    "missing found": (with_line(line_of(type="redact_part", conversation_id="1", part_id="1")), 5, "found is missing"),
    "empty id": (
        with_line(line_of(type="redact_part", conversation_id="", part_id="1", found=[])),
        5,
        "must not be empty",
    ),
    "bad id": (
        with_line(line_of(type="redact_part", conversation_id=f"{WORD} 1", part_id="1", found=[])),
        5,
        "conversation_id must not hold",
    ),
    "path as id": (
        with_line(line_of(type="redact_source", conversation_id="1", source_id="../2", found=[])),
        5,
        "slashes",
    ),
    "negative id": (with_line(line_of(type="redact_part", conversation_id=-1, part_id="1", found=[])), 5, "negative"),
    "true as id": (
        with_line(line_of(type="redact_part", conversation_id=True, part_id="1", found=[])),
        5,
        "not of its kind",
    ),
    "text as found": (
        with_line(line_of(type="redact_part", conversation_id="1", part_id="1", found=[WORD])),
        5,
        "not in the header",
    ),
    "found of another kind": (
        with_line(line_of(type="redact_part", conversation_id="1", part_id="1", found=WORD)),
        5,
        "found is not of its kind",
    ),
    "a further field": (
        with_line(line_of(type="redact_part", conversation_id="1", part_id="1", found=[], body=WORD)),
        5,
        "does not know",
    ),
    "a conversion without constants": (
        with_line(line_of(type="convert", conversation_id="1")),
        5,
        "says nothing of a conv",
    ),
    "reason of another kind": (with_line(line_of(type="unread", conversation_id="1", reason=5)), 5, "reason is not of"),
    "newer": (with_header(version=2, further=WORD), 1, "made by a newer aiointercom"),
    "version 0": (with_header(version=0), 1, "names no version"),
    "version true": (with_header(version=True), 1, "names no version"),
    "no version": (with_header(version=...), 1, "names no version"),
    "unknown in header": (with_header(further=WORD), 1, "does not know"),
    "missing in header": (with_header(region=...), 1, "region is missing"),
    "kind in header": (with_header(made_at=5), 1, "made_at is not of its kind"),
    "detectors in header": (with_header(detectors=WORD), 1, "detectors is not of its kind"),
    "convert in header": (with_header(convert=WORD), 1, "convert is not of its kind"),
    "convert, missing": (with_header(convert={"title": WORD}), 1, "not the fields"),
    "convert, texts": (with_header(convert={**CONSTANTS, "title": [WORD]}), 1, "convert is not of its kind"),
    "convert, attributes": (with_header(convert={**CONSTANTS, "attributes": [WORD]}), 1, "convert is not of its kind"),
    "convert, id": (with_header(convert={**CONSTANTS, "ticket_type_id": f"{WORD}/"}), 1, "ticket_type_id must not"),
    "convert, id of a kind": (
        with_header(convert={**CONSTANTS, "ticket_type_id": [WORD]}),
        1,
        "ticket_type_id must be",
    ),
    "convert, twice": (
        with_header(convert={**CONSTANTS, "attributes": {"_default_title_": WORD}}),
        1,
        "say the same thing",
    ),
    "negative count": (with_end(parts=-1), 5, "parts is not of its kind"),
    "count of another kind": (with_end(by_kind={"redact_part": WORD}), 5, "by_kind is not of its kind"),
    "minutes of another kind": (with_end(minutes=WORD), 5, "minutes is not of its kind"),
    "total of another kind": (with_end(total=WORD), 5, "total is not of its kind"),
    "unknown at the end": (with_end(further=WORD), 5, "does not know"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_whole_plan_is_refused(place: Path, what: str) -> None:
    """It is a PlanError that names the line and the problem, and neither it nor anything behind it holds what stands
    there.
    """
    content, line, problem = BROKEN[what]
    place.write_bytes(content)
    with pytest.raises(PlanError) as caught:
        read_plan(place)
    error = caught.value
    assert error.line == line
    assert str(error).startswith("cleanup.plan:" if line is None else f"cleanup.plan, line {line}: ")
    assert problem in str(error)
    context = error.__context__
    assert context is None or WORD not in f"{context!r}{vars(context)}"
    assert WORD not in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.line) == (str(error), line)


def test_every_cut_is_noticed(place: Path) -> None:
    """Wherever a plan is cut off, it is refused."""
    for length in range(0, len(WHOLE.rstrip()), 3):
        place.write_bytes(WHOLE[:length])
        with pytest.raises(PlanError):
            read_plan(place)


def test_whatever_byte_is_wrong(place: Path) -> None:
    """With a byte another one, it is a PlanError, or a plan of as many items; never an error of another kind."""
    for at in range(0, len(WHOLE), 5):
        for byte in b'\x00"9\xff\n':
            place.write_bytes(WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :])
            try:
                found = list(read_plan(place).items())
            except PlanError:
                continue
            assert len(found) == 2


def test_a_plan_that_changes_after_the_check_gives_nothing_out(place: Path) -> None:
    """Between the check and the first item the file must stay as it is."""
    place.write_bytes(WHOLE)
    plan = read_plan(place)
    place.write_bytes(WHOLE.replace(b'"115"', b'"116"'))
    os.utime(place, ns=(0, 0))
    for entries in (plan.items(), plan.unread()):
        with pytest.raises(PlanError, match="changed since it was checked"):
            next(iter(entries))


def test_no_file(place: Path) -> None:
    """A plan that is not there is a FileNotFoundError; a folder is an OSError too."""
    for path in (place, place.parent):
        with pytest.raises(OSError):
            read_plan(path)


def test_another_workspace_is_refused(place: Path) -> None:
    """A plan is for the workspace that it was made in; where one of the two is not known, nobody can tell, and it is
    refused.
    """
    place.write_bytes(WHOLE)
    plan = read_plan(place)
    plan.check_workspace("abc123")
    with pytest.raises(PlanError, match="made for workspace abc123, and the token belongs to xyz"):
        plan.check_workspace("xyz")
    with pytest.raises(PlanError, match="did not say whose token"):
        plan.check_workspace(None)
    place.write_bytes(WHOLE.replace(b'"abc123"', b"null"))
    for workspace in ("abc123", None):
        with pytest.raises(PlanError, match="does not name the workspace"):
            read_plan(place).check_workspace(workspace)


def test_reading_holds_a_line_at_a_time(place: Path) -> None:
    """Memory does not grow with the length of the plan."""

    def peak(items: int) -> int:
        with place.open("w") as file:
            file.write(encode_entry(HEADER))
            file.writelines(encode_entry(RedactPart(number, 115, ("iban",))) for number in range(items))
            file.write(encode_entry(PlanSummary(items=items)))
        tracemalloc.start()
        plan = read_plan(place)
        assert sum(1 for _ in plan.items()) == items
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(10)
    assert peak(2_000) < peak(100) + 20_000


# ---------------------------------------------------------------- writing


def test_what_could_not_be_read_back_is_not_written() -> None:
    """Constants that make the header longer than a line may be are refused; all that is written is ASCII."""
    with pytest.raises(ValueError, match="must not be longer") as caught:
        encode_entry(PlanHeader("", None, "US", "", None, ConvertTo("95", description=WORD * 80_000)))
    assert WORD not in str(caught.value)
    assert encode_entry(PlanHeader("", None, "US", "", None, ConvertTo("95", title="Rückgabe"))).isascii()


def write(
    place: Path, text: str, *, meanwhile: Callable[[], object] = int, fails: bool = False, overwrite: bool = False
) -> None:
    """Write a plan; something may happen before its end."""
    with atomic_write(place, overwrite=overwrite) as file:
        file.write(text)
        meanwhile()
        if fails:
            raise KeyError


def test_a_plan_appears_whole(place: Path) -> None:
    """While it is written nothing stands at its place; then it does, for its owner only, and nothing is left beside
    it.
    """
    with atomic_write(place, overwrite=False) as file:
        file.write("x")
        assert not place.exists()
    assert place.read_text() == "x"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert list(place.parent.iterdir()) == [place]


def test_what_fails_leaves_nothing(place: Path) -> None:
    """After an error neither a plan nor a part of one is left, and an older plan is as it was."""
    place.write_text("older")
    with pytest.raises(KeyError):
        write(place, "x", fails=True, overwrite=True)
    assert place.read_text() == "older"
    assert list(place.parent.iterdir()) == [place]


def test_overwriting_must_be_asked_for(place: Path) -> None:
    """A plan that is there is kept unless overwrite says otherwise."""
    place.write_text("older")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        check_target(place, overwrite=False)
    with atomic_write(place, overwrite=True) as file:
        file.write("newer")
    assert place.read_text() == "newer"


@pytest.mark.parametrize("links", [True, False])
def test_of_two_plans_to_one_place_the_first_stays(place: Path, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came meanwhile is not replaced, with hard links or, as near as can be, without."""
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", raises_os_error)
    with pytest.raises(FileExistsError):
        write(place, "second", meanwhile=lambda: write(place, "first"))
    assert place.read_text() == "first"
    assert list(place.parent.iterdir()) == [place]


def raises_os_error(*_: object) -> None:
    """What a file system without hard links does."""
    raise PermissionError


def test_only_files_are_replaced(tmp_path: Path) -> None:
    """A device, a pipe or a folder is never renamed over; a link leads to the file that is written."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(OSError, match="it is no file"):
            check_target(path, overwrite=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with atomic_write(tmp_path / "link", overwrite=False) as file:
        file.write("x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "x"


def test_a_missing_folder_shows_at_once(tmp_path: Path) -> None:
    """It is a FileNotFoundError before anything is written."""
    with pytest.raises(FileNotFoundError, match=r"no such folder.*none"):
        with atomic_write(tmp_path / "none" / "x.plan", overwrite=False):
            pytest.fail("nothing can be written")


def test_a_stream_stays_open() -> None:
    """A text stream is written to and left open."""
    stream = io.StringIO()
    with atomic_write(stream, overwrite=False) as file:
        file.write("x")
    assert stream.getvalue() == "x"


# ---------------------------------------------------------------- counting


def test_estimate() -> None:
    """Minutes follow from the limit of a window and the share that is left to others; without a limit nothing is
    said.
    """
    limit = RateLimit(1667, 5, 0.0)
    assert minutes_for(40_000, limit, 0.2) == pytest.approx(40_000 / (1667 * 0.8) / 6, abs=0.01)
    assert minutes_for(40_000, limit, 0.0) == pytest.approx(4.0, abs=0.01)
    assert minutes_for(40_000, None, 0.2) is None
    assert minutes_for(40_000, RateLimit(0, 0, 0.0), 0.2) is None


def test_tally() -> None:
    """Items count by kind and by detector, unread conversations by reason; what is sorted is so for every run."""
    counts = PlanCounts()
    counts.found([RedactPart("1", "2", ("iban", "card_number")), RedactSource("1", "3", ("iban",))])
    counts.found([Convert("2", "79")])
    counts.found([Unread("3", "ServerError")])
    counts.found([])
    summary = counts.summary(None, 0.2, 9)
    assert summary == PlanSummary(
        conversations=4,
        items=3,
        by_kind={"convert": 1, "redact_part": 1, "redact_source": 1},
        by_detector={"card_number": 1, "iban": 2},
        skipped={"ServerError": 1},
        unread=1,
        requests=4,
        total=9,
    )
    assert list(summary.by_detector) == sorted(summary.by_detector)
    assert json.loads(json.dumps(summary.as_dict()))["by_kind"]["convert"] == 1


def test_constants_are_checked_and_silent() -> None:
    """What cannot be sent is refused when it is said, and a repr shows no text and no value."""
    with pytest.raises(ValueError, match="ticket_type_id"):
        ConvertTo("")
    with pytest.raises(TypeError):
        ConvertTo(None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="say the same thing"):
        ConvertTo("95", title="x", attributes={"_default_title_": "y"})
    shown = repr(ConvertTo("95", WORD, WORD, {"amount": WORD}))
    assert WORD not in shown
    assert WORD not in repr(CONVERT)
    assert "95" in shown


# ---------------------------------------------------------------- queries


def test_query() -> None:
    """Contact, state and spans become filters of the documented fields; all of them must match."""
    query = search_query(contact=7, state="open", created_after=date(2026, 1, 1), created_before=1_800_000_000)
    assert query == {
        "operator": "AND",
        "value": [
            {"field": "contact_ids", "operator": "=", "value": "7"},
            {"field": "state", "operator": "=", "value": "open"},
            {"field": "created_at", "operator": ">", "value": 1_767_225_600 - 1},
            {"field": "created_at", "operator": "<", "value": 1_800_000_000},
        ],
    }
    assert search_query(updated_after=0) == {
        "operator": "AND",
        "value": [{"field": "updated_at", "operator": ">", "value": 0}],
    }


def test_moments() -> None:
    """A datetime counts in its own zone; parts of a second widen the span, so that nothing is missed."""
    moment = datetime(2026, 1, 1, 2, 0, 0, 500_000, tzinfo=timezone(timedelta(hours=2)))
    after, before = (search_query(**{f"updated_{side}": moment})["value"][0]["value"] for side in ("after", "before"))
    assert after == 1_767_225_600 - 1
    assert before == 1_767_225_600 + 1


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({}, ValueError),
        ({"state": "opened"}, ValueError),
        ({"contact": ""}, ValueError),
        ({"created_after": datetime(2026, 1, 1)}, ValueError),  # noqa: DTZ001  # a datetime without a zone is the case
        ({"created_after": 5, "created_before": 5}, ValueError),
        ({"updated_after": datetime(2026, 1, 2, tzinfo=UTC), "updated_before": date(2026, 1, 1)}, ValueError),
        ({"updated_after": -1}, ValueError),
        ({"updated_after": 1.5}, TypeError),
        ({"updated_after": True}, TypeError),
        ({"updated_after": "2026-01-01"}, TypeError),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, Any], error: type[Exception]) -> None:
    """Nothing asked for, an empty span, a time without a zone or of another kind: an error before anything is sent."""
    with pytest.raises(error):
        search_query(**asked)


@pytest.mark.parametrize("name", ["created_after", "created_before", "updated_after", "updated_before"])
def test_milliseconds_are_refused(name: str) -> None:
    """A number of that size counts milliseconds, and no conversation of Intercom's would be found with it."""
    with pytest.raises(ValueError, match=f"{name} must be Unix seconds"):
        search_query(**{name: 1_700_000_000_000})


def test_only_stored_is_written_where_there_is_any() -> None:
    """A line says which of what was found nobody sees; a plan of a version before it, without the field, reads as
    before.
    """
    header = PlanHeader("2026-01-01T00:00:00+00:00", "ws", "us", "1", ("card_number", "email"))
    for item in (
        RedactPart("1", "2", ("card_number", "email"), ("email",)),
        RedactSource("1", "2", ("email",), ("email",)),
        RedactPart("1", "2", ("email",)),
    ):
        line = encode_entry(item)
        assert ("only_stored" in line) is bool(item.only_stored)
        assert PlanLine("x.plan", 2, Hidden(line.encode())).entry(header) == item
    end = encode_entry(PlanSummary(only_stored=3))
    assert PlanLine("x.plan", 3, Hidden(end.encode())).entry(header) == PlanSummary(only_stored=3)
    older = end.replace(',"only_stored":3', "").encode()
    assert b"only_stored" not in older
    assert PlanLine("x.plan", 3, Hidden(older)).entry(header) == PlanSummary()


def test_only_stored_names_what_was_found() -> None:
    """What nobody sees is among what was found, so no other words travel in a plan."""
    with pytest.raises(ValueError, match="not in found"):
        RedactPart("1", "2", ("email",), ("word",))

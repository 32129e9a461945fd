"""`--json`: each line is an object of one form, errors too; and `run --limit`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import aiointercom
from aiointercom.cleanup import Ledger
from aiointercom.cli.account import Account
from tests.journeys.command_line import SCHEMA, CommandLine

PLAN = ("plan", "--sandbox", "--all", "--find", "card_number", "-o", "plan.jsonl")
RUN = ("run", "plan.jsonl", "--ledger", "l", "--sandbox", "--yes")


@pytest.fixture
def aio(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    """The command line, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return CommandLine(capsys, monkeypatch)


@pytest.mark.parametrize(
    ("words", "error", "status"),
    [
        (("whoami", "--nothing"), "UsageError", 2),
        (("redact", "part", "a/b", "1"), "UsageError", 2),
        (("run", "missing.jsonl", "--ledger", "l", "--sandbox"), "FileNotFoundError", 2),
        (("report", "missing.ledger"), None, 2),
        (("enqueue", "missing.jsonl"), "FileNotFoundError", 2),
    ],
)
def test_an_error_is_a_line_of_json(aio: CommandLine, words: tuple[str, ...], error: str | None, status: int) -> None:
    """The error that ends a command is the last line on stdout, with its exit status, and stands on stderr too."""
    ended = aio(*words, "--json")
    told = ended.lines[-1]
    assert (ended.status, told["exit"], told["type"], told["version"]) == (status, status, "error", 1)
    assert told["error"] == error or error is None
    assert told.keys() == {"version", "type", "error", "code", "status", "request_id", "ids", "message", "exit"}
    assert ended.err == f"aiointercom: {told['message']}\n"
    assert aio(*words).out == ""


@pytest.mark.parametrize(
    ("word", "lines"), [("--json=true", 1), ("--json=1", 1), ("--json=false", 0), ("--json=no", 0)]
)
def test_json_may_have_a_value(aio: CommandLine, word: str, lines: int) -> None:
    """For results and for errors alike."""
    assert len(aio("report", "missing.ledger", word).out.splitlines()) == lines
    assert aio("whoami", "--sandbox", word).out.startswith("{") is bool(lines)


def test_every_line_has_version_and_type(aio: CommandLine) -> None:
    """Whatever the command, each line is an object with version and type."""
    for words in (("whoami", "--sandbox"), PLAN, RUN, ("report", "l"), ("redact", "all", "480", "--sandbox", "--yes")):
        lines = aio(*words, "--json").lines
        assert lines
        assert all(line["version"] == 1 and isinstance(line["type"], str) for line in lines)


def test_the_schema_names_every_type_of_line() -> None:
    """The schema is one, it knows each type that the commands print, and it refuses what is none of them."""
    Draft202012Validator.check_schema(SCHEMA.schema)
    known: set[str] = set()
    for line in SCHEMA.schema["$defs"].values():
        type = line["properties"]["type"]
        known |= {type["const"]} if "const" in type else set(type["enum"])
    printed: set[str] = set()
    for path in (Path(aiointercom.__file__).parent / "cli").glob("*.py"):
        printed |= set(re.findall(r'"type": "(\w+)"', path.read_text(encoding="utf-8")))
    assert printed - known == {"contact", "contact.list", "user", "admin"} & printed
    good = {"version": 1, "type": "installed"}
    assert SCHEMA.is_valid(good)
    for wrong in (
        {"type": "installed"},
        good | {"version": 2},
        good | {"type": "other"},
        {**good, "type": "error"},
        [],
    ):
        assert not SCHEMA.is_valid(wrong)


def test_each_command_prints_lines_of_the_schema(aio: CommandLine) -> None:
    """Each command is run with --json; `lines` holds every line against the schema."""
    types: set[str] = set()
    ticket = ("--type", 95, "--title", "Kettle", "--attribute", "Priority=High", "--attribute", "amount=39.9")
    for words in (
        ("whoami", "--sandbox"),
        ("doctor", "--sandbox"),
        ("redact", "part", 471, 115, "--sandbox", "--yes"),
        ("redact", "part", 471, 115, "--sandbox", "--dry-run"),
        ("redact", "source", 471, 403918311, "--sandbox", "--yes"),
        ("redact", "all", 480, "--find", "card_number", "--sandbox", "--dry-run"),
        ("redact", "all", 480, "--find", "card_number", "--sandbox", "--yes"),
        ("convert", 474, *ticket, "--sandbox", "--yes"),
        ("convert", 474, *ticket, "--sandbox", "--dry-run"),
        PLAN,
        (*RUN, "--dry-run"),
        (*RUN, "--limit", 2),
        ("settle", "l", "--sandbox"),
        ("report", "l", "--plan", "plan.jsonl", "--evidence", "evidence.jsonl", "--page", "page.html"),
        ("report", "--verify", "evidence.jsonl"),
        ("plan", "--sandbox", "--all", "-o", "other.jsonl"),
    ):
        lines = aio(*words, "--json").lines
        assert lines
        types |= {line["type"] for line in lines}
    assert types >= {"workspace", "check", "doctor", "redact_part", "redact_source", "convert", "coverage", "plan"}
    assert types >= {"dry_run", "summary", "report", "verified", "error"}


def test_a_limit_leaves_the_rest(aio: CommandLine) -> None:
    """run --limit begins so many items that are not finished, ends with 3, and the same command goes on to the end."""
    assert aio(*PLAN).status == 0
    total = aio(*RUN, "--dry-run", "--json").json["items"]
    first = aio(*RUN, "--limit", 5, "--json")
    assert (first.status, len(first.lines), first.lines[-1]["stopped_by"]) == (3, 6, "limit")
    again = aio(*RUN, "--limit", 5)
    assert again.status == 3
    assert "left" in again.out
    with Ledger.read("l") as kept:
        assert sum(kept.counts().values()) == 10
    last = aio(*RUN, "--limit", 10**30, "--json")
    assert (last.status, len(last.lines), last.lines[-1]["stopped_by"]) == (0, total - 10 + 1, None)
    assert aio(*RUN, "--limit", 1).status == 0


@pytest.mark.parametrize("number", ["0", "-1", "many", "10**30", "nan"])
def test_a_bad_limit_is_refused(aio: CommandLine, number: str) -> None:
    """A limit that is no number from 1 on is refused before anything is read."""
    assert aio(*RUN, "--limit", number).status == 2


def test_a_hint_keeps_how_the_workspace_is_reached() -> None:
    """What a command advises to type next names the same workspace."""
    account = Account(region="EU", base_url="http://box:8080", insecure_http=True)
    assert account.typed() == "--region EU --base-url http://box:8080 --insecure-http"

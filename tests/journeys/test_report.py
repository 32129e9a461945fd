"""Reports of real runs on the sandbox, also of those that go on or were killed, and what the page looks like to those
who read or hear it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from aiointercom.cleanup import Convert, Item, RedactPart, RedactSource, evidence, page, run, verify
from aiointercom.sandbox import Fault, Sandbox
from tests.pure.ledgers import BEGUN, item, large, ledger, run_row

PLANTED = "Zwetschgenknoedel"
VOID = {"meta"}


class Read(HTMLParser):
    """A page as a reader of HTML sees it: every element opened is closed, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words, blanks made one."""
        return " ".join(" ".join(self.words).split())

    def count(self, tag: str, class_: str | None = None) -> int:
        """How many elements of a kind there are."""
        return sum(t == tag and (class_ is None or attrs.get("class") == class_) for t, attrs in self.elements)


def shown(source: Path, *, planned: int | None = None, named: bool = False) -> Read:
    """The page of a ledger, read."""
    folder = source.parent
    told = evidence(source, to=folder / "evidence.jsonl") if named else None
    page(source, to=folder / "page.html", evidence=told, planned=planned, now=BEGUN + 7200)
    return Read((folder / "page.html").read_text(encoding="utf-8"))


def items_of(sandbox: Sandbox, count: int) -> Iterator[Item]:
    """Conversations with the planted word in them, and what is to be done about them."""
    body = f"<p>4111 1111 1111 1111 {PLANTED}</p>"
    for _ in range(count):
        id = sandbox.add_conversation(source={"body": body}, parts=[{"body": body}])
        conversation = sandbox.conversation(id)
        yield RedactSource(id, conversation["source"]["id"])
        yield RedactPart(id, conversation["parts"][0]["id"])
        yield Convert(sandbox.add_conversation(source={"body": body}), 85, title=PLANTED, description=PLANTED)


def copied(folder: Path, to: Path) -> None:
    """Take a ledger with all that lies beside it, as a kill at this moment would leave them."""
    for path in folder.glob("ledger*"):
        shutil.copy(path, to)


def telling(folder: Path) -> list[str]:
    """The files that hold the planted word."""
    return [path.name for path in folder.iterdir() if PLANTED.encode() in path.read_bytes()]


# ---------------------------------------------------------------- of real runs


@pytest.mark.anyio
async def test_report_of_a_run(tmp_path: Path) -> None:
    """A run on the sandbox gives whole evidence with a line for each item, and a page that says all is done; no word of
    a message is in any file.
    """
    sandbox = Sandbox()
    items = list(items_of(sandbox, 4))
    async with sandbox.client() as intercom, run(intercom, items, ledger=tmp_path / "ledger") as results:
        await results.finish()
    read = shown(tmp_path / "ledger", planned=12, named=True)
    assert "All 12 items done." in read.text
    assert "Nothing: every item that was begun is done." in read.text
    lines = (tmp_path / "evidence.jsonl").read_text().splitlines()
    assert len(lines) == 12 + 3
    found = verify(tmp_path / "evidence.jsonl")
    assert found.whole
    assert found.head in read.text
    assert telling(tmp_path) == []


@pytest.mark.anyio
async def test_report_while_a_run_goes_on(tmp_path: Path) -> None:
    """In the middle of a run the report is of what stands in the ledger then, and the run goes on undisturbed."""
    sandbox = Sandbox()
    items = list(items_of(sandbox, 5))
    async with sandbox.client() as intercom, run(intercom, items, ledger=tmp_path / "ledger", concurrency=1) as results:
        await anext(results)
        read = shown(tmp_path / "ledger", planned=15, named=True)
        assert verify(tmp_path / "evidence.jsonl").whole
        assert "The last run has no end" in read.text
        assert "in progress, or killed" in read.text
        summary = await results.finish()
    assert summary.complete
    assert "All 15 items done." in shown(tmp_path / "ledger").text


@pytest.mark.anyio
async def test_report_of_a_killed_run(tmp_path: Path) -> None:
    """The files that a kill leaves behind, with SQLite's log still beside the ledger, are reported as they are."""
    sandbox = Sandbox()
    items = list(items_of(sandbox, 5))
    left = tmp_path / "left"
    left.mkdir()
    async with sandbox.client() as intercom, run(intercom, items, ledger=tmp_path / "ledger", concurrency=1) as results:
        for _ in range(4):
            await anext(results)
        copied(tmp_path, left)
    assert (left / "ledger-wal").stat().st_size
    read = shown(left / "ledger", named=True)
    assert verify(left / "evidence.jsonl").whole
    assert re.search(r"\b[45] of [56] items done\.|All [45] items done\.", read.text)


@pytest.mark.anyio
async def test_what_remains_is_named_with_its_cause(tmp_path: Path) -> None:
    """Refused and unknown items stand on the page with code, status, ids and what to do; the run that stopped early
    says by what.
    """
    sandbox = Sandbox()
    missing = [RedactPart("471", "999"), RedactPart("480", "122")]
    async with sandbox.client() as intercom, run(intercom, missing, ledger=tmp_path / "ledger") as results:
        await results.finish()
    sandbox.fault(Fault(status=401, code="unauthorized", operation="redactConversation"))
    async with (
        sandbox.client() as intercom,
        run(intercom, [RedactPart("480", "121")], ledger=tmp_path / "ledger") as results,
    ):
        await results.finish()
    read = shown(tmp_path / "ledger", planned=5)
    assert "0 of 5 items done." in read.text
    for words in (
        "conversation_part_not_redactable",
        "471, part 999",
        "480, part 122",
        "480, part 121",
        "Not begun: 2",
    ):
        assert words in read.text
    assert "The last run stopped before its end: UnauthorizedError" in read.text


# ---------------------------------------------------------------- the page


@pytest.mark.parametrize("count", [0, 1, 5, 3000])
@pytest.mark.parametrize("kills", [0, 10])
def test_page_is_one_whole_file(tmp_path: Path, count: int, kills: int) -> None:
    """Whatever the size, the page is well formed, needs no script, and names no address outside of itself."""
    source = large(tmp_path / "l", count, kills) if count else ledger(tmp_path / "l")
    read = shown(source, named=True)
    assert {tag for tag, _ in read.elements} & {"script", "link", "img", "iframe", "object", "a"} == set()
    html = (tmp_path / "page.html").read_text()
    assert (
        re.findall(
            r"https?://|//\w|url\(|@import", html.partition("</style>")[0] + "".join(re.findall(r"<[^>]+>", html))
        )
        == []
    )
    assert len(html) < 120_000


def test_page_can_be_read_aloud(tmp_path: Path) -> None:
    """It has one main heading and no level is left out, each table has a caption and named rows and columns, each
    picture words.
    """
    read = shown(large(tmp_path / "l", 2000, 3))
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert read.count("table") == read.count("caption") > 2
    scopes = [attrs.get("scope") for tag, attrs in read.elements if tag == "th"]
    assert set(scopes) == {"col", "row"}
    pictures = [attrs for tag, attrs in read.elements if tag == "svg"]
    assert all(p.get("aria-hidden") or p.get("aria-label") or p.get("aria-labelledby") for p in pictures)
    assert dict(read.elements[0][1]) == {"lang": "en"} or read.elements[0][0] == "html"
    assert "1,9" in read.text
    assert "in 4 runs, 3 of them killed" in read.text


def test_everything_is_escaped(tmp_path: Path) -> None:
    """Markup in a code, an id or a name stays text."""
    evil = '"><script>alert(1)</script>&<b>'
    columns = {
        "state": "refused",
        "outcome": "refused",
        "error": evil,
        "code": evil,
        "reason": evil,
        "conversation_id": evil,
    }
    source = ledger(tmp_path / "l", [item(1, BEGUN + 1, **columns)], [run_row(1, BEGUN, BEGUN + 2, evil)])
    read = shown(source)
    assert (read.count("script"), read.count("b")) == (0, 0)
    assert read.text.count("<script>alert(1)</script>") == 6


def test_of_many_causes_and_items_the_first_are_named(tmp_path: Path) -> None:
    """Of each cause a dozen items are named, the others counted; beyond forty causes the rest are counted together."""
    columns = {"state": "refused", "outcome": "refused", "error": "BadRequestError"}
    rows = [item(number, BEGUN + number, **columns, code=f"code_{number % 60}") for number in range(1200)]
    read = shown(ledger(tmp_path / "l", rows, [run_row(1, BEGUN, BEGUN + 1200)]), named=True)
    assert "Refused: 1,200" in read.text
    assert "code_39" in read.text
    assert "code_40" not in read.text
    assert "Other causes" in read.text
    assert "and 8 more: in evidence.jsonl" in read.text
    assert len(read.words) < 3000


def test_without_evidence_the_page_points_to_it_all_the_same(tmp_path: Path) -> None:
    """A page that was made alone names no file, and says so."""
    rows = [item(number, BEGUN + number, state="unknown", outcome="unknown") for number in range(20)]
    read = shown(ledger(tmp_path / "l", rows, [run_row(1, BEGUN, BEGUN + 30)]))
    assert "and 8 more: in the evidence" in read.text
    assert "No evidence file was made with this page." in read.text


def test_kills_and_refusals_are_in_the_picture(tmp_path: Path) -> None:
    """Each run, each kill and the 429s have their marks, and a legend."""
    read = shown(large(tmp_path / "l", 3000, 10))
    assert read.count("line", "killed") == 10
    assert read.count("rect", "run") == 11 + 1
    assert read.count("rect", "limited") > 10
    assert "killed, or ended without a record of its end" in read.text


def test_long_pauses_are_folded(tmp_path: Path) -> None:
    """Three nights of work are drawn side by side, each with its date."""
    nights = [BEGUN + 86_400 * night for night in range(3)]
    rows = [item(3 * k + n, start + 36 * k + 36, run=n + 1) for n, start in enumerate(nights) for k in range(100)]
    runs = [run_row(n + 1, start, start + 3600, "asked") for n, start in enumerate(nights)]
    read = shown(ledger(tmp_path / "l", rows, runs), planned=400)
    assert read.count("rect", "pause") == 2
    assert "Pause of 23 h" in read.text
    assert all(day in read.text for day in ("22 Nov", "23 Nov", "24 Nov"))

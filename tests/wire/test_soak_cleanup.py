"""The soak of clean-ups at a small size, and that it would notice what goes wrong."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from scripts.soaking.cleanup import done_once, requests_made

ROOT = Path(__file__).parents[2]
REDACTED = ["redactConversation", "7", "70"]
CONVERTED = ["convertConversationToTicket", "8", "8"]


def test_quick_soak_keeps_all_promises() -> None:
    """A few hundred items, killed with -9 three times: all done, none twice, whole evidence, no word of a message
    anywhere, exit code 0.
    """
    command = [str(ROOT / "scripts" / "soak"), "--cleanup", "--quick"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "of which 3 were killed" in run.stdout
    assert "330 of 330 done, 0 twice, 0 that nobody asked for" in run.stdout
    assert re.search(r"evidence: 33\d lines", run.stdout)
    assert "the planted word is in no file of" in run.stdout


@pytest.mark.parametrize(
    ("effects", "broken"),
    [
        ([REDACTED, CONVERTED], []),
        ([REDACTED], ["1 items were not done"]),
        ([REDACTED, CONVERTED, CONVERTED], ["1 items were done twice"]),
        ([REDACTED, CONVERTED, ["redactConversation", "7", "71"]], ["1 items nobody asked for"]),
    ],
    ids=["once", "lost", "twice", "strange"],
)
def test_account_notices(effects: list[list[str]], broken: list[str]) -> None:
    """What was not done, done twice, or never asked for breaks a promise."""
    assert done_once(effects, [["7", "70"]], ["8"]) == broken


def test_too_many_requests_are_noticed() -> None:
    """Four requests for every five items more than there are items breaks a promise; those of the plan do not count,
    and a kill costs what was under way.
    """
    counts = [[1, "write", 200, 10], [1, "read", 200, 7], [1, "web", 200, 1]]
    assert requests_made(counts, 4, 10, 0) == []
    assert requests_made(counts, 0, 10, 0) == ["1.80 requests per item"]
    assert requests_made(counts, 0, 10, 1) == []
    assert requests_made([[1, "write", 200, 172]], 0, 10, 1) == ["17.20 requests per item"]

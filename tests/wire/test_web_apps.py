"""docs/web-apps.md: what an app learns when a client goes away, a time-out rings or SIGTERM comes in the middle of a
write, measured.
"""

from __future__ import annotations

import re
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from aiointercom import errors
from tests.wire.web_servers import PAGE, SETUPS, disconnected, serving, stopped, timed_out

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the servers are stopped by SIGTERM")
WORDS = {"goes on": "redacted", "cancelled": "CallCancelled"}
ROW = re.compile(
    r"^\| ([\w.]+(?:, \w+)?) \| (goes on|cancelled) \| (goes on|cancelled) \| (goes on|cancelled) \|$", re.MULTILINE
)
TABLE = {setup: {"disconnect": d, "SIGTERM": s, "time-out": t} for setup, d, s, t in ROW.findall(PAGE.read_text())}


def measured(setup: str, folder: Path) -> dict[str, object]:
    """Everything about one setup, by one process of it."""
    with serving(setup, folder) as app:
        app.gate.open.set()
        where = f"http://127.0.0.1:{app.port}/conversations"
        (folder / "way.txt").write_text("finish 0")
        part = next(app.gate.parts)
        paths = [f"{app.gate.conversation}/parts/{part}", "999999/parts/1", f"{app.gate.conversation}/parts/%20"]
        told: dict[str, object] = {
            "statuses": [httpx.post(f"{where}/{path}/redact", timeout=60).status_code for path in paths],
        }
        while app.gate.arrived.acquire(blocking=False):
            pass
        cancels = TABLE[setup]["disconnect"] == "cancelled"
        told["disconnect"] = {way: disconnected(app, way, cancels) for way in ("plain", "finish")}
        told["time-out"] = {way: timed_out(app, way) for way in ("plain", "finish")}
        told["SIGTERM"] = stopped(app, TABLE[setup]["SIGTERM"] == "cancelled")
    return told


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Future[dict[str, object]]]:
    """What was measured of each setup, several at a time, since most of it is waiting."""
    with ThreadPoolExecutor(4) as pool:
        return {setup: pool.submit(measured, setup, tmp_path_factory.mktemp("app")) for setup in SETUPS}


@pytest.mark.parametrize("setup", SETUPS)
def test_what_the_app_learns(setup: str, results: dict[str, Future[dict[str, object]]]) -> None:
    """Each row of the page's table is what happens; with `finish` the outcome is told in every case; errors have their
    statuses.
    """
    told = results[setup].result()
    assert told.pop("statuses") == [200, 404, 422]
    assert told == {when: {"plain": WORDS[what], "finish": "redacted"} for when, what in TABLE[setup].items()}


def test_the_table_is_complete() -> None:
    """The page has a row for each setup that is measured, and no other."""
    assert set(TABLE) == set(SETUPS)


def test_the_statuses_are_those_of_the_errors() -> None:
    """Each row of the page's table of statuses names classes that answer with one of its statuses."""
    rows = re.findall(r"^\| (\d{3}(?:, \d{3})*) \| (.+?) \|", PAGE.read_text(), re.MULTILINE)
    told = {
        name: set(map(int, codes.split(", "))) for codes, names in rows for name in re.findall(r"`(\w+Error)`", names)
    }
    assert {name for name, codes in told.items() if getattr(errors, name).http_status not in codes} == set()
    assert len(told) == 21
    assert {code for codes in told.values() for code in codes} == {400, 401, 404, 409, 422, 500, 502, 503, 504}

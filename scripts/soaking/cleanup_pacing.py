"""A clean-up at Intercom's own rate limit.

What it uses of what it is allowed, alone and beside a web app that does not pace itself.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from pathlib import Path

from attrs import frozen
from scripts.soaking.cleanup import Moment, Process, carried_out, server, started, told_by
from scripts.soaking.processes import Line

LIMIT, WINDOW = 1667, 10.0  # 10,000 a minute
RESERVE = 0.2  # what a batch job leaves to others by default
FULL_WINDOWS = 3
USED = 0.95


@frozen
class Scene:
    """Who takes part. web_rate: calls a second of a web app; 0: no web app takes part."""

    name: str
    web_rate: float


SCENES = (Scene("a clean-up alone", 0.0), Scene("a clean-up beside a web app without pacing", 30.0))


def cleanup_pacing() -> list[str]:
    """Play both scenes and print their figures; returns what was not reached."""
    print(
        f"\nclean-up at {LIMIT} requests in {WINDOW:g} seconds, of which it leaves {RESERVE:.0%} to "
        f"others; {FULL_WINDOWS} whole windows"
    )
    return [missed for scene in SCENES for missed in play(scene)]


def play(scene: Scene) -> list[str]:
    """Play one scene and print its figures; returns what was not reached."""
    with tempfile.TemporaryDirectory() as name:
        order: Line = {
            "limit": LIMIT,
            "window": WINDOW,
            "redactions": int(LIMIT * (FULL_WINDOWS + 1.5)),
            "conversions": 1,
            "parts": 1,  # small answers: what is measured is the pace, not how fast a sandbox writes JSON
        }
        with server(order) as (sandbox, sown):
            common: Line = {key: sown[key] for key in ("url", "token", "redactable", "convertible")}
            common |= {"plans": [f"{name}/redact.plan", f"{name}/convert.plan"]}
            common |= {"ledger": str(Path(name, "ledger")), "log": None}
            carried_out("plan", common)
            # Two seconds of a window are left when the traffic begins, so that what is measured are whole windows.
            time.sleep((WINDOW - 2.0 - time.time()) % WINDOW)
            first = int(time.time() / WINDOW) + 1
            seconds = (first + FULL_WINDOWS) * WINDOW - time.time() - 0.05
            refused = _carried_on(scene, common, seconds)
            counts = told_by(sandbox)["counts"]
    return _report(scene, counts, first, refused)


def _carried_on(scene: Scene, common: Line, seconds: float) -> int:
    """Run the clean-up, and the web app if there is one, for so many seconds.

    Returns how many calls of the web app were refused.
    """
    web = (
        Process(
            started("traffic", common | {"window": WINDOW, "seconds": seconds, "after": 0.0, "rate": scene.web_rate})
        )
        if scene.web_rate
        else None
    )
    cleaning = Process(started("cleanup_runner", common | {"what": "run"}))
    cleaning.listen()
    cleaning.live(Moment(seconds, None))
    if web is None:
        return 0
    out, _ = web.running.communicate()
    told = json.loads(out.splitlines()[-1])
    return int(told["refused"])


def _report(scene: Scene, counts: list[list[object]], first: int, refused: int) -> list[str]:
    answered: Counter[tuple[object, bool]] = Counter()
    limited = 0
    for window, kind, status, count in counts:
        assert isinstance(count, int)
        answered[window, kind == "web"] += count * (status != 429)
        limited += count * (status == 429 and kind != "web")
    windows = range(first, first + FULL_WINDOWS)
    used = [(answered[window, False] + answered[window, True]) / (LIMIT * (1 - RESERVE)) for window in windows]
    mean = sum(used) / len(used)
    ours = sum(answered[window, False] for window in windows)
    web = sum(answered[window, True] for window in windows)
    print(f"  {scene.name}: {ours} calls of the clean-up, {limited} refused; {web} of the web app, {refused} refused")
    print(
        f"    of what the clean-up may fill of a window, used: "
        f"{', '.join(f'{share:.1%}' for share in used)}, mean {mean:.1%}"
    )
    missed = [f"{scene.name}: {refused} calls of the web app refused"] if refused else []
    return missed + ([f"{scene.name}: {mean:.1%} used, not {USED:.0%}"] if mean < USED else [])

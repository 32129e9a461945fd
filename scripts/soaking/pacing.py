"""The pacing experiment, over real sockets.

Several processes on one token want more than it allows, and nobody may be refused.

Refusals and use of the budget are counted by the sandbox, in whole windows of 10 seconds as Intercom has them.
"""

from __future__ import annotations

import time
from collections import Counter
from math import inf

from attrs import frozen
from scripts.soaking import unkind
from scripts.soaking.processes import TRAFFIC, Line, carry_out, workers

from aiointercom.sandbox import Received, Sandbox

WINDOW, LIMIT = 10.0, 1000
"""Seconds, and the requests in each window: ten times less than Intercom has, but more than this asks of two cores."""
FULL_WINDOWS = 3


@frozen
class Scene:
    """Who takes part. refused.

    The greatest share of calls that may be refused. used: the least share of the budget to be used.
    """

    name: str
    paced: int
    refused: float
    used: float = 0.0
    late: bool = False
    """The last of them joins in the middle of the second window."""
    web_rate: float = 0.0
    """Requests a second of a web app without pacing; the others are batch jobs then."""
    window: float = WINDOW
    limit: int = LIMIT
    windows: int = FULL_WINDOWS
    turns: float = inf
    """How many times as many answers the busiest worker may have as the idlest, in all windows."""


SCENES = (
    Scene("four workers", 4, refused=0.005, used=0.95),
    Scene("twelve workers", 12, refused=0.015),
    Scene("three workers, a fourth joins late", 4, refused=0.005, late=True),
    Scene("a batch job beside a web app without pacing", 1, refused=0.005, web_rate=30.0),
    Scene("fifty workers", 50, refused=0.02, used=0.8, window=2.0, limit=200, windows=5, turns=2.0),
)


def experiment() -> list[str]:
    """Play all scenes and print their figures; returns what was not reached."""
    print("\npacing: several processes on one token, for a number of whole windows and a part of one before")
    missed: list[str] = []
    for scene in SCENES:
        missed += play(scene)
    unkind.table()
    return missed


def play(scene: Scene) -> list[str]:
    """Play one scene and print its figures; returns what was not reached."""
    window = scene.window
    sandbox = Sandbox(limit=scene.limit, window=window)
    heard: dict[int, Line] = {}
    count = scene.paced + (scene.web_rate > 0)
    with sandbox.serve() as server, workers(TRAFFIC, count) as running:
        # A fifth of a window is left when the traffic begins, so that most of what is measured are whole windows.
        time.sleep((0.8 * window - time.time()) % window)
        first = int(time.time() / window) + 1
        seconds = (first + scene.windows) * window - time.time() - 0.05
        common: Line = {"url": server.url, "token": sandbox.token, "window": window, "seconds": seconds, "after": 0.0}
        orders = [common | {"priority": "interactive", "rate": 0.0} for _ in range(count)]
        if scene.late:
            after = 1.7 * window
            orders[-1] |= {"after": after, "seconds": seconds - after}
        if scene.web_rate:
            orders[0] |= {"priority": "batch"}
            orders[-1] |= {"rate": scene.web_rate}
        carry_out(running, orders, heard.__setitem__)
    requests = [request for request in sandbox.requests if request.at < (first + scene.windows) * window]
    return report(scene, requests, heard, first)


def report(scene: Scene, requests: list[Received], heard: dict[int, Line], first: int) -> list[str]:
    """Print the figures of a scene; returns what was not reached."""
    missed: list[str] = []
    refused = sum(request.status == 429 for request in requests) / max(1, len(requests))
    allowed = Counter(int(request.at / scene.window) for request in requests if request.status != 429)
    used = [allowed[window] / scene.limit for window in range(first, first + scene.windows)]
    mean = sum(used) / len(used)
    print(
        f"  {scene.name}, {scene.limit} requests in {scene.window:g} seconds: {len(requests)} calls, "
        f"{refused:.2%} refused"
    )
    print(f"    of the whole windows used: {_percent(used)}, mean {mean:.1%}")
    if refused > scene.refused:
        missed.append(f"{scene.name}: {refused:.2%} refused, not {scene.refused:.1%}")
    if mean < scene.used:
        missed.append(f"{scene.name}: {mean:.1%} of the budget used, not {scene.used:.0%}")
    if failed := sum(line["failed"] for line in heard.values()):
        missed.append(f"{scene.name}: {failed} calls failed in the end")
    missed += _turns(scene, heard)
    last = str(first + scene.windows - 1)
    shares = [heard[number]["answered"].get(last, 0) for number in range(scene.paced)]
    if scene.late:
        print(f"    answers in the last window, the late one last: {shares}")
    if scene.web_rate:
        web = heard[scene.paced]
        answered = sum(web["answered"].values())
        told = f"{answered + web['refused']} calls, {web['refused']} refused"
        print(f"    web app: {told}; batch job: {shares[0]} in the last window")
        if web["refused"]:
            missed.append(f"{scene.name}: {web['refused']} calls of the web app refused")
    return missed


def _turns(scene: Scene, heard: dict[int, Line]) -> list[str]:
    """Print how evenly the answers went to the workers; returns what was not reached."""
    turns = sorted(sum(heard[number]["answered"].values()) for number in range(scene.paced))
    ratio = turns[-1] / max(1, turns[0])
    print(f"    answers of a worker: {turns[0]} to {turns[-1]}, {ratio:.2f} times as many")
    return [f"{scene.name}: {ratio:.2f} times as many answers, not {scene.turns:g}"] if ratio > scene.turns else []


def _percent(shares: list[float]) -> str:
    return ", ".join(f"{share:.1%}" for share in shares)

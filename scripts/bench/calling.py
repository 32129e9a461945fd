"""Group "calls": a whole redact call over loopback, with so many under way at once."""

from __future__ import annotations

from .processes import Processes
from .rows import Row, Sample

ROUNDS = 5
CONNECTIONS = 50
"""For every contender: as many as aiointercom opens by itself."""
IN_FLIGHT = (1, 50, 200, 1000)
NAMES = ("bare", "core", "aiohttp", "official", "bare_aiohttp", "floor", "bare_default")


def measure(processes: Processes, share: float) -> dict[str, dict[str, Sample]]:
    """Measure one round. python-intercom is left out at 1,000, where it takes long.

    Bare httpx takes part a second time with the limits that it has by itself: 100 connections, 20 of them kept.
    """
    url = processes.server(1)

    measured = {}
    for at_once in IN_FLIGHT:
        order = {
            "kind": "calls",
            "url": url,
            "concurrency": at_once,
            "seconds": 0.4 * share,
            "connections": CONNECTIONS,
        }
        names = [name for name in NAMES if at_once <= 200 or name not in ("official", "bare_default")]
        measured[f"calls {at_once}"] = processes.each(names, lambda _, order=order: order)
    return measured


def rows() -> list[Row]:
    """Against bare httpx, against the official SDK, against the floor, and against itself with more under way."""
    made = []
    for title, name, reaches in (
        ("default transport", "core", (0.9, 0.7, 0.5)),
        ("with [aiohttp]", "aiohttp", (0.65, 0.3, 0.25)),
        ("bare aiohttp", "bare_aiohttp", (None,) * 3),
        ("hand-written loop", "floor", (None,) * 3),
    ):
        for at_once, reach in zip(IN_FLIGHT, (*reaches, None), strict=True):
            what = f"a call, {at_once:,} in flight, {title}, of bare httpx"
            made.append(Row(what, f"calls {at_once}", name, "bare", reach))
            if reach is not None:
                made.append(Row(f"{what} with its own limits", f"calls {at_once}", name, "bare_default", reach))
    for at_once, least in zip(IN_FLIGHT, (3, 3, 3.5), strict=False):
        what = f"a call, {at_once:,} in flight, default transport, times cheaper than python-intercom"
        made.append(Row(what, f"calls {at_once}", "official", "core", least, "at least"))
    for title, name, reach in (
        ("default transport", "core", 1.3),
        ("with [aiohttp]", "aiohttp", 1.3),
        ("bare httpx", "bare", None),
    ):
        what = f"a call at 1,000 in flight to one at 50, {title}"
        made.append(Row(what, "calls 1000", name, name, reach, other="calls 50"))
    return made

"""Group "calls": a whole redact call over loopback."""

from __future__ import annotations

from processes import Processes
from rows import Row, Sample

CONNECTIONS = 50
"""For every contender: as many as aiointercom opens by itself."""
IN_FLIGHT = (1, 50, 200, 1000)
NAMES = ("bare", "core", "aiohttp", "official", "bare_aiohttp", "floor")


def measure(processes: Processes, share: float) -> dict[str, dict[str, Sample]]:
    """Measure one round."""
    url = processes.server(1)

    def once(name: str, concurrency: int, connections: int) -> Sample:
        order = {"url": url, "concurrency": concurrency, "connections": connections, "seconds": 0.4 * share}
        return processes.measure(name, {"kind": "calls", **order})

    measured = {f"calls {at_once}": {name: once(name, at_once, CONNECTIONS) for name in NAMES} for at_once in IN_FLIGHT}
    for at_once in IN_FLIGHT[:3]:
        measured[f"calls {at_once}"]["bare_default"] = once("bare", at_once, 0)
    return measured


def rows() -> list[Row]:
    """Against bare httpx, against the official SDK, and against the floor."""
    made = []
    for title, name, reaches in (
        ("default transport", "core", (0.9, 0.7, 0.5, None)),
        ("with [aiohttp]", "aiohttp", (0.65, 0.3, 0.25, None)),
        ("bare aiohttp", "bare_aiohttp", (None,) * 4),
        ("hand-written loop", "floor", (None,) * 4),
    ):
        for at_once, reach in zip(IN_FLIGHT, reaches, strict=True):
            what = f"{at_once:,} in flight, {title}, of bare httpx"
            made.append(Row("calls", what, f"calls {at_once}", name, "bare", reach))
            if at_once != 1000 and name in ("core", "aiohttp"):
                made.append(
                    Row("calls", f"{what} with its own limits", f"calls {at_once}", name, "bare_default", reach)
                )
    for at_once, least in zip(IN_FLIGHT, (3, 3, 3.5, None), strict=True):
        what = f"{at_once:,} in flight, times less than python-intercom"
        made.append(Row("calls", what, f"calls {at_once}", "official", "core", least, "at least"))
    return made

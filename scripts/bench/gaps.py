"""Group "block": how long one answer of 500 parts keeps the event loop from everything else."""

from __future__ import annotations

from .processes import Processes
from .rows import TITLES, Row, Sample

ROUNDS = 5
REACH = {"core": 10, "speed": 10, "bare": None, "official": None}


def measure(processes: Processes, share: float) -> dict[str, dict[str, Sample]]:
    """Measure one round."""
    url = processes.server(500)
    count = {name: max(1, int((2 if name == "official" else 8) * share)) for name in REACH}
    return {"block": processes.each(REACH, lambda name: {"kind": "block", "url": url, "count": count[name]})}


def rows() -> list[Row]:
    """Milliseconds; less than 10 is promised."""
    return [
        Row(f"longest block by an answer of 500 parts, {TITLES[name]}", "block", name, reach=reach, unit="ms")
        for name, reach in REACH.items()
    ]

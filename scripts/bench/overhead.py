"""Group "machinery": what pacing and a known outcome take of a call that meets no trouble."""

from __future__ import annotations

from .processes import Processes
from .rows import Row, Sample

ROUNDS = 5
IN_FLIGHT = (1, 50)


def measure(processes: Processes, share: float) -> dict[str, dict[str, Sample]]:
    """Measure one round."""
    url = processes.server(1)
    return {
        f"machinery {at_once}": {
            "core": processes.measure(
                "core", {"kind": "machinery", "url": url, "concurrency": at_once, "seconds": 0.4 * share}
            )
        }
        for at_once in IN_FLIGHT
    }


def rows() -> list[Row]:
    """In per cent of a call with the default transport."""
    return [
        Row(
            f"pacing and outcome, of a call, {at_once} in flight",
            f"machinery {at_once}",
            "core",
            reach=5,
            unit="%",
            clocks=("cpu",),
        )
        for at_once in IN_FLIGHT
    ]

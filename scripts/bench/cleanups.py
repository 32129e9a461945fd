"""Group "cleanup": what the engine of a clean-up costs beside the bare calls that it makes."""

from __future__ import annotations

from .processes import Processes
from .rows import Row, Sample

ROUNDS = 5


def measure(processes: Processes, share: float) -> dict[str, dict[str, Sample]]:
    """Measure one round: items of a run, and conversations of 50 parts of a plan with all detectors."""
    run = {"kind": "run", "url": processes.server(1), "count": max(40, int(400 * share))}
    plan = {"kind": "plan", "url": processes.server(50), "count": max(40, int(200 * share))}
    return {
        "cleanup run": processes.each(("core", "run"), lambda _: run),
        "cleanup plan": processes.each(("core", "plan"), lambda _: plan),
    }


def rows() -> list[Row]:
    """Nothing is promised."""
    return [
        Row("an item of cleanup.run, of a bare redact_part, 40 in flight", "cleanup run", "run", "core"),
        Row(
            "a conversation of 50 parts in cleanup.plan, of a bare retrieve, 40 in flight",
            "cleanup plan",
            "plan",
            "core",
        ),
    ]

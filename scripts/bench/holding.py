"""Group "memory": what one conversation retains, and whether a process grows.

Both hardly vary, so one round is enough.
"""

from __future__ import annotations

from .processes import Processes
from .rows import TITLES, Row, Sample

ROUNDS = 1
NAMES = ("struct", "core", "speed", "bare", "official")
HELD = 50
CALLS = 20_000
AT_ONCE = 200


def measure(processes: Processes, share: float) -> dict[str, dict[str, Sample]]:
    """Measure it once. python-intercom holds fewer conversations, for it takes long to read them."""
    held = {name: max(2, int((HELD if name != "official" else HELD / 10) * share)) for name in NAMES}
    retained = processes.each(NAMES, lambda name: {"kind": "retained", "parts": 500, "held": held[name]})
    order = {"url": processes.server(1), "concurrency": AT_ONCE, "count": int(CALLS * share)}
    return {"retained": retained, "growth": {"core": processes.measure("core", {"kind": "growth", **order})}}


def rows() -> list[Row]:
    """By tracemalloc for what is retained, by resident memory for growth."""
    made = [
        Row(
            f"memory of a conversation of 500 parts, {TITLES[name]}, of a Struct's",
            "retained",
            name,
            "struct",
            reach,
            clocks=("mb",),
        )
        for name, reach in (("core", 2), ("speed", 2), ("bare", None), ("official", None))
    ]
    what = f"growth over {CALLS:,} redactions, {AT_ONCE} in flight"
    return [*made, Row(what, "growth", "core", reach=5, unit="MB", clocks=("mb",))]

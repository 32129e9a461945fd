"""Group "parse": a conversation from bytes."""

from __future__ import annotations

from .processes import Processes
from .rows import Row, Sample

ROUNDS = 11
SIZES = (1, 50, 500, 5000)
NAMES = ("struct", "struct_orjson", "core", "speed", "bare", "official")


def measure(processes: Processes, share: float) -> dict[str, dict[str, Sample]]:
    """Measure one round. python-intercom is left out at 5,000 parts, where it takes seconds."""
    measured = {}
    for parts in SIZES:
        order = {"kind": "parse", "parts": parts, "seconds": 0.06 * share}
        names = [name for name in NAMES if name != "official" or parts <= 500]
        measured[f"parse {parts}"] = processes.each(names, lambda _, order=order: order)
    return measured


def rows() -> list[Row]:
    """500 parts are what is promised; the other sizes show that it holds elsewhere."""
    made = []
    for title, name, of_struct, of_official in (("core only", "core", 5, 50), ("with [speed]", "speed", 3.8, 70)):
        for parts in SIZES:
            reach = of_struct if parts == 500 else None
            made.append(
                Row(f"parse {count(parts)}, {title}, of a Struct's time", f"parse {parts}", name, "struct", reach)
            )
        for parts in SIZES[:3]:
            what, least = (
                f"parse {count(parts)}, {title}, times faster than python-intercom",
                of_official if parts == 500 else None,
            )
            made.append(Row(what, f"parse {parts}", "official", name, least, "at least"))
    for title, name, reach in (
        ("core only", "core", 1.3),
        ("with [speed]", "speed", 1.3),
        ("json.loads alone", "bare", None),
    ):
        what = f"time of one of 5,000 parts to one of 500, {title}"
        made.append(Row(what, "parse 5000", name, name, reach, other="parse 500", scale=0.1))
    return made


def count(parts: int) -> str:
    """Write a number of parts."""
    return "1 part" if parts == 1 else f"{parts:,} parts"

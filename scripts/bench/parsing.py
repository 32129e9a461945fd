"""Group "parse": a conversation from bytes."""

from __future__ import annotations

from processes import Processes
from rows import Row, Sample

SIZES = (1, 50, 500, 5000)
NAMES = ("struct", "struct_orjson", "core", "speed", "bare", "official")


def measure(processes: Processes, share: float) -> dict[str, dict[str, Sample]]:
    """Measure one round. python-intercom is left out at 5,000 parts, where it takes seconds."""
    return {
        f"parse {parts}": {
            name: processes.measure(name, {"kind": "parse", "parts": parts, "seconds": 0.12 * share})
            for name in NAMES
            if name != "official" or parts <= 500
        }
        for parts in SIZES
    }


def rows() -> list[Row]:
    """500 parts are what is promised; the other sizes show that it holds elsewhere."""
    made = []
    for title, name, of_struct, of_official in (("core only", "core", 5, 50), ("with [speed]", "speed", 3.8, 70)):
        for parts in SIZES:
            promised = parts == 500
            what = f"{parts:,} part{'s' * (parts > 1)}, {title}"
            reach = of_struct if promised else None
            made.append(Row("parse", f"{what}, of a msgspec Struct's", f"parse {parts}", name, "struct", reach))
            if parts <= 500:
                reach = of_official if promised else None
                made.append(
                    Row(
                        "parse",
                        f"{what}, times faster than python-intercom",
                        f"parse {parts}",
                        "official",
                        name,
                        reach,
                        "at least",
                    )
                )
    return made

"""The outcome of a run as plain data.

What benchmark.json holds, and what the table, the page and the picture are made from.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from .processes import python_of
from .rows import Figure, Results, Row

Document = dict[str, Any]
PACKAGES = ("httpx", "httpcore", "anyio", "attrs", "orjson", "msgspec", "aiohttp", "httpx-aiohttp")


def document(results: Results, rows: Mapping[str, list[Row]]) -> Document:
    """Work out all figures."""
    return {
        "made": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.system()}, {os.cpu_count()} cores",
        "versions": versions(),
        "rounds": {name: len(rounds) for name, rounds in results.items()},
        "rows": [
            described(group, row, results) for group, some in rows.items() for row in some if row.measured(results)
        ],
        "times": {name: times(rounds) for name, rounds in results.items()},
    }


def described(group: str, row: Row, results: Results) -> Document:
    """Write one row."""
    figures = {clock: row.figure(results, clock) for clock in row.clocks}
    reach = None if row.reach is None else f"{row.way} {row.reach:g} {row.unit}"
    met = verdict([row.met(figure) for figure in figures.values()])
    written = {clock: numbers(figure) for clock, figure in figures.items()}
    return {"group": group, "what": row.what, "unit": row.unit, "reach": reach, "met": met, "figures": written}


def verdict(met: list[bool | None]) -> str | None:
    """Say whether the reach is met; where two clocks disagree, by which."""
    if met[0] is None:
        return None
    if all(met) or not any(met):
        return "yes" if all(met) else "NO"
    return "CPU yes, wall NO" if met[0] else "CPU NO, wall yes"


def times(rounds: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Medians of all that the contenders told."""
    return {
        name: {key: significant(median(one[name][key] for one in rounds)) for key in rounds[0][name]}
        for name in rounds[0]
    }


def numbers(figure: Figure) -> dict[str, float]:
    """Write a figure."""
    return {name: significant(getattr(figure, name)) for name in ("value", "low", "high")}


def significant(number: float) -> float:
    """Keep four digits: more would only be noise in a difference between two files."""
    return float(f"{number:.4g}")


def versions() -> dict[str, str]:
    """The versions of all that was measured; python-intercom's are those of its own environment, if there is one."""
    ours = {"CPython": platform.python_version(), "aiointercom": version("aiointercom")}
    found = ours | {name: version(name) for name in PACKAGES}
    python = Path(python_of("official"))
    if python.exists():
        ask = "from importlib.metadata import version as v; print(v('python-intercom'), v('httpx'), v('pydantic'))"
        told = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.split()
        found["python-intercom"] = f"{told[0]} (httpx {told[1]}, pydantic {told[2]})"
    return found

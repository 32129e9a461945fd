"""Group "start": what the first import and the first call cost, in processes that have done nothing before."""

from __future__ import annotations

from .processes import Processes
from .rows import Row, Sample

ROUNDS = 9
NAMES = ("bare", "core", "official")


def measure(processes: Processes, share: float) -> dict[str, dict[str, Sample]]:  # noqa: ARG001  # always one process
    """Measure one round: three contenders, each in three fresh processes."""
    url = processes.server(1)
    return {
        f"first {what}": {name: processes.fresh(name, what, url) for name in processes.taking_part(NAMES)}
        for what in ("import", "from", "call")
    }


def rows() -> list[Row]:
    """Milliseconds over what httpx alone takes."""
    made = []
    for package, client, name, reaches in (
        ("aiointercom", "Intercom", "core", (40, None, 100)),
        ("python-intercom", "AsyncIntercom", "official", (None, None, None)),
    ):
        for what, measurement, reach in zip(
            (
                f"import {package}, over import httpx",
                f"from {package} import {client}, over import httpx",
                f"import and first call of {package}, over those of bare httpx",
            ),
            ("first import", "first from", "first call"),
            reaches,
            strict=True,
        ):
            made.append(Row(what, measurement, name, "bare", reach, unit="ms"))
    return made

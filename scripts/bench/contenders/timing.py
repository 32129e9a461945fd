"""Time of parsing, and the stopwatch of all. The garbage collector stays on, as it would in a service."""

from __future__ import annotations

import gc
import time

from parsers import PARSERS
from payloads import conversation

Sample = dict[str, float]


class Stopwatch:
    """Wall and CPU time of this process since it was made."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    @property
    def seconds(self) -> float:
        """Wall time so far."""
        return time.perf_counter() - self._wall

    def per(self, count: int) -> Sample:
        """Microseconds for one of so many."""
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        return {"cpu": 1e6 * cpu / count, "wall": 1e6 * wall / count}


def parse(name: str, *, parts: int, seconds: float) -> Sample:
    """Time one parse. Each result dies before the next one is made."""
    read, data = PARSERS[name](), conversation(parts)
    read(data)
    gc.collect()
    count, watch = 0, Stopwatch()
    while count == 0 or watch.seconds < seconds:
        read(data)
        count += 1
    return watch.per(count)

"""One contender in a process of its own: reads what to measure from standard input, one JSON object a line, and answers likewise.

    contender.py NAME

The environment has orjson; in every contender but those that are about it, it cannot be imported, as in an installation without it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

WITH_ORJSON = ("speed", "struct_orjson")


def measure(name: str, kind: str, order: dict[str, Any]) -> dict[str, float]:
    """Carry out one order."""
    import blocking
    import timing

    kinds: dict[str, Callable[..., dict[str, float]]] = {
        "parse": timing.parse,
        "calls": lambda name, **order: asyncio.run(timing.calls(name, **order)),
        "block": lambda name, **order: asyncio.run(blocking.block(name, **order)),
    }
    return partial(kinds[kind], name)(**order)


def main() -> None:
    """Answer until standard input closes."""
    name = sys.argv[1]
    if name not in WITH_ORJSON:
        sys.modules["orjson"] = None  # type: ignore[assignment]  # how Python marks a module that is not to be found
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        print(json.dumps(measure(name, order.pop("kind"), order)), flush=True)


if __name__ == "__main__":
    main()

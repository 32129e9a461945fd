"""One contender in a process of its own.

Reads what to measure from standard input, one JSON object a line, and answers likewise.

    contender.py NAME

The environment has faster JSON decoders; only the contenders that are about them can import these, all others are as
the core alone is.
"""

from __future__ import annotations

import asyncio
import json
import sys
from importlib import import_module
from typing import Any

FASTER = ("msgspec", "orjson")
WITH_FASTER = ("speed", "struct", "struct_orjson")
KINDS = {  # what can be asked for: module and function, imported when they are
    "parse": ("timing", "parse"),
    "calls": ("crowds", "calls"),
    "block": ("blocking", "block"),
    "retained": ("memory", "retained"),
    "growth": ("memory", "growth"),
    "machinery": ("machinery", "machinery"),
    "run": ("cleaning", "run_items"),
    "plan": ("cleaning", "plan_conversations"),
}


def measure(name: str, kind: str, order: dict[str, Any]) -> dict[str, float]:
    """Carry out one order."""
    module, function = KINDS[kind]
    measured = getattr(import_module(module), function)(name, **order)
    return asyncio.run(measured) if asyncio.iscoroutine(measured) else measured


def hide_decoders(name: str) -> None:
    """Make this process one of an installation without faster decoders."""
    if name not in WITH_FASTER:
        for module in FASTER:
            sys.modules[module] = None  # type: ignore[assignment]  # how Python marks a module that is not to be found


def main() -> None:
    """Answer until standard input closes."""
    name = sys.argv[1]
    hide_decoders(name)
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        print(json.dumps(measure(name, order.pop("kind"), order)), flush=True)


if __name__ == "__main__":
    main()

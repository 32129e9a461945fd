"""One import, or one first call, in a fresh process; prints {"cpu", "wall"} in milliseconds since Python itself was up.

first.py import|from|call bare|core|official URL
"""

from __future__ import annotations

import sys
import time

CLIENT = {
    "bare": ("httpx", "AsyncClient"),
    "core": ("aiointercom", "Intercom"),
    "official": ("intercom", "AsyncIntercom"),
}
CPU, WALL = time.process_time(), time.perf_counter()
WHAT, NAME, URL = sys.argv[1:]
if NAME == "core":
    for decoder in ("msgspec", "orjson"):  # as in an installation of the core alone
        sys.modules[decoder] = None  # type: ignore[assignment]


def elapsed() -> str:
    """Write the times so far as a JSON object."""
    return f'{{"cpu": {1e3 * (time.process_time() - CPU)}, "wall": {1e3 * (time.perf_counter() - WALL)}}}'


def main() -> None:
    """Import what a user would import, or let the contender make one call."""
    if WHAT != "call":
        package, client = CLIENT[NAME]
        module = __import__(package)
        if WHAT == "from":  # a package may put off its own imports until then
            getattr(module, client)
        print(elapsed())
        return
    import asyncio

    from clients import CLIENTS

    async def call_once() -> None:
        async with CLIENTS[NAME](URL, 50) as call:
            await call()
            print(elapsed())

    asyncio.run(call_once())


main()

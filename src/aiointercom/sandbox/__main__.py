"""`python -m aiointercom.sandbox`: serve a seeded sandbox until SIGINT or SIGTERM."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from threading import Event
from types import FrameType

from aiointercom.sandbox import Sandbox, Server

from .seed import TOUR
from .wire import API_VERSION


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal comes.

    Returns the exit status: 0, or 1 when the address is in use or cannot be printed.
    """
    asked = _parser().parse_args(arguments)
    sandbox = Sandbox(asked.token, region=asked.region, limit=asked.limit, window=asked.window)
    stop = Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # a shell lets the background jobs of a script ignore Ctrl-C
            signal.signal(number, on_signal)
    try:
        server = sandbox.serve(asked.port, host=asked.host)
    except OSError as error:
        return _complained(f"cannot listen on {asked.host}:{asked.port}: {error.strerror}")
    with server, _notifications(sandbox, asked):
        if why := _lost(_greeting(server, asked)):
            return _complained(f"the address cannot be written to stdout: {why}")
        stop.wait()
    return 0


def _notifications(sandbox: Sandbox, asked: argparse.Namespace) -> AbstractContextManager[object]:
    """The sender of notifications, if an address was given."""
    if asked.webhooks is None:
        return nullcontext()
    return sandbox.webhooks(asked.webhooks, secret=asked.secret, retry_after=asked.retry_after)


def _lost(text: str) -> str | None:
    """Write a text to stdout. Returns why that failed; None: it did not."""
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]  # closed at the start of the process
        return "it is closed"
    try:
        print(text, flush=True)
    except OSError as error:
        _forget_the_rest()
        return error.strerror or type(error).__name__
    return None


def _forget_the_rest() -> None:
    """Python flushes stdout once more at the end of the process, and would complain of it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _complained(words: str) -> int:
    with suppress(OSError):  # stderr may lead to a full disk, or be closed, and then `print` writes nothing
        print(words, file=sys.stderr, flush=True)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m aiointercom.sandbox", description=f"An imitation of Intercom {API_VERSION}."
    )
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free port (default: 8080)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--token", default="sandbox-token", help="the bearer token to accept")
    parser.add_argument("--region", default="US", help="what /me names: US, Europe, Australia (default: US)")
    parser.add_argument("--limit", type=int, default=1667, help="requests in one window (default: 1667)")
    parser.add_argument("--window", type=float, default=10.0, help="length of a window in seconds (default: 10)")
    parser.add_argument("--webhooks", metavar="URL", help="send signed notifications of what happens to this address")
    parser.add_argument(
        "--secret", default="sandbox-secret", help="the client secret that signs them (default: sandbox-secret)"
    )
    parser.add_argument(
        "--retry-after", type=float, default=60.0, metavar="SECONDS", help="until one is sent again (default: 60)"
    )
    return parser


def _told_of(asked: argparse.Namespace) -> str:
    """The line about webhooks; nothing where no address was given."""
    return (
        "" if asked.webhooks is None else f"  webhooks                to {asked.webhooks}, signed with {asked.secret}\n"
    )


def _greeting(server: Server, asked: argparse.Namespace) -> str:
    tour = "\n".join(f"  {name:<24}{words}" for name, words in TOUR)
    return (
        f"Intercom sandbox, API {API_VERSION}\n"
        f"  address                 {server.url}\n"
        f"  token                   {asked.token}\n"
        f"  limit                   {asked.limit} requests in {asked.window:g} seconds\n"
        f"{_told_of(asked)}"
        f"In the workspace:\n{tour}\n"
        f'Use it with Intercom("{asked.token}", base_url="{server.url}"). Stop with Ctrl+C.'
    )


if __name__ == "__main__":
    sys.exit(main())

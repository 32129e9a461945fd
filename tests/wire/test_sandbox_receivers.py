"""The sandbox as a sender of webhooks, to addresses that never finish an answer: the time and the bytes are bounded."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, cycle

import pytest

from aiointercom.sandbox import Sandbox, receiver
from tests.wire.hostile import (
    DRIP,
    Answer,
    Hostile,
    dripping_body,
    dripping_chunks,
    dripping_headers,
    dripping_status,
    endless_body,
)


def dripping_and_closing() -> Answer:
    """A body that drips over a connection that ends with it."""
    head, *drips = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x", DRIP
    yield from chain([head], cycle(drips))


@pytest.mark.parametrize(
    "answer", [dripping_body, dripping_chunks, dripping_and_closing, dripping_status, dripping_headers]
)
def test_a_receiver_that_drips(answer: Callable[[], Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts as no answer in time, however it drips, and the delivery is tried once more and then given up."""
    monkeypatch.setattr(receiver, "TIMEOUT", 2 * DRIP)
    with Hostile(answer) as server, Sandbox().webhooks(server.url, secret="s", retry_after=0.0) as hooks:
        hooks.ping()
        assert hooks.wait(30)
        assert [one.status for one in hooks.deliveries] == [None, None]


def test_a_receiver_that_sends_much() -> None:
    """Of a body that never ends no more than a part is read; the status is the answer."""
    with Hostile(endless_body) as server, Sandbox().webhooks(server.url, secret="s", retry_after=0.0) as hooks:
        hooks.ping()
        assert hooks.wait(30)
        assert [one.status for one in hooks.deliveries] == [200]

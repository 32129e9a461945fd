"""The endpoint in FastAPI, Starlette and Litestar, and alone, under uvicorn and hypercorn, over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from fastapi import FastAPI
from litestar import Litestar, asgi
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from aiointercom.webhooks import Endpoint, Notification
from tests.pure.signing import CARD, SECRET, conversation, headers, message, packed
from tests.wire.serving import SERVERS

Handle = Callable[[Notification], Any]


def fastapi_app(endpoint: Endpoint) -> Any:
    """As a route of FastAPI."""
    app = FastAPI()
    app.router.routes.append(Route("/hooks", endpoint))
    return app


def starlette_app(endpoint: Endpoint) -> Any:
    """As a route of Starlette."""
    return Starlette(routes=[Route("/hooks", endpoint)])


def mounted_app(endpoint: Endpoint) -> Any:
    """As a mount of Starlette, whose address ends in a slash; FastAPI's is the same."""
    return Starlette(routes=[Mount("/hooks", endpoint)])


def litestar_app(endpoint: Endpoint) -> Any:
    """As an ASGI handler of Litestar."""
    return Litestar([asgi("/hooks", copy_scope=True)(endpoint)], logging_config=None)


APPS: dict[str, tuple[Callable[[Endpoint], Any], str]] = {
    "FastAPI": (fastapi_app, "/hooks"),
    "Starlette": (starlette_app, "/hooks"),
    "a mount": (mounted_app, "/hooks/"),
    "Litestar": (litestar_app, "/hooks"),
    "alone": (lambda endpoint: endpoint, "/whatever"),
}


class Place:
    """A served endpoint, and what its handler saw and does."""

    def __init__(self) -> None:
        self.seen: list[Notification] = []
        self.url = ""

    async def handle(self, notification: Notification) -> None:
        """Fail or hang when the id says so."""
        if notification.id == "fails":
            raise ValueError(CARD)
        if notification.id == "hangs":
            await anyio.sleep_forever()
        self.seen.append(notification)


@pytest.fixture(params=[(server, app) for server in SERVERS for app in APPS], ids=" ".join)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """The endpoint in each framework under each server."""
    server, app = request.param
    build, path = APPS[app]
    found = Place()
    with SERVERS[server](build(Endpoint(found.handle, secret=["old", SECRET]))) as url:
        found.url = url + path
        yield found


def test_answers(place: Place) -> None:
    """All statuses, and no answer says a word."""
    good, huge = packed(), b"x" * 1_048_577
    cases: list[tuple[int, str, bytes, dict[str, str]]] = [
        (200, "HEAD", b"", {}),
        (200, "POST", good, headers(good)),
        (200, "POST", ping := packed("ping", {"type": "ping", "message": CARD}), headers(ping)),
        (401, "POST", good, {}),
        (401, "POST", good, headers(good, "wrong")),
        (400, "POST", b"{" + CARD.encode(), headers(b"{" + CARD.encode())),
        (413, "POST", huge, headers(huge)),
        (503, "POST", bad := packed(id="fails"), headers(bad)),
        (503, "POST", slow := packed(id="hangs"), headers(slow)),
        (405, "GET", b"", {}),
        (200, "POST", good, headers(good, "old")),
    ]
    once = httpx.Limits(
        max_keepalive_connections=0
    )  # hypercorn closes one whose request it did not read, and does not say so
    with httpx.Client(trust_env=False, timeout=20.0, limits=once) as client:
        for status, method, body, sent in cases:
            answer = client.request(method, place.url, content=body, headers=sent)
            assert (status, answer.status_code) == (status, status), (method, body[:40])
            assert answer.content == b""
    assert [one.id for one in place.seen] == ["notif_1"] * 2


def test_a_body_without_a_length_is_cut_off(place: Place) -> None:
    """A body in chunks that does not end is answered once it is too large, not at its end."""
    at = urlsplit(place.url)
    start = f"POST {at.path} HTTP/1.1\r\nHost: {at.netloc}\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection((at.hostname, at.port), timeout=20.0) as connection:
        connection.sendall(start.encode())
        for size in (65_536,) * 16 + (
            1,
        ):  # the server has read all of it when it knows: else it would reset the connection
            connection.sendall(b"%x\r\n%s\r\n" % (size, b"x" * size))
        assert connection.recv(12) in (b"HTTP/1.1 413", b"HTTP/1.1 503")
    assert place.seen == []


def test_many_at_once(place: Place) -> None:
    """Fifty notifications at once, each handed over once at most; those that were accepted were handed over."""
    accepted: set[str] = set()

    async def send(client: httpx.AsyncClient, id: str) -> None:
        body = packed("conversation.user.replied", conversation(message("1", "hello")), id=id)
        answer = await client.post(place.url, content=body, headers=headers(body))
        assert answer.status_code in (200, 503)  # on a busy machine the time may be over
        if answer.status_code == 200:
            accepted.add(id)

    async def main() -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=20.0) as client, anyio.create_task_group() as group:
            for number in range(50):
                group.start_soon(send, client, f"n{number}")

    anyio.run(main)
    ids = [str(one.id) for one in place.seen]
    assert len(ids) == len(set(ids))
    assert accepted
    assert accepted <= set(ids)

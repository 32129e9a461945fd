"""The fault proxy itself: each fault does what its name says, on the wire and to the workspace behind it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from scripts.soaking.fault_proxy import FaultProxy
from scripts.soaking.faults import Kind, Strike

from aiointercom.sandbox import Fault, Sandbox
from tests.wire.armed import Armed, any_request, reads_of, writes_to

HEADERS = {"Authorization": "Bearer sandbox-token"}
REDACT = {"type": "conversation_part", "conversation_id": "471", "conversation_part_id": "115"}
# What a caller sees of each fault: an error of httpx, or the status of an answer.
SEEN: dict[Kind, type[httpx.TransportError] | int] = {
    Kind.RESET: httpx.ReadError,
    Kind.HANG_UP: httpx.RemoteProtocolError,
    Kind.DELAY: httpx.ReadTimeout,
    Kind.CUT: httpx.RemoteProtocolError,
    Kind.GARBAGE: httpx.RemoteProtocolError,
    Kind.HTML: 200,
    Kind.GATEWAY: 502,
    Kind.GIVES_UP: 504,
    Kind.STALL: httpx.ReadTimeout,
}


class Scene:
    """A sandbox as a real server, the proxy before it, and a plain client before that."""

    def __init__(self, sandbox: Sandbox, proxy: FaultProxy, faults: Armed, client: httpx.Client) -> None:
        self.sandbox, self.proxy, self.faults, self.client = sandbox, proxy, faults, client

    def redact(self) -> httpx.Response:
        """Send one write."""
        return self.client.post("/conversations/redact", json=REDACT)


@pytest.fixture
def scene() -> Iterator[Scene]:
    sandbox, faults = Sandbox(), Armed()
    with sandbox.serve() as server, FaultProxy(server.port, faults, delay=0.3) as proxy:
        with httpx.Client(base_url=proxy.url, headers=HEADERS, timeout=30, trust_env=False) as client:
            yield Scene(sandbox, proxy, faults, client)


def quiet(proxy: FaultProxy) -> None:
    """Wait until nothing is held back any more."""
    while proxy.holding:
        time.sleep(0.01)


def until(fact: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    give_up = time.monotonic() + 30
    while not fact():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def answered(client: httpx.Client) -> int:
    """The status of a request, once the proxy listens again."""
    give_up = time.monotonic() + 30
    while True:
        try:
            return client.get("/me").status_code
        except httpx.ConnectError:
            assert time.monotonic() < give_up
            time.sleep(0.01)


def test_without_a_fault_everything_passes_on_one_connection(scene: Scene) -> None:
    """Requests and answers pass unchanged, the connection is kept, and all is logged."""
    assert scene.client.get("/me").json()["type"] == "admin"
    assert scene.redact().json()["id"] == "471"
    assert scene.client.get("/conversations/1").status_code == 404
    assert scene.proxy.connections == 1
    assert [(arrival.method, arrival.path, strike) for arrival, strike in scene.proxy.log] == [
        ("GET", "/me", None),
        ("POST", "/conversations/redact", None),
        ("GET", "/conversations/1", None),
    ]
    until(lambda: len(scene.proxy.passed) == 3)  # noted once the answer has left, which the client may see before
    assert [arrival.path for arrival in scene.proxy.passed] == ["/me", "/conversations/redact", "/conversations/1"]
    assert scene.proxy.limited == []


def test_refused_requests_are_noted(scene: Scene) -> None:
    """Requests that the real server refuses with 429 are told apart."""
    scene.sandbox.fault(Fault(rate_limited=True))
    assert [scene.client.get("/me").status_code for _ in range(2)] == [429, 200]
    assert [arrival.path for arrival in scene.proxy.limited] == ["/me"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("kind", Kind)
def test_each_fault_is_seen_as_what_it_is(scene: Scene, kind: Kind, after: bool) -> None:
    """The caller sees the fault; the write took effect if the fault came after it, or late if it was a delay or a
    gateway gave up; the next request passes.
    """
    scene.faults.arm(Strike(kind, after), any_request)
    if kind in (Kind.DELAY, Kind.STALL):  # only there a busy machine can be no slower than the fault
        scene.client.timeout = httpx.Timeout(30, read=0.15)
    expected = SEEN[kind]
    if isinstance(expected, int):
        answer = scene.redact()
        assert (answer.status_code, answer.headers["Content-Type"]) == (expected, "text/html")
    else:
        with pytest.raises(expected):
            scene.redact()
    assert len(scene.sandbox.ledger) == (1 if after else 0)
    quiet(scene.proxy)
    scene.client.timeout = httpx.Timeout(30)
    assert scene.client.get("/me").status_code == 200
    assert len(scene.sandbox.ledger) == Strike(kind, after).arrives
    assert [strike for _, strike in scene.proxy.struck] == [Strike(kind, after)]


def test_delayed_answer_comes_to_who_waits(scene: Scene) -> None:
    """A delay is no loss: with a longer time-out the answer comes, whole, on either side of the effect."""
    scene.faults.arm(Strike(Kind.DELAY, after=False), any_request)
    scene.faults.arm(Strike(Kind.DELAY, after=True), any_request)
    for _ in range(2):
        began = time.monotonic()
        assert scene.client.get("/me").json()["type"] == "admin"
        assert time.monotonic() - began > 0.25


def test_refused_connections(scene: Scene) -> None:
    """Refusing closes the idle connections and turns new ones away, until the proxy listens again; twice changes
    nothing.
    """
    assert scene.client.get("/me").status_code == 200
    for _ in range(2):
        scene.proxy.refuse()
    for _ in range(2):
        with pytest.raises(httpx.ConnectError):
            scene.redact()
    for _ in range(2):
        scene.proxy.listen()
    assert scene.redact().status_code == 200
    assert scene.proxy.connections == 2


def test_fault_that_refuses_from_then_on() -> None:
    """A fault can take the listener with it, for a time."""
    sandbox, faults = Sandbox(), Armed()
    faults.arm(Strike(Kind.RESET, after=True, then_refuse=True), any_request)
    with sandbox.serve() as server, FaultProxy(server.port, faults, refuse_for=1.0) as proxy:
        with httpx.Client(base_url=proxy.url, headers=HEADERS, trust_env=False) as client:
            with pytest.raises(httpx.ReadError):
                client.post("/conversations/redact", json=REDACT)
            with pytest.raises(httpx.ConnectError):
                client.get("/me")
            assert answered(client) == 200
    assert len(sandbox.ledger) == 1


def test_rules_strike_what_they_name_and_so_often(scene: Scene) -> None:
    """Rules match by read, write and conversation, skip and count; a cleared list strikes nothing."""
    scene.faults.arm(Strike(Kind.GATEWAY, after=False), reads_of("471"), times=2, skip=1)
    scene.faults.arm(Strike(Kind.HTML, after=True), writes_to("471"), times=None)
    paths = [
        "/me",
        "/conversations/480",
        "/conversations/471",
        "/conversations/471",
        "/tickets/471",
        "/conversations/471",
    ]
    assert [scene.client.get(path).status_code for path in paths] == [200, 200, 200, 502, 502, 200]
    body = {"ticket_type_id": "79"}
    kinds = [
        scene.redact().headers["Content-Type"],
        scene.client.post("/conversations/471/convert", json=body).headers["Content-Type"],
        scene.client.post("/conversations/474/convert", json=body).headers["Content-Type"].split(";")[0],
    ]
    assert kinds == ["text/html", "text/html", "application/json"]
    scene.faults.clear()
    assert scene.redact().headers["Content-Type"] != "text/html"


def test_server_that_is_gone_is_a_closed_connection() -> None:
    """Where nobody listens behind the proxy, the caller's connection is closed."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with FaultProxy(taken.getsockname()[1], Armed()) as proxy, pytest.raises(httpx.TransportError):
            httpx.get(proxy.url, trust_env=False)

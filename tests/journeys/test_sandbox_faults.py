"""Every fault, before and after the effect, in process and over real sockets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from aiointercom.sandbox import Fault, Sandbox, Server
from tests.journeys.sandbox_client import client_of

HEADERS = {"Authorization": "Bearer sandbox-token"}
PART = {"type": "conversation_part", "conversation_id": "471", "conversation_part_id": "115"}


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def client(sandbox: Sandbox) -> httpx.Client:
    return client_of(sandbox)


@pytest.fixture(params=["h11", "httptools"])
def server(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Server]:
    if request.param == "httptools":
        pytest.importorskip("httptools")
    with sandbox.serve(http=request.param) as server:
        yield server


@pytest.fixture
def wire(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers=HEADERS, trust_env=False) as client:
        yield client


def redact(client: httpx.Client) -> httpx.Response:
    return client.post("/conversations/redact", json=PART)


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        ({"status": 500}, 500, "server_error"),
        ({"status": 503, "code": "service_unavailable", "message": "later"}, 503, "later"),
        ({"rate_limited": True}, 429, "rate_limit_exceeded"),
        ({"status": 504, "body": b"<html>late</html>"}, 504, "<html>late</html>"),
        ({"body": b""}, 200, ""),
        ({"body": b"<html>login</html>"}, 200, "<html>login</html>"),
        ({"delay": 0.001, "status": 502}, 502, "server_error"),
    ],
)
def test_answers_instead_of_the_real_one(
    client: httpx.Client, sandbox: Sandbox, when: Any, effects: int, fault: dict[str, Any], status: int, text: str
) -> None:
    """A fault before the effect prevents it; after it, the write is done although the answer says otherwise."""
    sandbox.fault(Fault(when=when, **fault))
    answer = redact(client)
    assert (answer.status_code, len(sandbox.ledger)) == (status, effects)
    assert text in answer.text
    assert sandbox.requests[0].status == status
    assert redact(client).status_code == (400 if effects else 200)


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
def test_drop_in_process_is_a_connection_reset(client: httpx.Client, sandbox: Sandbox, when: Any, effects: int) -> None:
    """Without a socket a dropped connection is the error that a socket would raise."""
    sandbox.fault(Fault(drop=True, when=when))
    with pytest.raises(ConnectionResetError):
        redact(client)
    assert (len(sandbox.ledger), sandbox.requests[0].status) == (effects, None)


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
def test_drop_on_a_socket_ends_the_connection(wire: httpx.Client, sandbox: Sandbox, when: Any, effects: int) -> None:
    """On the real server the connection ends without a byte, and the server goes on."""
    sandbox.fault(Fault(drop=True, when=when))
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        redact(wire)
    assert len(sandbox.ledger) == effects
    assert wire.get("/me").status_code == 200


@pytest.mark.parametrize("length", [0, 20])
def test_truncated_on_a_socket(wire: httpx.Client, sandbox: Sandbox, length: int) -> None:
    """The first bytes come under the full length, then the connection ends: the body never comes whole."""
    sandbox.fault(Fault(truncate=length, when="after"))
    with pytest.raises(httpx.RemoteProtocolError, match=f"received {length} bytes"):
        redact(wire)
    assert len(sandbox.ledger) == 1
    assert wire.get("/me").status_code == 200


def test_truncated_in_process_is_a_short_body(client: httpx.Client, sandbox: Sandbox) -> None:
    """Without a socket a truncated body is just shorter than it says; one that fits is left whole."""
    sandbox.fault(Fault(truncate=20, when="after"), Fault(truncate=10**6, when="after"))
    short, whole = client.get("/me"), client.get("/me")
    assert (len(short.content), int(short.headers["Content-Length"])) == (20, len(whole.content))
    assert whole.json()["type"] == "admin"


@pytest.mark.parametrize("when", ["before", "after"])
def test_delay_alone_brings_the_real_answer_late(client: httpx.Client, sandbox: Sandbox, when: Any) -> None:
    """A delay waits and then lets the real answer out."""
    sandbox.fault(Fault(delay=0.05, when=when))
    began = time.monotonic()
    assert redact(client).status_code == 200
    assert time.monotonic() - began >= 0.05


def test_write_goes_on_when_the_caller_gave_up(wire: httpx.Client, sandbox: Sandbox) -> None:
    """On the real server a caller that stops waiting does not stop the write."""
    sandbox.fault(Fault(delay=0.3))
    with pytest.raises(httpx.ReadTimeout):
        wire.post("/conversations/redact", json=PART, timeout=0.1)
    for _ in range(100):
        if sandbox.ledger:
            break
        time.sleep(0.02)
    assert [effect.target_id for effect in sandbox.ledger] == ["115"]


def test_gateway_answers_carry_nothing_of_the_api(client: httpx.Client, sandbox: Sandbox) -> None:
    """A body of one's own comes like a gateway's: no rate-limit headers, no request id, HTML unless said otherwise."""
    sandbox.fault(Fault(status=502, body=b"bad gateway"), Fault(body=b"[]", content_type="application/json"))
    first, second = client.get("/me"), client.get("/me")
    assert (first.headers["Content-Type"], second.headers["Content-Type"]) == ("text/html", "application/json")
    assert not [name for name in first.headers if name.startswith("x-")]


def test_rate_limited_leaves_the_window_alone(client: httpx.Client, sandbox: Sandbox) -> None:
    """The 429 shows a used-up window, with headers of one's own on top; the next answer shows the real one."""
    sandbox.fault(Fault(rate_limited=True, headers={"Retry-After": "3"}))
    refused, answered = client.get("/me"), client.get("/me")
    assert (refused.headers["X-RateLimit-Remaining"], refused.headers["Retry-After"]) == ("0", "3")
    assert answered.headers["X-RateLimit-Remaining"] == "1665"


def test_headers_replace_those_of_the_real_answer(client: httpx.Client, sandbox: Sandbox) -> None:
    """A delayed real answer can carry headers of one's own, whatever their case."""
    sandbox.fault(Fault(delay=0.001, when="after", headers={"x-ratelimit-remaining": "soon"}))
    assert client.get("/me").headers.get_list("X-RateLimit-Remaining") == ["soon"]


def test_faults_count_and_choose(client: httpx.Client, sandbox: Sandbox) -> None:
    """`operation` chooses, `skip` lets pass, `times` ends; the first armed strikes first."""
    sandbox.fault(Fault(status=500, operation="identifyAdmin", skip=1, times=2), Fault(status=503, times=None))
    seen = [client.get(path).status_code for path in ("/me", "/me", "/conversations", "/me", "/me")]
    assert seen == [503, 500, 503, 500, 503]
    sandbox.clear_faults()
    assert client.get("/me").status_code == 200


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"status": 500, "drop": True},
        {"drop": True, "rate_limited": True},
        {"truncate": 5},
        {"truncate": -1, "when": "after"},
        {"status": 99},
        {"status": 600},
        {"drop": True, "when": "during"},
        {"delay": -1.0},
        {"drop": True, "skip": -1},
        {"drop": True, "times": 0},
    ],
)
def test_impossible_faults_are_refused(options: dict[str, Any]) -> None:
    """A fault that says nothing, two things at once, or something impossible cannot be made."""
    with pytest.raises(ValueError, match=r"\w"):
        Fault(**options)


def test_faults_and_records_over_the_control_doors(client: httpx.Client, sandbox: Sandbox) -> None:
    """Another process arms faults, clears them and reads ledger and requests without a token."""
    stranger = client_of(sandbox, token=None)
    described = {"operation": "redactConversation", "status": 502, "body": "<p>é</p>", "when": "after", "times": None}
    armed = stranger.post("/_sandbox/faults", json=described)
    assert (armed.status_code, armed.json()["body"], armed.json()["skip"]) == (201, "<p>é</p>", 0)
    assert redact(client).text == "<p>é</p>"
    assert stranger.delete("/_sandbox/faults").status_code == 204
    assert redact(client).status_code == 400
    [effect] = stranger.get("/_sandbox/ledger").json()
    assert (effect["operation"], effect["target_id"]) == ("redactConversation", "115")
    assert [seen["status"] for seen in stranger.get("/_sandbox/requests").json()] == [502, 400]
    assert "x-ratelimit-limit" not in armed.headers


@pytest.mark.parametrize(
    "described",
    [
        b"[]",
        b"{",
        b"[" * 100_000,
        b"{}",
        b'{"colour": 1}',
        b'{"status": "500"}',
        b'{"status": true}',
        b'{"delay": null}',
        b'{"status": 500, "headers": {"a": 1}}',
        b'{"status": 500, "drop": true}',
    ],
)
def test_bad_descriptions_of_faults_are_refused(client: httpx.Client, described: bytes) -> None:
    """What is no fault is a 400 that says why, and nothing is armed."""
    answer = client.post("/_sandbox/faults", content=described)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert client.get("/me").status_code == 200


def test_fault_without_body_is_told_in_json() -> None:
    """The JSON of a fault reads back as the same fault."""
    fault = Fault(drop=True, operation="identifyAdmin", skip=2, delay=1.5)
    assert Fault.from_json(fault.to_json()) == fault

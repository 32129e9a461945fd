"""Every fault, before and after the effect, in process and over real sockets."""

from __future__ import annotations

import json
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
        wire.post("/conversations/redact", json=PART, timeout=httpx.Timeout(30, read=0.1))
    for _ in range(3000):
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


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1_720_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def clocked(hand: Hand) -> Sandbox:
    return Sandbox(clock=hand)


def convert(client: httpx.Client) -> httpx.Response:
    return client.post("/conversations/474/convert", json={"ticket_type_id": "79"})


def part_115(client: httpx.Client, path: str = "/conversations/471") -> bool:
    """Whether a read shows part 115 as redacted."""
    [part] = [
        part for part in client.get(path).json()["conversation_parts"]["conversation_parts"] if part["id"] == "115"
    ]
    return bool(part["redacted"])


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"status": 500}, 500),
        ({"status": 408, "code": "request_timeout"}, 408),
        ({"status": 504, "body": b"<html>gateway</html>"}, 504),
        ({"status": 400, "code": "parameter_invalid"}, 400),
        ({"status": 404, "body": b"<html>nothing here</html>"}, 404),
        ({"rate_limited": True}, 429),
        ({"status": 200, "body": b"{}"}, 200),
    ],
)
@pytest.mark.parametrize("write", [redact, convert])
def test_late_effect_comes_after_the_answer(
    clocked: Sandbox, hand: Hand, write: Any, fault: dict[str, Any], status: int
) -> None:
    """The answer is the fault's, and the write takes effect when its time has come by the sandbox's clock, not
    before.
    """
    clocked.fault(Fault(late=7, **fault))
    client = client_of(clocked)
    assert (write(client).status_code, clocked.ledger) == (status, [])
    hand.now += 6.9
    assert clocked.ledger == []
    hand.now += 60
    [effect] = clocked.ledger
    assert (effect.at, effect.request_id) == (1_720_000_007.0, clocked.requests[0].request_id)


def test_late_effect_after_a_drop(clocked: Sandbox, hand: Hand) -> None:
    """The connection is dropped, and the effect comes all the same."""
    clocked.fault(Fault(late=1, drop=True))
    with pytest.raises(ConnectionResetError):
        redact(client_of(clocked))
    assert clocked.ledger == []
    hand.now += 1
    assert len(clocked.ledger) == 1


def test_late_effect_is_seen_by_whoever_looks_next(clocked: Sandbox, hand: Hand) -> None:
    """A read, a write, the copy of a conversation and the control door each see what came due, with the time it
    came.
    """
    client = client_of(clocked)
    for _ in range(2):
        clocked.fault(Fault(late=2, status=504))
    assert (redact(client).status_code, convert(client).status_code) == (504, 504)
    assert not part_115(client)
    assert not clocked.conversation(471)["parts"][0]["redacted"]
    hand.now += 3
    assert clocked.conversation(474)["ticket"]["id"] == 474
    assert part_115(client)
    assert (redact(client).status_code, convert(client).status_code) == (400, 400)
    assert client.get("/tickets/474").json()["updated_at"] == 1_720_000_002
    assert len(client.get("/_sandbox/ledger").json()) == 2


def test_late_effect_that_is_refused_by_then_is_none(clocked: Sandbox, hand: Hand) -> None:
    """A write that came again in the meantime took effect; the late one changes nothing, nor does one that cannot be
    read.
    """
    client = client_of(clocked)
    clocked.fault(Fault(late=2, status=504, times=3))
    redact(client)
    convert(client)
    client.post("/conversations/redact", content=b"{")
    assert (redact(client).status_code, convert(client).status_code) == (200, 200)
    hand.now += 5
    assert [effect.at for effect in clocked.ledger] == [1_720_000_000.0] * 2


def test_late_effects_come_in_the_order_of_their_times(clocked: Sandbox, hand: Hand) -> None:
    """Two writes to one part: the one whose time comes first takes effect, and the ledger is in order."""
    client = client_of(clocked)
    clocked.fault(Fault(late=5, status=504), Fault(late=1, status=504), Fault(late=3, status=504))
    redact(client)
    redact(client)
    convert(client)
    hand.now += 9
    assert [(effect.target_id, effect.at - 1_720_000_000.0) for effect in clocked.ledger] == [
        ("115", 1.0),
        ("474", 3.0),
    ]


def test_late_without_an_operation_strikes_writes_only(client: httpx.Client, sandbox: Sandbox) -> None:
    """A read passes a late fault by."""
    sandbox.fault(Fault(late=1, status=504))
    assert client.get("/me").status_code == 200
    assert redact(client).status_code == 504


def test_late_effect_on_a_socket(wire: httpx.Client, sandbox: Sandbox) -> None:
    """On the real server and the real clock the gateway's page comes first, the effect a moment later."""
    sandbox.fault(Fault(late=0.05, status=504, body=b"<html>gateway</html>"))
    assert redact(wire).text == "<html>gateway</html>"
    until = time.monotonic() + 5
    while not wire.get("/_sandbox/ledger").json():
        assert time.monotonic() < until
    assert part_115(wire)


def test_lagging_reads_show_what_was(clocked: Sandbox, hand: Hand) -> None:
    """Conversation, ticket, list and search are answered as they were so many seconds ago; writes go by what is."""
    client = client_of(clocked)
    clocked.fault(Fault(lag=8, times=None))
    redact(client)
    convert(client)
    query = {"query": {"field": "id", "operator": "=", "value": "474"}}

    def seen() -> tuple[bool, int, bool, bool]:
        [found] = client.post("/conversations/search", json=query).json()["conversations"]
        listed = {item["id"]: item for item in client.get("/conversations?per_page=150").json()["conversations"]}
        ticket = client.get("/tickets/474").status_code
        return part_115(client), ticket, found["ticket"] is not None, listed["474"]["ticket"] is not None

    assert seen() == (False, 404, False, False)
    hand.now += 7.9
    assert seen() == (False, 404, False, False)
    assert redact(client).status_code == 400
    assert clocked.conversation(471)["parts"][0]["redacted"]
    hand.now += 0.1
    assert seen() == (True, 200, True, True)


def test_answer_of_a_write_does_not_lag(clocked: Sandbox) -> None:
    """Reads lag; the write's own answer shows its effect, and what a test adds is seen at once."""
    client = client_of(clocked)
    clocked.fault(Fault(lag=8, times=None))
    assert [
        p["redacted"] for p in redact(client).json()["conversation_parts"]["conversation_parts"] if p["id"] == "115"
    ] == [True]
    assert convert(client).json()["type"] == "ticket"
    id = clocked.add_conversation(parts=1)
    clocked.add_part(id)
    clocked.add_part(471, id="900")
    assert client.get(f"/conversations/{id}").json()["conversation_parts"]["total_count"] == 2
    parts = client.get("/conversations/471").json()["conversation_parts"]["conversation_parts"]
    assert {part["id"]: part["redacted"] for part in parts if part["id"] in ("115", "900")} == {
        "115": False,
        "900": False,
    }


def test_lagging_reads_show_each_step(clocked: Sandbox, hand: Hand) -> None:
    """Of two writes to one conversation a lagging read shows first neither, then one, then both."""
    client = client_of(clocked)
    id = clocked.add_conversation(parts=1)
    part, source = clocked.conversation(id)["parts"][0]["id"], clocked.conversation(id)["source"]["id"]
    client.post("/conversations/redact", json=PART | {"conversation_id": id, "conversation_part_id": part})
    hand.now += 1
    client.post("/conversations/redact", json={"type": "source", "conversation_id": id, "source_id": source})
    clocked.fault(Fault(lag=1.5, times=None))
    steps = []
    for _ in range(3):
        read = client.get(f"/conversations/{id}").json()
        steps.append((read["conversation_parts"]["conversation_parts"][0]["redacted"], read["source"]["redacted"]))
        hand.now += 0.75
    assert steps == [(False, False), (True, False), (True, True)]


def test_late_effect_and_lagging_read_add_up(clocked: Sandbox, hand: Hand) -> None:
    """An effect that came late is seen by a lagging read later still, from the moment that it came."""
    client = client_of(clocked)
    clocked.fault(Fault(late=2, status=504), Fault(lag=3, times=None))
    redact(client)
    hand.now += 4.9
    assert not part_115(client)
    hand.now += 0.1
    assert part_115(client)


def test_flipping_reads(client: httpx.Client, sandbox: Sandbox) -> None:
    """With `every=2` each second read is stale, the first one too; `skip` begins with a fresh one. Reads only are
    counted.
    """
    redact(client)
    sandbox.fault(Fault(lag=60, every=2, times=None, operation="retrieveConversation"))
    seen = []
    for _ in range(4):
        seen.append(part_115(client))
        assert redact(client).status_code == 400
        client.get("/tickets/493")
    assert seen == [False, True, False, True]
    sandbox.clear_faults()
    sandbox.fault(Fault(lag=60, every=2, skip=1, times=2))
    assert [part_115(client) for _ in range(6)] == [True, False, True, False, True, True]


def test_lag_strikes_beside_another_fault(client: httpx.Client, sandbox: Sandbox) -> None:
    """A read that lags can be delayed or fail as well: the lag does not stand before other faults."""
    redact(client)
    sandbox.fault(Fault(lag=60, times=None), Fault(status=503), Fault(delay=0.001, when="after"))
    assert client.get("/conversations/471").status_code == 503
    assert not part_115(client)


def test_every_counts_for_all_faults(client: httpx.Client, sandbox: Sandbox) -> None:
    """Any fault can strike each third request."""
    sandbox.fault(Fault(status=500, every=3, times=2))
    assert [client.get("/me").status_code for _ in range(7)] == [500, 200, 200, 500, 200, 200, 200]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"late": 1},
        {"late": 1, "delay": 1},
        {"late": 0, "status": 504},
        {"late": float("nan"), "status": 504},
        {"late": 1, "status": 504, "when": "after"},
        {"late": 1, "when": "after", "truncate": 3},
        {"late": 1, "status": 504, "operation": "retrieveConversation"},
        {"late": 1, "lag": 1},
        {"lag": 0},
        {"lag": 1, "drop": True},
        {"lag": 1, "when": "after"},
        {"lag": 1, "delay": 1},
        {"lag": 1, "operation": "redactConversation"},
        {"lag": 1, "operation": "identifyAdmin"},
        {"lag": 1, "every": 0},
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
        b'{"status": 500, "late": "1"}',
        b'{"lag": true}',
        b'{"lag": 1, "every": 1.5}',
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
    for told in (Fault(late=1.5, drop=True), Fault(lag=8, every=2, times=None)):
        assert Fault.from_json(json.loads(json.dumps(told.to_json()))) == told


def test_late_and_lagging_over_the_control_doors(clocked: Sandbox, hand: Hand) -> None:
    """Another process arms late effects and lagging reads too."""
    client = client_of(clocked)
    assert client.post("/_sandbox/faults", json={"late": 3, "status": 504, "body": "page"}).status_code == 201
    assert client.post("/_sandbox/faults", json={"lag": 2, "every": 2, "times": None}).status_code == 201
    assert redact(client).text == "page"
    hand.now += 3
    assert [part_115(client), part_115(client)] == [False, True]

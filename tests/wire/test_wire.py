"""Real sockets: what becomes of connections, and that other people's tools around httpx keep working."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator

import anyio
import httpx
import pytest
from attrs import frozen
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from scripts.soaking.fault_proxy import FaultProxy
from scripts.soaking.faults import Kind, Strike

from aiointercom import Intercom
from aiointercom.errors import ConfigurationError, NotSentError, UnreadableResponseError
from aiointercom.events import CallCancelled, Event, OutcomeSettled
from aiointercom.sandbox import Fault, Sandbox
from tests.wire.armed import Armed, writes_to

pytestmark = pytest.mark.anyio
only_asyncio = pytest.mark.parametrize("anyio_backend", ["asyncio"])
TOKEN = "sandbox-token"


@frozen
class Scene:
    """A sandbox as a real server, and the proxy before it, which counts the connections."""

    sandbox: Sandbox
    proxy: FaultProxy
    faults: Armed


@pytest.fixture
def scene() -> Iterator[Scene]:
    sandbox, faults = Sandbox(), Armed()
    with sandbox.serve() as server, FaultProxy(server.port, faults) as proxy:
        yield Scene(sandbox, proxy, faults)


async def test_one_connection_serves_many_calls(scene: Scene) -> None:
    """Calls one after the other use one connection."""
    async with Intercom(TOKEN, base_url=scene.proxy.url) as intercom:
        for _ in range(20):
            await intercom.me()
    assert scene.proxy.connections == 1


async def test_connection_that_the_server_closed_meanwhile(scene: Scene) -> None:
    """A write after the server has closed the idle connection goes over a new one, once, without any retry."""
    async with Intercom(TOKEN, base_url=scene.proxy.url, max_retries=0) as intercom:
        await intercom.me()
        scene.proxy.refuse()
        scene.proxy.listen()
        await anyio.sleep(0.05)
        await intercom.conversations.redact_part("471", "115")
    assert scene.proxy.connections == 2
    assert [arrival.path for arrival, _ in scene.proxy.log] == ["/me", "/conversations/redact"]


async def test_fifty_calls_at_once(scene: Scene) -> None:
    """50 writes at once all end well, each once, over at most 50 connections."""
    ids = [scene.sandbox.add_conversation() for _ in range(50)]
    sources = [scene.sandbox.conversation(id)["source"]["id"] for id in ids]
    async with Intercom(TOKEN, base_url=scene.proxy.url) as intercom, anyio.create_task_group() as tasks:
        for id, source in zip(ids, sources, strict=True):
            tasks.start_soon(intercom.conversations.redact_source, id, source)
    assert sorted(effect.conversation_id for effect in scene.sandbox.ledger) == sorted(ids)
    assert scene.proxy.connections <= 50


async def test_more_calls_than_places(scene: Scene) -> None:
    """150 calls at once are answered, and never more than 50 connections are open."""
    answered = []

    async def ask() -> None:
        answered.append((await intercom.me()).id)

    async with Intercom(TOKEN, base_url=scene.proxy.url) as intercom, anyio.create_task_group() as tasks:
        for _ in range(150):
            tasks.start_soon(ask)
    assert len(answered) == 150
    assert scene.proxy.connections <= 50


async def test_opentelemetry_sees_every_request_under_the_caller(scene: Scene) -> None:
    """opentelemetry-instrumentation-httpx makes a span for each request, below the caller's own, and breaks nothing."""
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    scene.faults.arm(Strike(Kind.RESET, after=True), writes_to("471"))
    instrumentor = HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    try:
        async with Intercom(TOKEN, base_url=scene.proxy.url) as intercom:
            with provider.get_tracer("test").start_as_current_span("erase") as own:
                await intercom.conversations.redact_part("471", "115")
    finally:
        instrumentor.uninstrument()
    found = {span.name: span for span in spans.get_finished_spans()}
    assert set(found) == {"POST", "GET", "erase"}
    parents = {span.parent.span_id for name, span in found.items() if name != "erase" and span.parent}
    assert parents == {own.get_span_context().span_id}
    assert (found["POST"].attributes or {}).get("http.status_code") is None
    assert TOKEN not in " ".join(span.to_json() for span in found.values())


@only_asyncio
@pytest.mark.parametrize("kind", [None, *Kind], ids=lambda kind: kind.name.lower() if kind else "no_fault")
async def test_aiohttp_transport_on_asyncio(scene: Scene, kind: Kind | None) -> None:
    """With transport="aiohttp" the writes are done, and a lost answer is settled just the same."""
    settled: list[tuple[str, bool]] = []

    def hear(event: Event) -> None:
        if isinstance(event, OutcomeSettled):
            settled.append((event.outcome, event.by_reading))

    if kind is not None:
        scene.faults.arm(Strike(kind, after=True), writes_to("471"))
        scene.faults.arm(Strike(kind, after=True), writes_to("474"))
    timeout = httpx.Timeout(5, read=0.3)
    async with Intercom(
        TOKEN, base_url=scene.proxy.url, transport="aiohttp", timeout=timeout, on_event=hear
    ) as intercom:
        conversation = await intercom.conversations.redact_part("471", "115")
        ticket = await intercom.conversations.convert_to_ticket("474", ticket_type_id="79")
    assert (conversation.id, ticket.id) == ("471", "474")
    assert settled == [("redacted", kind is not None), ("converted", kind is not None)]
    assert [effect.conversation_id for effect in scene.sandbox.ledger] == ["471", "474"]


@only_asyncio
async def test_refused_connection_with_aiohttp(scene: Scene) -> None:
    """With transport="aiohttp" a refused connection is certainly not sent, too."""
    scene.proxy.refuse()
    async with Intercom(TOKEN, base_url=scene.proxy.url, transport="aiohttp", max_retries=0) as intercom:
        with pytest.raises(NotSentError):
            await intercom.conversations.redact_part("471", "115")
    assert scene.sandbox.requests == []


async def test_client_of_the_caller_with_its_hooks(scene: Scene) -> None:
    """The caller's own httpx client is used, with its hooks, and left open."""
    heard: list[str] = []

    async def on_request(request: httpx.Request) -> None:
        heard.append(f"{request.method} {request.url.path}")

    async def on_response(response: httpx.Response) -> None:
        heard.append(str(response.status_code))

    async with httpx.AsyncClient(
        event_hooks={"request": [on_request], "response": [on_response]}, trust_env=False
    ) as http:
        async with Intercom(TOKEN, base_url=scene.proxy.url, http_client=http) as intercom:
            await intercom.conversations.redact_part("471", "115")
        assert heard == ["POST /conversations/redact", "200"]
        assert not http.is_closed
        assert (await http.get(scene.proxy.url + "/me")).status_code == 401


@pytest.mark.parametrize("own_client", [False, True], ids=["default", "own_client"])
async def test_redirect_is_not_followed(scene: Scene, own_client: bool) -> None:
    """A redirect is no answer: it is not followed, not even by a client that would, and no other host sees the
    token.
    """
    elsewhere = Sandbox()
    with elsewhere.serve() as other:
        to_other = {"Location": f"{other.url}/conversations/redact"}
        scene.sandbox.fault(Fault(status=307, body=b"", headers=to_other, times=None))
        async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as http:
            mine = http if own_client else None
            async with Intercom(TOKEN, base_url=scene.proxy.url, http_client=mine) as intercom:
                with pytest.raises(UnreadableResponseError, match="307"):
                    await intercom.conversations.redact_part("471", "115")
                with pytest.raises(UnreadableResponseError, match="307"):
                    await intercom.me()
    assert elsewhere.requests == []
    assert scene.sandbox.ledger == []


@pytest.mark.parametrize("address", ["http://api.intercom.io", "http://127.0.0.1.example.com", "http://10.0.0.1:8080"])
async def test_plain_http_to_another_machine_is_refused(address: str) -> None:
    """A token never leaves this machine over plain http; the error comes before anything is sent, and does not show
    it.
    """
    with pytest.raises(ConfigurationError, match="https") as refused:
        Intercom("secret-token", base_url=address)
    assert "secret-token" not in str(refused.value)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue does not hold up a connection")
async def test_cancelled_while_it_connects() -> None:
    """A write whose caller gives up before the connection stands cannot have been applied, and its record says so."""
    events: list[Event] = []
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.create_connection(full.getsockname()):
        address = f"http://127.0.0.1:{full.getsockname()[1]}"  # its queue is full: no further connection comes about
        async with Intercom(TOKEN, base_url=address, on_event=events.append) as intercom:
            with anyio.move_on_after(0.3) as scope:
                await intercom.conversations.redact_part("471", "115")
    assert scope.cancelled_caught
    [record] = [event for event in events if isinstance(event, CallCancelled)]
    assert (record.stage, record.may_be_applied) == ("sent", False)


async def test_failed_tls_handshake_is_not_sent() -> None:
    """Where TLS does not come about, nothing was sent: the write is certainly not applied, and told so."""
    sandbox = Sandbox()
    with sandbox.serve() as server:
        async with Intercom(TOKEN, base_url=f"https://127.0.0.1:{server.port}", max_retries=0) as intercom:
            with pytest.raises(NotSentError, match="ConnectError"):
                await intercom.conversations.redact_part("471", "115")
    assert sandbox.requests == []

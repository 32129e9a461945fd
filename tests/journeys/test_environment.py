"""What the environment says, and what the constructor makes of it: every mistake is a ConfigurationError that names the
variable.
"""

from __future__ import annotations

import functools
import gc
import ssl
import sys
import warnings
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
import pytest

from aiointercom import ClientClosedError, ConfigurationError, Intercom, NotSentError, OutcomeUnknownError
from aiointercom._http import certificates
from aiointercom._http.pool import ConnectionPool
from aiointercom.events import Event
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.canned import Canned, says

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
SECRET = "planted-password"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no certificate of this machine."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


# ---------------------------------------------------------------- proxies and certificates

BROKEN = [
    ("NO_PROXY", "10.0.0.0/8,fd00::/8"),
    ("NO_PROXY", "localhost, [fe80::]/10"),
    ("no_proxy", "2001:db8::/32"),
    ("ALL_PROXY", f"socks://user:{SECRET}@127.0.0.1:9"),
    ("ALL_PROXY", "ftp://127.0.0.1:9"),
    ("HTTPS_PROXY", f"http://user:{SECRET}@"),
    ("HTTPS_PROXY", "http://127.0.0.1:99999"),
    ("https_proxy", "http://[::1"),
    ("HTTPS_PROXY", " "),
    ("HTTPS_PROXY", "http://proxy\n:1"),
    ("all_proxy", f"http://user:{SECRET}@hö st:1"),
    ("HTTPS_PROXY", "http://xn--a:1"),
    ("HTTPS_PROXY", "http://a..b:1"),
    ("HTTPS_PROXY", f"http://{'a' * 64}:1"),
    ("SSLKEYLOGFILE", "missing/keys"),
    ("SSLKEYLOGFILE", "."),
    ("INTERCOM_BASE_URL", "https://xn--a"),
    ("INTERCOM_BASE_URL", "https://a..b"),
    ("INTERCOM_BASE_URL", f"https://{'a' * 64}"),
    ("SSL_CERT_FILE", "missing.pem"),
    ("SSL_CERT_FILE", "empty.pem"),
    ("SSL_CERT_FILE", "garbled.pem"),
    ("SSL_CERT_FILE", "."),
    ("SSL_CERT_DIR", "missing"),
    ("SSL_CERT_DIR", "."),
]


@pytest.mark.parametrize("transport", ["httpx", "aiohttp"])
@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_a_broken_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, transport: Any
) -> None:
    """The constructor refuses it, names the variable as it was set, and shows no password."""
    (tmp_path / "empty.pem").write_text("not a certificate\n")
    (tmp_path / "garbled.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=name) as refused:
        Intercom("t", transport=transport)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("transport", ["httpx", "aiohttp"])
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "all_proxy"])
def test_socks_without_its_package(monkeypatch: pytest.MonkeyPatch, name: str, transport: Any) -> None:
    """A SOCKS proxy that cannot be used is named, with what it needs."""
    monkeypatch.setitem(sys.modules, "socksio", None)  # as Python marks a module that is not to be found
    monkeypatch.setenv(name, "socks5://127.0.0.1:9")
    with pytest.raises(ConfigurationError, match=name):
        Intercom("t", transport=transport)


@pytest.mark.parametrize(
    "value", ["localhost", "*", "::1,[::1],127.0.0.1", "10.0.0.0/8, .internal", "example.com:8443"]
)
def test_no_proxy_alone_keeps_the_fast_transport(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Where only NO_PROXY is set there is no proxy, and each request still has a connection of its own."""
    monkeypatch.setenv("NO_PROXY", value)
    assert isinstance(Intercom("t")._transport, ConnectionPool)


@pytest.mark.anyio
@pytest.mark.parametrize("away", ["127.0.0.1", "*", "127.0.0.1:{port}", "0.0.1"])
@pytest.mark.parametrize("transport", ["httpx", "aiohttp"])
async def test_hosts_that_no_proxy_names(
    monkeypatch: pytest.MonkeyPatch, anyio_backend_name: str, transport: Any, away: str
) -> None:
    """NO_PROXY keeps a host away from the proxy by its name, with its port or by the end of its name; and no other
    one.
    """
    if (transport, anyio_backend_name) == ("aiohttp", "trio"):
        pytest.skip("the aiohttp transport is for asyncio")
    asked: list[bytes] = []

    async def proxy(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            asked.append(await stream.receive())
            await stream.send(b"HTTP/1.1 503 Not now\r\nContent-Length: 0\r\n\r\n")

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, proxy)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", away.format(port=port))
        for address, direct in ((f"https://127.0.0.1:{port}", True), ("https://api.intercom.io", away == "*")):
            if address.endswith("io") and direct:
                continue  # that would leave this machine
            asked.clear()
            async with Intercom("t", base_url=address, transport=transport, max_retries=0) as intercom:
                with pytest.raises(NotSentError):
                    await intercom.me()
            assert [heard.startswith(b"CONNECT") for heard in asked] == [not direct]
        tasks.cancel_scope.cancel()


# ---------------------------------------------------------------- the SSL context


def test_authorities_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any number of clients share one SSL context; one for plain http reads no authorities at all."""
    read: list[Any] = []
    original = ssl.SSLContext.load_verify_locations

    def load(context: ssl.SSLContext, *places: Any, **named: Any) -> None:
        read.append(context)
        original(context, *places, **named)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", load)
    certificates._authorities.cache_clear()
    Intercom("t", base_url="http://127.0.0.1:9")
    Intercom("t", base_url="http://127.0.0.1:9", transport="aiohttp")
    assert read == []
    for _ in range(5):
        Intercom("t").with_options(region="EU")
        Intercom("t", transport="aiohttp", region="AU")
    assert len(read) == 1


# ---------------------------------------------------------------- closing


@pytest.mark.anyio
@pytest.mark.parametrize("derived", [False, True])
async def test_a_client_that_is_dropped_is_named(derived: bool) -> None:
    """A client that was used and is dropped without being closed gives one ResourceWarning with its name, and without
    its token.
    """
    gc.collect()  # clients that other tests dropped are named before, and not below
    with Sandbox().serve() as server:
        intercom = Intercom("sandbox-token", base_url=server.url)
        await intercom.me()
        if derived:
            intercom = intercom.with_options(max_retries=0)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            del intercom
            gc.collect()
    ours = [str(one.message) for one in told if one.category is ResourceWarning and server.url in str(one.message)]
    assert len(ours) == 1
    assert "Intercom(" in ours[0]
    assert "aclose" in ours[0]
    assert "sandbox-token" not in ours[0]


@pytest.mark.anyio
async def test_a_client_that_is_closed_is_not() -> None:
    """A closed client, and one that was never used, are dropped in silence."""
    gc.collect()  # clients that other tests dropped are named before, and not below
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with Sandbox().serve() as server:
            async with Intercom("sandbox-token", base_url=server.url) as intercom:
                await intercom.me()
        del intercom
        Intercom("t")
        gc.collect()
    assert [one for one in told if "Intercom(" in str(one.message)] == []


@pytest.mark.anyio
async def test_closing_waits_for_calls_under_way() -> None:
    """`aclose(drain=...)` ends once the calls under way have ended, and takes no new ones meanwhile."""
    box, sent, done = Sandbox(), anyio.Event(), []
    box.fault(Fault(delay=0.5))
    with box.serve() as server:
        intercom = Intercom("sandbox-token", base_url=server.url, max_retries=0, on_event=lambda _: sent.set())

        async def write() -> None:
            done.append((await intercom.conversations.redact_part("471", "115")).id)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(write)
            await sent.wait()
            tasks.start_soon(functools.partial(intercom.aclose, drain=30))
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(ClientClosedError):
                await intercom.me()
    assert done == ["471"]
    assert intercom._shared.closed


@pytest.mark.anyio
async def test_closing_waits_no_longer_than_told() -> None:
    """A write that has not ended by then loses its connection: its outcome is unknown at once, since nothing can read
    any more.
    """
    box, sent, heard = Sandbox(), anyio.Event(), []
    box.fault(Fault(delay=5))

    def hear(event: Event) -> None:
        heard.append(type(event).__name__)
        sent.set()

    with box.serve() as server:
        intercom = Intercom("sandbox-token", base_url=server.url, max_retries=0, on_event=hear)

        async def write() -> None:
            began = anyio.current_time()
            with pytest.raises(OutcomeUnknownError, match="ClientClosedError"):
                await intercom.conversations.redact_part("471", "115")
            assert anyio.current_time() - began < 5, "it waited for what can never be read"

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(write)
            await sent.wait()
            await intercom.aclose(drain=0.1)
    assert heard == ["RequestSent", "ResponseReceived", "OutcomeSettled"]


@pytest.mark.anyio
async def test_closing_that_is_cancelled_while_it_waits() -> None:
    """A server that has no more time closes the connections all the same; the write under way ends in an outcome."""
    box, sent = Sandbox(), anyio.Event()
    box.fault(Fault(delay=5))
    with box.serve() as server:
        intercom = Intercom("sandbox-token", base_url=server.url, max_retries=0, on_event=lambda _: sent.set())

        async def write() -> None:
            with pytest.raises(OutcomeUnknownError, match="ClientClosedError"):
                await intercom.conversations.redact_part("471", "115")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(write)
            await sent.wait()
            with anyio.move_on_after(0.1) as scope:
                await intercom.aclose(drain=30)
    assert scope.cancelled_caught
    with pytest.raises(ClientClosedError, match="the client is closed"):
        await intercom.me()


@pytest.mark.anyio
@pytest.mark.parametrize("drain", [-1, float("nan"), float("inf"), "5", True])
async def test_seconds_that_cannot_be_waited(drain: Any) -> None:
    """A drain that is no number of seconds is refused, and the client stays open."""
    canned = Canned(says({}))
    async with Intercom("t", transport=canned) as intercom:
        with pytest.raises((ValueError, TypeError), match="drain"):
            await intercom.aclose(drain=drain)
        await intercom.me()


# ---------------------------------------------------------------- the address


@pytest.mark.anyio
async def test_the_address_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """INTERCOM_BASE_URL stands for a `base_url` that was not passed, and goes before a region; empty, it is none."""
    with Sandbox().serve() as server:
        monkeypatch.setenv("INTERCOM_BASE_URL", server.url + "/")
        async with Intercom("sandbox-token", region="EU") as intercom:
            await intercom.me()
    assert "https://api.eu.intercom.io" in repr(Intercom("t", base_url="https://api.eu.intercom.io"))
    monkeypatch.setenv("INTERCOM_BASE_URL", " ")
    assert "https://api.intercom.io" in repr(Intercom("t"))


@pytest.mark.parametrize(
    "address", ["http://sandbox:8080", "ftp://a", "intercom", "https://u:planted@host", "https://h:x"]
)
def test_a_broken_address_of_the_environment(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """The error names the variable, and shows nothing of its value that could be a secret."""
    monkeypatch.setenv("INTERCOM_BASE_URL", address)
    with pytest.raises(ConfigurationError, match="INTERCOM_BASE_URL") as refused:
        Intercom("t")
    assert "planted" not in str(refused.value)


def test_plain_http_to_another_machine_is_opted_into(monkeypatch: pytest.MonkeyPatch) -> None:
    """A named host over plain http is refused, by name of the option; with `insecure_http=True` it is taken, by derived
    clients too.
    """
    for address in ("http://sandbox:8080", "http://10.0.0.1", "http://localhost.example.com"):
        with pytest.raises(ConfigurationError, match="insecure_http"):
            Intercom("t", base_url=address)
        open_client = Intercom("t", base_url=address, insecure_http=True)
        assert address in repr(open_client)
        assert "http://other" in repr(open_client.with_options(base_url="http://other"))
        with pytest.raises(ConfigurationError, match="insecure_http"):
            Intercom("t").with_options(base_url=address)
    monkeypatch.setenv("INTERCOM_BASE_URL", "http://sandbox:8080")
    assert "http://sandbox:8080" in repr(Intercom("t", insecure_http=True))


# ---------------------------------------------------------------- on_event


async def _hear(event: Event) -> None:
    """An observer that nobody would await."""


async def _generate(event: Event) -> Any:
    yield event


class Awaited:
    """An object that is called like an async function."""

    async def __call__(self, event: Event) -> None:
        """Hear one record."""

    async def hear(self, event: Event) -> None:
        """Hear one record."""

    @staticmethod
    async def heard(event: Event) -> None:
        """Hear one record."""


ASYNC: list[Any] = [
    _hear,
    _generate,
    Awaited(),
    Awaited().hear,
    Awaited.heard,
    functools.partial(_hear),
    functools.partial(functools.partial(_hear)),
    functools.partial(Awaited()),
    functools.partial(Awaited().hear),
    functools.wraps(_hear)(functools.partial(_hear)),
]


@pytest.mark.parametrize("observer", ASYNC, ids=range(len(ASYNC)))
def test_an_async_observer_is_refused(observer: Any) -> None:
    """An async function would lose every record: it is refused in the constructor, however it is wrapped, and by
    `with_options`.
    """
    with pytest.raises(TypeError, match="on_event must not be async"):
        Intercom("t", on_event=observer)
    with pytest.raises(TypeError, match="on_event must not be async"):
        Intercom("t").with_options(on_event=observer)


@pytest.mark.parametrize("observer", [print, [].append, functools.partial(print, "event:"), lambda _: None, dict])
def test_a_plain_observer_is_taken(observer: Any) -> None:
    """Whatever can be called and returns at once is an observer."""
    assert Intercom("t", on_event=observer).on_event is observer


@pytest.mark.parametrize("observer", [3, "print", object()])
def test_what_cannot_be_called_is_no_observer(observer: Any) -> None:
    """A TypeError in the constructor."""
    with pytest.raises(TypeError, match="on_event must be a function"):
        Intercom("t", on_event=observer)

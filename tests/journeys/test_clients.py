"""Clients: tokens and their renewal, regions, options that share connections, closing, event loops, time-outs and
cancellation.
"""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest
from anyio.abc import SocketAttribute, SocketStream

from aiointercom import (
    ClientClosedError,
    ConfigurationError,
    Intercom,
    IntercomError,
    NotSentError,
    OutcomeUnknownError,
    Pace,
    RateLimitedError,
    Region,
    ResponseLostError,
    UnauthorizedError,
    UnreadableResponseError,
    WrongEventLoopError,
)
from aiointercom._delivery.shared import IN_FLIGHT, TOKENS
from aiointercom.events import CallCancelled, Event, OutcomeSettled, RequestSent
from aiointercom.sandbox import Fault, Sandbox
from tests.journeys.canned import TOKEN, Canned, Scene, refuses, says

ME_EU = says({"type": "admin", "id": "1", "app": {"region": "Europe"}})
UNAUTHORIZED = refuses(401, "unauthorized")


def bearers(canned: Canned) -> list[str]:
    """The tokens that were sent, in order."""
    return [request.headers["authorization"].removeprefix("Bearer ") for request in canned.requests]


# ---------------------------------------------------------------- tokens


@pytest.mark.anyio
class TestTokens:
    async def test_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a token argument the environment's is used; an empty one is none."""
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", "from-env")
        canned = Canned(says({}))
        async with Scene(canned, token=None) as scene:
            await scene.intercom.me()
        assert bearers(canned) == ["from-env"]
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", "")
        with pytest.raises(ConfigurationError, match="INTERCOM_ACCESS_TOKEN"):
            Intercom()

    async def test_callable_is_asked_once(self) -> None:
        """A callable is asked at the first call, not in the constructor, and its token is kept."""
        asked: list[int] = []

        async def give() -> str:
            asked.append(1)
            return "fresh"

        canned = Canned(says({}))
        async with Scene(canned, token=give) as scene:
            assert asked == []
            for _ in range(3):
                await scene.intercom.me()
        assert len(asked) == 1
        assert bearers(canned) == ["fresh"] * 3

    async def test_one_retry_after_401(self) -> None:
        """A refused token is renewed once and the call sent once more, without a wait, also where retries are switched
        off.
        """
        tokens = iter(["old", "new"])

        async def give() -> str:
            return next(tokens)

        canned = Canned(lambda r: says({}) if "new" in r.headers["authorization"] else UNAUTHORIZED)
        async with Scene(canned, token=give, max_retries=0) as scene:
            await scene.intercom.me()
            await scene.intercom.me()
        assert bearers(canned) == ["old", "new", "new"]
        assert scene.waits.slept == []

    async def test_fresh_token_is_refused_too(self) -> None:
        """When the fresh token is refused as well, the error is UnauthorizedError after two requests, for reads and
        writes.
        """
        counter = iter(range(100))

        async def give() -> str:
            return f"t{next(counter)}"

        for call in (lambda i: i.me(), lambda i: i.conversations.redact_part("1", "2")):
            canned = Canned(UNAUTHORIZED)
            async with Scene(canned, token=give) as scene:
                with pytest.raises(UnauthorizedError) as caught:
                    await call(scene.intercom)
            assert caught.value.attempts == len(canned.requests) == 2

    async def test_same_token_again_is_not_sent_again(self) -> None:
        """A callable that has nothing new to give causes no second request."""

        async def give() -> str:
            return "same"

        canned = Canned(UNAUTHORIZED)
        async with Scene(canned, token=give) as scene:
            with pytest.raises(UnauthorizedError):
                await scene.intercom.me()
        assert bearers(canned) == ["same"]

    async def test_fifty_callers_one_refresh(self) -> None:
        """Fifty calls whose token expires at once share one refresh, and all succeed."""
        asked: list[int] = []

        async def give() -> str:
            asked.append(1)
            await anyio.sleep(0.01)
            return f"t{len(asked)}"

        canned = Canned(lambda r: UNAUTHORIZED if r.headers["authorization"].endswith("t1") else says({}))
        async with Scene(canned, token=give) as scene:
            async with anyio.create_task_group() as group:
                for _ in range(50):
                    group.start_soon(scene.intercom.me)
        assert len(asked) == 2
        assert set(bearers(canned)) == {"t1", "t2"}

    async def test_a_cancelled_refresh_does_not_block_the_next(self) -> None:
        """A call that is cancelled while its callable is asked leaves the way free for others."""
        slow = [True]

        async def give() -> str:
            if slow.pop() if slow else False:
                await anyio.sleep(60)
            return "t"

        async with Scene(Canned(says({})), token=give) as scene:
            async with anyio.create_task_group() as group:
                group.start_soon(scene.intercom.me)
                await anyio.wait_all_tasks_blocked()
                assert not slow
                group.cancel_scope.cancel()
            await scene.intercom.me()

    async def test_what_the_callable_raises_comes_through(self) -> None:
        """An error of the token source is the caller's own, before anything is sent, and the next call asks again."""
        asked: list[int] = []

        async def give() -> str:
            asked.append(1)
            if len(asked) == 1:
                raise LookupError("vault")
            return "t"

        canned = Canned(says({}))
        async with Scene(canned, token=give) as scene:
            with pytest.raises(LookupError):
                await scene.intercom.conversations.redact_part("1", "2")
            assert canned.requests == []
            await scene.intercom.me()

    @pytest.mark.parametrize("token", [None, 5, b"x", "", "a b", "a\n"])
    async def test_callable_that_gives_no_token(self, token: Any) -> None:
        """What a callable returns is checked like a fixed token."""

        async def give() -> Any:
            return token

        canned = Canned(says({}))
        async with Scene(canned, token=give) as scene:
            with pytest.raises(ConfigurationError, match="token"):
                await scene.intercom.me()
        assert canned.requests == []

    async def test_a_plain_function_is_no_token_source(self) -> None:
        """A callable that is not async is a named error, not a TypeError from inside."""
        async with Scene(Canned(says({})), token=lambda: "t") as scene:
            with pytest.raises(ConfigurationError, match="async"):
                await scene.intercom.me()

    async def test_methods_are_one_token_source(self) -> None:
        """A bound method is another object each time it is read, and still one source: asked once, with one state of
        the rate limit.
        """

        class Vault:
            asked = 0

            async def token(self) -> str:
                self.asked += 1
                return "t"

        vault = Vault()
        headers = {"X_RateLimit_Limit": "9", "X_RateLimit_Remaining": "8", "X_RateLimit_Reset": "1700000000"}
        async with Scene(Canned(says({}, **headers))) as scene:
            for _ in range(3):
                await scene.intercom.with_options(token=vault.token).me()
            assert vault.asked == 1
            assert scene.intercom.with_options(token=vault.token).rate_limit is not None

    async def test_sources_that_cannot_be_hashed(self) -> None:
        """A callable object that has an equality of its own, and so no hash, is a token source like any other."""

        class Odd:
            __hash__ = None  # type: ignore[assignment]

            def __eq__(self, other: object) -> bool:
                return isinstance(other, Odd)

            async def __call__(self) -> str:
                return "odd"

        canned = Canned(says({}))
        async with Scene(canned, token=Odd()) as scene:
            await scene.intercom.me()
        assert bearers(canned) == ["odd"]


# ---------------------------------------------------------------- regions


@pytest.mark.anyio
class TestRegions:
    @pytest.mark.parametrize(
        ("region", "host"),
        [
            (Region.US, "api.intercom.io"),
            ("us", "api.intercom.io"),
            (Region.EU, "api.eu.intercom.io"),
            ("Europe", "api.eu.intercom.io"),
            ("AU", "api.au.intercom.io"),
            ("australia", "api.au.intercom.io"),
            (None, "api.intercom.io"),
        ],
    )
    async def test_host_of_a_region(self, region: Any, host: str) -> None:
        """Each region has its host; without one it is the US."""
        canned = Canned(says({}))
        async with Scene(canned, region=region) as scene:
            await scene.intercom.me()
        assert (canned.requests[0].url.host, canned.requests[0].url.scheme) == (host, "https")

    async def test_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """INTERCOM_REGION is used where no region is passed; an unknown one is refused, unless one is passed."""
        monkeypatch.setenv("INTERCOM_REGION", " Europe ")
        assert Intercom("t").region is Region.EU
        assert Intercom("t", region="AU").region is Region.AU
        monkeypatch.setenv("INTERCOM_REGION", "Mars")
        with pytest.raises(ConfigurationError, match="region"):
            Intercom("t")
        assert Intercom("t", region="AU").region is Region.AU

    @pytest.mark.parametrize("told", ["US", "Europe", "EU", "Australia", "AU", "United States"])
    async def test_discover(self, told: str) -> None:
        """`Region.discover` reads the region's name, short or long, from one GET of /me on the US host."""
        canned = Canned(says({"app": {"region": told}}))
        region = await Region.discover("t", transport=canned)
        assert region is Region.parse(told)
        assert [str(request.url) for request in canned.requests] == ["https://api.intercom.io/me"]
        assert canned.closed

    async def test_discover_over_the_sandbox(self) -> None:
        """The sandbox names its region as a live workspace does."""
        sandbox = Sandbox(region="Europe")
        client = sandbox.client()
        async with client:
            assert Region.of((await client.me()).raw) is Region.EU

    @pytest.mark.parametrize(
        "me",
        [
            {},
            {"app": None},
            {"app": []},
            {"app": "x"},
            {"app": {}},
            {"app": {"region": None}},
            {"app": {"region": 5}},
            {"app": {"region": "Mars"}},
        ],
    )
    async def test_discover_without_a_region(self, me: dict) -> None:
        """An answer that names no region, or an unknown one, is unreadable: nothing is guessed."""
        with pytest.raises(UnreadableResponseError, match="region"):
            await Region.discover("t", transport=Canned(says(me)))

    async def test_strict_region_refuses_a_foreign_token(self) -> None:
        """With strict_region only /me leaves for the region's own host, and a token that lives elsewhere is refused,
        each time.
        """
        canned = Canned(says({"app": {"region": "US"}}))
        async with Scene(canned, region="EU", strict_region=True) as scene:
            for call in (
                lambda i: i.conversations.redact_part("1", "2"),
                lambda i: i.me(),
                lambda i: i.request("GET", "/x"),
            ):
                with pytest.raises(ConfigurationError, match="lives in US, this client is set to EU"):
                    await call(scene.intercom)
        assert [str(request.url) for request in canned.requests] == ["https://api.eu.intercom.io/me"]

    async def test_strict_region_asks_once_for_all(self) -> None:
        """Twenty first calls at once ask /me once, and then go on; the US host is never used."""
        canned = Canned(lambda r: ME_EU if r.url.path == "/me" else says({"id": "1"}))
        async with Scene(canned, region="EU", strict_region=True) as scene:
            async with anyio.create_task_group() as group:
                for _ in range(20):
                    group.start_soon(scene.intercom.conversations.retrieve, "1")
        paths = [request.url.path for request in canned.requests]
        assert (paths[0], paths.count("/me"), len(paths)) == ("/me", 1, 21)
        assert {request.url.host for request in canned.requests} == {"api.eu.intercom.io"}

    async def test_strict_region_holds_for_derived_clients(self) -> None:
        """`with_options` keeps strict_region: another token is asked for anew, another region is held against the
        token's.
        """
        canned = Canned(ME_EU)
        async with Scene(canned, region="EU", strict_region=True) as scene:
            await scene.intercom.with_options(token="other").me()
            assert len(canned.requests) == 2
            with pytest.raises(ConfigurationError, match="lives in EU, this client is set to US"):
                await scene.intercom.with_options(token="other", region="US").me()
        assert len(canned.requests) == 2

    @pytest.mark.parametrize("answer", [refuses(401), refuses(500), httpx.ConnectError("no"), says({}), says([])])
    async def test_strict_region_that_cannot_be_checked(self, answer: Any) -> None:
        """When /me cannot be read nothing else is sent, and the next call tries again."""
        canned = Canned(answer, ME_EU, says({"id": "1"}))
        async with Scene(canned, region="EU", strict_region=True, max_retries=0) as scene:
            with pytest.raises(IntercomError):
                await scene.intercom.conversations.retrieve("1")
            assert [request.url.path for request in canned.requests] == ["/me"]
            await scene.intercom.conversations.retrieve("1")
        assert [request.url.path for request in canned.requests] == ["/me", "/me", "/conversations/1"]


# ---------------------------------------------------------------- with_options and closing


@pytest.mark.anyio
class TestSharing:
    async def test_options_apply_to_the_derived_client_only(self) -> None:
        """Token, region, address, time-out, retries and priority change for the new client; the old one stays as it
        is.
        """
        canned = Canned(says({}))
        async with Scene(canned, region="EU") as scene:
            other = scene.intercom.with_options(
                token="other", region="AU", timeout=3.0, max_retries=0, priority="batch"
            )
            await other.me()
            await scene.intercom.me()
            third = other.with_options(base_url="http://localhost:9/x")
            await third.me()
        assert bearers(canned) == ["other", TOKEN, "other"]
        assert [str(request.url) for request in canned.requests] == [
            "https://api.au.intercom.io/me",
            "https://api.eu.intercom.io/me",
            "http://localhost:9/x/me",
        ]
        assert [request.extensions["timeout"]["read"] for request in canned.requests] == [3.0, 30.0, 3.0]
        assert (other.region, third.region, scene.intercom.region) == (Region.AU, Region.AU, Region.EU)

    async def test_nothing_given_nothing_changed(self) -> None:
        """`with_options()` sends the same request to the same place."""
        canned = Canned(says({}))
        async with Scene(canned, region="EU", base_url="http://localhost:9") as scene:
            await scene.intercom.with_options().me()
            assert repr(scene.intercom.with_options()) == repr(scene.intercom)
        assert bearers(canned) == [TOKEN]
        assert canned.requests[0].url.host == "localhost"

    async def test_retries_of_the_derived_client(self) -> None:
        """`max_retries=0` is not "none given"."""
        canned = Canned(refuses(500))
        async with Scene(canned) as scene:
            with pytest.raises(IntercomError):
                await scene.intercom.with_options(max_retries=0).me()
        assert len(canned.requests) == 1

    async def test_events_of_the_derived_client(self) -> None:
        """A function of its own gets the derived client's records, reading back included, and the first client's gets
        none of them.
        """
        sandbox, mine = Sandbox(), list[Event]()
        sandbox.fault(Fault(operation="redactConversation", when="after", drop=True))
        async with Scene(sandbox) as scene:
            other = scene.intercom.with_options(on_event=mine.append)
            await other.conversations.redact_part("471", "115")
            assert scene.events == []
            assert {event.operation for event in mine} == {
                "POST /conversations/redact",
                "GET /conversations/{conversation_id}",
            }
            told = len(mine)
            await scene.intercom.me()
            await other.with_options(timeout=3).me()
            await scene.intercom.with_options(timeout=3).me()
        assert [event.operation for event in mine[told:]] == ["GET /me"] * 2
        assert {event.operation for event in scene.events} == {"GET /me"}

    async def test_rate_limit_is_known_per_token(self) -> None:
        """Clients of one token share what is known of its rate limit; another token has its own."""
        sandbox = Sandbox(limit=50)
        async with Scene(sandbox) as scene:
            same = scene.intercom.with_options(timeout=3)
            other = scene.intercom.with_options(token="other")
            again = scene.intercom.with_options(token=sandbox.token)
            await scene.intercom.me()
            assert same.rate_limit == again.rate_limit == scene.intercom.rate_limit
            assert scene.intercom.rate_limit is not None
            assert other.rate_limit is None

    async def test_tokens_are_forgotten_at_some_time(self) -> None:
        """A web app that serves a workspace per request does not grow without end."""
        async with Scene(Canned(says({}))) as scene:
            for number in range(TOKENS + 50):
                scene.intercom.with_options(token=f"t{number}")
            assert len(scene.intercom._shared._tenants) == TOKENS

    async def test_closing(self) -> None:
        """After close every call of the client and of those made from it is ClientClosedError; closing twice does
        nothing.
        """
        canned = Canned(says({}))
        intercom = Intercom("t", transport=canned)
        derived = intercom.with_options(timeout=3)
        pages = intercom.conversations.list()
        await derived.aclose()
        async with derived:
            await derived.me()
        await intercom.me()
        await intercom.aclose()
        await intercom.aclose()
        assert canned.closed
        for client in (intercom, derived, intercom.with_options(token="x")):
            with pytest.raises(ClientClosedError):
                await client.me()
            with pytest.raises(ClientClosedError):
                await client.request("GET", "/x")
            with pytest.raises(ClientClosedError):
                await client.conversations.redact_part("1", "2")
        with pytest.raises(ClientClosedError):
            await anext(pages)
        assert len(canned.requests) == 2

    async def test_a_client_of_ones_own_stays_open(self) -> None:
        """`http_client` is not closed with the Intercom; when its owner has closed it, calls are ClientClosedError."""
        canned = Canned(says({}))
        http = httpx.AsyncClient(transport=canned, headers={"X-Own": "1"})
        async with Intercom("t", http_client=http) as intercom:
            await intercom.me()
        assert not http.is_closed
        with pytest.raises(ClientClosedError):
            await intercom.me()
        second = Intercom("t", http_client=http)
        await second.me()
        await http.aclose()
        with pytest.raises(ClientClosedError):
            await second.me()
        assert [request.headers["x-own"] for request in canned.requests] == ["1", "1"]

    async def test_hooks_and_auth_of_ones_own_client_run(self) -> None:
        """The caller's own hooks see each request and answer, and a response hook may even raise."""
        seen: list[str] = []

        async def note(message: Any) -> None:
            seen.append(type(message).__name__)

        hooks: dict[str, list[Callable[..., Any]]] = {"request": [note], "response": [note]}
        async with httpx.AsyncClient(transport=Canned(says({})), event_hooks=hooks) as http:
            await Intercom("t", http_client=http).me()
        assert seen == ["Request", "Response"]

    @pytest.mark.parametrize("when", ["while waiting for a retry", "while a request is under way"])
    async def test_closing_while_a_call_runs(self, when: str) -> None:
        """A call that is under way while the client is closed ends in an error of ours, never in one of the HTTP
        library.
        """
        canned = Canned(refuses(500), says({}))
        intercom = Intercom("t", transport=canned, pace=None)
        caught: list[BaseException] = []

        async def close_first(seconds: float) -> None:
            await intercom.aclose()

        async def slow(request: httpx.Request) -> httpx.Response:
            await intercom.aclose()
            raise httpx.ReadError("closed", request=request)

        from tests.journeys.canned import Waits

        waits = Waits()
        intercom.sender._clock = waits.clock
        if when == "while waiting for a retry":
            object.__setattr__(waits.clock, "sleep", close_first)
        else:
            canned.handle_async_request = slow  # type: ignore[method-assign]
        try:
            await intercom.me()
        except IntercomError as error:
            caught.append(error)
        assert [type(error) for error in caught] == [ClientClosedError]

    async def test_constructors_do_no_io(self) -> None:
        """Making a client, even a thousand, sends nothing and needs no closing."""
        canned = Canned(says({}))
        for _ in range(1000):
            Intercom("t", transport=canned).with_options(region="EU")
        gc.collect()
        assert canned.requests == []


def test_made_outside_of_any_event_loop() -> None:
    """A client may be made at module level, before there is an event loop, and be used in the first one."""
    canned = Canned(says({}))
    intercom = Intercom("t", transport=canned, region="EU")
    asyncio.run(_use_and_close(intercom))
    assert len(canned.requests) == 1


async def _use_and_close(intercom: Intercom) -> None:
    async with intercom:
        await intercom.me()


@pytest.mark.parametrize(
    ("first", "second"), [("asyncio", "asyncio"), ("asyncio", "trio"), ("trio", "asyncio"), ("trio", "trio")]
)
def test_another_event_loop(first: str, second: str) -> None:
    """A client belongs to the loop of its first call; from another one every call is WrongEventLoopError, and closing
    still works.
    """
    sandbox = Sandbox()
    intercom = sandbox.client()
    anyio.run(intercom.me, backend=first)

    async def scene() -> None:
        with pytest.raises(WrongEventLoopError):
            await intercom.me()
        with pytest.raises(WrongEventLoopError):
            await intercom.with_options(token="x").conversations.redact_part("471", "115")
        await intercom.aclose()

    anyio.run(scene, backend=second)
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_closing_from_another_event_loop_over_sockets(backend: str) -> None:
    """Connections that a dead loop left behind do not make `aclose` raise in the next one."""
    program = """
import sys, anyio
from aiointercom import Intercom
intercom = Intercom("sandbox-token", base_url=sys.argv[1])
anyio.run(intercom.me, backend=sys.argv[2])
anyio.run(intercom.aclose, backend=sys.argv[2])
"""
    with Sandbox().serve() as server:
        done = subprocess.run(
            [sys.executable, "-c", program, server.url, backend], capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr


# ---------------------------------------------------------------- time-outs, deadlines, cancellation


@pytest.mark.anyio
class TestTimeouts:
    @pytest.mark.parametrize(
        ("client", "call", "told"),
        [
            ({}, None, {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": 30.0}),
            ({"timeout": 7}, None, {"connect": 7.0, "read": 7.0, "write": 7.0, "pool": 7.0}),
            ({"timeout": 7.5}, 2.5, {"connect": 2.5, "read": 2.5, "write": 2.5, "pool": 2.5}),
            ({}, httpx.Timeout(9, read=1), {"connect": 9, "read": 1, "write": 9, "pool": 9}),
            ({"timeout": httpx.Timeout(None)}, None, {"connect": None, "read": None, "write": None, "pool": None}),
        ],
    )
    @pytest.mark.parametrize("own", [False, True])
    async def test_as_the_transport_gets_them(self, client: dict, call: Any, told: dict, own: bool) -> None:
        """Seconds or an httpx.Timeout, of the client or of the call, reach the transport as they were meant."""
        canned = Canned(says({"id": "1"}))
        settings = {"http_client": httpx.AsyncClient(transport=canned)} if own else {"transport": canned}
        async with Intercom("t", **client, **settings) as intercom:
            await intercom.conversations.retrieve("1", timeout=call)
        assert canned.requests[0].extensions["timeout"] == told

    @pytest.mark.parametrize("timeout", [0.05, httpx.Timeout(5, read=0.05)])
    async def test_a_read_that_is_late(self, timeout: Any) -> None:
        """A read whose answer is late is ResponseLostError; per client and per call."""
        sandbox = Sandbox()
        sandbox.fault(Fault(delay=30, times=None))
        async with Scene(sandbox, max_retries=0) as scene:
            with pytest.raises(ResponseLostError, match="ReadTimeout"):
                await scene.intercom.conversations.retrieve("471", timeout=timeout)
            with pytest.raises(ResponseLostError, match="ReadTimeout"):
                await scene.intercom.with_options(timeout=timeout).conversations.retrieve("471")

    async def test_a_deadline_around_a_read(self) -> None:
        """`anyio.fail_after` around a call works, and the client is as good as before."""
        sandbox = Sandbox()
        sandbox.fault(Fault(delay=30, times=1))
        async with Scene(sandbox) as scene:
            with pytest.raises(TimeoutError):
                with anyio.fail_after(0.05):
                    await scene.intercom.conversations.retrieve("471")
            await scene.intercom.conversations.retrieve("471")

    @pytest.mark.parametrize("how", ["deadline", "timeout", "timeout of the client", "max_elapsed"])
    async def test_a_wait_that_would_be_too_long_is_told_at_once(self, how: str) -> None:
        """A wait for the rate limit that would pass the caller's time is RateLimitedError at once, with the seconds,
        and nobody sleeps.
        """
        canned = Canned(refuses(429, "rate_limit_exceeded", Retry_After="8"))
        options: dict[str, Any] = {"timeout of the client": {"timeout": 5.0}, "max_elapsed": {"max_elapsed": 7.0}}.get(
            how, {}
        )
        async with Scene(canned, **options) as scene:
            with pytest.raises(RateLimitedError) as caught, anyio.fail_after(5.0 if how == "deadline" else None):
                await scene.intercom.conversations.redact_part("1", "2", timeout=5.0 if how == "timeout" else None)
        assert caught.value.retry_after == 8.0
        assert caught.value.attempts == len(canned.requests) == 1
        assert scene.waits.slept == []
        assert [event.outcome for event in scene.told(OutcomeSettled)] == ["not_applied"]

    async def test_a_wait_that_fits_is_waited(self) -> None:
        """A wait inside of the caller's time is waited, once."""
        canned = Canned(refuses(429, "rate_limit_exceeded", Retry_After="8"), says({"id": "1"}))
        async with Scene(canned, timeout=9.0) as scene:
            await scene.intercom.conversations.retrieve("1")
        assert scene.waits.slept == [8.0]

    async def test_waits_add_up(self) -> None:
        """`timeout=` in seconds holds for all waits of a call together."""
        canned = Canned(refuses(429, "rate_limit_exceeded", Retry_After="4"))
        async with Scene(canned, timeout=9.0) as scene:
            with pytest.raises(RateLimitedError):
                await scene.intercom.conversations.retrieve("1")
        assert scene.waits.slept == [4.0, 4.0]

    async def test_a_paced_wait_that_would_be_too_long(self) -> None:
        """When the window is used up by our own knowledge, RateLimitedError comes before anything is sent."""
        sandbox = Sandbox(limit=3)
        async with Scene(sandbox, pace=Pace(max_wait=0)) as scene:
            with pytest.raises(RateLimitedError) as caught:
                await self._eight_reads(scene.intercom)
            assert caught.value.retry_after is not None
            assert caught.value.retry_after > 0
            assert caught.value.rate_limit == scene.intercom.rate_limit
            with pytest.raises(RateLimitedError):
                await scene.intercom.conversations.redact_part("471", "115")
        assert all(request.status == 200 for request in sandbox.requests)
        assert sandbox.ledger == []
        assert [event.outcome for event in scene.told(OutcomeSettled)] == ["not_applied"]

    async def _eight_reads(self, intercom: Intercom) -> None:
        for _ in range(8):
            await intercom.me()


@pytest.mark.anyio
class TestCancellation:
    @pytest.mark.parametrize(
        ("faults", "stage", "may_be_applied", "effects"),
        [
            ([Fault(operation="redactConversation", when="before", delay=30)], "sent", True, 0),
            ([Fault(operation="redactConversation", when="after", delay=30)], "sent", True, 1),
            (
                [
                    Fault(operation="redactConversation", when="after", drop=True),
                    Fault(operation="retrieveConversation", delay=30),
                ],
                "reading_back",
                True,
                1,
            ),
        ],
    )
    async def test_record_of_a_cancelled_write(
        self, faults: list[Fault], stage: str, may_be_applied: bool, effects: int
    ) -> None:
        """The record of a cancelled write says how far it was, when it was sent, and that it may have been applied."""
        sandbox = Sandbox()
        sandbox.fault(*faults)
        async with Scene(sandbox) as scene:
            async with anyio.create_task_group() as group:
                group.start_soon(scene.intercom.conversations.redact_part, "471", "115")
                await anyio.wait_all_tasks_blocked()
                group.cancel_scope.cancel()
            record = [event for event in scene.told(CallCancelled) if event.operation.startswith("POST")][-1]
            assert (record.stage, record.may_be_applied, record.attempts) == (stage, may_be_applied, 1)
            assert record.sent_at == scene.told(RequestSent)[0].sent_at
            assert record.ids == {"conversation_id": "471", "conversation_part_id": "115"}
            assert len(sandbox.ledger) == effects
            sandbox.clear_faults()
            await scene.intercom.conversations.redact_part("471", "115")
        assert len(sandbox.ledger) == 1

    async def test_cancelled_before_it_was_sent(self) -> None:
        """A write that is cancelled while it waits for the rate limit was never sent, and its record says so."""
        sandbox = Sandbox(limit=2)
        async with Scene(sandbox, pace=Pace(max_wait=None)) as scene:
            async with anyio.create_task_group() as group:
                for _ in range(2):
                    await scene.intercom.me()
                group.start_soon(scene.intercom.conversations.redact_part, "471", "115")
                await anyio.wait_all_tasks_blocked()
                group.cancel_scope.cancel()
        [record] = scene.told(CallCancelled)
        assert (record.stage, record.may_be_applied, record.attempts, record.sent_at) == ("waiting", False, 0, None)
        assert sandbox.ledger == []

    async def test_cancelled_while_it_waits_for_a_retry(self) -> None:
        """A write that was refused for the rate, and is cancelled while it waits, was sent and cannot have been
        applied.
        """
        canned = Canned(refuses(429, "rate_limit_exceeded", Retry_After="30"))
        events: list[Any] = []
        async with Intercom("t", transport=canned, pace=None, on_event=events.append) as intercom:
            async with anyio.create_task_group() as group:
                group.start_soon(intercom.conversations.redact_part, "1", "2")
                await anyio.wait_all_tasks_blocked()
                group.cancel_scope.cancel()
        [record] = [event for event in events if isinstance(event, CallCancelled)]
        assert (record.stage, record.may_be_applied, record.attempts) == ("waiting", False, 1)

    async def test_the_gate_is_free_after_cancelled_calls(self) -> None:
        """Calls that are cancelled while they queue in front of the connections, or are under way, leave no place
        taken.
        """
        hang = [True]

        async def handle(request: httpx.Request) -> httpx.Response:
            if hang:
                await anyio.sleep(60)
            return says({})

        async with Intercom("t", transport=httpx.MockTransport(handle), pace=None) as intercom:
            async with anyio.create_task_group() as group:
                for _ in range(IN_FLIGHT * 3):
                    group.start_soon(intercom.me)
                await anyio.wait_all_tasks_blocked()
                assert intercom._token_state.gate.places.value == 0
                group.cancel_scope.cancel()
            assert intercom._token_state.gate.places.value == IN_FLIGHT
            hang.clear()
            with anyio.fail_after(60):
                async with anyio.create_task_group() as group:
                    for _ in range(100):
                        group.start_soon(intercom.me)

    async def test_no_more_in_flight_than_the_gate_lets_through(self) -> None:
        """However many calls run at once, no more than the gate allows reach the connections."""
        now, most = [0], [0]

        async def handle(request: httpx.Request) -> httpx.Response:
            now[0] += 1
            most[0] = max(most[0], now[0])
            await anyio.sleep(0.001)
            now[0] -= 1
            return says({})

        async with Intercom("t", transport=httpx.MockTransport(handle), pace=None) as intercom:
            async with anyio.create_task_group() as group:
                for _ in range(300):
                    group.start_soon(intercom.me)
        assert most[0] == IN_FLIGHT


# ---------------------------------------------------------------- transports


@pytest.mark.anyio
class TestTransports:
    async def test_missing_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without the extra for aiohttp the error says what to install."""
        monkeypatch.setitem(sys.modules, "httpx_aiohttp", None)
        monkeypatch.delitem(sys.modules, "aiointercom._http.aiohttp_transport", raising=False)  # of an earlier test
        with pytest.raises(ConfigurationError, match=r"aiointercom\[aiohttp\]"):
            Intercom("t", transport="aiohttp")

    @pytest.mark.parametrize(
        "failure",
        [OSError("down"), ConnectionResetError("reset"), httpx.UnsupportedProtocol("x"), httpx.ProxyError("x")],
    )
    async def test_failures_of_any_transport_are_ours(self, failure: Exception) -> None:
        """Whatever a transport raises for the network becomes an error of ours; only what surely never left is
        NotSentError.
        """
        async with Scene(Canned(failure), max_retries=0) as scene:
            with pytest.raises((NotSentError, ResponseLostError)) as caught:
                await scene.intercom.me()
            with pytest.raises((NotSentError, OutcomeUnknownError)):
                await scene.intercom.request("POST", "/x")
        assert isinstance(caught.value, NotSentError) is isinstance(
            failure, httpx.UnsupportedProtocol | httpx.ProxyError
        )


@pytest.mark.asyncio
async def test_aiohttp_transport() -> None:
    """`transport="aiohttp"` does the same over aiohttp's connections."""
    pytest.importorskip("httpx_aiohttp")
    with Sandbox().serve() as server:
        async with Intercom("sandbox-token", base_url=server.url, transport="aiohttp") as intercom:
            conversation = await intercom.conversations.redact_part("471", "115")
    assert conversation.id == "471"


@pytest.mark.parametrize("own", [False, True])
def test_aiohttp_is_refused_on_trio(own: bool) -> None:
    """On trio the aiohttp transport is a named error before anything is sent, asked for by name or handed in; on
    asyncio it is not.
    """
    from httpx_aiohttp import AiohttpTransport

    async def ask() -> None:
        transport = AiohttpTransport() if own else "aiohttp"
        async with Intercom("t", base_url="http://127.0.0.1:9", transport=transport, max_retries=0) as intercom:
            await intercom.me()

    with pytest.raises(ConfigurationError, match="asyncio only"):
        anyio.run(ask, backend="trio")
    with pytest.raises(NotSentError):
        anyio.run(ask, backend="asyncio")


@pytest.mark.anyio
async def test_a_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """With HTTPS_PROXY set, a call to Intercom goes to the proxy, and the token does not: it would go through the
    tunnel.
    """
    heard = b""

    async def proxy(stream: SocketStream) -> None:
        nonlocal heard
        async with stream:
            heard += await stream.receive()
            await stream.send(b"HTTP/1.1 503 Not now\r\nContent-Length: 0\r\n\r\n")

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        port = listener.extra(SocketAttribute.local_port)
        tasks.start_soon(listener.serve, proxy)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        async with Intercom("planted-token", max_retries=0) as intercom:
            with pytest.raises(NotSentError):
                await intercom.me()
        tasks.cancel_scope.cancel()
    assert heard.startswith(b"CONNECT api.intercom.io:443")
    assert b"planted-token" not in heard

"""The client: wires the parts together and owns the connections. No I/O in constructors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from intercom_raw import models
from intercom_raw.api.admins import identify_admin
from intercom_raw.sender import Sender as RawSender
from intercom_raw.types import UNSET, Unset

from . import types  # what it names is imported when somebody asks for it, or for the hints
from ._delivery.lifetime import Lifetime
from ._delivery.options import LIMITS, MAX_RESPONSE_BYTES, PACE, Options, checked_limits
from ._delivery.sender import Sender
from ._delivery.shared import SharedState
from ._delivery.token_state import TokenState
from ._http.address import resolve_base_url
from ._http.arguments import Priority, Timeout
from ._http.base import HTTPTransport
from ._http.certificates import certificates
from ._http.factory import Transport, is_aiohttp, make_transport
from ._http.timeouts import TIMEOUT
from ._migration import KnowsOtherNames, explains_arguments
from ._ratelimit.pacer import Pace
from ._region import Region
from ._resource import resource
from ._values.validation import checked_version
from ._writes.read_back import workspace_of
from .auth import Token, make_token
from .conversations import Conversations
from .errors import OutcomeUnknownError, RateLimit
from .tickets import Tickets, TicketTypes


class Intercom(Lifetime, KnowsOtherNames):
    """A client of Intercom's API, for all tasks of one event loop. Keep one open as long as the application runs.

        async with Intercom(token, region=Region.EU) as intercom:
            await intercom.conversations.redact_part("471", "115")

    Args:
        token: The access token, or an async callable that returns one; it is asked again, by one call at a time, when
            Intercom refuses its token. None: INTERCOM_ACCESS_TOKEN.
        region: Where the workspace lives: a Region or its name. None: INTERCOM_REGION, or US.
        base_url: Another address, of a sandbox or a proxy, in place of the region's. None: INTERCOM_BASE_URL, or the
            region's. Plain http only to this machine: see `insecure_http`.
        timeout: An httpx.Timeout, or seconds. An httpx.Timeout bounds the phases of a request. Seconds bound each
            request as a whole (waiting for a connection, connecting, headers, body), and all waiting of a call between
            its requests (rate limit, retries) taken together: a wait that would go beyond is an error at once.
        request_time: Seconds that each request may take as a whole, however steadily its answer trickles in. Not given:
            `timeout` where that is in seconds, else 60. None: no limit but `timeout`.
        max_response_bytes: Bytes of an answer that may be received, and that it may be unpacked to. None: no limit.
        max_retries: How often a call is sent again after it failed, where that is safe; 0: never.
        max_elapsed: Seconds from the start of a call after which it is not sent again; None: no limit.
        settle_for: Seconds after its last doubtful request for which a write is read back, at growing intervals, also
            with `max_retries=0`. 0: it is read once, at once. The caller's own deadline may end this earlier.
        horizon: Seconds after which such a request can no longer take effect; only later reads tell "not applied".
        strict_region: True: before the first call, `/me` is read on the region's own host, and all calls are refused if
            the token's workspace lives elsewhere; so its data never crosses another region's host.
        priority: "batch" leaves a share of every rate-limit window to other work.
        pace: How to keep to the rate limit; None: not at all.
        transport: "httpx", "aiohttp" (asyncio only, extra `aiohttp`), or an httpx transport.
        http_client: Your own client, with its hooks, proxies and certificates; it is not closed with this one. Its pool
            needs room for the 50 requests of a token, or 100 with several tokens. None: a client is made.
        on_event: A function, not an async one, that gets the records of `aiointercom.events`. None: nothing is called.
        insecure_http: True: plain http to any host, such as a sandbox in another container. Nothing is encrypted then.

    Raises:
        ConfigurationError: The token, the region, the address, or a proxy or certificate of the environment cannot be
            used (HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR), or an extra is missing.
        ValueError, TypeError: A number is out of range, or `on_event` is no plain function.

    All calls raise errors of `aiointercom.errors`, and nothing else that comes from the network.
    """

    conversations: Conversations = resource(Conversations)
    """Redact, convert, read, list and search conversations."""
    tickets: Tickets = resource(Tickets)
    """Read tickets."""
    ticket_types: TicketTypes = resource(TicketTypes)
    """Read ticket types."""

    @explains_arguments
    def __init__(
        self,
        token: Token | None = None,
        *,
        region: Region | str | None = None,
        base_url: str | None = None,
        timeout: Timeout = TIMEOUT,
        max_retries: int = LIMITS.max_retries,
        max_elapsed: float | None = LIMITS.max_elapsed,
        settle_for: float = LIMITS.settle_for,
        horizon: float = LIMITS.horizon,
        strict_region: bool = False,
        priority: Priority = "interactive",
        pace: Pace | None = PACE,
        transport: Transport = "httpx",
        http_client: httpx.AsyncClient | None = None,
        on_event: Callable[[types.Event], object] | None = None,
        request_time: float | Unset | None = UNSET,
        max_response_bytes: int | None = MAX_RESPONSE_BYTES,
        insecure_http: bool = False,
    ) -> None:
        where = Region.from_environment() if region is None else Region.parse(region)
        options = Options(
            base_url=resolve_base_url(base_url, where, insecure_http),
            region=where,
            timeout=timeout,
            limits=checked_limits(max_retries, max_elapsed, settle_for, horizon),
            priority=priority,
            strict_region=strict_region,
            on_event=on_event,
            request_time=request_time,
            max_response_bytes=max_response_bytes,
            insecure_http=insecure_http,
        )
        http_transport = make_transport(transport, http_client)
        shared = SharedState(
            pace,
            asyncio_only=transport == "aiohttp" or is_aiohttp(transport),
            own_pool=http_client is not None or not isinstance(transport, str),
            warn_as=options.name if http_client is None else None,
        )
        self._wire(http_transport, shared, shared.token_state(make_token(token)), options, owner=True)

    def _wire(
        self, transport: HTTPTransport, shared: SharedState, token_state: TokenState, options: Options, *, owner: bool
    ) -> None:
        if transport.certifies:
            certificates(options.base_url)  # so that what is wrong with them is said now
        self._live(transport, shared, token_state, owner=owner)
        self._options = options
        self._sender = Sender(transport, shared, token_state, options)

    def __repr__(self) -> str:  # also of one whose constructor failed: tracebacks with local variables ask
        return self._options.name if "_options" in vars(self) else "Intercom(...)"

    @property
    def sender(self) -> RawSender:
        """The `sender` for the functions of `intercom_raw.api`, with this client's token, region, pacing and errors."""
        return self._sender

    def sender_for(self, version: str) -> RawSender:
        """Return a sender for a raw package of another API version with this client's token, region, pacing and errors.

        Make such a package with `scripts/regenerate --fragment`. Writes through it are not read back.

        Args:
            version: The value of the header `Intercom-Version`, such as "9.1".

        Raises:
            ValueError: It is not of the form of a version.
        """
        return self._sender.with_options(version=checked_version(version))

    @property
    def region(self) -> Region:
        """The region that this client was set to."""
        return self._options.region

    @property
    def on_event(self) -> Callable[[types.Event], object] | None:
        """The function that gets this client's events, for a derived client's to call it too. None: not set."""
        return self._options.on_event

    @property
    def settle_for(self) -> float:
        """Seconds for which a write in doubt is read back before its call ends as unknown."""
        return self._options.limits.settle_for

    @property
    def horizon(self) -> float:
        """Seconds after its last doubtful request after which a write that no read shows counts as not applied."""
        return self._options.limits.horizon

    def server_time(self) -> float:
        """Return the time by Intercom's clock, as far as its answers told it, in Unix seconds; else this machine's."""
        return self._sender.server_time()

    @property
    def rate_limit(self) -> RateLimit | None:
        """The rate limit that was last seen for this client's token; None: no answer told one yet."""
        return self._sender.rate_limit

    @property
    def rate_limit_window(self) -> float | None:
        """Seconds of the windows in which Intercom counts this token's requests: the shortest time between two resets.

        None: answers told of one window only, or this client does not keep to the rate limit. Intercom documents 10.
        """
        pacer = self._token_state.pacer
        return None if pacer is None else pacer.window

    async def me(self, *, timeout: Timeout | None = None, priority: Priority | None = None) -> models.AdminWithApp:
        """Read the admin that the token belongs to, and the workspace (`app`).

        Args:
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Raises:
            IntercomError: As for every read.

        Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/identifyadmin
        """
        admin = await identify_admin(self._sender.with_options(timeout=timeout, priority=priority))
        self._token_state.workspace = workspace_of(admin) or self._token_state.workspace
        return admin

    async def settle(
        self, error: OutcomeUnknownError, attributes: Mapping[str, Any] | None = None, *, timeout: Timeout | None = None
    ) -> types.Settlement:
        """Say what became of a write whose outcome was unknown, by reading the conversation once. It changes nothing.

        The error may come, pickled, from another process, and may be settled several times: until `horizon` seconds
        after its `last_doubt_at` the write may still take effect, and `retry_after` says how long that lasts.

        Args:
            error: The error that the write ended in.
            attributes: What a conversion asked for, by the API's names. None: the error's own, if it was not pickled.
            timeout: Seconds, or an httpx.Timeout; None: the client's.

        Returns:
            The Settlement: "done", "not_applied" or "unknown", and why.

        Raises:
            TypeError: `error` is no OutcomeUnknownError.
            ConfigurationError: The write went to another workspace than this client's token belongs to.
            IntercomError: The workspace could not be read. A failed read of the conversation is "unknown" instead.

        Source:
            https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/retrieveconversation
        """
        from .settling import settle  # few programs ever settle a write later

        return await settle(self._sender.with_options(timeout=timeout), error, attributes)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        timeout: Timeout | None = None,
        priority: Priority | None = None,
    ) -> Any:
        """Call any other endpoint, with the same token, region, pacing and errors.

        A GET is sent again after a failure like any read. Any other method counts as a write that cannot be read
        back: it is sent again only if nothing reached Intercom, and a lost answer is an OutcomeUnknownError.

        Args:
            method: "GET", "POST", "PUT", "DELETE", ...
            path: From the host on, e.g. "/tags"; ids in it quoted by you.
            query: Query parameters; those that are None are left out. None: no query.
            json: The body, as JSON data. None: no body.
            timeout: Seconds, or an httpx.Timeout; None: the client's.
            priority: "interactive" or "batch"; None: the client's.

        Returns:
            The answer's JSON, as plain data; None where the answer is empty by its status (204).

        Raises:
            ValueError, TypeError: The path, the query or the body cannot be sent.
            IntercomError: As for every call.
        """
        return await self._sender.with_options(timeout=timeout, priority=priority).request(
            method, path, query=query, json=json
        )

    def with_options(
        self,
        *,
        token: Token | None = None,
        region: Region | str | None = None,
        base_url: str | None = None,
        timeout: Timeout | None = None,
        max_retries: int | None = None,
        settle_for: float | None = None,
        horizon: float | None = None,
        priority: Priority | None = None,
        on_event: Callable[[types.Event], object] | None = None,
        request_time: float | Unset | None = UNSET,
        max_response_bytes: int | Unset | None = UNSET,
    ) -> Intercom:
        """Return a client with other options that shares the connections. It is cheap, and closing it does nothing.

        Such clients share what is known of each token's rate limit. Closing this client ends the new one too.

        Args:
            token: As for Intercom; None: this client's.
            region: As for Intercom; it gives its own address, unless base_url is given as well. None: this client's.
            base_url: As for Intercom; None: the region's, or this client's.
            timeout: As for Intercom; None: this client's.
            max_retries: As for Intercom; None: this client's.
            settle_for: As for Intercom; None: this client's.
            horizon: As for Intercom; None: this client's.
            priority: As for Intercom; None: this client's.
            on_event: As for Intercom; it replaces this client's function. None: this client's.
            request_time: As for Intercom; not given: this client's.
            max_response_bytes: As for Intercom; not given: this client's.

        Raises:
            ConfigurationError, ValueError, TypeError: As for Intercom.
        """
        limits = {"max_retries": max_retries, "settle_for": settle_for, "horizon": horizon}
        changed = self._options.changed(
            region, base_url, timeout, limits, priority, on_event, request_time, max_response_bytes
        )
        other = object.__new__(type(self))
        token_state = self._token_state if token is None else self._shared.token_state(make_token(token))
        other._wire(self._transport, self._shared, token_state, changed, owner=False)
        return other

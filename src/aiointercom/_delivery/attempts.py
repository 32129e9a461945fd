"""One request of a call, from the wait for its turn to what its answer, or the lack of one, means.

The only place that asks a transport to send.
"""

from __future__ import annotations

from math import inf

import anyio
from anyio.lowlevel import checkpoint

from aiointercom._http.base import AnswerTooLargeError, HTTPTransport
from aiointercom._http.request_builder import RequestBody, RequestBuilder
from aiointercom._http.timeouts import Timeouts
from aiointercom._protocol.retry_policy import Happened, Limits
from aiointercom._ratelimit.pacer import Exhausted, Pacer
from aiointercom._values.hidden import Secret
from aiointercom.errors import (
    ClientClosedError,
    NotSentError,
    RateLimit,
    RateLimitedError,
)

from .call import AttemptResult, Call
from .clock import Clock
from .options import Options
from .reporter import Reporter
from .result import judge, lost, no_answer, rate_limited, too_large, unsent
from .settle import Settle
from .shared import SharedState
from .token_state import TokenState


class Attempts:
    """Sends the requests of calls, for one token with one set of options.

    Args:
        transport: What carries the requests.
        shared: What clients that share the connections share.
        token_state: What is known of the token.
        options: What the client was told.
        clock: The time; None: the machine's.
    """

    def __init__(
        self,
        transport: HTTPTransport,
        shared: SharedState,
        token_state: TokenState,
        options: Options,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._transport, self._shared, self._token_state, self._options = transport, shared, token_state, options
        self._requests = RequestBuilder(options.base_url, transport)
        self._clock = clock or Clock()
        self._report = Reporter(options.on_event)
        self._timeouts = Timeouts.of(options.timeout, options.request_time)
        self._batch = options.priority == "batch"
        self._strict, self._limits = options.strict_region, options.limits
        self._settle: Settle | None = None
        self._parent: int | None = None
        self._most = options.max_response_bytes

    @property
    def request_time(self) -> float | None:
        """Seconds that each request may take as a whole, and that a call waits for another's result; None: no limit."""
        return self._timeouts.request

    @property
    def limits(self) -> Limits:
        """How long and how often a call may try."""
        return self._limits

    def monotonic(self) -> float:
        """Return the monotonic clock's seconds, as `server_time` takes them."""
        return self._clock.monotonic()

    def server_time(self, at: float | None = None) -> float:
        """Return a time by Intercom's clock, in Unix seconds; by this machine's where no answer told the time yet.

        Args:
            at: Seconds of the monotonic clock; None: now.
        """
        now = self._clock.monotonic()
        at = now if at is None else at
        told = self._token_state.server_time(at)
        return self._clock.now() - (now - at) if told is None else told

    @property
    def token_state(self) -> TokenState:
        """What is known of this sender's token."""
        return self._token_state

    @property
    def rate_limit(self) -> RateLimit | None:
        """The rate limit that was last seen for this token."""
        return self._token_state.rate_limit

    def _check_open(self) -> None:
        self._shared.enter()
        if self._transport.is_closed:
            raise ClientClosedError("the http_client that was passed in is closed")

    def _left(self, call: Call, *, paced: bool = False) -> float | None:
        """Seconds that may still be waited: up to the caller's own deadline, and `timeout=` for all waits together.

        What the network takes does not count against `timeout=`: it has that time for itself, at each attempt.

        Args:
            call: The call.
            paced: Whether the wait is for the rate limit, so that `max_wait` bounds it too, over all attempts.
        """
        left = anyio.current_effective_deadline() - anyio.current_time()
        if (waiting := self._timeouts.waiting) is not None:
            left = min(left, waiting - call.waited)
        if paced and self._token_state.pacer is not None:
            left = min(left, self._token_state.pacer.max_wait - call.paced)
        return None if left == inf else left

    async def _attempt(self, call: Call, objects_only: bool) -> AttemptResult:
        """Send once; once more with a fresh token where the first was refused and a callable can give another."""
        tokens = self._token_state.tokens
        token = await tokens.current(self._timeouts.request)
        result = await self._send_once(call, token, objects_only)
        if result.happened is Happened.UNAUTHORIZED and (
            (fresh := await tokens.renewed(token, self._timeouts.request)) != token
        ):
            self._token_state.workspace = None  # the other token may belong to another one
            result = await self._send_once(call, fresh, objects_only)
        return result

    async def _attempt_in_doubt(self, call: Call, objects_only: bool) -> AttemptResult:
        """Send once more.

        Whatever keeps that from happening, a failing token source say, must not hide the write that is in doubt.
        """
        try:
            return await self._attempt(call, objects_only)
        except RateLimitedError as full:  # the pacing would have had to wait too long
            return AttemptResult(Happened.RATE_LIMITED, error=full.with_traceback(None))
        except Exception as failure:  # noqa: BLE001  # the application's own code, or a closed client
            happened = Happened.LOST if call.under_way else Happened.NOT_SENT
            error = NotSentError(f"{call.request.operation}: not sent again ({type(failure).__name__})")
        result = AttemptResult(happened, error=error)
        call.ended(result, self._clock.monotonic())
        return result

    async def _send_once(self, call: Call, token: Secret, objects_only: bool) -> AttemptResult:
        """Wait for a turn, send, and give the turn back whatever happens."""
        token_state, left, body = self._token_state, False, RequestBody(call.request.content or b"")
        if token_state.pacer is not None and not token_state.pacer.at_once(batch=self._batch, invited=call.invited):
            await self._wait_for_turn(call, token_state.pacer)
        result = AttemptResult(Happened.LOST)
        try:
            with anyio.move_on_after(self._timeouts.deadline) as scope:
                async with token_state.gate:
                    left = True
                    result = await self._exchange(call, token, body, objects_only)
            if scope.cancelled_caught:
                result = self._out_of_time(call, left, body)
        finally:
            now = self._clock.monotonic()
            if call.under_way and self._is_connecting(call, body):  # also where the caller was cancelled
                call.under_way = left = False
            token_state.ended(
                result.headers, result.status, now, sent=left and result.happened is not Happened.NOT_SENT
            )
        call.ended(result, now)
        return result

    async def _wait_for_turn(self, call: Call, pacer: Pacer) -> None:
        try:
            waited = await pacer.acquire(batch=self._batch, budget=self._left(call, paced=True), invited=call.invited)
        except Exhausted as full:
            retry_after, rate_limit = full.retry_after, full.rate_limit
        else:
            call.waited += waited
            call.paced += waited
            self._report.paced(call, waited, rate_limit=pacer.rate_limit)
            return
        await checkpoint()  # so that a caller that retries at once cannot starve the event loop, nor its own deadline
        if not call.in_doubt:
            self._report.settled(call, "not_applied")
        raise rate_limited(call, retry_after, rate_limit)

    async def _exchange(self, call: Call, token: Secret, body: RequestBody, objects_only: bool) -> AttemptResult:
        """Send one request and read its answer; whatever comes, or does not come, becomes a AttemptResult."""
        self._check_open()  # again: much may have been waited for since the call began
        started = self._clock.monotonic()
        call.leaves(started, self._clock.now())
        self._report.sent(call)
        try:
            arrived = await self._transport.send(
                self._requests.build(call.request, token, body, self._timeouts), self._options.base_url, self._most
            )
        except anyio.get_cancelled_exc_class() as cancelled:
            raise cancelled.with_traceback(None)  # noqa: B904  # the same one, without its frames
        except AnswerTooLargeError as large:
            result = too_large(large, call, self._most)
        except Exception as failure:
            if not self._transport.is_transport_error(failure):
                raise
            result = no_answer(failure, call)
        else:
            result = judge(arrived, call, self._settle, objects_only)
            answered, asked = arrived.headers.get("intercom-version"), self._requests.version
            if answered is not None and answered != asked and self._token_state.is_new_version(answered):
                self._report.version_differs(call, asked, answered)
        self._report.received(call, result, self._clock.monotonic() - started)
        return result

    def _out_of_time(self, call: Call, left: bool, body: RequestBody) -> AttemptResult:
        """Say what it means that a request has used up its time.

        `left`: it had a place, and was given to what carries it.
        """
        if not left:
            return unsent(call, f"no place among the requests under way within {self._timeouts.request:g} s")
        ended = unsent if self._is_connecting(call, body) else lost
        result = ended(call, f"not done within {self._timeouts.request:g} s")
        self._report.received(call, result, self._clock.monotonic() - (call.left_at or 0.0))
        return result

    def _is_connecting(self, call: Call, body: RequestBody) -> bool:
        """Say whether nothing of the body was sent, without which a request has no effect; False: that is not known."""
        return self._transport.streams and call.request.content is not None and not body.begun

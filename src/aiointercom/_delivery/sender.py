"""The only loop, and the only place that meets httpx's exceptions: one call from path template to JSON, or to a named error.

What to do next is decided by `_protocol.retry_policy`, when to send by `_ratelimit.pacer`, what an answer means by `_protocol.response`; how a write is settled is known
to the resource that sends it. Here it is only carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

import anyio
import httpx
from anyio.lowlevel import cancel_shielded_checkpoint, checkpoint
from attrs import evolve

from aiointercom._hidden import Secret
from aiointercom._http.base import AnswerTooLargeError, Arrived, Carrier
from aiointercom._http.httpx_client import Client
from aiointercom._http.request_builder import ENCODINGS, FIXED_PATHS, WITH_LENGTH, Departure, headers_of
from aiointercom._http.timeouts import GRACE, checked_timeout, phases_of, request_time
from aiointercom._locks import held
from aiointercom._protocol import retry_policy as policy
from aiointercom._protocol.request import Request, checked_path, prepare, template_of
from aiointercom._protocol.response import decode, not_what_was_asked, unreadable
from aiointercom._protocol.retry_policy import DOUBTFUL, Action, Decision, Happened, Limits
from aiointercom._ratelimit.pacer import Exhausted, Pacer
from aiointercom.errors import (
    APIError,
    ClientClosedError,
    ConfigurationError,
    IntercomError,
    NotSentError,
    OutcomeUnknownError,
    RateLimit,
    RateLimitedError,
    UnreadableResponseError,
)
from aiointercom.regions import Region
from aiointercom.types import Priority, Timeout

from .call import Call, Result
from .clock import Clock
from .options import Options, checked_priority
from .read_schedule import Looks
from .reporter import Reporter
from .result import LARGE, classify, lost, no_answer, outcome_unknown, rate_limited, too_large, unsent
from .settle import Done, NotApplied, Refused, Sent, Settle, Unknown, Verdict
from .shared import Connections
from .token_state import Tenant


class Sender:
    """Sends calls for one token with one set of options. The generated functions take it as their `sender`."""

    def __init__(
        self, carrier: Carrier, shared: Connections, tenant: Tenant, options: Options, *, clock: Clock | None = None
    ) -> None:
        self._carrier, self._shared, self._tenant, self._options = carrier, shared, tenant, options
        self._callers = carrier if isinstance(carrier, Client) else None
        self._clock = clock or Clock()
        self._report = Reporter(options.on_event)
        self._bound(options.timeout)
        self._batch = options.priority == "batch"
        self._strict, self._limits = options.strict_region, options.limits
        self._settle: Settle | None = None
        self._parent: int | None = None
        self._most = options.max_response_bytes
        self._urls: dict[str, httpx.URL] = {}
        self._headers: dict[bool, tuple[Secret, httpx.Headers]] = {}

    def _bound(self, timeout: Timeout) -> None:
        self._timeout, self._request_time = timeout, request_time(timeout, self._options.request_time)
        self._deadline = None if self._request_time is None else self._request_time + GRACE
        self._phases = phases_of(timeout, self._request_time)
        self._seconds = self._phases.as_dict()

    def __repr__(self) -> str:
        return f"Sender({self._options.base_url!r})"

    def but(
        self,
        *,
        timeout: Timeout | None = None,
        priority: Priority | None = None,
        settle: Settle | None = None,
        parent: int | None = None,
        strict: bool | None = None,
        max_retries: int | None = None,
    ) -> Sender:
        """Return a sender for one call, at the price of a copy; None keeps what this one has, but for `settle`.

        Args:
            timeout: Seconds, or an httpx.Timeout.
            priority: "interactive" or "batch".
            settle: How the write is confirmed and read back; None: nobody can.
            parent: The number of the call that this one reads back for.
            strict: Whether to hold the token's region against the client's first.
            max_retries: How often a request is sent again.
        """
        other = object.__new__(Sender)
        other.__dict__.update(self.__dict__, _settle=settle)
        if timeout is not None:
            other._bound(checked_timeout(timeout))
        if priority is not None:
            other._batch = checked_priority(priority) == "batch"
        if parent is not None:
            other._parent = parent
        if strict is not None:
            other._strict = strict
        if max_retries is not None:
            other._limits = evolve(self._limits, max_retries=max_retries)
        return other

    @property
    def request_time(self) -> float | None:
        """Seconds that each request may take as a whole, and that a call waits for what another one holds; None: no limit."""
        return self._request_time

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
        told = self._tenant.server_time(at)
        return self._clock.now() - (now - at) if told is None else told

    @property
    def tenant(self) -> Tenant:
        """What is known of this sender's token."""
        return self._tenant

    @property
    def rate_limit(self) -> RateLimit | None:
        """The rate limit that was last seen for this token."""
        return self._tenant.rate_limit

    async def send(
        self,
        method: str,
        path: str,
        *,
        values: Mapping[str, str | int] | None = None,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
    ) -> dict[str, Any]:
        """Send one call of the raw layer; see `intercom_raw.Sender`. The answer must be a JSON object."""
        request = prepare(method, path, values, query, json)
        del json, query  # a traceback shows what a frame still holds
        answer: dict[str, Any] = await self._enter(request, objects_only=True)
        return answer

    async def request(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, json: Any = None) -> Any:
        """Send any other call; any JSON is an answer. See `Intercom.request`."""
        request = prepare(method.upper(), checked_path(path), None, query, json)
        request = evolve(request, operation=f"{request.method} {template_of(path)}")
        del json, query, path
        return await self._enter(request, objects_only=False)

    async def _enter(self, request: Request, objects_only: bool) -> Any:
        self._check_open()
        if self._parent is not None:  # it is part of a call that has begun
            return await self._call(request, objects_only)
        self._shared.begin()
        try:
            return await self._call(request, objects_only)
        finally:
            self._shared.end()

    async def _call(self, request: Request, objects_only: bool) -> Any:
        if self._strict:
            await self._stay_at_home()
        call = Call.begin(request, self._clock.monotonic(), self._parent)
        try:
            answer = await self._run(call, objects_only)
        except BaseException as ended:
            if _is_cancellation(ended):
                self._report.cancelled(call)
            raise
        if call.large:  # building its models takes as long again: others go first
            await cancel_shielded_checkpoint()
        return answer

    def _check_open(self) -> None:
        self._shared.enter()
        if self._callers is not None and self._callers.http.is_closed:
            raise ClientClosedError("the http_client that was passed in is closed")

    async def _stay_at_home(self) -> None:
        """Ask once, on the configured host, where the token's workspace lives, and refuse all else if it is elsewhere."""
        options, tenant = self._options, self._tenant
        async with held(tenant.asking, self._request_time, "GET /me"):
            if tenant.home is None:
                me = prepare("GET", "/me", None, None, None)
                tenant.home = Region.of(await self.but(strict=False)._call(me, objects_only=True))
        if tenant.home is not options.region:
            where = f"the token's workspace lives in {tenant.home.name}, this client is set to {options.region.name}"
            raise ConfigurationError(f"{where} (strict_region)")

    async def _run(self, call: Call, objects_only: bool) -> Any:
        settle = self._settle
        while True:
            call.attempt += 1
            result = await (self._attempt_in_doubt if call.in_doubt else self._attempt)(call, objects_only)
            if result.happened is Happened.ANSWERED:  # PROCEED, whatever the effect: not worth the sums of `_ask`
                self._report.settled(call, settle.outcome if settle else "applied")
                return result.value
            decision = self._ask(policy.decide, call, result, effect=call.request.effect, in_doubt=call.in_doubt)
            if settle is not None and decision.action is Action.READ_BACK:
                return (await self._read_back(call, result, settle)).answer
            if settle is not None and decision.action is Action.SETTLE:
                done = await self._look_until_settled(call, result, settle)
                if done is not None:
                    return done.answer
                continue
            if decision.action is not Action.RETRY:
                raise self._final(call, result, decision)
            self._send_again(call, result, decision.after)
            await self._wait(call, decision.after)

    def _send_again(self, call: Call, result: Result, delay: float) -> None:
        """Note that the request is sent once more, after so many seconds, and whether the server said when."""
        self._report.retrying(call, result, delay)
        call.invited = policy.asked_wait(result.headers or {}, self._clock.now(), limited=False) is not None

    async def _wait(self, call: Call, seconds: float) -> None:
        call.waited += seconds
        await self._clock.sleep(seconds)

    def _ask(self, question: Callable[..., Decision], call: Call, result: Result, **facts: Any) -> Decision:
        """Put what is known of a call before the policy."""
        return question(
            happened=result.happened,
            attempt=call.attempt,
            elapsed=self._clock.monotonic() - call.started,
            now=self._clock.now(),
            limits=self._limits,
            headers=result.headers,
            left=self._left(call),
            jitter=self._clock.jitter,
            **facts,
        )

    def _left(self, call: Call) -> float | None:
        """Seconds that may still be waited: up to an `anyio.fail_after` around the call, and `timeout=` seconds for all waits together.

        What the network takes does not count against `timeout=`: it has that time for itself, at each attempt.
        """
        left = anyio.current_effective_deadline() - anyio.current_time()
        if isinstance(self._timeout, int | float):
            left = min(left, self._timeout - call.waited)
        return None if left == inf else left

    async def _attempt(self, call: Call, objects_only: bool) -> Result:
        """Send once; once more with a fresh token where the first was refused and a callable can give another."""
        tokens = self._tenant.tokens
        token = await tokens.current(self._request_time)
        result = await self._send_once(call, token, objects_only)
        if result.happened is Happened.UNAUTHORIZED and (
            (fresh := await tokens.renewed(token, self._request_time)) != token
        ):
            self._tenant.workspace = None  # the other token may belong to another one
            result = await self._send_once(call, fresh, objects_only)
        return result

    async def _attempt_in_doubt(self, call: Call, objects_only: bool) -> Result:
        """Send once more. Whatever keeps that from happening, a failing token source say, must not hide the write that is in doubt."""
        try:
            return await self._attempt(call, objects_only)
        except RateLimitedError as full:  # the pacing would have had to wait too long
            return Result(Happened.RATE_LIMITED, error=full.with_traceback(None))
        except Exception as failure:  # noqa: BLE001  # of a token source, a hook of the application, or a client that was closed
            happened = Happened.LOST if call.under_way else Happened.NOT_SENT
            error = NotSentError(f"{call.request.operation}: not sent again ({type(failure).__name__})")
        result = Result(happened, error=error)
        call.ended(result, self._clock.monotonic())
        return result

    async def _send_once(self, call: Call, token: Secret, objects_only: bool) -> Result:
        """Wait for a turn, send, and give the turn back whatever happens."""
        tenant, left, body = self._tenant, False, Departure(call.request.content or b"")
        if tenant.pacer is not None and not tenant.pacer.at_once(batch=self._batch, invited=call.invited):
            await self._wait_for_turn(call, tenant.pacer)
        result = Result(Happened.LOST)
        try:
            with anyio.move_on_after(self._deadline) as scope:
                async with tenant.gate:
                    left = True
                    result = await self._exchange(call, token, body, objects_only)
            if scope.cancelled_caught:
                result = self._out_of_time(call, left, body)
        finally:
            now = self._clock.monotonic()
            tenant.ended(result.headers, result.status, now, sent=left and result.happened is not Happened.NOT_SENT)
        call.ended(result, now)
        return result

    async def _wait_for_turn(self, call: Call, pacer: Pacer) -> None:
        try:
            waited = await pacer.acquire(batch=self._batch, budget=self._left(call), invited=call.invited)
        except Exhausted as full:
            retry_after, rate_limit = full.retry_after, full.rate_limit
        else:
            call.waited += waited
            self._report.paced(call, waited, rate_limit=pacer.rate_limit)
            return
        await checkpoint()  # so that a caller that retries at once cannot starve the event loop, nor its own deadline
        if not call.in_doubt:
            self._report.settled(call, "not_applied")
        raise rate_limited(call, retry_after, rate_limit)

    async def _exchange(self, call: Call, token: Secret, body: Departure, objects_only: bool) -> Result:
        """Send one request and read its answer; whatever comes, or does not come, becomes a Result."""
        self._check_open()  # again: much may have been waited for since the call began
        started = self._clock.monotonic()
        call.leaves(started, self._clock.now())
        self._report.sent(call)
        try:
            arrived = await self._carrier.send(
                self._message(call.request, token, body), self._options.base_url, self._most
            )
        except anyio.get_cancelled_exc_class() as cancelled:
            raise cancelled.with_traceback(None)  # noqa: B904  # it is the same one, without frames that hold the request
        except AnswerTooLargeError as large:
            result = too_large(large, call, self._most)
        except Exception as failure:
            if not self._carrier.is_transport_error(failure):
                raise
            result = no_answer(failure, call)
        else:
            result = self._judge(arrived, call, objects_only)
        self._report.received(call, result, self._clock.monotonic() - started)
        return result

    def _out_of_time(self, call: Call, left: bool, body: Departure) -> Result:
        """Say what it means that a request has used up its time. `left`: it had a place, and was given to what carries it."""
        if not left:
            return unsent(call, f"no place among the requests under way within {self._request_time:g} s")
        connecting = self._carrier.streams and call.request.content is not None and not body.begun
        ended = unsent if connecting else lost
        result = ended(call, f"not done within {self._request_time:g} s")
        self._report.received(call, result, self._clock.monotonic() - (call.left_at or 0.0))
        return result

    def _message(self, request: Request, token: Secret, body: httpx.ByteStream) -> httpx.Request:
        """Build the request: through a client of the caller's own, so that its headers and cookies go along; else directly.

        Directly, because merging the defaults of a client that has none costs as much as all else that is done for a call here. It also
        keeps the cookies of one token's answers out of another token's requests.
        """
        url, content = self._urls.get(request.target) or self._url(request.target), request.content
        if self._callers is not None:
            ours = [ENCODINGS, *headers_of(token, content is not None)]
            return self._callers.build(request.method, url, headers=ours, content=content, timeout=self._phases)
        # With all headers and the stream given httpx has none to add, for which it would write the whole list anew.
        message = httpx.Request(
            request.method,
            url,
            headers=self._headers_for(url, token, content is not None),
            stream=body,
            extensions={"timeout": self._seconds},
        )
        if content is not None or request.method in WITH_LENGTH:
            message.headers["Content-Length"] = str(len(content or b""))
        message.read()  # transports may ask for its `content`
        return message

    def _headers_for(self, url: httpx.URL, token: Secret, body: bool) -> httpx.Headers:
        """The headers of all requests with this token; httpx takes a copy."""
        known = self._headers.get(body)
        if known is not None and known[0] == token:
            return known[1]
        headers = httpx.Headers([(b"Host", url.netloc), ENCODINGS, *headers_of(token, body)])
        self._headers[body] = token, headers
        return headers

    def _url(self, target: str) -> httpx.URL:
        """Parse an address, and keep those of the paths that stand in the API's description: parsing costs more than sending."""
        url = httpx.URL(self._options.base_url + target)
        if target in FIXED_PATHS:
            self._urls[target] = url
        return url

    def _judge(self, arrived: Arrived, call: Call, objects_only: bool) -> Result:
        status, headers = arrived.status, arrived.headers
        call.large = len(arrived.content) > LARGE
        value: Any = None
        error: APIError | UnreadableResponseError | None = None
        happened: Happened | None = None
        try:
            value = decode(status, headers, arrived.content)
            if objects_only and value.__class__ is not dict:
                error = unreadable(status, headers, "whose JSON is no object")
            elif objects_only:
                error = not_what_was_asked(call.request.operation, call.request.ids, status, headers, value)
                happened = None if error is None else Happened.UNCONFIRMED
        except (APIError, UnreadableResponseError) as refusal:
            error = refusal.with_traceback(None)
        settle = self._settle
        if error is None and settle is not None and not settle.confirms(value):
            return Result(
                Happened.UNCONFIRMED,
                value,
                unreadable(status, headers, "that does not show the effect"),
                status,
                headers,
            )
        if error is not None:
            error.args = (f"{call.request.operation}: {error}",)
            error.attempts = call.sent
        return Result(happened or classify(status, error, call.request.effect), value, error, status, headers)

    async def _read_back(self, call: Call, result: Result, settle: Settle) -> Done:
        """Read once what a definite refusal was about: it may be success after all, and the read says more than the refusal.

        Raises:
            APIError: The refusal, with what the read showed.
        """
        assert isinstance(result.error, APIError)  # the rows of the table that lead here
        refusal = result.error
        verdict = await self._read(call, settle, Sent(refusal, None))
        if isinstance(verdict, Done):
            self._report.settled(call, verdict.outcome, by_reading=True)
            return verdict
        refused = verdict if isinstance(verdict, Refused) else Refused(refusal, "not_applied")
        self._report.settled(call, refused.outcome, by_reading=True, reason=refused.reason)
        raise refused.error

    async def _look_until_settled(self, call: Call, result: Result, settle: Settle) -> Done | None:
        """Read at growing intervals what became of a write in doubt; None: it is to be sent again.

        Raises:
            AlreadyTicketError: The conversation is somebody else's ticket.
            OutcomeUnknownError: No read showed the effect in time.
            IntercomError: A read later than the horizon showed that it was not applied, and nothing is left to try.
        """
        ended = call.doubt_at if call.doubt_at is not None and result.happened in DOUBTFUL else self._clock.monotonic()
        again = self._ask(policy.retry, call, result) if result.happened in policy.REPEATABLE else NEVER
        again_at = ended + again.after if again.action is Action.RETRY else inf
        plan = Looks(call, self._limits, refused=result.happened in REFUSALS, ended=ended, again_at=again_at)
        reason = f"no read within {self._limits.settle_for:g} s showed the effect, and it may still come"
        while (at := plan.next(self._clock.monotonic())) is not None and await self._wait_to_look(call, at):
            verdict = await self._look(call, settle)
            if isinstance(verdict, Done):
                return verdict
            if isinstance(verdict, Unknown):
                reason = verdict.reason
                if verdict.useless:
                    break
            elif plan.beyond_horizon:
                call.clear()
                if again.action is not Action.RETRY:
                    raise self._final(call, result, again)
                return None
            elif plan.may_send_again:
                self._send_again(call, result, self._clock.monotonic() - ended)
                return None
        self._report.settled(call, "unknown", by_reading=True, reason=reason)
        raise self._unknown(call, reason)

    async def _look(self, call: Call, settle: Settle) -> Done | NotApplied | Unknown:
        """Read once what became of a write in doubt.

        Raises:
            AlreadyTicketError: The conversation is somebody else's ticket.
        """
        began = self._clock.monotonic()
        verdict = await self._read(call, settle, Sent(None, lambda: self._window(call)))
        call.looked(began, empty=isinstance(verdict, NotApplied))
        call.waited += self._clock.monotonic() - began  # a read that takes its whole time is a wait like any other
        if isinstance(verdict, Done | Refused):
            reason = verdict.reason if isinstance(verdict, Refused) else None
            self._report.settled(call, verdict.outcome, by_reading=True, reason=reason)
        if isinstance(verdict, Refused):
            raise verdict.error
        return verdict

    async def _wait_to_look(self, call: Call, at: float) -> bool:
        """Wait until it is time to read, or read at once where the caller has no time for that; False: it has none for another read."""
        call.stage = "reading_back"
        wait, left = at - self._clock.monotonic(), self._left(call)
        if wait > 0 and (left is None or wait < left):
            await self._wait(call, wait)
            return True
        overdue = wait <= 0 and (left is None or left > 0)
        return overdue or call.looked_at is None

    def _doubted(self, call: Call) -> tuple[float, float]:
        """Return when a call in doubt was first sent, and when it was last in doubt, by Intercom's clock."""
        assert call.first_sent is not None  # the call is in doubt
        assert call.doubt_at is not None
        return self.server_time(call.first_sent), self.server_time(call.doubt_at)

    def _window(self, call: Call) -> tuple[float, float]:
        """Return between which times a request of a call in doubt can have taken effect, by Intercom's clock."""
        first, last = self._doubted(call)
        return first, last + self._limits.horizon

    async def _read(self, call: Call, settle: Settle, sent: Sent) -> Verdict:
        """Let the resource look at what became of a write."""
        call.stage = "reading_back"
        # Not as a batch: a write in doubt is worth a request of the share that batches leave to others. One of several looks is not
        # repeated when it fails, since the next one is.
        once = 0 if call.in_doubt else None
        reader = self.but(parent=call.number, priority="interactive", max_retries=once)
        try:
            return await settle.read_back(reader, sent)
        except Exception as failure:  # noqa: BLE001  # a token source may raise anything; what became of the write comes first
            return Unknown(f"reading back failed with {type(failure).__name__}")
        finally:
            call.stage = "reading_back" if call.in_doubt else "waiting"

    def _final(self, call: Call, result: Result, decision: Decision) -> IntercomError:
        """Make the error that the caller gets."""
        error = result.error
        assert error is not None
        if isinstance(error, RateLimitedError):
            error.retry_after = decision.after if decision.told else None
            error.rate_limit = self._tenant.rate_limit
        if call.in_doubt:
            what = error.reason if isinstance(error, OutcomeUnknownError) else str(error)
            error = self._unknown(call, f"{what}, and it was not read back")
        elif isinstance(error, OutcomeUnknownError):
            error = NotSentError(
                f"{call.request.operation}: a later read showed that it was not applied", attempts=call.sent
            )
        self._report.settled(call, "unknown" if call.in_doubt else "not_applied")
        return error

    def _unknown(self, call: Call, reason: str) -> OutcomeUnknownError:
        since, until = self._doubted(call)
        error = outcome_unknown(call, reason, since=since, until=until, workspace=self._tenant.workspace)
        error.attributes = self._settle.attributes if self._settle is not None else None
        error.doubted = call.doubt_at
        return error


def _is_cancellation(ended: BaseException) -> bool:
    """Say whether this is the caller's cancellation; on trio one that meets the making of a connection comes as a group of them."""
    kind = anyio.get_cancelled_exc_class()
    if not isinstance(ended, BaseExceptionGroup):
        return isinstance(ended, kind)
    return ended.split(kind)[1] is None  # pyright: ignore[reportUnknownMemberType]  # a group of whatever there was


REFUSALS = frozenset({Happened.REFUSED, Happened.NOT_REDACTABLE})
"""Ends of a request that is sent again which may mean that the first one took effect: it is worth reading at once."""
NEVER = Decision(Action.FAIL)

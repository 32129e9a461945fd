"""The only loop: one call from path template to JSON, or to a named error.

What to do next is decided by the retry policy, when to send by the rate limit, what an answer means by `result`; how a
write is settled is known to the resource that sends it. Here it is only carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

import anyio
from anyio.lowlevel import cancel_shielded_checkpoint
from attrs import evolve

from aiointercom._concurrency.locks import hold
from aiointercom._http.arguments import Priority, Timeout
from aiointercom._http.request_builder import RequestBuilder
from aiointercom._http.timeouts import Timeouts, checked_timeout
from aiointercom._protocol import retry_policy as policy
from aiointercom._protocol.request import Request, checked_path, prepare, template_of
from aiointercom._protocol.retry_policy import DOUBTFUL, Action, Decision, Happened
from aiointercom._region import Region
from aiointercom.errors import (
    APIError,
    ConfigurationError,
    IntercomError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
)

from .attempts import Attempts
from .call import AttemptResult, Call
from .options import checked_priority
from .read_schedule import ReadSchedule
from .result import outcome_unknown
from .settle import Done, NotApplied, Refused, Sent, Settle, Unknown, Verdict


class Sender(Attempts):
    """Sends calls for one token with one set of options. The generated functions take it as their `sender`."""

    def __repr__(self) -> str:
        return f"Sender({self._options.base_url!r})"

    def with_options(
        self,
        *,
        timeout: Timeout | None = None,
        priority: Priority | None = None,
        settle: Settle | None = None,
        parent: int | None = None,
        strict: bool | None = None,
        max_retries: int | None = None,
        version: str | None = None,
    ) -> Sender:
        """Return a sender for one call, at the price of a copy; None keeps what this one has, but for `settle`.

        Args:
            timeout: Seconds, or an httpx.Timeout.
            priority: "interactive" or "batch".
            settle: How the write is confirmed and read back; None: nobody can.
            parent: The number of the call that this one reads back for.
            strict: Whether to hold the token's region against the client's first.
            max_retries: How often a request is sent again.
            version: The value of the header `Intercom-Version`.
        """
        other = object.__new__(Sender)
        other.__dict__.update(self.__dict__, _settle=settle)
        if timeout is not None:
            other._timeouts = Timeouts.of(checked_timeout(timeout), self._options.request_time)
        if priority is not None:
            other._batch = checked_priority(priority) == "batch"
        if parent is not None:
            other._parent = parent
        if strict is not None:
            other._strict = strict
        if max_retries is not None:
            other._limits = evolve(self._limits, max_retries=max_retries)
        if version is not None:
            other._requests = RequestBuilder(self._options.base_url, self._transport, version)
        return other

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
        try:
            request = prepare(method, path, values, query, json)
        finally:
            del json, query  # a traceback shows what a frame still holds
        answer: dict[str, Any] = await self._enter(request, objects_only=True)
        return answer

    async def request(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, json: Any = None) -> Any:
        """Send any other call; any JSON is an answer. See `Intercom.request`."""
        try:
            request = prepare(method.upper(), checked_path(path), None, query, json)
            request = evolve(request, operation=f"{request.method} {template_of(path)}")
        finally:
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

    async def _stay_at_home(self) -> None:
        """Ask once, on the configured host, for the workspace's region, and refuse all calls if it is another one."""
        options, token_state = self._options, self._token_state
        async with hold(token_state.asking, self._timeouts.request, "GET /me"):
            if token_state.home is None:
                me = prepare("GET", "/me", None, None, None)
                token_state.home = Region.of(await self.with_options(strict=False)._call(me, objects_only=True))
        if token_state.home is not options.region:
            where = (
                f"the token's workspace lives in {token_state.home.name}, this client is set to {options.region.name}"
            )
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

    def _send_again(self, call: Call, result: AttemptResult, delay: float) -> None:
        """Note that the request is sent once more, after so many seconds, and whether the server said when."""
        self._report.retrying(call, result, delay)
        call.paced += delay if result.happened is Happened.RATE_LIMITED else 0.0
        call.invited = policy.asked_wait(result.headers or {}, self.server_time(), limited=False) is not None

    async def _wait(self, call: Call, seconds: float) -> None:
        call.waited += seconds
        await self._clock.sleep(seconds)

    def _ask(self, question: Callable[..., Decision], call: Call, result: AttemptResult, **facts: Any) -> Decision:
        """Put what is known of a call before the policy."""
        return question(
            happened=result.happened,
            attempt=call.attempt,
            elapsed=self._clock.monotonic() - call.started,
            now=self.server_time(),
            limits=self._limits,
            headers=result.headers,
            left=self._left(call, paced=result.happened is Happened.RATE_LIMITED),
            jitter=self._clock.jitter,
            **facts,
        )

    async def _read_back(self, call: Call, result: AttemptResult, settle: Settle) -> Done:
        """Read once what a definite refusal was about: the write may have taken effect, and the read says more.

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

    async def _look_until_settled(self, call: Call, result: AttemptResult, settle: Settle) -> Done | None:
        """Read at growing intervals what became of a write in doubt; None: it is to be sent again.

        Raises:
            AlreadyTicketError: The conversation is somebody else's ticket.
            OutcomeUnknownError: No read showed the effect in time.
            IntercomError: A read later than the horizon showed that it was not applied, and nothing is left to try.
        """
        ended = call.doubt_at if call.doubt_at is not None and result.happened in DOUBTFUL else self._clock.monotonic()
        again = self._ask(policy.retry, call, result) if result.happened in policy.REPEATABLE else NEVER
        again_at = ended + again.after if again.action is Action.RETRY else inf
        plan = ReadSchedule(call, self._limits, refused=result.happened in REFUSALS, ended=ended, again_at=again_at)
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
        """Wait until it is time to read, or read at once. False: the caller has no time for another read."""
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
        # Not as a batch: a write in doubt is worth a request of the share that batches leave to others. One of several
        # looks is not repeated when it fails, since the next one is.
        once = 0 if call.in_doubt else None
        reader = self.with_options(parent=call.number, priority="interactive", max_retries=once)
        try:
            return await settle.read_back(reader, sent)
        except Exception as failure:  # noqa: BLE001  # a token source may raise anything
            return Unknown(f"reading back failed with {type(failure).__name__}")
        finally:
            call.stage = "reading_back" if call.in_doubt else "waiting"

    def _final(self, call: Call, result: AttemptResult, decision: Decision) -> IntercomError:
        """Make the error that the caller gets."""
        error = result.error
        assert error is not None
        if isinstance(error, RateLimitedError):
            error.retry_after = decision.after if decision.told else None
            error.rate_limit = self._token_state.rate_limit
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
        error = outcome_unknown(call, reason, since=since, until=until, workspace=self._token_state.workspace)
        error.attributes = self._settle.attributes if self._settle is not None else None
        error.doubted = call.doubt_at
        return error


def _is_cancellation(ended: BaseException) -> bool:
    """Say whether this is the caller's cancellation; trio may raise it as a group while a connection is made."""
    kind = anyio.get_cancelled_exc_class()
    if not isinstance(ended, BaseExceptionGroup):
        return isinstance(ended, kind)
    return ended.split(kind)[1] is None  # pyright: ignore[reportUnknownMemberType]  # a group of whatever there was


REFUSALS = frozenset({Happened.REFUSED, Happened.NOT_REDACTABLE})
"""Ends of a request that is sent again which may mean that the first one took effect: it is worth reading at once."""
NEVER = Decision(Action.FAIL)

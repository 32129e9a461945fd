"""The ASGI side: finds the operation of a path, and takes every request through checks, faults and effect."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from uuid import uuid4

import anyio
from attrs import define, evolve
from starlette.datastructures import Headers
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from .control import control_routes
from .faults import Fault, When
from .limits import Slot
from .operations import OPERATIONS, Operation, OperationRequest
from .records import Received
from .refusals import RefusedError, not_found
from .state import State
from .wire import (
    DroppedError,
    SandboxResponse,
    check_token,
    check_version,
    drop,
    dumped,
    json_object,
    query_of,
    read,
    send_answer,
)


@define
class Exchange:
    """One request on its way. operation: None if the path has no operation. slot: None until the token was accepted."""

    operation: Operation | None
    request_id: str
    at: float
    slot: Slot | None = None

    @property
    def name(self) -> str | None:
        """The operation id."""
        return None if self.operation is None else self.operation.id

    def answer(self, status: int, body: bytes) -> SandboxResponse:
        """An answer of the API itself: JSON, a request id, and the window's headers once the token is known."""
        # Assumption: the header for the request id; only the body's `request_id` is documented.
        headers = {"X-Request-Id": self.request_id} | ({} if self.slot is None else self.slot.headers())
        return SandboxResponse(status, body, headers)

    def refusal(self, refused: RefusedError) -> SandboxResponse:
        """The answer to a request that is not carried out."""
        return self.answer(refused.status, dumped(refused.body(self.request_id)))


class PathEndpoint:
    """The operations at one path, by method. A path that no operation has is an endpoint without any."""

    def __init__(self, state: State, operations: Mapping[str, Operation]) -> None:
        self._state = state
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the request whole, answer it, remember it."""
        state = self._state
        exchange = Exchange(self._operations.get(scope["method"]), str(uuid4()), state.clock())
        body = await read(receive)
        try:
            answer = await self._answer(exchange, scope, body)
        except DroppedError:
            self._note(exchange, scope, None)
            await drop(scope, receive)
        else:
            self._note(exchange, scope, answer.status)
            await send_answer(answer, state.clock(), scope, receive, send)

    def _note(self, exchange: Exchange, scope: Scope, status: int | None) -> None:
        method, path = scope["method"], scope["path"]
        self._state.note_request(Received(exchange.name, method, path, status, exchange.at, exchange.request_id))

    async def _answer(self, exchange: Exchange, scope: Scope, body: bytes) -> SandboxResponse:
        headers = Headers(scope=scope)
        try:
            self._admit(exchange, headers)
        except RefusedError as refused:
            return exchange.refusal(refused)
        asked = partial(self._asked, exchange, scope, headers, body)
        faulted = await self._strike(exchange, "before", None, asked)
        if faulted is not None:
            return faulted
        try:
            answer = self._carry_out(exchange, *asked())
        except RefusedError as refused:
            answer = exchange.refusal(refused)
        return await self._strike(exchange, "after", answer) or answer

    def _admit(self, exchange: Exchange, headers: Headers) -> None:
        """Token first: without a valid one there is no window to count in. Then the window, then the version."""
        check_token(headers, self._state.token)
        exchange.slot = self._state.take_slot()
        if not exchange.slot.allowed:
            raise self._over_the_limit()
        check_version(headers)

    def _over_the_limit(self) -> RefusedError:
        return RefusedError(429, "rate_limit_exceeded", self._state.windows.message())

    def _asked(
        self, exchange: Exchange, scope: Scope, headers: Headers, body: bytes
    ) -> tuple[Operation, OperationRequest]:
        """What is to be carried out, by the request alone."""
        operation, state = exchange.operation, self._state
        if operation is None:
            # Assumption: what a method that a path does not have is answered with was not found.
            raise RefusedError(405, "method_not_allowed", "Method not allowed") if self._operations else not_found()
        payload = json_object(headers, body) if operation.reads_body else {}
        return operation, OperationRequest(
            scope["path_params"], query_of(scope), payload, state.clock(), state.region, state.workspace_id
        )

    def _carry_out(self, exchange: Exchange, operation: Operation, call: OperationRequest) -> SandboxResponse:
        state = self._state
        replica = state.strike(operation.id, "reading")
        lag = None if replica is None else replica.lag
        # The lock is held until the answer is bytes: what it shows must not move under it.
        with state.lock:
            state.catch_up()
            at = state.clock()
            call = evolve(call, at=at, sees=None if lag is None else at - lag)
            return exchange.answer(200, dumped(state.carry_out(operation, call, exchange.request_id)))

    async def _strike(
        self,
        exchange: Exchange,
        when: When,
        real: SandboxResponse | None,
        asked: Callable[[], tuple[Operation, OperationRequest]] | None = None,
    ) -> SandboxResponse | None:
        """The answer that a fault puts in the place of the real one; None when the real one stands."""
        fault = self._state.strike(exchange.name, when)
        if fault is None:
            return None
        if fault.delay:
            await anyio.sleep(fault.delay)
        if fault.late is not None and asked is not None:
            with suppress(RefusedError):  # a request that cannot be read has no effect later either
                self._state.postpone(*asked(), exchange.request_id, fault.late)
        if fault.drop:
            raise DroppedError
        if not fault.leaves_real_answer:
            return self._invented(exchange, fault)
        return None if real is None else evolve(real, cut=fault.truncate, headers={**real.headers, **fault.headers})

    def _invented(self, exchange: Exchange, fault: Fault) -> SandboxResponse:
        if fault.rate_limited:
            answer = exchange.refusal(self._over_the_limit())
            answer.headers["X-RateLimit-Remaining"] = "0"
        elif fault.body is not None:
            answer = SandboxResponse(fault.status or 200, fault.body, content_type=fault.content_type)
        else:
            answer = exchange.refusal(RefusedError(fault.status or 500, fault.code, fault.message))
        return evolve(answer, headers={**answer.headers, **fault.headers})


def build(state: State) -> Router:
    """The routes of the imitation. Any other path is answered as the API does, in JSON and with the same checks."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in OPERATIONS:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    routes = [Route(path, PathEndpoint(state, found)) for path, found in by_path.items()]
    return Router([*control_routes(state), *routes], redirect_slashes=False, default=PathEndpoint(state, {}))

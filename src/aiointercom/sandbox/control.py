"""The doors under /_sandbox for tests in another process: faults, ledger and requests. No token, no window."""

import json
from typing import Any

from attrs import asdict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .faults import Fault
from .state import State
from .webhook_doors import webhook_routes


def control_routes(state: State) -> list[Route]:
    """POST and DELETE /_sandbox/faults, POST /_sandbox/conversations, GET /_sandbox/ledger, GET /_sandbox/requests."""

    async def arm(request: Request) -> Response:
        try:
            fault = Fault.from_json(json.loads(await request.body()))
        except (TypeError, ValueError, RecursionError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        state.arm(fault)
        return JSONResponse(fault.to_json(), status_code=201)

    async def disarm(_request: Request) -> Response:
        state.disarm()
        return Response(status_code=204)

    async def add(request: Request) -> Response:
        try:
            told = dict[str, Any](json.loads(await request.body()))
            id, source, parts = told.pop("id", None), told.pop("source", {}), told.pop("parts", ())
            with state.lock:
                added = state.workspace.add_conversation(id, state.now(), source=source, parts=parts, fields=told)
        except (TypeError, ValueError, RecursionError, AttributeError) as error:
            refusal = {"error": f"no such conversation can be added: {type(error).__name__}"}
            return JSONResponse(refusal, status_code=400)
        return JSONResponse(state.workspace.conversations[added].fields, status_code=201)

    async def ledger(_request: Request) -> Response:
        return JSONResponse([asdict(effect) for effect in state.effects()])

    async def requests(_request: Request) -> Response:
        return JSONResponse([asdict(received) for received in state.requests()])

    return [
        Route("/_sandbox/faults", arm, methods=["POST"]),
        Route("/_sandbox/faults", disarm, methods=["DELETE"]),
        Route("/_sandbox/conversations", add, methods=["POST"]),
        Route("/_sandbox/ledger", ledger),
        Route("/_sandbox/requests", requests),
        *webhook_routes(state),
    ]

"""The doors under /_sandbox for tests in another process: faults, ledger and requests. No token, no window."""

import json

from attrs import asdict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .faults import Fault
from .state import State
from .webhook_doors import webhook_routes


def control_routes(state: State) -> list[Route]:
    """POST and DELETE /_sandbox/faults, GET /_sandbox/ledger, GET /_sandbox/requests."""

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

    async def ledger(_request: Request) -> Response:
        return JSONResponse([asdict(effect) for effect in state.effects()])

    async def requests(_request: Request) -> Response:
        return JSONResponse([asdict(received) for received in state.requests()])

    return [
        Route("/_sandbox/faults", arm, methods=["POST"]),
        Route("/_sandbox/faults", disarm, methods=["DELETE"]),
        Route("/_sandbox/ledger", ledger),
        Route("/_sandbox/requests", requests),
        *webhook_routes(state),
    ]

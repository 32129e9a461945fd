"""The control endpoints for webhooks: write a message, have deliveries go wrong, list what was delivered."""

import json
from typing import Any

from attrs import asdict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .refusals import as_object
from .state import State

KNOBS: dict[str, type] = {"drop": int, "double": int, "disorder": int, "paused": bool}
MESSAGE = {"body", "conversation_id", "author"}


def webhook_routes(state: State) -> list[Route]:
    """POST /_sandbox/messages, GET and POST /_sandbox/webhooks."""

    async def write(request: Request) -> Response:
        try:
            return JSONResponse(asdict(state.write(*_message(_object(await request.body())))), status_code=201)
        except (ValueError, RecursionError) as error:
            return _refused(str(error))
        except KeyError as error:
            return _refused(f"there is no {error}")

    async def ask(request: Request) -> Response:
        if state.webhooks is None:
            return _refused("no address is registered")
        try:
            state.webhooks.ask(**_knobs(_object(await request.body())))
        except (ValueError, RecursionError) as error:
            return _refused(str(error))
        return Response(status_code=204)

    async def deliveries(_request: Request) -> Response:
        return JSONResponse([asdict(one) for one in ([] if state.webhooks is None else state.webhooks.deliveries)])

    return [
        Route("/_sandbox/messages", write, methods=["POST"]),
        Route("/_sandbox/webhooks", ask, methods=["POST"]),
        Route("/_sandbox/webhooks", deliveries),
    ]


def _refused(why: str) -> Response:
    return JSONResponse({"error": why}, status_code=400)


def _object(body: bytes) -> dict[str, Any]:
    given = as_object(json.loads(body))
    if given is None:
        raise ValueError("the body must be a JSON object")
    return given


def _message(given: dict[str, Any]) -> tuple[str, str | None, Any]:
    if unknown := given.keys() - MESSAGE:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    body, id, author = given.get("body"), given.get("conversation_id"), given.get("author", "user")
    if not isinstance(body, str) or not isinstance(author, str):
        raise ValueError("body and author are texts, and body must be there")
    return body, None if id is None else str(id), author


def _knobs(given: dict[str, Any]) -> dict[str, Any]:
    if wrong := [name for name, value in given.items() if type(value) is not KNOBS.get(name)]:
        raise ValueError(f"unknown, or of the wrong type: {', '.join(sorted(wrong))}")
    return given

"""One request and its answer at the ASGI border: reading it whole, checking its sender, answering, cutting it off."""

import hmac
import json
from email.utils import formatdate
from importlib import import_module
from math import isfinite
from urllib.parse import parse_qsl

from attrs import field, frozen
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from .refusals import Json, RefusedError, as_object, malformed

# The version stands in the fragment only, and the raw layer carries it. It is looked up, not imported: no code of the
# SDK is shared.
API_VERSION: str = import_module("intercom_raw").API_VERSION

# Where the sandbox's own server leaves the connection, so that a fault can close it.
CONNECTION = "aiointercom.sandbox.connection"


class DroppedError(Exception):
    """The connection is to be closed without an answer."""


@frozen
class SandboxResponse:
    """A response. cut: send only this many bytes of the body, then close the connection; None: send the whole body."""

    status: int
    body: bytes
    headers: dict[str, str] = field(factory=dict[str, str])
    content_type: str = "application/json; charset=utf-8"
    cut: int | None = None


async def read(receive: Receive) -> bytes:
    """The whole body of a request."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def query_of(scope: Scope) -> dict[str, str]:
    """The query by name; the last value of a name that comes twice."""
    return dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True))


def check_token(headers: Headers, token: str) -> None:
    """Refuse a request without the bearer token."""
    given = headers.get("authorization")
    if given is None:
        # Assumption: the code is listed among those of 401; its words are ours.
        raise RefusedError(401, "missing_authorization", "Authorization is missing")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise RefusedError(401, "unauthorized", "Access Token Invalid")


def check_version(headers: Headers) -> None:
    """Refuse a version other than the one imitated."""
    # No header means the app's default version, which is this one here.
    # Assumption: of the known versions only this one is answered. A client that asks for another would otherwise read
    # shapes that it did not expect, and its tests would prove nothing.
    if headers.get("intercom-version", API_VERSION) != API_VERSION:
        raise RefusedError(400, "intercom_version_invalid", "Intercom-Version is not one that is served")


def json_object(headers: Headers, body: bytes) -> Json:
    """The JSON object in a body, or a 400: another content type, broken JSON, another kind of value."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise malformed("Content-Type must be application/json")
    try:
        value: object = json.loads(body, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise malformed("The body is not valid JSON") from None
    found = as_object(value)
    if found is None:
        raise malformed("The body must be a JSON object")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    # 1e999 is JSON, but as a float it could not be answered in JSON again.
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text} is too large")
    return number


def dumped(value: Json) -> bytes:
    """The bytes of a JSON object. What is not ASCII is escaped, so a lone surrogate does no harm."""
    return json.dumps(value, separators=(",", ":")).encode()


async def send_answer(answer: SandboxResponse, now: float, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the answer with its Date, from the sandbox's clock; a cut one ends with the connection."""
    headers = {
        "content-type": answer.content_type,
        "content-length": str(len(answer.body)),
        "date": formatdate(now, usegmt=True),
    } | {name.lower(): value for name, value in answer.headers.items()}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    connection = scope.get("extensions", {}).get(CONNECTION)
    cut = answer.cut is not None and answer.cut < len(answer.body)
    await send(
        {
            "type": "http.response.body",
            "body": answer.body[: answer.cut],
            "more_body": cut and connection is not None,
        }
    )
    if cut and connection is not None:
        # close, not abort: the bytes that are due still go out.
        connection.close()
        await _closed(receive)


async def drop(scope: Scope, receive: Receive) -> None:
    """Close the connection without an answer; without one to close, raise as a socket would."""
    connection = scope.get("extensions", {}).get(CONNECTION)
    if connection is None:
        raise ConnectionResetError("the sandbox dropped the connection")
    connection.abort()
    await _closed(receive)


async def _closed(receive: Receive) -> None:
    """Wait for the server to notice, so that it does not answer for us."""
    while (await receive())["type"] != "http.disconnect":
        pass

"""Why a request is refused: the status, code and message that Intercom answers. No HTTP here, only the facts."""

from collections.abc import Mapping
from typing import Any, cast

from attrs import define

Json = dict[str, Any]
JsonMapping = Mapping[str, Any]


@define(eq=False)
class RefusedError(Exception):
    """A request that the imitation will not carry out; nothing was changed.

    status: the HTTP status of the answer. code: Intercom's machine-readable code. message: its words for people.
    """

    status: int
    code: str
    message: str

    def body(self, request_id: str) -> Json:
        """The `error.list` that goes over the wire."""
        return {
            "type": "error.list",
            "request_id": request_id,
            "errors": [{"code": self.code, "message": self.message}],
        }


def not_found() -> RefusedError:
    """404: nothing lies at that path or id."""
    return RefusedError(404, "not_found", "Resource not found")


def invalid(message: str) -> RefusedError:
    """400: a value that the operation does not take."""
    return RefusedError(400, "parameter_invalid", message)


def missing(name: str) -> RefusedError:
    """400: a value that the operation needs was not sent."""
    return RefusedError(400, "parameter_not_found", f"{name} is missing")


def malformed(message: str) -> RefusedError:
    """400: a body that cannot be read at all."""
    # Assumption: which code a body that is no JSON object gets is not published.
    return RefusedError(400, "bad_request", message)


def as_object(value: object) -> Json | None:
    """Return a JSON value if it is an object, else None."""
    return cast(Json, value) if isinstance(value, dict) else None


def as_list(value: Any) -> list[Any] | None:
    """Return a JSON value if it is a list, else None."""
    return value if value.__class__ is list else None


def id_in(body: Json, name: str) -> str:
    """The id under `name`, as text. Intercom's own examples send ids both as strings and as integers."""
    value = body.get(name)
    if value is None or value == "":
        raise missing(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise invalid(f"{name} must be a string or an integer")
    return str(value)

"""Every error that this package raises on purpose; classes only, and the three small records that they carry.

IntercomError
├── ConfigurationError
│   ├── ClientClosedError
│   └── WrongEventLoopError
├── InvalidInputError
├── InvalidAttributesError
├── NotSentError
├── ResponseLostError
├── OutcomeUnknownError
├── UnreadableResponseError
├── LedgerError
├── PlanError
├── DetectorError
├── WebhookError
│   ├── SignatureError
│   └── NotificationError
└── APIError
    ├── BadRequestError
    ├── UnauthorizedError
    ├── ForbiddenError
    ├── NotFoundError
    ├── ConflictError
    ├── UnprocessableError
    ├── PartNotRedactableError
    ├── AlreadyTicketError
    ├── RateLimitedError
    └── ServerError

All can be pickled. None prints, or pickles, a token, a header, a body or the text of a message: they name ids, codes
and statuses. Bad arguments are `ValueError` and `TypeError`, as everywhere in Python; InvalidInputError and
InvalidAttributesError are ValueErrors too.

Each class has an `http_status`: the status that a web app answers its own caller with when a call ends so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module as _import_module
from typing import TYPE_CHECKING
from typing import ClassVar as ClassVar  # noqa: PLC0414  # the hints of IntercomError name it

from attrs import evolve

from ._values.hidden import Hidden
from ._values.json_types import JSONMapping, JSONObject
from ._values.records import AttributeProblem as AttributeProblem  # noqa: PLC0414  # its public place is here
from ._values.records import Coverage as Coverage  # noqa: PLC0414  # the hints of IntercomError name it
from ._values.records import ErrorDetail as ErrorDetail  # noqa: PLC0414  # its public place is here
from ._values.records import RateLimit as RateLimit  # noqa: PLC0414  # its public place is here
from ._values.records import Seen as Seen  # noqa: PLC0414  # its public place is here
from ._values.root_error import IntercomError as IntercomError  # noqa: PLC0414  # its public place is here
from ._values.root_error import InvalidInputError as InvalidInputError  # noqa: PLC0414  # its public place is here
from ._values.root_error import restore

if TYPE_CHECKING:
    from .cleanup.errors import DetectorError as DetectorError  # noqa: PLC0414  # importable from here too
    from .cleanup.errors import LedgerError as LedgerError  # noqa: PLC0414  # importable from here too
    from .cleanup.errors import PlanError as PlanError  # noqa: PLC0414  # importable from here too
else:

    def __getattr__(name: str) -> object:
        """Import an error of clean-ups, which may also be imported from here."""
        if name not in ("DetectorError", "LedgerError", "PlanError"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(_import_module("aiointercom.cleanup.errors"), name)


_restore = restore
"""The name under which pickles of earlier versions ask for it."""


class ConfigurationError(IntercomError):
    """The client cannot work as it is set up (no token, unknown region, plain http, ...); nothing was sent."""


class ClientClosedError(ConfigurationError):
    """The client, or the one that it shares connections with, was closed before this call."""


class WrongEventLoopError(ConfigurationError):
    """The client was used in one event loop before, and its connections cannot be used from another."""


class InvalidAttributesError(IntercomError, ValueError):
    """The attributes do not fit the ticket type, or no conversation can become a ticket of it. Nothing was sent."""

    def __init__(self, message: str, *, problems: tuple[AttributeProblem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems
        """All that is wrong."""


class NotSentError(IntercomError):
    """Nothing reached Intercom (no connection, TLS refused, ...), and the retries are used up. Safe to try again later.

    Also a write without any answer of which a read, later than the client's `horizon`, showed that it did not take
    effect.
    """

    def __init__(self, message: str, *, attempts: int = 1) -> None:
        super().__init__(message)
        self.attempts = attempts
        """How often it was tried."""


class ResponseLostError(IntercomError):
    """A read was sent and its answer never came whole, and the retries are used up. Safe to try again."""

    def __init__(self, message: str, *, attempts: int = 1) -> None:
        super().__init__(message)
        self.attempts = attempts
        """How often it was sent."""


class OutcomeUnknownError(IntercomError):
    """A write was sent and its outcome is not known. `Intercom.settle` finds out later what became of it."""

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        ids: Mapping[str, str | int],
        sent_at: float,
        first_sent_at: datetime | None = None,
        last_doubt_at: datetime | None = None,
        workspace: str | None = None,
        seen: Seen | None = None,
        attempts: int = 1,
        reason: str = "",
    ) -> None:
        super().__init__(message)
        self.operation = operation
        """Method and path template, e.g. "POST /conversations/redact"."""
        self.ids = dict(ids)
        """The ids that the write named, e.g. {"conversation_id": "471", "conversation_part_id": "115"}."""
        self.sent_at = datetime.fromtimestamp(sent_at, UTC)
        """When the write was last sent, by the clock of this machine, in UTC."""
        self.first_sent_at = self.sent_at if first_sent_at is None else first_sent_at
        """When it was first sent so that it may have taken effect, by Intercom's clock as far as answers told it, in
        UTC."""
        self.last_doubt_at = self.first_sent_at if last_doubt_at is None else last_doubt_at
        """When its last request whose end is not known was given up, by the same clock, in UTC."""
        self.workspace = workspace
        """The id of the workspace (`app.id_code` of `/me`); None where the client had not read it."""
        self.seen = seen
        """What the last answer to the write said. None: no answer came."""
        self.attempts = attempts
        """How often the write was sent."""
        self.reason = reason
        """Why reading back did not settle it, or why it was not read back."""
        self.doubted: float | None = None
        """The same as `last_doubt_at`, exactly, in seconds of this process's monotonic clock; None once the error was
        pickled."""
        self._attributes: Hidden[JSONObject] | None = None

    @property
    def attributes(self) -> JSONMapping | None:
        """The attributes of a conversion, for `Intercom.settle`. None: another write, or the error was pickled."""
        return None if self._attributes is None else self._attributes.reveal()

    @attributes.setter
    def attributes(self, value: JSONMapping | None) -> None:
        self._attributes = None if value is None else Hidden(dict(value))

    def _state(self) -> dict[str, object]:
        return {**self.__dict__, "_attributes": None, "doubted": None}


class UnreadableResponseError(IntercomError):
    """An answer that is not what the API promises: no JSON, no JSON object, a redirect, ..."""

    def __init__(self, message: str, *, status: int, request_id: str | None = None, attempts: int = 1) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status."""
        self.request_id = request_id
        """Intercom's id of the request, for its support; None: the answer names no id."""
        self.attempts = attempts
        """How often the request was sent."""


class WebhookError(IntercomError, ValueError):
    """What came to the address for webhooks is refused. The message says why, and nothing of what came."""


class SignatureError(WebhookError):
    """The signature is missing, is not one, or was not made over this body with any of the secrets."""


class NotificationError(WebhookError):
    """The body is not a notification that can be read: too large, not JSON, nested too deep, or without a topic."""


class APIError(IntercomError):
    """Intercom refused the request. The subclass follows the status, and the code where that says more."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str | None = None,
        errors: tuple[ErrorDetail, ...] = (),
        request_id: str | None = None,
        attempts: int = 1,
        from_intercom: bool = True,
    ) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status."""
        self.from_intercom = from_intercom
        """Whether the answer was Intercom's error list; False: a page of a proxy or gateway in between, which says
        nothing about the item."""
        self.code = code
        """The code of the first error, e.g. "parameter_invalid"; None where the body was not Intercom's."""
        self.errors = errors
        """All errors of the answer, with Intercom's explanations."""
        self.request_id = request_id
        """Intercom's id of the request, for its support; None: the answer names no id."""
        self.attempts = attempts
        """How often the request was sent."""

    def _state(self) -> dict[str, object]:
        return {**self.__dict__, "errors": tuple(evolve(detail, message=None) for detail in self.errors)}


class BadRequestError(APIError):
    """Status 400: something in the request is wrong; `code` and `errors` say what."""


class UnauthorizedError(APIError):
    """Status 401: the token is missing, wrong, revoked or expired, or lacks the scope."""


class ForbiddenError(APIError):
    """Status 403: the plan of the workspace, or the permissions of the token's owner, do not allow it."""


class NotFoundError(APIError):
    """Status 404: no such conversation, part, ticket or ticket type in the token's workspace."""


class ConflictError(APIError):
    """Status 409: the request contradicts the present state."""


class UnprocessableError(APIError):
    """Status 422: the request was understood and cannot be done."""


class PartNotRedactableError(APIError):
    """Intercom refused to redact the part or source, and reading back did not show it redacted.

    Where the read does not show the message at all, `reason` says that it may be redacted already.
    """

    reason: str | None = None
    """Why, as far as reading back showed it; None where it was not read back."""


class AlreadyTicketError(APIError):
    """The conversation was a ticket before this call.

    `status` is that of Intercom's refusal, or 409 if only reading back showed it.
    """

    ticket_id: str | None = None
    """The ticket's id, for `tickets.retrieve`."""


class RateLimitedError(APIError):
    """Status 429, or a wait for the rate limit that would take longer than the caller allows."""

    retry_after: float | None = None
    """Seconds from now until it makes sense to try again; None: not known."""
    rate_limit: RateLimit | None = None
    """The last known rate limit. None: no answer told one."""


class ServerError(APIError):
    """Status 5xx: Intercom, or a gateway before it, failed.

    A write ends so only if a read after the client's `horizon` shows no effect.
    """


def _answer_with(status: int, *kinds: type[IntercomError]) -> None:
    for kind in kinds:
        kind.http_status = status


_answer_with(400, BadRequestError, WebhookError, NotificationError)
_answer_with(401, SignatureError)
_answer_with(404, NotFoundError)
_answer_with(409, ConflictError, AlreadyTicketError)
_answer_with(422, InvalidInputError, InvalidAttributesError, UnprocessableError, PartNotRedactableError)
_answer_with(502, APIError, UnauthorizedError, ForbiddenError, ServerError, ResponseLostError, UnreadableResponseError)
_answer_with(503, ClientClosedError, NotSentError, RateLimitedError)
_answer_with(504, OutcomeUnknownError)

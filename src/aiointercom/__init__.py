"""Async SDK for Intercom: redact conversation parts, turn conversations into tickets, and know how every write ended.

    async with Intercom(token, region=Region.EU) as intercom:
        conversation = await intercom.conversations.redact_part("471", "115")

Intercom's objects are in `aiointercom.models`, the records for observers in `aiointercom.events`, an imitation of the
API to test with in `aiointercom.sandbox` (extra `sandbox`), and the generated functions that other SDKs may build on in
`intercom_raw`.

Each name is imported when it is first asked for: code that catches an error does not load the client.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from ._ratelimit.pace import Pace
    from ._values.validation import checked_id
    from ._writes.attributes import AsIs
    from .cleanup.errors import DetectorError, LedgerError, PlanError
    from .client import Intercom
    from .errors import (
        AlreadyTicketError,
        APIError,
        AttributeProblem,
        BadRequestError,
        ClientClosedError,
        ConfigurationError,
        ConflictError,
        ErrorDetail,
        ForbiddenError,
        IntercomError,
        InvalidAttributesError,
        InvalidInputError,
        NotFoundError,
        NotificationError,
        NotSentError,
        OutcomeUnknownError,
        PartNotRedactableError,
        RateLimit,
        RateLimitedError,
        ResponseLostError,
        Seen,
        ServerError,
        SignatureError,
        UnauthorizedError,
        UnprocessableError,
        UnreadableResponseError,
        WebhookError,
        WrongEventLoopError,
    )
    from .redaction import Coverage
    from .regions import Region
    from .settling import Settlement

__all__ = [
    "APIError",
    "AlreadyTicketError",
    "AsIs",
    "AttributeProblem",
    "BadRequestError",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "Coverage",
    "DetectorError",
    "ErrorDetail",
    "ForbiddenError",
    "Intercom",
    "IntercomError",
    "InvalidAttributesError",
    "InvalidInputError",
    "LedgerError",
    "NotFoundError",
    "NotSentError",
    "NotificationError",
    "OutcomeUnknownError",
    "Pace",
    "PartNotRedactableError",
    "PlanError",
    "RateLimit",
    "RateLimitedError",
    "Region",
    "ResponseLostError",
    "Seen",
    "ServerError",
    "Settlement",
    "SignatureError",
    "UnauthorizedError",
    "UnprocessableError",
    "UnreadableResponseError",
    "WebhookError",
    "WrongEventLoopError",
    "__version__",
    "checked_id",
]

_MODULES = {
    "AsIs": "._writes.attributes",
    "Coverage": ".redaction",
    "DetectorError": ".cleanup.errors",
    "Intercom": ".client",
    "LedgerError": ".cleanup.errors",
    "Pace": "._ratelimit.pace",
    "PlanError": ".cleanup.errors",
    "Region": ".regions",
    "Settlement": ".settling",
    "checked_id": "._values.validation",
}

if not TYPE_CHECKING:  # type checkers know the names from above, and are to complain of any other

    def __getattr__(name: str) -> object:
        """Import the module of a name, and keep the name here."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(_import_module(_MODULES.get(name, ".errors"), __name__), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Async SDK for Intercom: redact conversation parts, turn conversations into tickets, and know how every write ended.

    async with Intercom(token, region=Region.EU) as intercom:
        conversation = await intercom.conversations.redact_part("471", "115")

Intercom's objects are in `aiointercom.models`, the records for observers in `aiointercom.events`, an imitation of the API to test with in
`aiointercom.sandbox` (extra `sandbox`), and the generated functions that other SDKs may build on in `intercom_raw`.
"""

from ._coverage import Coverage
from ._pacing import Pace
from ._resolve import AsIs
from ._version import __version__
from .client import Intercom
from .errors import (
    AlreadyTicketError,
    APIError,
    AttributeProblem,
    BadRequestError,
    ClientClosedError,
    ConfigurationError,
    ConflictError,
    DetectorError,
    ErrorDetail,
    ForbiddenError,
    IntercomError,
    InvalidAttributesError,
    LedgerError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    PartNotRedactableError,
    PlanError,
    RateLimit,
    RateLimitedError,
    ResponseLostError,
    ServerError,
    UnauthorizedError,
    UnprocessableError,
    UnreadableResponseError,
    WrongEventLoopError,
)
from .regions import Region

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
    "LedgerError",
    "NotFoundError",
    "NotSentError",
    "OutcomeUnknownError",
    "Pace",
    "PartNotRedactableError",
    "PlanError",
    "RateLimit",
    "RateLimitedError",
    "Region",
    "ResponseLostError",
    "ServerError",
    "UnauthorizedError",
    "UnprocessableError",
    "UnreadableResponseError",
    "WrongEventLoopError",
    "__version__",
]

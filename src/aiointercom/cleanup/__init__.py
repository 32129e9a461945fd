"""Clean-ups: find what to redact or convert, run it within the rate limit, resume it at any time, and prove it.

    async with run(intercom, items, ledger="cleanup.ledger") as results:
        async for result in results:
            ...

Needs `pip install "aiointercom[cleanup]"`.
"""

from aiointercom.errors import DetectorError, LedgerError, PlanError

from ._atomic_write import Target
from .items import Convert, Item, RedactPart, RedactSource
from .ledger.reader import Ledger, Record, RunRecord
from .outcomes import Outcome, State
from .planning.file import Plan, read_plan
from .planning.find import Finding, find
from .planning.plan import plan
from .planning.preflight import preflight
from .planning.queries import Moment, search_query
from .planning.records import ConvertTo, PlanHeader, PlanSummary, Unread
from .planning.sources import ConversationInput, ConversationLike, Ids, ids_in
from .reporting.evidence import Evidence, Verified, evidence, verify
from .reporting.page import page
from .running.active_run import Run
from .running.results import Result, Summary
from .running.run import run

__all__ = [
    "ConversationInput",
    "ConversationLike",
    "Convert",
    "ConvertTo",
    "DetectorError",
    "Evidence",
    "Finding",
    "Ids",
    "Item",
    "Ledger",
    "LedgerError",
    "Moment",
    "Outcome",
    "Plan",
    "PlanError",
    "PlanHeader",
    "PlanSummary",
    "Record",
    "RedactPart",
    "RedactSource",
    "Result",
    "Run",
    "RunRecord",
    "State",
    "Summary",
    "Target",
    "Unread",
    "Verified",
    "evidence",
    "find",
    "ids_in",
    "page",
    "plan",
    "preflight",
    "read_plan",
    "run",
    "search_query",
    "verify",
]

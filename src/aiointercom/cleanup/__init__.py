"""Clean-ups: find what is to be redacted or converted, run it within the rate limit, resume it after anything, and prove it.

    async with run(intercom, items, ledger="cleanup.ledger") as results:
        async for result in results:
            ...

Needs `pip install "aiointercom[cleanup]"`.
"""

from aiointercom.errors import DetectorError, PlanError

from ._plan_records import ConvertTo, PlanHeader, PlanSummary, Unread
from .evidence import Evidence, Verified, evidence, verify
from .finding import Finding, find
from .items import Convert, Item, RedactPart, RedactSource
from .ledger import Ledger, LedgerError, Outcome, Record, RunRecord, State
from .page import page
from .planning import plan
from .plans import Plan, read_plan
from .preflight import preflight
from .queries import search_query
from .results import Result, Summary
from .running import Run, run
from .sources import Ids, ids_in

__all__ = [
    "Convert",
    "ConvertTo",
    "DetectorError",
    "Evidence",
    "Finding",
    "Ids",
    "Item",
    "Ledger",
    "LedgerError",
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

"""Clean-ups: find what to redact or convert, run it within the rate limit, resume it at any time, and prove it.

    async with run(intercom, items, ledger="cleanup.ledger") as results:
        async for result in results:
            ...

Needs `pip install "aiointercom[cleanup]"`.

Each name is imported when it is first asked for, so that an error of clean-ups can be caught without loading them.
"""

from typing import TYPE_CHECKING

from aiointercom._values.lazy_names import lazy_names as _lazy_names

if TYPE_CHECKING:
    from ._atomic_write import Target
    from .errors import DetectorError, LedgerError, PlanError
    from .item_json import item_from_json, item_to_json
    from .items import Convert, Item, RedactPart, RedactSource
    from .ledger.live_record import LiveRecord
    from .ledger.reader import Ledger, Record, RunRecord
    from .outcomes import Outcome, State
    from .planning.file import Plan, read_plan
    from .planning.find import Finding, find
    from .planning.plan import plan
    from .planning.preflight import preflight
    from .planning.queries import Moment, search_query
    from .planning.records import ConvertTo, PlanHeader, PlanSummary, Unread
    from .planning.sources import ConversationInput, ConversationLike, Ids, ids_in
    from .reporting.evidence import Evidence, Verified, check_report_path, evidence, verify
    from .reporting.page import page
    from .running.active_run import Run
    from .running.carry_out import carry_out
    from .running.results import Result, Summary
    from .running.run import run
    from .running.settle_ledger import settle

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
    "LiveRecord",
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
    "carry_out",
    "check_report_path",
    "evidence",
    "find",
    "ids_in",
    "item_from_json",
    "item_to_json",
    "page",
    "plan",
    "preflight",
    "read_plan",
    "run",
    "search_query",
    "settle",
    "verify",
]

_MODULES = {
    "ConversationInput": ".planning.sources",
    "ConversationLike": ".planning.sources",
    "Convert": ".items",
    "ConvertTo": ".planning.records",
    "DetectorError": ".errors",
    "Evidence": ".reporting.evidence",
    "Finding": ".planning.find",
    "Ids": ".planning.sources",
    "Item": ".items",
    "Ledger": ".ledger.reader",
    "LedgerError": ".errors",
    "LiveRecord": ".ledger.live_record",
    "Moment": ".planning.queries",
    "Outcome": ".outcomes",
    "Plan": ".planning.file",
    "PlanError": ".errors",
    "PlanHeader": ".planning.records",
    "PlanSummary": ".planning.records",
    "Record": ".ledger.reader",
    "RedactPart": ".items",
    "RedactSource": ".items",
    "Result": ".running.results",
    "Run": ".running.active_run",
    "RunRecord": ".ledger.reader",
    "State": ".outcomes",
    "Summary": ".running.results",
    "Target": "._atomic_write",
    "Unread": ".planning.records",
    "Verified": ".reporting.evidence",
    "carry_out": ".running.carry_out",
    "check_report_path": ".reporting.evidence",
    "evidence": ".reporting.evidence",
    "find": ".planning.find",
    "ids_in": ".planning.sources",
    "item_from_json": ".item_json",
    "item_to_json": ".item_json",
    "page": ".reporting.page",
    "plan": ".planning.plan",
    "preflight": ".planning.preflight",
    "read_plan": ".planning.file",
    "run": ".running.run",
    "search_query": ".planning.queries",
    "settle": ".running.settle_ledger",
    "verify": ".reporting.evidence",
}

if not TYPE_CHECKING:  # type checkers know the names from above
    __getattr__ = _lazy_names(__name__, __name__, _MODULES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Clean-ups: find what is to be redacted or converted, run it within the rate limit, resume it after anything, and prove it.

    async with run(intercom, items, ledger="cleanup.ledger") as results:
        async for result in results:
            ...

Needs `pip install "aiointercom[cleanup]"`.
"""

from .evidence import Evidence, Verified, evidence, verify
from .items import Convert, Item, RedactPart, RedactSource
from .ledger import Ledger, LedgerError, Outcome, Record, RunRecord, State
from .page import page
from .results import Result, Summary
from .running import Run, run

__all__ = [
    "Convert",
    "Evidence",
    "Item",
    "Ledger",
    "LedgerError",
    "Outcome",
    "Record",
    "RedactPart",
    "RedactSource",
    "Result",
    "Run",
    "RunRecord",
    "State",
    "Summary",
    "Verified",
    "evidence",
    "page",
    "run",
    "verify",
]

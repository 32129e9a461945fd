"""Live redaction without an engine: new messages are redacted at once, and a sweep catches up with what was missed.

    async with Live(intercom, [CardNumbers()], ledger="live.ledger", at_most=100) as live:
        app = Endpoint(live.handle, secret=client_secret)

Needs `pip install "aiointercom[cleanup]"`. How it works, and what it does not promise: docs/live.md.
"""

from .counts import LiveSummary
from .redactor import Live
from .rules import LiveRules

__all__ = ["Live", "LiveRules", "LiveSummary"]

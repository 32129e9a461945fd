"""Pure: formats numbers, durations and names for a report."""

from __future__ import annotations

from datetime import UTC, datetime

NONE = "-"
"""Stands for a missing value."""
KINDS = {"redact_part": "Parts", "redact_source": "Sources", "convert": "Conversions"}
OUTCOMES = {
    "redacted": ("Redacted", "The text was removed."),
    "already_redacted": ("Already redacted", "The text had been removed before."),
    "converted": ("Converted", "The conversation became a ticket."),
    "already_ticket": ("Already a ticket", "The conversation was a ticket before."),
    "not_redactable": (
        "Not redactable",
        "Intercom cannot redact it, for example because it has no body or a teammate wrote it.",
    ),
    "not_found": (
        "Not found",
        "It was sent, its answer was lost, and then the conversation or the part no longer existed.",
    ),
    "refused": ("Refused", "Intercom refused it; nothing was changed."),
    "not_applied": ("Not applied", "It did not take effect, and may be tried again."),
    "unknown": ("Unknown", "It was sent, and no read showed whether it took effect."),
    "in_flight": ("In flight", "It had not ended when this page was written."),
}
STATES = {
    "done": "Done",
    "refused": "Refused",
    "failed": "Not applied",
    "unknown": "Unknown",
    "in_flight": "In flight",
}
ADVICE = {
    "refused": "Another run does not send these again. The code says why Intercom refused them; "
    "do by hand what must still be done.",
    "failed": "Nothing was changed. Run the same items on the same ledger again: only these are tried again.",
    "unknown": "Run the same items on the same ledger again: each of these is read first, and sent only if it did not "
    "take effect. One that stays unknown cannot be read: open the conversation in Intercom and look.",
    "in_flight": "If a run is in progress, they end with it. If it was killed, run the same items on the same ledger "
    "again: each of these is read first, and sent only if it did not take effect.",
}


def number(value: float, digits: int = 0) -> str:
    """Format 1234.5 as "1,235"."""
    return f"{value:,.{digits}f}"


def counted(count: int, word: str) -> str:
    """Format 1 as "1 item" and 2 as "2 items"."""
    return f"{number(count)} {word}" if count == 1 else f"{number(count)} {word}s"


def share(part: float, whole: float) -> str:
    """Format a share in per cent. A small share is never shown as 0 %, and an incomplete one never as 100 %."""
    if not whole:
        return NONE
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if 99.9 < percent < 100:
        return "> 99.9 %"
    return f"{percent:.0f} %" if percent in (0, 100) else f"{percent:.1f} %"


def span(seconds: float) -> str:
    """Format a duration in its two largest units: "3 min 20 s"."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)]
    words: list[tuple[int, str]] = []
    for name, size in units:
        count, whole = divmod(whole, size)
        words.append((count, name))
    first = next(index for index, (count, _) in enumerate(words) if count)
    return " ".join(f"{count} {name}" for count, name in words[first : first + 2] if count)


def moment(seconds: float) -> str:
    """Format a time in UTC: "2026-11-22 17:04:09"."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")

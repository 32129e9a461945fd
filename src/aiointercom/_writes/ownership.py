"""PURE: what a ticket itself tells about whether a conversion of ours made it: its time, and its attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from html import unescape
from typing import cast

from aiointercom._values.json_types import JSONMapping
from intercom_raw import models

SHOWN_OTHERWISE = frozenset({"list", "datetime", "files"})
"""Data types whose values come back in another form than they are sent in: a list item as its label, a time in another
notation."""
TEXTS = frozenset({"_default_title_", "_default_description_"})
_BOOLEANS = {"true": True, "false": False}


class Proof(Enum):
    """What the attributes of a ticket say about whether it is the one that was asked for."""

    FOR = auto()
    """At least one can be compared, and all that can be are equal."""
    AGAINST = auto()
    """One differs, or is missing."""
    UNCLEAR = auto()
    """A text differs, and only the data type of its attribute would tell whether that matters: it may be a list item or
    a time."""
    SILENT = auto()
    """None can be compared."""


def converted_at(ticket: models.Ticket) -> int | None:
    """Read when the conversation became a ticket: the earliest part that set its state.

    `created_at` is the conversation's own.

    Evidence: the published example of a conversion and the live tickets all have such a part, made at the conversion.
    """
    parts = (ticket.ticket_parts.ticket_parts if ticket.ticket_parts else None) or []
    times = (part.created_at for part in parts if (part.part_type or "").startswith("ticket_state_updated"))
    return min((time for time in times if time is not None), default=None)


def compare(ticket: models.Ticket, asked: JSONMapping, types: Mapping[str, str] | None = None) -> Proof:
    """Hold the attributes of a ticket against those that were asked for.

    Texts, numbers and booleans are compared. How the API shows a chosen list item, a time or a file is not documented,
    so of these only that they are set.

    Args:
        ticket: The ticket as it was read.
        asked: Values by the API's names.
        types: The data types of the attributes by name; None: those that came with the ticket.
    """
    have = ticket.ticket_attributes or {}
    types = types if types is not None else data_types(ticket.ticket_type) if ticket.ticket_type else {}
    proofs = {
        _compare(types.get(name), name, value, have.get(name)) for name, value in asked.items() if value is not None
    }
    return next((proof for proof in (Proof.AGAINST, Proof.UNCLEAR, Proof.FOR) if proof in proofs), Proof.SILENT)


def data_types(ticket_type: models.TicketType) -> dict[str, str]:
    """Return the data types of a ticket type's attributes by name."""
    listed = ticket_type.ticket_type_attributes
    attributes = (listed.data if listed else None) or []
    return {attribute.name: attribute.data_type for attribute in attributes if attribute.name and attribute.data_type}


def _compare(kind: str | None, name: str, asked: object, have: object) -> Proof:
    if have is None:
        return Proof.AGAINST
    if name in TEXTS and isinstance(asked, str) and isinstance(have, str):
        return _proof(_words(have) in (asked.split(), _words(asked)))
    if kind in SHOWN_OTHERWISE:
        return Proof.SILENT
    if isinstance(asked, bool) or kind == "boolean":
        return _of_two(_boolean(asked), _boolean(have))
    if isinstance(asked, int | float) or kind in ("integer", "decimal"):
        return _of_two(_number(asked), _number(have))
    if isinstance(asked, str) and isinstance(have, str):
        if _words(have) in (asked.split(), _words(asked)):
            return Proof.FOR
        # Without the data type one word may be the id of a list item, or a time.
        return Proof.UNCLEAR if kind is None and len(asked.split()) == 1 else Proof.AGAINST
    return Proof.SILENT


def _of_two(asked: object, have: object) -> Proof:
    """Compare two values that were read as one type; None: one of them is of another, so nothing can be said."""
    return Proof.SILENT if asked is None or have is None else _proof(asked == have)


def _proof(equal: bool) -> Proof:
    return Proof.FOR if equal else Proof.AGAINST


def _boolean(value: object) -> bool | None:
    return (
        value if isinstance(value, bool) else _BOOLEANS.get(value.strip().lower()) if isinstance(value, str) else None
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(cast("float | str", value))
    except (TypeError, ValueError, OverflowError):
        return None


def _words(text: str) -> list[str]:
    """Cut a text into words without tags and entities, since a description may come back as HTML."""
    return unescape(re.sub(r"<[^>]*>", " ", text)).split()

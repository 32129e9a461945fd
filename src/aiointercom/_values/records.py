"""PURE: the small records that errors carry.

Their public places are `aiointercom.errors` and `aiointercom.redaction`.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen
class RateLimit:
    """What Intercom last said about the rate limit of the app, shared by all that use its tokens.

    Source: https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
    """

    limit: int
    """Requests that one window of 10 seconds allows."""
    remaining: int
    """Requests that are left in the window, over all processes."""
    resets_at: float
    """When the next window begins, in Unix seconds of Intercom's clock."""


@frozen
class Seen:
    """What the last answer to a write said that did not settle it."""

    status: int | None = None
    """The HTTP status; None: no whole answer came."""
    code: str | None = None
    """The code of the first error; None: the answer named no code."""
    request_id: str | None = None
    """Intercom's id of the request, for its support. None: the answer has no id."""


@frozen
class ErrorDetail:
    """One entry of the list in Intercom's error answer."""

    code: str | None
    """Intercom's code, e.g. "parameter_invalid"; None: the answer has no code."""
    message: str | None = field(default=None, repr=lambda text: "None" if text is None else f"<{len(text)} chars>")
    """Intercom's explanation. It may quote what was sent, so it is neither printed nor pickled."""
    field: str | None = None
    """The field of the request that is at fault, if Intercom names one."""


@frozen
class AttributeProblem:
    """One thing that is wrong with the attributes for a ticket, or with the ticket type.

    It names attributes and labels, never values.
    """

    code: str
    """"unknown_attribute", "archived_attribute", "ambiguous_attribute", "given_twice", "missing", "wrong_type",
    "unknown_item", "archived_item", "ambiguous_item", "unreadable_items"; about the type itself "not_for_customers" and
    "archived_type"."""
    attribute: str | None = None
    """The attribute, by the name that was given; one that is missing by its own. None: it is about the ticket type."""
    nearest: tuple[str, ...] = ()
    """Names or labels that there are, the likeliest first."""
    expected: str | None = None
    """What the value has to be, where it is something else."""


@frozen(kw_only=True)
class Coverage:
    """What `redact_all` found in a conversation, what it did, and what is left. It holds ids and counts, never text.

    The ids are strings; that of the source is among them. A message without an id that could be sent is "?" and its
    place among the parts.
    """

    conversation_id: str
    source_id: str | None
    """The id of the message that began the conversation; None: it came without one."""
    total: int | None
    """How many parts the conversation has, by Intercom's count (`conversation_parts.total_count`); None: it did not
    say."""
    seen: int
    """How many parts were sent with the conversation, at most 500."""
    redacted: tuple[str, ...]
    """What this call redacted."""
    already_redacted: tuple[str, ...]
    """What was redacted before."""
    skipped: Mapping[str, str]
    """What nothing was sent for, and why: "no_body", "not_selected", "no_id", "written_by_admin", "written_by_bot",
    "written_by_team"."""
    refused: Mapping[str, str]
    """What Intercom refused to redact, and its code; the status where it gave no code."""
    unknown: Mapping[str, str]
    """Messages that may be redacted or not, and why that is unknown."""
    attachments: Mapping[str, int]
    """The messages that still have attachments in the last read, redacted or not, and how many. What redaction does to
    attachments is not documented: only this tells."""
    remaining: tuple[str, ...]
    """What was wanted and still shows a text, attachments or, of the source, a subject: it was refused, an admin wrote
    it, redaction left that, ... Also messages that came meanwhile."""
    complete: bool
    """Whether a read after the last redaction showed all parts, and nothing of what was wanted remains or is unknown.
    Always False with 500 parts and more: the others cannot be read."""

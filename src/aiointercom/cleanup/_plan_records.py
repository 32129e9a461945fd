"""What a plan says: plain records of ids, counts and names of detectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import asdict, field, frozen

from .items import Convert


def _length(text: str | None) -> str:
    return "None" if text is None else f"<{len(text)} chars>"


@frozen
class ConvertTo:
    """What conversations become: the constants of the operator, for each of them the same.

    Raises:
        ValueError, TypeError: The id of the ticket type cannot be sent.
    """

    ticket_type_id: str | int
    """The id of a ticket type of category "Customer"."""
    title: str | None = field(default=None, repr=_length)
    """The title of each ticket. None: none is sent."""
    description: str | None = field(default=None, repr=_length)
    """The description of each ticket. None: none is sent."""
    attributes: Mapping[str, Any] = field(factory=dict[str, Any], repr=lambda values: f"<{len(values)} attributes>")
    """Further attributes: names and labels as people see them, or with `resolve=False` the API's keys and item ids."""
    resolve: bool = True
    """Whether names and labels are looked up in the ticket type, and checked, before the first conversation is read."""

    def __attrs_post_init__(self) -> None:
        # What is looked up later may hold values that are no JSON yet: dates, AsIs.
        self._item("1", dict.fromkeys(self.attributes) if self.resolve else self.attributes)

    def item(self, conversation_id: str | int) -> Convert:
        """Return the item that converts one conversation with these constants."""
        return self._item(conversation_id, self.attributes)

    def _item(self, conversation_id: str | int, attributes: Mapping[str, Any]) -> Convert:
        return Convert(conversation_id, self.ticket_type_id, self.title, self.description, attributes)


@frozen
class Unread:
    """A conversation that could not be read while the plan was made: nobody knows what it holds."""

    conversation_id: str
    """Its id; "?" and its number among the conversations, where a list gave it an id that no call could send."""
    reason: str
    """The class of the error, e.g. "NotFoundError"."""


@frozen
class PlanHeader:
    """What a plan was made with."""

    made_at: str
    """When it was begun: ISO 8601, UTC."""
    workspace: str | None
    """Intercom's code of the workspace (`app.id_code`); None: the token did not tell. Such a plan can be read, and no run takes it."""
    region: str
    """The name of the region that the client was set to."""
    aiointercom: str
    """The version that made it."""
    detectors: tuple[str, ...] | None = None
    """The names of the detectors. None: all that the API allows to redact, or a conversion."""
    convert: ConvertTo | None = None
    """What the conversations become, with the API's own keys and ids. None: the plan converts nothing."""


@frozen
class PlanSummary:
    """Counts of what was found, and an estimate of what it takes to run. Never text."""

    conversations: int = 0
    """Conversations that were looked at, those that could not be read included."""
    parts: int = 0
    """Parts and sources that were looked at."""
    items: int = 0
    by_kind: Mapping[str, int] = field(factory=dict[str, int])
    """Items by kind: "redact_part", "redact_source", "convert"."""
    by_detector: Mapping[str, int] = field(factory=dict[str, int])
    """Items by the detector that found something; one item may count for several."""
    skipped: Mapping[str, int] = field(factory=dict[str, int])
    """Parts, sources and conversations that gave no item, by reason."""
    unread: int = 0
    """Conversations that could not be read. Each has its line in the plan."""
    beyond_cap: int = 0
    """Conversations with more parts than the 500 that Intercom sends: what lies beyond them was not looked at."""
    attachments: int = 0
    """Attachments seen. Whether a redaction takes them along is not documented."""
    subjects: int = 0
    """Sources in whose subject a detector found something. What a redaction does to a subject is not documented: look at it afterwards."""
    only_stored: int = 0
    """Items in which whatever was found is where no person sees it. 0 too in plans that were made before this was looked at."""
    requests: int = 0
    """Requests that the run takes if each succeeds at once."""
    minutes: float | None = None
    """Minutes that the run takes at least, at the rate limit as last seen and the share of it that batch work gets; None: not known."""
    total: int | None = None
    """How many conversations there are to look at, as far as that is known beforehand; None: not known."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return asdict(self)

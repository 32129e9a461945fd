"""The records of a plan: ids, counts and names of detectors."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import asdict, field, frozen

from aiointercom.cleanup.items import Convert
from aiointercom.types import JSONMapping, JSONObject


def _length(text: str | None) -> str:
    return "None" if text is None else f"<{len(text)} chars>"


@frozen
class ConvertTo:
    """The ticket that conversations become: constants of the operator, the same for each conversation.

    Raises:
        ValueError, TypeError: The id of the ticket type cannot be sent.
    """

    ticket_type_id: str | int
    """The id of a ticket type of category "Customer"."""
    title: str | None = field(default=None, repr=_length)
    """The title of each ticket. None: it is not sent."""
    description: str | None = field(default=None, repr=_length)
    """The description of each ticket. None: it is not sent."""
    attributes: JSONMapping = field(factory=JSONObject, repr=lambda values: f"<{len(values)} attributes>")
    """Further attributes: names and labels as people see them, or with `resolve=False` the API's keys and item ids."""
    resolve: bool = True
    """Whether names and labels are looked up in the ticket type, and checked, before the first conversation is read."""

    def __attrs_post_init__(self) -> None:
        # Values that are looked up later need not be JSON yet: dates, AsIs.
        self._item("1", dict.fromkeys(self.attributes) if self.resolve else self.attributes)

    def item(self, conversation_id: str | int) -> Convert:
        """Return the item that converts one conversation with these constants."""
        return self._item(conversation_id, self.attributes)

    def _item(self, conversation_id: str | int, attributes: JSONMapping) -> Convert:
        return Convert(conversation_id, self.ticket_type_id, self.title, self.description, attributes)


@frozen
class Unread:
    """A conversation that could not be read while the plan was made; its content is not known."""

    conversation_id: str
    """Its id; "?" and its number among the conversations if a list returned an invalid id."""
    reason: str
    """The class of the error, e.g. "NotFoundError"."""


@frozen
class PlanHeader:
    """The settings that a plan was made with."""

    made_at: str
    """When the planning started: ISO 8601, UTC."""
    workspace: str | None
    """Intercom's code of the workspace (`app.id_code`); None: not known. Such a plan can be read, but not run."""
    region: str
    """The name of the region that the client was set to."""
    aiointercom: str
    """The version of aiointercom that made it."""
    detectors: tuple[str, ...] | None = None
    """The names of the detectors. None: all that the API allows to redact, or a conversion."""
    convert: ConvertTo | None = None
    """What the conversations become, with the API's own keys and ids. None: the plan converts nothing."""


@frozen
class PlanSummary:
    """The counts of a plan, and the estimate of its run. It holds no text."""

    conversations: int = 0
    """Conversations examined, including those that could not be read."""
    parts: int = 0
    """Parts and sources examined."""
    items: int = 0
    by_kind: Mapping[str, int] = field(factory=dict[str, int])
    """Items by kind: "redact_part", "redact_source", "convert"."""
    by_detector: Mapping[str, int] = field(factory=dict[str, int])
    """Items by the detector that found something; one item may count for several."""
    skipped: Mapping[str, int] = field(factory=dict[str, int])
    """Parts, sources and conversations that did not become items, by reason."""
    unread: int = 0
    """Conversations that could not be read. Each has its line in the plan."""
    beyond_cap: int = 0
    """Conversations with more parts than the 500 that Intercom returns; the further parts were not examined."""
    attachments: int = 0
    """Attachments found. It is not documented whether a redaction removes them."""
    subjects: int = 0
    """Sources in whose subject a detector found something. What a redaction does to a subject is not documented: look
    at it afterwards."""
    only_stored: int = 0
    """Items whose findings are only where people do not see them. Also 0 in plans of earlier versions, which did not
    count them."""
    requests: int = 0
    """Requests that the run takes if each succeeds at once."""
    minutes: float | None = None
    """The least number of minutes for the run, at the last known rate limit and the share for batch work; None: not
    known. The length of a window is the shortest time between two resets that Intercom told; 10 seconds, as documented,
    if all requests fell into one window."""
    total: int | None = None
    """The number of conversations to examine; None: not known beforehand."""
    stopped_by: str | None = None
    """"limit": as many items as were wanted were found, and there may be more. None: all conversations were examined.
    Plans of earlier versions had no limit."""

    def as_dict(self) -> JSONObject:
        """Return it as plain data, for JSON."""
        return asdict(self)

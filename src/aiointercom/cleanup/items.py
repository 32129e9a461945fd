"""Items: the writes of a clean-up, one each.

They hold ids and names of detectors, and for a conversion the texts that the operator passed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import field, frozen

from aiointercom._values.limits import DESCRIPTION, TITLE
from aiointercom._values.validation import checked_id, encode
from aiointercom.types import JSONMapping, JSONObject

Key = tuple[str, str, str]
"""The identity of an item across runs: its kind, its conversation id, and the id of its part or source ("" for a
conversion)."""


def _conversation_id(value: str | int) -> str:
    return str(checked_id(value, "conversation_id"))


def _part_id(value: str | int) -> str:
    return str(checked_id(value, "part_id"))


def _source_id(value: str | int) -> str:
    return str(checked_id(value, "source_id"))


def _ticket_type_id(value: str | int) -> str:
    return str(checked_id(value, "ticket_type_id"))


def _names(names: Iterable[str]) -> tuple[str, ...]:
    if isinstance(names, str):
        raise TypeError("found and only_stored must be several names of detectors, not one string")
    return tuple(names)


def _are_found(item: RedactPart | RedactSource, _: object, names: tuple[str, ...]) -> None:
    if not set(names) <= set(item.found):
        raise ValueError("only_stored names a detector that is not in found")


def _copied(attributes: JSONMapping) -> JSONObject:
    return dict(attributes)


def _length(text: str | None) -> str:
    return "None" if text is None else f"<{len(text)} chars>"


def _keys(attributes: JSONMapping) -> str:
    return f"<{', '.join(attributes)}>"


@frozen
class RedactPart:
    """The redaction of one part of a conversation.

    Args:
        conversation_id: The conversation's id.
        part_id: The id of a part that has a body.
        found: The names of the detectors that found something in it, for the report. They do not change the redaction.
        only_stored: The detectors that found something only where people do not see it: in comments, templates,
            scripts, attributes, links.

    Raises:
        ValueError, TypeError: An id is invalid, or `only_stored` has a name that is not in `found`.
    """

    kind: ClassVar[str] = "redact_part"
    conversation_id: str = field(converter=_conversation_id)
    part_id: str = field(converter=_part_id)
    found: tuple[str, ...] = field(default=(), converter=_names)
    only_stored: tuple[str, ...] = field(default=(), converter=_names, validator=_are_found)

    @property
    def key(self) -> Key:
        """The identity of the item across runs."""
        return self.kind, self.conversation_id, self.part_id


@frozen
class RedactSource:
    """The redaction of the message that began a conversation.

    Args:
        conversation_id: The conversation's id.
        source_id: The id in the conversation's `source`. A contact must have written it.
        found: The names of the detectors that found something in it, for the report. They do not change the redaction.
        only_stored: The detectors that found something only where people do not see it: in comments, templates,
            scripts, attributes, links.

    Raises:
        ValueError, TypeError: An id is invalid, or `only_stored` has a name that is not in `found`.
    """

    kind: ClassVar[str] = "redact_source"
    conversation_id: str = field(converter=_conversation_id)
    source_id: str = field(converter=_source_id)
    found: tuple[str, ...] = field(default=(), converter=_names)
    only_stored: tuple[str, ...] = field(default=(), converter=_names, validator=_are_found)

    @property
    def key(self) -> Key:
        """The identity of the item across runs."""
        return self.kind, self.conversation_id, self.source_id


@frozen
class Convert:
    """The conversion of one conversation to a ticket.

    Its texts stay in this record; they are not written to a ledger or a report.

    Args:
        conversation_id: The conversation's id.
        ticket_type_id: The id of a ticket type of category "Customer".
        title: The ticket's title. None: it is not sent.
        description: The ticket's description. None: it is not sent.
        attributes: Further attributes by the API's names; for a list attribute the id of the list item.

    Raises:
        ValueError: An id or a text is invalid, or `title` or `description` is in `attributes` as well.
        TypeError: An id is neither a string nor an integer, or an attribute is not JSON.
    """

    kind: ClassVar[str] = "convert"
    conversation_id: str = field(converter=_conversation_id)
    ticket_type_id: str = field(converter=_ticket_type_id)
    title: str | None = field(default=None, repr=_length)
    description: str | None = field(default=None, repr=_length)
    attributes: JSONMapping = field(factory=JSONObject, converter=_copied, repr=_keys, hash=False)

    def __attrs_post_init__(self) -> None:
        for name, key, text in (("title", TITLE, self.title), ("description", DESCRIPTION, self.description)):
            if text is not None and key in self.attributes:
                raise ValueError(f"{name}= and attributes[{key!r}] say the same thing twice: pass one of them")
        encode(self.asked)

    @property
    def key(self) -> Key:
        """The identity of the item across runs, without its texts, since a conversation becomes a ticket only once."""
        return self.kind, self.conversation_id, ""

    @property
    def asked(self) -> JSONObject:
        """All attributes as they are sent, including title and description."""
        texts = {key: text for key, text in ((TITLE, self.title), (DESCRIPTION, self.description)) if text is not None}
        return {**self.attributes, **texts}


Item = RedactPart | RedactSource | Convert


def checked_item(item: object) -> Item:
    """Return an item of a caller that may be untyped.

    Raises:
        TypeError: It is not an item.
    """
    if not isinstance(item, Item):
        raise TypeError(f"an item must be a RedactPart, a RedactSource or a Convert, not {type(item).__name__}")
    return item

"""The state of the imitated workspace and how it is read. Pure: no HTTP, no clock, no lock (the caller holds one)."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from itertools import count
from re import sub

from attrs import define, field

from aiointercom.sandbox import shapes

from .refusals import Json, JsonMapping, not_found


@define
class TicketRecord:
    """What a conversation gained when it became a ticket. `changes`: part id -> the states before and after."""

    ticket_id: str
    type: Json
    attributes: Json
    state: str
    changes: dict[str, Json] = field(factory=dict[str, Json])


@define
class ConversationRecord:
    """A conversation: `fields` is all but its parts; the parts lie in order and by id, the same objects.

    past: what it was until a moment, in order, one for each write. A message that is in there is never changed, but
    replaced.
    """

    fields: Json
    parts: list[Json] = field(factory=list[Json])
    by_id: dict[str, Json] = field(factory=dict[str, Json])
    ticket: TicketRecord | None = None
    past: list[tuple[float, "ConversationRecord"]] = field(factory=list[tuple[float, "ConversationRecord"]])

    def add(self, part: Json) -> None:
        """Append a part."""
        self.parts.append(part)
        self.by_id[part["id"]] = part

    def keep(self, at: float) -> None:
        """Keep what it is until now, before a write changes it."""
        self.past.append((at, ConversationRecord(dict(self.fields), list(self.parts), ticket=self.ticket)))

    def replace(self, old: Json, new: Json, at: float) -> None:
        """Put another message in the place of a part or of the source."""
        self.keep(at)
        if old is self.fields["source"]:
            self.fields["source"] = new
        else:
            self.parts[self.parts.index(old)] = self.by_id[new["id"]] = new
        self.fields["updated_at"] = int(at)

    def seen_at(self, at: float) -> "ConversationRecord":
        """What it was at a moment: a write is seen from its own moment on."""
        later = bisect_right(self.past, at, key=lambda kept: kept[0])
        return self.past[later][1] if later < len(self.past) else self


class Workspace:
    """Conversations, tickets and ticket types by id."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.conversations: dict[str, ConversationRecord] = {}
        # Assumption: the order of a list is not published; here it is by id, which no write can change.
        self.order: list[int] = []
        self.ticket_types: dict[str, Json] = {}
        self._numbers = count(1000)
        self._ticket_numbers = count(37)

    def add_conversation(
        self,
        id: str | int | None,
        now: int,
        *,
        source: JsonMapping,
        parts: int | Iterable[JsonMapping],
        fields: JsonMapping,
    ) -> str:
        """Add a conversation; returns its id. The arguments are those of `Sandbox.add_conversation`."""
        key = self._new_id(id, self.conversations)
        opening = shapes.source(str(source.get("id", next(self._numbers))), source)
        self.conversations[key] = ConversationRecord(shapes.conversation(key, now, opening, fields))
        insort(self.order, int(key))
        wanted: Iterable[JsonMapping] = ({} for _ in range(parts)) if isinstance(parts, int) else parts
        for given in wanted:
            self.add_part(key, now, given)
        return key

    def add_part(self, conversation_id: str, now: int, fields: JsonMapping) -> str:
        """Append a part to a conversation, and to all that it was before; returns its id."""
        record = self.conversations[conversation_id]
        part = self.new_part(record, now, fields)
        for version in (record, *(earlier for _, earlier in record.past)):
            version.add(part)
        return str(part["id"])

    def new_part(self, record: ConversationRecord, now: int, fields: JsonMapping) -> Json:
        """A part with an id of its own, not yet appended."""
        key = self._new_id(fields.get("id"), record.by_id)
        return shapes.part(key, now, {**fields, "id": key})

    def seen_at(self, at: float | None) -> "Workspace":
        """The workspace as reads saw it at a moment; None: as it is."""
        return self if at is None else PastWorkspace(self, at)

    def add_ticket_type(
        self, id: str | int | None, now: int, attributes: Iterable[JsonMapping], fields: JsonMapping
    ) -> str:
        """Add a ticket type; returns its id."""
        key = self._new_id(id, self.ticket_types)
        self.ticket_types[key] = shapes.ticket_type(key, now, attributes, fields, self.id)
        return key

    def next_ticket_id(self) -> str:
        """A number for people: small, counted up, of no use to the API."""
        return str(next(self._ticket_numbers))

    def _new_id(self, given: str | int | None, taken: Mapping[str, object]) -> str:
        if given is None:
            return next(key for key in map(str, self._numbers) if key not in taken)
        key = str(given)
        # `conversation.ticket` carries the id as an integer, so an id that is not a number could not be shown there.
        if not (key.isascii() and key.isdigit() and str(int(key)) == key):
            raise ValueError(f"an id in the sandbox is a whole number, not {key!r}")
        if key in taken:
            raise ValueError(f"the id {key} is taken")
        return key

    def conversation(self, id: str) -> ConversationRecord:
        """The record of one conversation, or a 404."""
        try:
            return self.conversations[id]
        except KeyError:
            raise not_found() from None

    def ticket_type(self, id: str) -> Json:
        """One ticket type, or a 404."""
        try:
            return self.ticket_types[id]
        except KeyError:
            raise not_found() from None


class PastWorkspace(Workspace):
    """A workspace to read only, its conversations as they were at a moment."""

    def __init__(self, workspace: Workspace, at: float) -> None:
        self.__dict__.update(workspace.__dict__)
        self._at = at

    def conversation(self, id: str) -> ConversationRecord:
        """The record of one conversation as it was, or a 404."""
        return super().conversation(id).seen_at(self._at)


def shown(record: ConversationRecord, *, plaintext: bool = False) -> Json:
    """The conversation as one GET answers it: with its parts, of which the 500 most recent are sent."""
    # The most recent ones: so says the published description of retrieveConversation.
    parts: Sequence[Json] = record.parts[-shapes.PART_LIMIT :]
    fields = record.fields
    if plaintext:
        parts = [_plain(part) for part in parts]
        fields = fields | {"source": _plain(fields["source"])}
    return fields | {
        "conversation_parts": {
            "type": "conversation_part.list",
            "conversation_parts": parts,
            "total_count": len(record.parts),
        }
    }


def _plain(message: Json) -> Json:
    body = message["body"]
    return message if body is None else message | {"body": unescape(sub(r"<[^>]*>", "", body))}

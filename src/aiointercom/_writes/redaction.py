"""How the redaction of one part, or of a source, is confirmed and read back."""

from __future__ import annotations

from attrs import frozen

from aiointercom._delivery.settle import Done, NotApplied, Refused, Sent, Unknown, Verdict
from aiointercom._values.json_types import JSONArray, JSONMapping, JSONObject
from aiointercom.errors import (
    APIError,
    IntercomError,
    PartNotRedactableError,
)
from intercom_raw import Sender
from intercom_raw.api.conversations import retrieve_conversation

from .read_back import has_id, is_object, object_in, unread


@frozen(eq=False, repr=False)
class PartRedaction:
    """The redaction of a conversation part."""

    conversation_id: str | int
    part_id: str | int
    outcome: str = "redacted"
    attributes: None = None

    def confirms(self, answer: JSONMapping) -> bool:
        """The part says that it is redacted.

        Intercom's 200 stands where the part is beyond the 500 that come, and no read would show it.
        """
        parts = _parts(answer)
        found = self._redacted(parts)
        beyond = found is None and parts is not None and _capped(answer, parts) and answer.get("type") == "conversation"
        return is_object(answer, "conversation", self.conversation_id) and (found is True or beyond)

    async def read_back(self, reader: Sender, sent: Sent) -> Verdict:
        """Look for the part in the conversation."""
        return await _read_back_redaction(self, reader, sent)

    def shown(self, conversation: JSONMapping) -> bool | Unknown | None:
        """Say whether the part is redacted; None: it is not there, or does not say."""
        parts = _parts(conversation)
        found = self._redacted(parts)
        if found is None and (parts is None or _capped(conversation, parts)):
            return Unknown(f"the part is not among the {_most_parts()} that Intercom sends with a conversation")
        return found

    def why_not(self, conversation: JSONMapping) -> str:
        """Say what the read showed about a part that cannot be redacted."""
        part = _find(_parts(conversation), self.part_id)
        if part is None:
            return "it is not a part of this conversation"
        return "the part has a body; Intercom does not say why" if part.get("body") else "the part has no body"

    def _redacted(self, parts: JSONArray | None) -> bool | None:
        part = _find(parts, self.part_id)
        return None if part is None else part.get("redacted") is True


@frozen(eq=False, repr=False)
class SourceRedaction:
    """The redaction of the message that began a conversation."""

    conversation_id: str | int
    source_id: str | int
    outcome: str = "redacted"
    attributes: None = None

    def confirms(self, answer: JSONMapping) -> bool:
        """The source says that it is redacted."""
        return is_object(answer, "conversation", self.conversation_id) and self.shown(answer) is True

    async def read_back(self, reader: Sender, sent: Sent) -> Verdict:
        """Look at the source of the conversation."""
        return await _read_back_redaction(self, reader, sent)

    def shown(self, conversation: JSONMapping) -> bool | Unknown | None:
        """Say whether the source is redacted; None: another message is the source."""
        source = object_in(conversation, "source")
        if not source:
            return Unknown("the conversation was read without its source")
        return source.get("redacted") is True if has_id(source, self.source_id) else None

    def why_not(self, conversation: JSONMapping) -> str:
        """Say what the read showed about a source that cannot be redacted."""
        source = object_in(conversation, "source")
        if not has_id(source, self.source_id):
            return "it is not the source of this conversation"
        author = object_in(source, "author").get("type")
        if author in ("admin", "bot", "team"):
            return f"the source was written by an author of type {author}, not by a contact"
        return "the source has a body; Intercom does not say why" if source.get("body") else "the source has no body"


async def _read_back_redaction(write: PartRedaction | SourceRedaction, reader: Sender, sent: Sent) -> Verdict:
    verdict = await _look_for_redaction(write, reader, sent)
    if isinstance(verdict, Unknown) and sent.refusal is not None:
        # A refusal is an outcome that needs no reading: of a call that was never in doubt.
        return _not_redactable(sent.refusal, f"{verdict.reason}, so it may be redacted already")
    return verdict


async def _look_for_redaction(write: PartRedaction | SourceRedaction, reader: Sender, sent: Sent) -> Verdict:
    try:
        conversation = (await retrieve_conversation(reader, write.conversation_id)).raw
    except IntercomError as error:
        return unread(error)
    if not is_object(conversation, "conversation", write.conversation_id):
        return Unknown("the read answered with another conversation")
    shown = write.shown(conversation)
    if isinstance(shown, Unknown):
        return shown
    if shown:
        return Done(dict(conversation), "already_redacted" if sent.refusal is not None else "redacted")
    if sent.refusal is not None:
        return _not_redactable(sent.refusal, write.why_not(conversation))
    return NotApplied("not redacted")


def _not_redactable(refusal: APIError, reason: str) -> Refused:
    assert isinstance(refusal, PartNotRedactableError)  # of a redaction no other refusal is read back
    refusal.reason = reason
    refusal.args = (f"{refusal}: {reason}",)
    return Refused(refusal, "not_redactable", reason)


def _parts(conversation: JSONMapping) -> JSONArray | None:
    """Return the parts that came with a conversation; None: the answer has no parts at all.

    On the JSON, not on the model: the caller's model is built once, from the same answer.
    """
    parts = object_in(conversation, "conversation_parts").get("conversation_parts")
    return parts if parts.__class__ is list else None


def _find(parts: JSONArray | None, part_id: str | int) -> JSONObject | None:
    wanted = str(part_id)
    return next((part for part in parts or () if part.__class__ is dict and str(part.get("id")) == wanted), None)


def _most_parts() -> int:
    from aiointercom._values.limits import (
        MOST_PARTS,  # its classes take 10 ms to make, and few answers lack the part that was redacted
    )

    return MOST_PARTS


def _capped(conversation: JSONMapping, parts: JSONArray) -> bool:
    """Say whether the conversation may have more parts than were sent with it."""
    total = object_in(conversation, "conversation_parts").get("total_count")
    return len(parts) >= _most_parts() or (isinstance(total, int) and total > len(parts))

"""PURE: a notification as Intercom's webhooks send it, typed by the models of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self, cast

from attrs import field, frozen

from aiointercom._values.hidden import Hidden
from aiointercom._values.validation import id_like
from aiointercom.errors import NotificationError, SignatureError
from aiointercom.models import Conversation, ConversationPart, Ticket

from .envelope import Headers, envelope_in, signature_in
from .signature import checked_body, keys_of, problem_of

Thing = Conversation | ConversationPart | Ticket

READERS: Mapping[str, Callable[[Mapping[str, Any]], Thing]] = {
    "conversation": Conversation.from_dict,
    "conversation_part": ConversationPart.from_dict,
    "ticket": Ticket.from_dict,
}


@frozen(kw_only=True)
class Notification:
    """What Intercom tells an app of. Its `repr` shows ids and the topic, and nothing that a person wrote.

    Topics that this version does not know are kept as they are: `item` is None then, and `raw` has all that came.

    Assumption: the shapes are those of public documents and of published handlers; no live workspace was asked. Each
    attribute may be None.

    Source: https://developers.intercom.com/docs/references/webhooks/webhook-models
    """

    topic: str
    """What happened, for instance `conversation.user.replied`. New topics appear at any time."""
    id: str | None = None
    """Intercom's id of the notification. It is the same when the notification is sent again."""
    app_id: str | None = None
    """The id of the workspace: an app gets the notifications of all its workspaces at one address."""
    created_at: int | None = None
    """When it happened, in Unix seconds."""
    first_sent_at: int | None = None
    """When the notification was sent first, in Unix seconds."""
    delivery_attempts: int | None = None
    """How often it was sent, this time included."""
    delivery_status: str | None = None
    """Intercom's word for where the delivery stands, for instance `pending`."""
    item: Thing | None = field(default=None, repr=False, hash=False)
    """What it is about. A conversation comes with its new part only, or with all parts; nothing says which. None: it is
    of another kind."""
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False, hash=False)
    """The notification as it was received: nothing is lost, whatever its keys and types."""

    @classmethod
    def from_http(cls, headers: Headers, body: bytes, *, secret: str | bytes | Iterable[str | bytes]) -> Self:
        """Read a notification from a request, after its signature was checked.

        Args:
            headers: The headers of the request: a mapping or pairs, text or bytes, in any spelling.
            body: The body as it was received, at most 1 MiB.
            secret: The app's client secret, or several while it is exchanged.

        Returns:
            The notification.

        Raises:
            SignatureError: Intercom did not sign this body with any of the secrets.
            NotificationError: The body is too large, is not JSON, is nested too deep, or names no topic.
            TypeError, ValueError: The body is not bytes, or the secret is empty.
        """
        given, kept_secret, kept_headers = Hidden[object](body), Hidden[object](secret), Hidden(headers)
        del body, headers, secret  # so that the frames of an error do not show them
        kept = checked_body(given)
        refused = problem_of(kept, signature_in(kept_headers.reveal()), keys_of(kept_secret))
        if refused is not None:
            raise SignatureError(refused)
        envelope, problem = envelope_in(kept)
        if problem is not None:
            raise NotificationError(problem)
        return cls._read(envelope)

    @classmethod
    def _read(cls, envelope: Hidden[Mapping[str, Any]]) -> Self:
        raw = envelope.reveal()
        return cls(
            topic=raw["topic"],
            id=id_like(raw.get("id")),
            app_id=id_like(raw.get("app_id")),
            created_at=_whole(raw.get("created_at")),
            first_sent_at=_whole(raw.get("first_sent_at")),
            delivery_attempts=_whole(raw.get("delivery_attempts")),
            delivery_status=status if isinstance(status := raw.get("delivery_status"), str) else None,
            item=_item(raw.get("data")),
            raw=raw,
        )

    @property
    def conversation(self) -> Conversation | None:
        """The conversation; None: the notification is about something else."""
        return self.item if isinstance(self.item, Conversation) else None

    @property
    def conversation_id(self) -> str | None:
        """The id under which the conversation, or the ticket it has become, can be read. None: no id is named."""
        return None if isinstance(self.item, ConversationPart | None) else id_like(self.item.id)


def _whole(value: object) -> int | None:
    return value if type(value) is int else None


def _item(data: object) -> Thing | None:
    item = cast("dict[str, Any]", data).get("item") if isinstance(data, dict) else None
    if not isinstance(item, dict):
        return None
    found = cast("dict[str, Any]", item)
    reader = READERS.get(kind) if isinstance(kind := found.get("type"), str) else None
    return None if reader is None else reader(found)

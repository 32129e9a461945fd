"""PURE: what may be redacted live, and how much of it: the same for one process and for many machines."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from attrs import field, frozen

from aiointercom.detect import Detector, checked_detectors
from aiointercom.models import Conversation
from aiointercom.webhooks import Notification, wanted
from aiointercom.webhooks.items import Wanted, redactions_in


def _checked(detectors: Iterable[Detector]) -> tuple[Detector, ...]:
    chosen = tuple(checked_detectors(detectors))
    if not chosen:
        raise ValueError("detectors is empty: nothing would ever be redacted")
    return chosen


def _texts(texts: Collection[str] | None) -> frozenset[str] | None:
    if isinstance(texts, str):
        raise TypeError("authors and channels must be several texts, not one")
    return None if texts is None else frozenset(texts)


def _limit(at_most: int | None) -> int | None:
    if at_most is not None and at_most < 1:
        raise ValueError("at_most must be at least 1")
    return at_most


@frozen
class LiveRules:
    """What live redaction may do. A redaction cannot be undone, and a bad pattern matches a whole inbox.

    Raises:
        ValueError, TypeError: One of them cannot be used.
    """

    detectors: tuple[Detector, ...] = field(converter=_checked)
    """Select the messages to redact; at least one."""
    authors: frozenset[str] | None = field(default=None, converter=_texts, kw_only=True)
    """The types of authors whose messages may be redacted, for instance {"user", "lead"}. None: all."""
    channels: frozenset[str] | None = field(default=None, converter=_texts, kw_only=True)
    """The channels whose conversations may be redacted, by `source.type`. None: all."""
    at_most: int | None = field(default=None, converter=_limit, kw_only=True)
    """How many redactions of a workspace may begin within an hour. One more stops the workspace. None: any number."""
    dry_run: bool = field(default=False, kw_only=True)
    """Whether to count only."""

    def in_notification(self, notification: Notification) -> Wanted | Literal["look"]:
        """Return what is to be redacted after a notification, as `webhooks.wanted` does.

        Detectors take some milliseconds for a long message. Call this in a thread.

        Raises:
            DetectorError: A detector raised an error.
        """
        return wanted(notification, self.detectors, authors=self.authors, channels=self.channels)

    def in_conversation(self, conversation_id: str, conversation: Conversation) -> Wanted:
        """Return what is to be redacted in a conversation that was read. Call this in a thread, too.

        Raises:
            DetectorError: A detector raised an error.
        """
        return redactions_in(conversation_id, conversation, self.detectors, self.authors, self.channels)

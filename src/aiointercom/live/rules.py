"""PURE: what may be redacted live, and how much of it: the same for one process and for many machines."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from attrs import field, frozen

from aiointercom.detect import Detector, checked_detectors


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

"""Detectors on the bodies of conversations: which of them find something. What they find is thrown away here."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from .patterns import checked_name
from .spans import Detector
from .visible import Texts, texts_in

Where = Literal["shown", "stored"]
"""Where in a body something is: in what a person sees, or in what is stored besides."""


class HasBody(Protocol):
    """A part or the source of a conversation. A source has a subject too."""

    @property
    def body(self) -> str | None:
        """The text, as HTML."""
        ...


def found_in(html: str | None, detectors: Sequence[Detector]) -> tuple[str, ...]:
    """Say which detectors find something in a body.

    Args:
        html: A body or a subject, HTML or plain text. None: there is no text, and nothing is found.
        detectors: What to look for.

    Returns:
        The names of those that found something, sorted; nothing of what they found.

    Raises:
        Exception: Whatever a detector raises.
    """
    return tuple(where_found(html, detectors))


def where_found(html: str | None, detectors: Sequence[Detector]) -> dict[str, Where]:
    """Say which detectors find something in a body, and whether a person sees it there.

    Each detector looks at what is shown first; only where it finds nothing there, at what is stored besides: comments,
    templates, scripts, attributes, links (`stored_text`). Words that are written in codes, such as `ada%40example.com`,
    are looked at decoded as well.

    Args:
        html: A body or a subject, HTML or plain text. None: there is no text, and nothing is found.
        detectors: What to look for.

    Returns:
        By the name of each detector that found something, sorted: "shown" or "stored".

    Raises:
        Exception: Whatever a detector raises.
    """
    if not html or not detectors:
        return {}
    texts = texts_in(html)
    found: dict[str, Where] = {one.name: where for one in detectors if (where := where_in(texts, one)) is not None}
    return {name: found[name] for name in sorted(found)}


def where_in(texts: Texts, detector: Detector) -> Where | None:
    """Say where one detector finds something in the texts of a body; None: it finds nothing."""
    if _finds(detector, texts.shown):
        return "shown"
    return "stored" if texts.stored and _finds(detector, texts.stored) else None


def _finds(detector: Detector, text: str) -> bool:
    return next(iter(detector.find(text)), None) is not None


def checked_detectors(detectors: Iterable[Detector]) -> tuple[Detector, ...]:
    """Give the detectors back, if they can be told apart by their names.

    Raises:
        ValueError: A name is not one word, or two detectors have the same.
    """
    checked = tuple(detectors)
    names = [checked_name(detector.name) for detector in checked]
    if doubles := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two detectors have the same name: {', '.join(doubles)}")
    return checked


class Matching:
    """Selects the parts and sources in which a detector finds something, as `select` of `conversations.redact_all`.

    `redact_all` calls it in a thread, so that a large body does not hold the event loop.

    Redacting a source removes its body. What becomes of the subject is not documented: look at what the answer shows.

    Args:
        detectors: What to look for; at least one.

    Raises:
        ValueError: There is no detector, a name is not one word, or two have the same.
    """

    in_thread = True
    """`redact_all` calls it in a thread."""

    def __init__(self, *detectors: Detector) -> None:
        self._detectors = checked_detectors(detectors)
        self._turns = threading.Lock()  # detectors are called from one thread at a time
        if not detectors:
            raise ValueError("Matching needs a detector")

    def __call__(self, message: HasBody) -> bool:
        """Whether any detector finds something in it."""
        # A model names the fields that hold its message, as the description of the API has them.
        names: tuple[str, ...] = getattr(message, "MESSAGE_TEXT", ("body", "subject"))
        texts: list[str | None] = [getattr(message, name, None) for name in names]
        with self._turns:
            return any(found_in(html, self._detectors) for html in texts)

    def __repr__(self) -> str:
        return f"Matching({', '.join(detector.name for detector in self._detectors)})"

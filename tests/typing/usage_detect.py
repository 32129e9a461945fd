"""Never run: what mypy and pyright, both strict, must say about detectors, ours and a user's."""

import re
from collections.abc import Callable, Iterator
from typing import assert_type

from aiointercom import Intercom
from aiointercom.detect import (
    CardNumbers,
    Detector,
    EmailAddresses,
    HasBody,
    Ibans,
    Matching,
    Pattern,
    PhoneNumbers,
    Span,
    Texts,
    checked_detectors,
    found_in,
    stored_text,
    texts_in,
    visible_text,
    where_found,
    where_in,
)
from aiointercom.detect.matching import Where
from aiointercom.models import ConversationPart, ConversationSource


class Mine:
    """A user's own detector, with a plain attribute and a generator."""

    name = "mine"

    def find(self, text: str) -> Iterator[Span]:
        yield Span(0, len(text), self.name)


def detectors() -> list[Detector]:
    return [
        CardNumbers(),
        Ibans(),
        EmailAddresses(),
        PhoneNumbers(),
        PhoneNumbers(region="DE"),
        Pattern("order", r"\d+"),
        Pattern("order", re.compile(r"\d+")),
        Mine(),
    ]


def functions(part: ConversationPart, source: ConversationSource) -> None:
    assert_type(visible_text("<p>"), str)
    assert_type(stored_text("<p>"), str)
    texts: Texts = texts_in("<p>")
    assert_type(where_in(texts, CardNumbers()), Where | None)
    assert_type(where_found(part.body, detectors()), dict[str, Where])
    assert_type(found_in(part.body, detectors()), tuple[str, ...])
    assert_type(checked_detectors(detectors()), tuple[Detector, ...])
    with_body: HasBody = part
    assert_type(Matching(CardNumbers())(with_body), bool)
    select: Callable[[ConversationPart | ConversationSource], bool] = Matching(*detectors())
    assert_type(select(source), bool)


async def redacting(intercom: Intercom) -> None:
    await intercom.conversations.redact_all("471", select=Matching(CardNumbers(), Mine()))

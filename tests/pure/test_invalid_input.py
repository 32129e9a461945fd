"""What a web app's caller may send and Intercom cannot take is one error, InvalidInputError: a ValueError, and under
the common root.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aiointercom import Intercom, IntercomError, InvalidInputError, checked_id
from aiointercom.cli.exits import Exit, exit_of

WORD = "Rumpelstilzchen"
itself: list[Any] = [WORD]
itself.append(itself)


@pytest.mark.parametrize("value", ["", ".", "..", "a/b", "a b", "a\n", "x" * 256, -1, 10**255])
def test_ids(value: str | int) -> None:
    """An id that cannot stand in a path is refused, under both roots, and the message does not quote it."""
    with pytest.raises(InvalidInputError, match="part_id") as caught:
        checked_id(value, "part_id")
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, IntercomError)
    assert exit_of(caught.value) is Exit.USAGE


CALLS: list[Callable[[Intercom], Any]] = [
    lambda intercom: intercom.conversations.redact_part("471", ""),
    lambda intercom: intercom.conversations.redact_source("4/7", "1"),
    lambda intercom: intercom.conversations.redact_all("4/7"),
    lambda intercom: intercom.conversations.retrieve(".."),
    lambda intercom: intercom.tickets.retrieve(""),
    lambda intercom: intercom.ticket_types.retrieve(""),
    lambda intercom: intercom.conversations.convert_to_ticket("471", ticket_type_id="7/9"),
    lambda intercom: intercom.conversations.convert_to_ticket("471", ticket_type_id="79", title=f"{WORD} \ud800"),
    lambda intercom: intercom.request("POST", "/tags", json={"name": [float("nan"), WORD]}),
    lambda intercom: intercom.request("POST", "/tags", json=itself),
    lambda intercom: intercom.request("GET", "/tags", query={"name": f"{WORD} \udfff"}),
    lambda intercom: anext(aiter(intercom.conversations.search({}))),
    lambda intercom: anext(aiter(intercom.conversations.search({"field": "id"}, per_page=151))),
    lambda intercom: anext(aiter(intercom.conversations.list(per_page=0))),
]


@pytest.mark.anyio
@pytest.mark.parametrize("number", range(len(CALLS)))
async def test_calls(number: int) -> None:
    """Whatever the call, nothing is sent (there is nobody to send to), and neither text nor chain quotes what was
    wrong.
    """
    async with Intercom("a-token", base_url="http://127.0.0.1:9") as intercom:
        with pytest.raises(InvalidInputError) as caught:
            await CALLS[number](intercom)
    assert WORD not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None

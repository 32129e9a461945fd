"""docs/from-python-intercom.md, beyond what every page is tried for: its FastAPI route and that route's OpenAPI, over
the sandbox.
"""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

import aiointercom
from aiointercom.models import Conversation
from aiointercom.sandbox import Sandbox
from tests.pages import ROOT, blocks

PAGE = ROOT / "docs" / "from-python-intercom.md"
SNIPPETS = [block.code for block in blocks(PAGE) if "class PartOut" in block.code or "APIRouter" in block.code]


def route() -> dict[str, Any]:
    """The names of the page's models and of its route."""
    names: dict[str, Any] = {"__name__": "snippet", "Intercom": aiointercom.Intercom}
    for code in SNIPPETS:
        exec(compile(code.split("\n\n\nconversation = ")[0], str(PAGE), "exec", dont_inherit=True), names)
    return names


@pytest.mark.asyncio
async def test_the_route_answers_with_what_its_model_names() -> None:
    """The route gives id, state and parts of the conversation, and not a word of a message, and OpenAPI describes
    just that.
    """
    app = FastAPI()
    app.include_router(route()["router"])
    async with Sandbox().client() as app.state.intercom:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as caller:
            answer = (await caller.get("/conversations/471")).json()
    assert answer == {"id": "471", "state": "open", "parts": [{"id": "115", "part_type": "open", "redacted": False}]}
    schemas = app.openapi()["components"]["schemas"]
    assert schemas["ConversationOut"]["properties"].keys() == {"id", "state", "parts"}
    assert schemas["ConversationOut"]["properties"]["parts"]["items"] == {"$ref": "#/components/schemas/PartOut"}


def test_a_dict_reads_back_as_an_equal_model() -> None:
    """What `to_dict` gives after a change, read with `from_dict`, is equal to the changed model."""
    conversation = Conversation.from_dict({"id": "1", "tags": {"tags": [{"id": "7"}]}})
    conversation.title = "Parcel"
    assert Conversation.from_dict(conversation.to_dict()) == conversation


def test_the_table_names_methods_that_there_are() -> None:
    """Each call in the right column is a method of the class that it is called on."""
    from aiointercom.conversations import Conversations
    from aiointercom.tickets import Tickets, TicketTypes

    kinds = {
        "intercom": aiointercom.Intercom,
        "conversations": Conversations,
        "tickets": Tickets,
        "ticket_types": TicketTypes,
    }
    right = "\n".join(line.split(" | ")[1] for line in PAGE.read_text().splitlines() if line.startswith("| "))
    calls = re.findall(r"(\w+)\.(\w+)\(", right)
    assert len(calls) >= 8
    assert [call for call in calls if call[0] in kinds and not hasattr(kinds[call[0]], call[1])] == []

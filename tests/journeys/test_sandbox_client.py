"""`Sandbox.client()`: the SDK and the sandbox in one process, without a socket."""

from __future__ import annotations

import pytest

from aiointercom.errors import ServerError
from aiointercom.sandbox import Fault, Sandbox

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])]


async def test_client_redacts_and_converts_in_process(anyio_backend: str) -> None:
    """The client that the sandbox hands out does both writes, and the ledger holds them."""
    sandbox = Sandbox()
    async with sandbox.client() as intercom:
        await intercom.conversations.redact_part("471", "115")
        ticket = await intercom.conversations.convert_to_ticket("474", ticket_type_id="79")
    assert ticket.id == "474"
    assert [(effect.operation, effect.target_id) for effect in sandbox.ledger] == [
        ("redactConversation", "115"),
        ("convertConversationToTicket", "474"),
    ]


async def test_options_reach_the_client(anyio_backend: str) -> None:
    """What is passed to `client()` is passed on: without retries a fault is seen at once."""
    sandbox = Sandbox()
    sandbox.fault(Fault(status=500))
    async with sandbox.client(max_retries=0) as intercom:
        with pytest.raises(ServerError):
            await intercom.me()
    assert len(sandbox.requests) == 1

"""Several workspaces behind one address, and the door that adds conversations."""

from __future__ import annotations

import httpx
import pytest

from aiointercom import Intercom, UnauthorizedError
from aiointercom.sandbox import Workspaces
from tests.machines.fleet import workspace

pytestmark = pytest.mark.anyio


async def test_the_token_says_which_workspace() -> None:
    """Two workspaces, one address: each token sees its own, each ledger has its own writes, and another token is
    refused.
    """
    boxes = [workspace("one1"), workspace("two2")]
    with Workspaces(boxes).serve() as server:
        async with httpx.AsyncClient(base_url=server.url) as http:
            for box in boxes:
                added = await http.post(f"/_sandbox/{box.workspace}/conversations", json={"parts": 2, "title": "x"})
                assert added.status_code == 201
                [id] = [added.json()["id"]]
                part = box.conversation(id)["parts"][0]["id"]
                async with Intercom(box.token, base_url=server.url) as intercom:
                    app = (await intercom.me()).app
                    assert app is not None
                    assert app.id_code == box.workspace
                    await intercom.conversations.redact_part(id, part)
                [effect] = (await http.get(f"/_sandbox/{box.workspace}/ledger")).json()
                assert effect["conversation_id"] == id
                assert len(box.ledger) == 1
            async with Intercom("another", base_url=server.url) as intercom:
                with pytest.raises(UnauthorizedError):
                    await intercom.me()
            assert (await http.get("/_sandbox/three3/ledger")).status_code == 404
            for wrong in (["x"], {"parts": "x"}, {"id": "lavender"}, {"source": 5}):
                refused = await http.post("/_sandbox/one1/conversations", json=wrong)
                assert refused.status_code == 400
                assert "lavender" not in refused.text


def test_each_needs_a_name_of_its_own() -> None:
    """Two with one id or one token cannot be told apart, and there must be one."""
    for boxes in ([], [workspace("one1"), workspace("one1")]):
        with pytest.raises(ValueError, match="of its own"):
            Workspaces(boxes)

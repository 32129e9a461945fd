"""The whole way over sockets: a contact writes, the sandbox tells, the endpoint answers, the card is gone; whatever is
lost, doubled or disordered.
"""

from __future__ import annotations

from pathlib import Path

import anyio
import httpx
import pytest

from aiointercom import Intercom
from aiointercom.cleanup import Ledger
from aiointercom.detect import CardNumbers
from aiointercom.live import Live
from aiointercom.sandbox import Sandbox
from aiointercom.webhooks import Endpoint
from tests.pure.signing import CARD, SECRET
from tests.wire.serving import listener

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_from_message_to_redacted(tmp_path: Path) -> None:
    """A hundred messages, every third a card, with losses, doubles and disorder: after a sweep each card is gone, once,
    and nothing else.
    """
    import uvicorn

    sandbox, bound = Sandbox(seed=False, limit=100_000), listener()
    with sandbox.serve() as server:
        async with (
            Intercom("sandbox-token", base_url=server.url) as intercom,
            Live(intercom, [CardNumbers()], ledger=tmp_path / "live.ledger", every=3_600) as live,
            anyio.create_task_group() as group,
        ):
            app = uvicorn.Server(uvicorn.Config(Endpoint(live.handle, secret=SECRET), log_config=None, ws="none"))
            group.start_soon(app.serve, [bound])
            url = f"http://127.0.0.1:{bound.getsockname()[1]}/hooks"
            with sandbox.webhooks(url, secret=SECRET, retry_after=0.1) as hooks:
                hooks.ask(drop=10, double=20, disorder=15)
                written = [sandbox.write(f"<p>{CARD if n % 3 == 0 else 'hello'}</p>") for n in range(100)]
                assert await anyio.to_thread.run_sync(hooks.wait)
                async with httpx.AsyncClient(trust_env=False) as client:  # forged: refused, and without any effect
                    forged = await client.post(url, content=b"{}", headers={"X-Hub-Signature": "sha1=" + "0" * 40})
                assert forged.status_code == 401
                await live.sweep()
                with anyio.fail_after(60):
                    while len(sandbox.ledger) < 34 or live.summary.waiting:  # noqa: ASYNC110  # the effects are the sandbox's
                        await anyio.sleep(0.02)
                assert await anyio.to_thread.run_sync(hooks.wait)
            app.should_exit = True
    cards = {one.message_id for n, one in enumerate(written) if n % 3 == 0}
    assert sorted(one.target_id for one in sandbox.ledger) == sorted(cards)
    assert live.summary.by_sweep >= 1
    with Ledger.read(tmp_path / "live.ledger") as ledger:
        assert {record.target_id for record in ledger.records()} == cards

"""Clean-ups on many machines: PgQueuer keeps the items in your Postgres, and workers carry them out.

    await install(queries)                                            # once, and after each upgrade
    async with connection.transaction():                              # the application's own
        await enqueue(queries, "ab12cd34", [RedactPart("471", "115")])
    register(pgq, client_for, workspaces=["ab12cd34"])                # in each worker, before `pgq.run()`
    await collect(queries, "ab12cd34", "ab12cd34.ledger")             # at any time, for reports and evidence

With `enqueue_notification` and `register_live` it redacts new messages as they come: docs/live.md.

Needs `pip install "aiointercom[pgqueuer]"`, and asyncio. See docs/machines.md.
"""

from .collecting import Collected, collect
from .connecting import connect
from .live_producer import enqueue_notification, resume_live
from .live_reporting import LiveState, live_summary
from .live_worker import register_live
from .producer import enqueue
from .registration import ClientFor, register
from .schema import install
from .serving import serve

__all__ = [
    "ClientFor",
    "Collected",
    "LiveState",
    "collect",
    "connect",
    "enqueue",
    "enqueue_notification",
    "install",
    "live_summary",
    "register",
    "register_live",
    "resume_live",
    "serve",
]

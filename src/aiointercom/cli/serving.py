"""`aiointercom sandbox`: the imitation of Intercom as a server, for any client in any language."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import anyio
from cyclopts import Parameter, validators

from .exits import Exit, arguments
from .talk import TALK, Talk


async def sandbox(
    *,
    port: Annotated[int, Parameter(validator=validators.Number(gte=0, lte=65535))] = 8080,
    host: str = "127.0.0.1",
    bare: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    limit: int = 1667,
    window: float = 10.0,
    talk: Talk = TALK,
) -> Exit:
    """Serve an imitation of Intercom on this machine until Ctrl-C: nothing leaves it, and it forgets all when it ends.

    Args:
        port: The port; 0 takes a free one.
        host: The address to listen on.
        bare: Leave out the invented conversations that --sandbox has.
        limit: Requests that one window allows.
        window: Seconds of a window.
    """
    from aiointercom.sandbox import Sandbox

    from .samples import filled

    with arguments():
        made = (Sandbox if bare else filled)(limit=limit, window=window)
        server = made.serve(port, host=host)
    with server:
        record = {"type": "sandbox", "base_url": server.url, "token": made.token, "limit": limit, "window": window}
        talk.result(
            record, f"{server.url} with the token {made.token}; {limit} requests in {window:g} seconds; Ctrl-C ends it"
        )
        # Ctrl-C and SIGTERM arrive as a cancellation, and here they are the usual end.
        with suppress(anyio.get_cancelled_exc_class()):
            await anyio.sleep_forever()
    return Exit.DONE

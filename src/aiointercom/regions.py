"""Where a workspace lives: `Region`."""

from __future__ import annotations

from typing import Any

from ._region import Region, set_discover
from ._values.hidden import Hidden
from .auth import Token
from .client import Intercom

__all__ = ["Region"]


async def _discover(token: Hidden[Token | None], options: dict[str, Any]) -> Region:
    options.setdefault("region", Region.US)
    async with Intercom(token.reveal(), **options) as intercom:
        return Region.of((await intercom.me()).raw)


set_discover(_discover)

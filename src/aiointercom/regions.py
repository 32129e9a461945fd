"""Where a workspace lives: `Region`."""

from __future__ import annotations

from ._region import Region, set_discover
from .client import discover

__all__ = ["Region"]

set_discover(discover)

"""Where a workspace lives: `Region`."""

from __future__ import annotations

from . import client  # noqa: F401  # it says how a region is discovered
from ._region import Region

__all__ = ["Region"]

"""The types of the arguments that many functions take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import httpx

if TYPE_CHECKING:
    pass


Timeout = float | httpx.Timeout


Priority = Literal["interactive", "batch"]

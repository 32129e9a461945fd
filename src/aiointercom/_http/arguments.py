"""The types of the arguments that many functions take."""

from __future__ import annotations

from typing import Literal

import httpx

Timeout = float | httpx.Timeout
Priority = Literal["interactive", "batch"]

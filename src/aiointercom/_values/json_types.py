"""PURE: the types of decoded JSON. Their values have no static type until a model or a check has read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

JSONObject: TypeAlias = dict[str, Any]
"""A JSON object."""
JSONMapping: TypeAlias = Mapping[str, Any]
"""A JSON object that is only read."""
JSONArray: TypeAlias = list[Any]
"""A JSON array."""

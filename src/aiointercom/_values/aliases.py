"""PURE: unions of Intercom's models, apart from the modules of a call: making one imports the models that it names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from intercom_raw import models

from .json_types import JSONMapping

Message: TypeAlias = models.ConversationPart | models.ConversationSource
Select = Callable[[Message], bool]
Query: TypeAlias = (
    JSONMapping | models.SearchRequest | models.SingleFilterSearchRequest | models.MultipleFilterSearchRequest
)

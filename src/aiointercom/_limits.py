"""PURE: the numbers that Intercom's API documents, each once."""

from __future__ import annotations

MOST_PARTS = 500
"""Intercom sends at most so many parts with a conversation, whatever their true number."""
WINDOW = 10.0
"""Seconds: the length of the windows in which Intercom counts requests."""
MOST_PER_PAGE = 150

"""PURE: the numbers that Intercom's API documents, each once."""

from __future__ import annotations

MOST_PARTS = 500
"""Intercom sends at most so many parts with a conversation, whatever their true number."""
WINDOW = 10.0
"""Seconds: the length of the windows in which Intercom counts requests."""
MOST_PER_PAGE = 150
"""Conversations that one page of a list may have."""
LAST_SECOND = 10**11
"""Unix seconds from here on lie beyond the year 5000: such a number counts milliseconds."""
TITLE, DESCRIPTION = "_default_title_", "_default_description_"
"""The names under which a ticket's title and description stand among its attributes."""

"""Phone numbers, found by the library `phonenumbers`, which comes with the extra `cleanup` and is imported only when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiointercom.detect.spans import Span
from aiointercom.errors import ConfigurationError

_ENOUGH_DIGITS = re.compile(r"(?:[0-9][^0-9\n]{0,4}){6}[0-9]")


class PhoneNumbers:
    """Phone numbers that a numbering plan allows: name "phone".

    Args:
        region: The country whose numbers are written without a country code, as two letters, e.g. "DE". None: only numbers with one, +49 ..., count.

    Raises:
        ConfigurationError: The library phonenumbers is not installed.
        ValueError: There is no such region.
    """

    def __init__(self, region: str | None = None) -> None:
        try:
            import phonenumbers
        except ImportError:
            raise ConfigurationError(
                'PhoneNumbers needs the library phonenumbers: pip install "aiointercom[cleanup]"'
            ) from None
        region = None if region is None else region.upper()
        if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"no region of phone numbers: {region!r}; it is a country's two letters, e.g. 'DE'")
        self._region = region
        self._matcher = phonenumbers.PhoneNumberMatcher

    @property
    def name(self) -> str:
        """Always "phone"."""
        return "phone"

    def find(self, text: str) -> Iterator[Span]:
        """Say where phone numbers are."""
        if (self._region is None and "+" not in text) or not _ENOUGH_DIGITS.search(text):
            return
        for match in self._matcher(text, self._region):
            yield Span(match.start, match.end, self.name)

    def __repr__(self) -> str:
        return f"PhoneNumbers(region={self._region!r})"

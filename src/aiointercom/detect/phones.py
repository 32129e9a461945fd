"""Phone numbers, found by the library `phonenumbers` of the extra `cleanup`, which is imported at first use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiointercom.errors import ConfigurationError

from .spans import Span, in_windows

# The matcher takes these for numbers of some countries. Dates have four digits for the year: French numbers look like
# those with two.
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:19|20)[0-9]{2}"
_TIME = r"(?:[ ,T]{1,2}(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?)?"
_DATE = rf"(?:{_DAY}(?P<a>[./-]){_MONTH}(?P=a){_YEAR}|{_YEAR}(?P<b>[./-]){_MONTH}(?P=b){_DAY}){_TIME}"
_OCTET = r"(?:[1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_NO_PHONE = re.compile(rf"(?<![0-9.,/-])(?:{_DATE}|{_OCTET}(?:\.{_OCTET}){{3}})(?![0-9]|\.[0-9])")
# It also cuts numbers out of longer ones; what is left of those stands one blank or sign away.
_CUT_BEFORE, _CUT_AFTER = re.compile(r"[0-9][ .,/-]?\Z"), re.compile(r"[ .,/-]?[0-9]")
# The matcher knows no _ between digits.
_UNDERSCORE = re.compile("(?<=[0-9])_(?=[0-9])")
_IN_URL = re.compile(r"(?:://|\Awww\.)")
_WITHIN_A_URL = 2000
_ENOUGH_DIGITS = re.compile(r"[0-9](?:[^0-9\n]{0,4}[0-9]){6}")


class PhoneNumbers:
    """Phone numbers that a numbering plan allows: name "phone".

    Args:
        region: The country whose numbers are written without a country code, as two letters, e.g. "DE". None: only
            numbers with one, +49 ..., count.

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
        return in_windows(text, self._in_window)

    def _in_window(self, text: str) -> Iterator[Span]:
        if (self._region is None and "+" not in text) or not _ENOUGH_DIGITS.search(text):
            return
        searched = _UNDERSCORE.sub(" ", _NO_PHONE.sub(lambda other: "#" * len(other[0]), text))
        for match in self._matcher(searched, self._region):
            if _CUT_BEFORE.search(text, max(0, match.start - 2), match.start) or _CUT_AFTER.match(text, match.end):
                continue
            if not match.raw_string.startswith("+") and _is_in_url(text, match.start):
                continue
            yield Span(match.start, match.end, self.name)

    def __repr__(self) -> str:
        return f"PhoneNumbers(region={self._region!r})"


def _is_in_url(text: str, at: int) -> bool:
    """Whether a place is within a URL, where digits are ids and times. Only numbers with a country code count there."""
    word = text[max(0, at - _WITHIN_A_URL) : at].rsplit(maxsplit=1)
    return bool(word) and not text[at - 1].isspace() and _IN_URL.search(word[-1]) is not None

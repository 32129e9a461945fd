"""PURE: where a workspace lives: the three regions of Intercom and their hosts. `regions` is its public name."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, Self

from ._values.hidden import Hidden
from .errors import ConfigurationError, UnreadableResponseError

ENVIRONMENT = "INTERCOM_REGION"
Token = str | Callable[[], Awaitable[str]]


class Region(Enum):
    """The region of a workspace; the value is the address of its API.

    Source: https://developers.intercom.com/docs/build-an-integration/learn-more/rest-apis#regions
    """

    US = "https://api.intercom.io"
    EU = "https://api.eu.intercom.io"
    AU = "https://api.au.intercom.io"

    @classmethod
    def parse(cls, name: object) -> Self:
        """Read a region's name in any case, short or long.

        Args:
            name: A Region, or "US", "EU", "AU", "Europe", "Australia", "United States", as Intercom's `/me` or a person
                writes it.

        Raises:
            ConfigurationError: No region has this name.
        """
        if isinstance(name, cls):
            return name
        found = _NAMES.get(" ".join(name.replace("_", " ").split()).casefold()) if isinstance(name, str) else None
        if found is None:
            raise ConfigurationError("unknown region: use US, EU (Europe) or AU (Australia)")
        return cls[found]

    @classmethod
    def from_environment(cls) -> Self:
        """Read INTERCOM_REGION; US where it is unset or empty.

        Raises:
            ConfigurationError: No region has the name that it holds.
        """
        try:
            return cls.parse(os.environ.get(ENVIRONMENT, "").strip() or "US")
        except ConfigurationError as error:
            raise ConfigurationError(f"{ENVIRONMENT}: {error}") from None

    @classmethod
    async def discover(cls, token: str | Callable[[], Awaitable[str]] | None = None, **options: Any) -> Self:
        """Ask Intercom where the workspace of a token lives.

        One GET of `/me` on the US host, which Intercom routes to the workspace's own region; the answer holds the admin
        that the token belongs to. Where not even that may cross the US host, name the region and use
        `strict_region=True` instead.

        Args:
            token: As for `Intercom`; None: INTERCOM_ACCESS_TOKEN.
            **options: Any other argument of `Intercom`, `base_url` or `transport` for example.

        Raises:
            UnreadableResponseError: The answer names no region, or one that this version does not know.
            IntercomError: As for any call.
        """
        assert _discover is not None  # `regions` sets it
        hidden = Hidden(token)
        del token  # a traceback shows what a frame still holds
        return cls[(await _discover(hidden, options)).name]

    @classmethod
    def of(cls, me: object) -> Self:
        """Read the region from the JSON of `/me` (`app.region`; "US" and "Europe" were seen live).

        Raises:
            UnreadableResponseError: It names no region, or one that this version does not know.
        """
        region = cls._named_in(me)
        del me  # a traceback shows what a frame still holds
        if region is None:
            raise UnreadableResponseError("GET /me names no region that this version knows", status=200)
        return region

    @classmethod
    def _named_in(cls, me: Any) -> Self | None:
        """Read the region; None: it is not readable. It raises nothing: the answer is a local variable here."""
        try:
            return cls.parse(me.get("app")["region"])
        except (KeyError, TypeError, ConfigurationError):
            return None


_discover: Callable[[Hidden[Token | None], dict[str, Any]], Awaitable[Region]] | None = None
"""Asks Intercom for a region. `regions` sets it, since the client stands above this module."""


def set_discover(discover: Callable[[Hidden[Token | None], dict[str, Any]], Awaitable[Region]]) -> None:
    """Say how a region is asked for."""
    global _discover  # noqa: PLW0603
    _discover = discover


_NAMES = {
    "us": "US",
    "usa": "US",
    "united states": "US",
    "eu": "EU",
    "europe": "EU",
    "au": "AU",
    "australia": "AU",
}

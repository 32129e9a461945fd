"""Regions: names in every form that a person or Intercom writes, and nothing guessed. No I/O."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiointercom import ConfigurationError, Region, UnreadableResponseError

NAMES = {
    Region.US: ["US", "us", "Us", "USA", "United States", "united_states", " us ", "UNITED  STATES"],
    Region.EU: ["EU", "eu", "Europe", "EUROPE", " europe\n"],
    Region.AU: ["AU", "au", "Australia", "aUSTRALIA"],
}


@pytest.mark.parametrize(
    ("region", "name"), [(region, name) for region, names in NAMES.items() for name in [region, *names]]
)
def test_names(region: Region, name: Any) -> None:
    """Short and long names in any case, with blanks around, and the Region itself, are read."""
    assert Region.parse(name) is region


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "E U",
        "asia",
        "api.eu.intercom.io",
        "https://api.intercom.io",
        "us-east",
        None,
        0,
        b"US",
        ["US"],
        "ＵＳ",
    ],
)
def test_unknown_names(name: Any) -> None:
    """Anything else is refused, and the error says which names there are, not what was passed."""
    with pytest.raises(ConfigurationError, match=r"unknown region: use US, EU \(Europe\) or AU \(Australia\)"):
        Region.parse(name)


@given(st.text() | st.none() | st.integers())
def test_whatever_is_passed(name: Any) -> None:
    """Whatever is passed is a region or a ConfigurationError."""
    with suppress(ConfigurationError):
        assert Region.parse(name) in Region


def test_hosts() -> None:
    """Each region has Intercom's documented address, over https."""
    assert {region.name: region.value for region in Region} == {
        "US": "https://api.intercom.io",
        "EU": "https://api.eu.intercom.io",
        "AU": "https://api.au.intercom.io",
    }


@pytest.mark.parametrize(
    ("value", "region"),
    [(None, Region.US), ("", Region.US), ("  ", Region.US), ("eu", Region.EU), (" Australia ", Region.AU)],
)
def test_environment(monkeypatch: pytest.MonkeyPatch, value: str | None, region: Region) -> None:
    """INTERCOM_REGION names the region; unset or empty it is the US."""
    if value is not None:
        monkeypatch.setenv("INTERCOM_REGION", value)
    assert Region.from_environment() is region


def test_unknown_region_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A region that nobody knows is an error, not the US."""
    monkeypatch.setenv("INTERCOM_REGION", "Mars")
    with pytest.raises(ConfigurationError):
        Region.from_environment()


@pytest.mark.parametrize(
    "me",
    [
        {},
        {"app": None},
        {"app": 3},
        {"app": "US"},
        {"app": ["region"]},
        {"app": {}},
        {"app": {"region": None}},
        {"app": {"region": ""}},
        {"app": {"region": {}}},
    ],
)
def test_me_without_a_region(me: dict[str, Any]) -> None:
    """A `/me` that names no region tells nothing, and nothing is guessed."""
    with pytest.raises(UnreadableResponseError, match="names no region") as caught:
        Region.of(me)
    assert caught.value.__cause__ is None

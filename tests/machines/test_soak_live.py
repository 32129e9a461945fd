"""`scripts/soak --live` in its quick form, and that it would notice what goes wrong."""

from __future__ import annotations

import os

import pytest
from scripts.soaking.live import QUICK, WAYS, soak_live

pytestmark = pytest.mark.skipif(os.name != "posix", reason="it kills processes with -9")


@pytest.mark.parametrize("way", WAYS)
def test_every_kind_is_killed(way: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Killed three times, with notifications lost, doubled and out of order: each contact's card number is redacted
    once, and nothing else.
    """
    monkeypatch.chdir(request.config.rootpath)
    verdict = soak_live(QUICK, way)
    assert verdict.broken == []
    assert verdict.states == {"done": verdict.cards}

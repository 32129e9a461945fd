"""What the tests of clean-ups share: where the ledger lies, and a clock that nobody waits for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.virtual import Virtual


@pytest.fixture
def virtual(monkeypatch: pytest.MonkeyPatch) -> Virtual:
    """A clock whose sleeps nobody waits for."""
    clock = Virtual()
    clock.rules(monkeypatch)
    return clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger lies."""
    return tmp_path / "cleanup.ledger"

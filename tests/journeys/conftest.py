"""What the tests of clean-ups share: where the ledger lies, and a clock that nobody waits for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.virtual import Virtual


@pytest.fixture
def virtual(monkeypatch: pytest.MonkeyPatch) -> Virtual:
    """A clock whose sleeps nobody waits for."""
    from tests.journeys.virtual import Virtual  # here, since pytest reads this file before `--without` hides a module

    clock = Virtual()
    clock.rules(monkeypatch)
    return clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger lies."""
    return tmp_path / "cleanup.ledger"

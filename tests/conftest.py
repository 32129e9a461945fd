"""What all tests share: nothing of the machine's environment reaches a client, and hypothesis gives the same examples
every time.
"""

from __future__ import annotations

import signal
import sys

import pytest
from hypothesis import settings


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests run as in an installation without an extra: `pytest --without msgspec` (by the module's name, any
    number of them).
    """
    parser.addoption(
        "--without", action="append", default=[], metavar="MODULE", help="make a module impossible to import"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Hide modules before anything of ours is imported; None is how Python marks a module that is not to be found.

    A shell starts what runs in its background with SIGINT ignored, and every process inherits that; the tests of
    Ctrl-C need it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in config.getoption("--without"):
        if any(loaded.partition(".")[0] == "aiointercom" for loaded in sys.modules):
            raise pytest.UsageError(f"--without {name} comes too late: aiointercom is imported already")
        sys.modules[name] = None  # type: ignore[assignment]


settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def without_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own token or region must not decide what a test sees."""
    for name in ("INTERCOM_ACCESS_TOKEN", "INTERCOM_REGION", "INTERCOM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Both event loops, for every test that is marked `anyio`."""
    return str(request.param)

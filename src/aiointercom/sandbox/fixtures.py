"""pytest fixtures: import them in a conftest.py, or name this module in `pytest_plugins`."""

from collections.abc import Iterator

import pytest

from aiointercom.sandbox import Sandbox, Server


@pytest.fixture
def intercom_sandbox() -> Sandbox:
    """A fresh sandbox, in process; `intercom_sandbox.client()` gives an Intercom that talks to it."""
    return Sandbox()


@pytest.fixture
def intercom_sandbox_server(intercom_sandbox: Sandbox) -> Iterator[Server]:
    """The same sandbox on a free loopback port; `intercom_sandbox_server.url` is its address."""
    with intercom_sandbox.serve() as server:
        yield server

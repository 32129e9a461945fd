"""Intercom's own SDK for Node drives the sandbox's server: a client that shares no code with this project finds what it
expects.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from aiointercom.sandbox import Sandbox
from intercom_raw import API_VERSION

PACKAGE = "intercom-client@7.0.3"
DRIVER = Path(__file__).with_name("node_sdk.mjs")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the driver and the package; the tests are skipped where node or the package cannot be had."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("there is no node with npm")
    folder = tmp_path_factory.mktemp("node")
    install = [npm, "install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", PACKAGE]
    try:
        done = subprocess.run(install, cwd=folder, capture_output=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        pytest.skip(f"{PACKAGE} did not come within a minute")
    if done.returncode:
        pytest.skip(f"{PACKAGE} cannot be had")
    shutil.copy(DRIVER, folder)
    return folder


def test_the_official_node_sdk_finds_what_it_expects(project: Path) -> None:
    """Nine operations and a refusal: what the SDK reads from the sandbox's answers, and what took effect."""
    sandbox = Sandbox()
    with sandbox.serve() as server:
        command = ["node", DRIVER.name, server.url, sandbox.token, API_VERSION]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "me": "admin",
        "conversation": "471",
        "listed": True,
        "found": ["471"],
        "types": True,
        "type": "79",
        "redacted": True,
        "ticket": "474",
        "read": "474",
        "refused": 404,
    }
    assert [effect.operation for effect in sandbox.ledger] == ["redactConversation", "convertConversationToTicket"]

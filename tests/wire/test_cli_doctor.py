"""`aiointercom doctor` as a process: what it finds in sound and in broken set-ups, and that it shows no secret."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from aiointercom.sandbox import Sandbox, Server
from tests.wire.commands import Ended, ended, environment, run, start

TOKEN = "sandbox-token"


def checks(done: Ended) -> dict[str, dict[str, Any]]:
    """What was found, by name; the summary under "doctor"."""
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [line["type"] for line in lines] == ["check"] * (len(lines) - 1) + ["doctor"]
    assert lines[-1]["exit"] == done.status
    found = {line["name"]: line for line in lines[:-1]}
    for state in ("ok", "warning", "failed", "skipped"):
        assert lines[-1][state] == sum(line["state"] == state for line in found.values())
    assert TOKEN not in done.out + done.err
    return found | {"doctor": lines[-1]}


@pytest.fixture
def server() -> Any:
    """A sandbox as a server."""
    with Sandbox(TOKEN).serve() as served:
        yield served


def test_a_sound_set_up(tmp_path: Path, server: Server) -> None:
    """Everything is fine, and only `/me` was read."""
    found = checks(run("doctor", "--json", folder=tmp_path, server=server))
    assert found["doctor"]["exit"] == 0
    assert {
        found[name]["state"] for name in ("python", "settings", "token", "region", "version", "clock", "rate limit")
    } == {"ok"}
    assert "sandbox1" in found["token"]["detail"]


def test_for_people(tmp_path: Path, server: Server) -> None:
    """One line for each check, and what to do below those that need something."""
    done = run("doctor", folder=tmp_path, INTERCOM_BASE_URL=server.url)
    assert done.status == 2
    assert "failed   token: there is none\n         -> set INTERCOM_ACCESS_TOKEN\n" in done.out
    assert done.out.splitlines()[-1].endswith("1 failed, 1 skipped")


@pytest.mark.parametrize(
    ("variables", "status", "name", "word"),
    [
        ({"INTERCOM_ACCESS_TOKEN": "w0rse"}, 2, "token", "401"),
        ({"INTERCOM_REGION": "mars"}, 2, "settings", "INTERCOM_REGION"),
        ({"SSL_CERT_FILE": "missing.pem", "INTERCOM_BASE_URL": "https://127.0.0.1:9"}, 2, "settings", "SSL_CERT_FILE"),
        (
            {"HTTPS_PROXY": "foo://ada:hunter2@proxy", "INTERCOM_BASE_URL": "https://127.0.0.1:9"},
            2,
            "settings",
            "HTTPS_PROXY",
        ),
        ({"INTERCOM_BASE_URL": "https://ada:hunter2@127.0.0.1:9"}, 2, "settings", "INTERCOM_BASE_URL"),
        ({"INTERCOM_REGION": "hunter2"}, 2, "settings", "INTERCOM_REGION"),
        (
            {"INTERCOM_ACCESS_TOKEN": "", "HTTPS_PROXY": "foo://proxy", "INTERCOM_BASE_URL": "https://127.0.0.1:9"},
            2,
            "settings",
            "HTTPS_PROXY",
        ),
        ({"INTERCOM_BASE_URL": "http://127.0.0.1:9"}, 3, "connection", "ConnectError"),
    ],
    ids=[
        "token",
        "region",
        "certificates",
        "proxy",
        "password",
        "region with a secret",
        "proxy without a token",
        "unreachable",
    ],
)
def test_a_broken_set_up(
    tmp_path: Path, server: Server, variables: dict[str, str], status: int, name: str, word: str
) -> None:
    """The check that fails names what is wrong and what to do, the others are made all the same, and no secret is shown."""
    done = ended(start("doctor", "--json", folder=tmp_path, server=server, **variables))
    found = checks(done)
    assert done.status == status
    assert found[name]["state"] == "failed"
    assert word in found[name]["detail"]
    assert found[name]["advice"]
    assert found["extra cli"]["state"] == "ok"
    assert "hunter2" not in done.out + done.err
    assert "w0rse" not in done.out


def test_another_region_and_another_clock(tmp_path: Path) -> None:
    """A warning for each, with what to do; the status stays 0."""
    program = tmp_path / "late.py"
    program.write_text(
        "import sys, time\n"
        "own = time.time\n"
        "time.time = lambda: own() + 120\n"
        "from aiointercom.cli import main\n"
        "sys.exit(main(['doctor', '--json']))\n"
    )
    import subprocess
    import sys

    with Sandbox(TOKEN, region="EU").serve() as served:
        done = subprocess.run(
            [sys.executable, program], env=environment(served), capture_output=True, text=True, check=False
        )
    found = checks(Ended(done.returncode, done.stdout, done.stderr))
    assert found["doctor"]["exit"] == 0
    assert (found["region"]["state"], found["clock"]["state"]) == ("warning", "warning")
    assert "INTERCOM_REGION=EU" in found["region"]["advice"]
    assert re.match(r"\d{3} s ahead of Intercom", found["clock"]["detail"])


def test_an_extra_that_is_not_there(tmp_path: Path, server: Server) -> None:
    """It is named with how to install it, and is no failure."""
    program = tmp_path / "without.py"
    program.write_text(
        "import importlib.metadata, sys\n"
        "own = importlib.metadata.version\n"
        "def version(name):\n"
        "    if name == 'pgqueuer':\n"
        "        raise importlib.metadata.PackageNotFoundError(name)\n"
        "    return own(name)\n"
        "importlib.metadata.version = version\n"
        "from aiointercom.cli import main\n"
        "sys.exit(main(['doctor', '--json']))\n"
    )
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, program], env=environment(server), capture_output=True, text=True, check=False
    )
    found = checks(Ended(done.returncode, done.stdout, done.stderr))
    assert found["extra pgqueuer"]["state"] == "skipped"
    assert 'pip install "aiointercom[pgqueuer]"' in found["extra pgqueuer"]["advice"]
    assert done.returncode == 0


def test_plain_http_to_another_machine(tmp_path: Path) -> None:
    """It is refused with the option that allows it, and allowed with it; --sandbox goes with neither."""
    there = {"INTERCOM_ACCESS_TOKEN": TOKEN, "INTERCOM_BASE_URL": "http://sandbox.invalid:9"}
    refused = ended(start("doctor", "--json", folder=tmp_path, **there))
    assert (refused.status, checks(refused)["settings"]["state"]) == (2, "failed")
    allowed = ended(start("doctor", "--json", "--insecure-http", folder=tmp_path, **there))
    assert (allowed.status, checks(allowed)["settings"]["state"]) == (3, "ok")
    both = ended(start("whoami", "--sandbox", "--insecure-http", folder=tmp_path))
    assert both.status == 2
    assert "--insecure-http" in both.err

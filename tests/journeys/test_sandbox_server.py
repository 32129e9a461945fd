"""The sandbox as a real server, as a command, as a fixture, and without its extra."""

from __future__ import annotations

import ast
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import anyio
import httpx
import pytest

from aiointercom.sandbox import Fault, Sandbox, Server
from aiointercom.sandbox.__main__ import main
from aiointercom.sandbox.fixtures import intercom_sandbox, intercom_sandbox_server  # noqa: F401 - pytest finds them here

HEADERS = {"Authorization": "Bearer sandbox-token"}
COMMAND = [sys.executable, "-m", "aiointercom.sandbox", "--port", "0"]


def test_fixtures_give_one_sandbox_in_process_and_on_a_socket(
    intercom_sandbox: Sandbox,
    intercom_sandbox_server: Server,
) -> None:
    """Both fixtures of a test share one workspace, served on a loopback port."""
    id = intercom_sandbox.add_conversation()
    answer = httpx.get(f"{intercom_sandbox_server.url}/conversations/{id}", headers=HEADERS, trust_env=False)
    assert answer.json()["id"] == id


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_server_serves_callers_of_any_event_loop(backend: str) -> None:
    """The server's loop is its own: callers on asyncio and on trio are served, many at once."""
    sandbox = Sandbox()

    async def call_ten_times() -> None:
        async with httpx.AsyncClient(base_url=server.url, headers=HEADERS, trust_env=False) as client:
            async with anyio.create_task_group() as group:
                for _ in range(10):
                    group.start_soon(client.get, "/me")

    with sandbox.serve() as server:
        anyio.run(call_ten_times, backend=backend)
    assert [seen.status for seen in sandbox.requests] == [200] * 10


def test_answers_do_not_wait_for_acknowledgements() -> None:
    """Requests on one connection are not held back for 40 ms by the operating system."""
    with Sandbox().serve() as server, httpx.Client(base_url=server.url, headers=HEADERS, trust_env=False) as client:
        # The first ones are acknowledged at once, whatever the server does. Of the others each would take 40 ms; a busy
        # machine lets one pass.
        times = [client.get("/me").elapsed.total_seconds() for _ in range(100)]
    assert min(times[40:]) < 0.03


def test_closed_server_answers_no_more() -> None:
    """After the block the port is closed, kept connections too; a server that never started closes as well."""
    with Sandbox().serve() as server, httpx.Client(base_url=server.url, headers=HEADERS, trust_env=False) as client:
        assert client.get("/me").status_code == 200
        server.close()
        with pytest.raises(httpx.TransportError):
            client.get("/me")
    Sandbox().serve().close()


def test_close_does_not_wait_for_what_is_in_flight() -> None:
    """A request that a fault holds back for a minute does not hold back the end of the server."""
    sandbox = Sandbox()
    sandbox.fault(Fault(delay=60.0))
    with sandbox.serve() as server:
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{server.url}/me", headers=HEADERS, timeout=httpx.Timeout(30, read=0.1), trust_env=False)
        began = time.monotonic()
    assert time.monotonic() - began < 30


def test_taken_port_is_an_error_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A port that is taken raises OSError; the command says so and returns 1."""
    with Sandbox().serve() as server:
        with pytest.raises(OSError, match="in use"):
            Sandbox().serve(server.port)
        before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
        try:
            assert main(["--port", str(server.port)]) == 1
        finally:
            signal.signal(signal.SIGINT, before[0])
            signal.signal(signal.SIGTERM, before[1])
    assert f"cannot listen on 127.0.0.1:{server.port}" in capsys.readouterr().err


def ipv6_loopback() -> bool:
    """Whether this machine has one, asked without any code of ours."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not ipv6_loopback(), reason="this machine has no IPv6 loopback")
def test_ipv6_address_is_written_in_brackets() -> None:
    """An IPv6 address stands in brackets in the URL."""
    with Sandbox().serve(host="::1") as server:
        assert server.url == f"http://[::1]:{server.port}"
        assert httpx.get(f"{server.url}/me", headers=HEADERS, trust_env=False).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_greets_serves_and_leaves_with_zero(number: signal.Signals) -> None:
    """The command prints address, token and ids, serves with the options given, and exits 0 on a signal."""
    options = ["--token", "my-token", "--limit", "7", "--window", "2.5", "--region", "Europe"]
    with subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        greeting = ""
        while "Stop with" not in greeting:
            line = process.stdout.readline()
            assert line, "the command ended before it had greeted"
            greeting += line
        url = greeting.split("address")[1].split()[0]
        answer = httpx.get(f"{url}/me", headers={"Authorization": "Bearer my-token"}, trust_env=False)
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (0, "", "")
    assert (answer.json()["app"]["region"], answer.headers["X-RateLimit-Limit"]) == ("Europe", "7")
    for word in ("my-token", "7 requests in 2.5 seconds", "471", "115", "403918320", f'base_url="{url}"'):
        assert word in greeting


@pytest.mark.parametrize("absent", ["starlette", "uvicorn"])
def test_missing_extra_is_named(absent: str) -> None:
    """Without starlette or uvicorn the import error says what to install."""
    program = f"import sys; sys.modules[{absent!r}] = None; import aiointercom.sandbox"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert run.returncode == 1
    assert 'pip install "aiointercom[sandbox]"' in run.stderr.splitlines()[-1]


def test_sandbox_shares_no_code_with_the_sdk() -> None:
    """The sandbox imports no HTTP client, nothing generated, and of the SDK only the client that `client()` hands
    out.
    """
    strangers: dict[str, set[str]] = {}
    for path in (Path(__file__).parents[2] / "src" / "aiointercom" / "sandbox").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
            names |= {str(node.module)} if isinstance(node, ast.ImportFrom) else set()
            ours = {name for name in names if name.startswith("aiointercom") and "aiointercom.sandbox" not in name}
            strangers.setdefault(path.name, set()).update(ours | (names & {"httpx", "intercom_raw"}))
    assert {name: found for name, found in strangers.items() if found} == {
        "imitation.py": {"aiointercom.client", "aiointercom._http.asgi"}
    }


@pytest.mark.parametrize("absent", ["starlette", "uvicorn"])
def test_the_module_names_its_missing_extra(absent: str, tmp_path: Path) -> None:
    """`python -m aiointercom.sandbox` without the extra ends with 2 and one line that says what to install."""
    (tmp_path / f"{absent}.py").write_text(f"raise ModuleNotFoundError('No module', name={absent!r})")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "aiointercom.sandbox"]
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, cwd=tmp_path)
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1
    assert 'pip install "aiointercom[sandbox]"' in run.stderr

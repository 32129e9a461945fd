"""README.md and docs/ are true: every snippet runs as a reader would type it, every command and every link leads
somewhere.

Whatever a snippet would send to Intercom is answered by a fresh sandbox, in process; requests to this machine go
their way. A block of language `text` right after a snippet is what it prints.
"""

import ast
import asyncio
import contextlib
import importlib.util
import inspect
import io
import logging
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from starlette.applications import Starlette

from aiointercom import Intercom, Region
from aiointercom._http.asgi import InProcessTransport
from aiointercom._protocol.retry_policy import TABLE, Action, Happened, RequestEffect
from aiointercom.cli import main
from aiointercom.cli.app import app
from aiointercom.sandbox import Sandbox
from tests.journeys.command_line import Terminal
from tests.pages import FENCE, PAGES, ROOT, Block, blocks

HOSTS = {httpx.URL(region.value).host for region in Region}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


EVERY = [block for page in PAGES for block in blocks(page)]
PROSE = {page: FENCE.sub("", page.read_text()) for page in [*PAGES, ROOT / "CHANGELOG.md"]}


def named(value: object) -> str:
    """The name of a case: page and line of a block, else the value itself."""
    return f"{value.page.name}:{value.line}" if isinstance(value, Block) else str(value)


class World:
    """What stands in for Intercom while snippets run."""

    sandbox = Sandbox()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Intercom's hosts are answered by `world.sandbox`; what snippets change for the whole process is put back."""
    world, send = World(), httpx.AsyncHTTPTransport.handle_async_request

    async def answer(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        if request.url.host == "127.0.0.1":
            return await send(self, request)
        assert request.url.host in HOSTS
        return await InProcessTransport(world.sandbox).handle_async_request(request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer)
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", "sandbox-token")
    monkeypatch.delenv("INTERCOM_REGION", raising=False)
    ours, root = logging.getLogger("aiointercom"), logging.getLogger()
    level, handlers = ours.level, root.handlers[:]
    yield world
    ours.setLevel(level)
    root.handlers[:] = handlers
    if HTTPXClientInstrumentor().is_instrumented_by_opentelemetry:
        HTTPXClientInstrumentor().uninstrument()


async def run(block: Block, names: dict[str, Any]) -> str:
    """Run a block among `names`, as `python -m asyncio` would: `await` may stand at the top. Returns what it prints."""
    # The line numbers are those of the page, so that a traceback leads there.
    source = "\n" * block.line + block.code
    code = compile(source, str(block.page), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        if code.co_flags & inspect.CO_COROUTINE:
            await eval(code, names)
        else:
            # A whole script starts a loop of its own, which a running one would forbid.
            await asyncio.to_thread(exec, code, names)
    return printed.getvalue()


def carried_out(block: Block) -> str:
    """Run the `aiointercom` lines of a block as a shell would, with somebody at the terminal who agrees. Returns
    what they print.

    `# ends with 2` behind a command is its exit status. What serves until Ctrl-C is only looked at.
    """
    printed = io.StringIO()
    for line in block.code.splitlines():
        match shlex.split(line, comments=True):
            case ["aiointercom", "sandbox" | "watch" as serving, *options]:
                app.parse_args([serving, *options], exit_on_error=False, print_error=False)
            case ["aiointercom", *words]:
                ends = re.search(r"# ends with (\d)$", line)
                sys.stdin = Terminal("y\n")
                with contextlib.redirect_stdout(io.StringIO() if ">" in words else printed):
                    status = main(words[: words.index(">")] if ">" in words else words)
                assert status == int(ends[1] if ends else 0), line
    return printed.getvalue()


@pytest.mark.asyncio
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_snippets_run_and_print_what_the_page_says(
    page: Path, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every Python snippet and every `aiointercom` command of a page runs, after those before it, in one folder,
    and prints exactly the text that follows it; an ellipsis in what commands print stands for anything within a
    line.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", sys.stdin)
    names: dict[str, Any] = {"__name__": "snippet"}
    for block in blocks(page):
        if block.language == "sh" and re.search("^aiointercom ", block.code, re.MULTILINE):
            printed = await asyncio.to_thread(carried_out, block)
        elif block.language == "python" and not block.file:
            world.sandbox = Sandbox()
            async with Intercom() as intercom:
                names["intercom"] = intercom
                printed = await run(block, names)
        else:
            continue
        if block.printed is not None:
            pattern = re.escape(block.printed).replace("…", "[^\n]+")
            assert re.fullmatch(pattern, printed), f"{named(block)} printed:\n{printed}"


def test_pytest_snippets_pass_in_a_project_of_their_own(tmp_path: Path) -> None:
    """The blocks that are files, laid into an empty folder, are tests that pass."""
    files = [block for block in EVERY if block.file]
    assert {block.file for block in files} >= {"conftest.py"}
    for block in files:
        (tmp_path / str(block.file)).write_text(block.code)
    # Without pytest-asyncio, since the page asks for no plugin but the one that comes with anyio.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\b[1-9]\d* passed", done.stdout)


APPS = [block for block in EVERY if not block.file and re.search(r"^app = ", block.code, re.MULTILINE)]


@pytest.mark.asyncio
@pytest.mark.parametrize("block", APPS, ids=named)
async def test_app_snippets_serve_with_one_client_for_their_lifespan(block: Block, world: World) -> None:
    """Started with its lifespan, each app redacts through its route, twice, over one client that is closed at the
    end.
    """
    names: dict[str, Any] = {"__name__": "snippet"}
    await run(block, names)
    app, world.sandbox = names["app"], Sandbox()
    paths = [route.path for route in app.routes if "POST" in (getattr(route, "methods", None) or ())]
    assert paths
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as caller:
            for path in paths * 2:
                answer = await caller.post(path.format(workspace="acme", conversation_id="471", part_id="115"))
                assert (answer.status_code, answer.json()) == (200, {"redacted": True})
    assert [effect.target_id for effect in world.sandbox.ledger] == ["115"]
    with pytest.raises(Exception, match="closed"):
        await app.state.intercom.me()


@pytest.mark.asyncio
async def test_the_web_app_of_the_readme_answers_with_fitting_statuses(world: World) -> None:
    """What the app's caller named wrongly is its caller's fault, what Intercom refuses of the app's own is not, and
    nothing answers 500.
    """
    (block,) = [block for block in APPS if block.page.name == "README.md"]
    names: dict[str, Any] = {"__name__": "snippet"}
    await run(block, names)
    app, world.sandbox = names["app"], Sandbox()
    names["WORKSPACES"]["stale"] = {"token": "an-old-token", "region": "EU"}
    asked = {
        "acme/conversations/%20/parts/115": 422,
        "acme/conversations/471/parts/%2E%2E": 422,
        "acme/conversations/471/parts/%EF%BF%BE": 422,
        "acme/conversations/999999/parts/115": 404,
        "unknown/conversations/471/parts/115": 404,
        "stale/conversations/471/parts/115": 502,
    }
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as caller:
            told = {path: (await caller.post(f"/workspaces/{path}/redact")).status_code for path in asked}
    assert told == asked
    assert world.sandbox.ledger == []


@pytest.mark.asyncio
@pytest.mark.parametrize("block", APPS, ids=named)
async def test_starlette_takes_the_same_lifespan(block: Block, world: World) -> None:
    """The lifespan of a snippet gives a plain Starlette app its client too."""
    names: dict[str, Any] = {"__name__": "snippet"}
    await run(block, names)
    app = Starlette(lifespan=names["lifespan"])
    async with app.router.lifespan_context(app):
        assert (await app.state.intercom.me()).type == "admin"


COMMANDS = [line for block in EVERY if block.language == "sh" for line in block.code.splitlines() if line.strip()]


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_exist(line: str) -> None:
    """Every shell line runs a script of the repo, a module that can be run, or pip with a name and extras that
    pyproject.toml has.
    """
    match shlex.split(line, comments=True):
        case ["pip", "install", *wanted]:
            pinned = set(re.findall(r"^[\w-]+", (ROOT / "scripts/constraints/test.in").read_text(), re.MULTILINE))
            for requirement in wanted:
                name, extras = re.fullmatch(r"([\w.-]+)(?:\[([\w,]+)\])?", requirement).groups()
                assert name in {".", PROJECT["name"]} | pinned
                assert set(extras.split(",") if extras else ()) <= PROJECT["optional-dependencies"].keys()
        case ["python", "-m", module, *arguments]:
            assert importlib.util.find_spec(f"{module}.__main__")
            usage = [sys.executable, "-m", module, "--help"]
            told = subprocess.run(usage, capture_output=True, text=True, check=True).stdout
            assert all(word in told for word in arguments if word.startswith("-"))
        case ["aiointercom", *arguments]:
            command = [word for word in arguments[:2] if re.fullmatch(r"[a-z]+", word)]
            usage = [sys.executable, "-m", "aiointercom", *command, "--help"]
            told = subprocess.run(usage, capture_output=True, text=True, check=True).stdout
            assert all(re.search(rf"{word}\b", told) for word in arguments if word.startswith("--"))
        case ["aiointercom", *_]:
            pass  # carried out above
        case [script, *arguments]:
            assert script.startswith("scripts/")
            assert os.access(ROOT / script, os.X_OK)
            assert all(word in (ROOT / script).read_text() for word in arguments)
        case _:
            pytest.fail(f"nothing to run: {line}")


def test_every_block_is_of_a_kind_that_is_checked() -> None:
    """No fenced block escapes the tests: all are Python, shell, text, or services in YAML."""
    assert {block.language for block in EVERY} == {"python", "sh", "text", "yaml"}
    assert sum(page.read_text().count("```") for page in PAGES) == 2 * sum(1 + (b.printed is not None) for b in EVERY)


@pytest.mark.parametrize("block", [block for block in EVERY if block.language == "yaml"], ids=named)
def test_services_begin_with_commands_that_exist(block: Block) -> None:
    """What a service of a recipe runs is a module with such options, and it installs extras that exist."""
    services = yaml.safe_load(block.code)["services"]
    assert services["app"]["depends_on"] == ["intercom"]
    _, _, line = shlex.split(services["intercom"]["command"])
    install, serve = line.split(" && ")
    _, _, wanted = shlex.split(install)
    assert re.search(r"\[(\w+)\]", wanted)[1] in PROJECT["optional-dependencies"]
    test_commands_exist(serve)
    address = httpx.URL(services["app"]["environment"]["INTERCOM_BASE_URL"])
    assert f"--port {address.port}" in serve
    assert address.host in services


LINKS = [(page, target) for page, text in PROSE.items() for target in re.findall(r"\]\(([^)\s]+)\)", text)]


@pytest.mark.parametrize(("page", "target"), LINKS, ids=named)
def test_links_between_files_lead_somewhere(page: Path, target: str) -> None:
    """Every relative link names a file or folder of the repo, and a headline in it if it has an anchor."""
    if target.startswith("https://"):
        return
    path, _, anchor = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    assert there.exists()
    assert there.is_relative_to(ROOT)
    if anchor:
        titles = re.findall(r"^#+ (.+)$", there.read_text(), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


def test_files_named_in_the_text_exist() -> None:
    """Every path of the repo that stands in code style in the prose exists."""
    tops = ("scripts/", "src/", "openapi/", "generated/", "tests/", "docs/")
    spans = {span for text in PROSE.values() for span in re.findall(r"`([^`\n]+)`", text) if span.startswith(tops)}
    assert spans
    assert [span for span in spans if not list(ROOT.glob(span.split()[0].rstrip("/")))] == []


ROWS = {
    "a success that shows the effect": Happened.ANSWERED,
    "nothing reached Intercom": Happened.NOT_SENT,
    "429": Happened.RATE_LIMITED,
    "5xx or 408": Happened.SERVER_FAILED,
    "sent, and no whole answer": Happened.LOST,
    "a success without readable JSON": Happened.UNREADABLE,
    "a success that does not show the effect": Happened.UNCONFIRMED,
    "400 `conversation_part_not_redactable`": Happened.NOT_REDACTABLE,
    "any other refusal": Happened.REFUSED,
    "a 4xx that is not Intercom's": Happened.INTERCEPTED,
    "401": Happened.UNAUTHORIZED,
    "a redirect": Happened.REDIRECTED,
}
COLUMNS = {
    "read": RequestEffect.READ,
    "redact": RequestEffect.REDACT,
    "convert": RequestEffect.CONVERT,
    "any other write": RequestEffect.WRITE,
}
WORDS = {
    "done": Action.PROCEED,
    "again": Action.RETRY,
    "read back": Action.READ_BACK,
    "settle": Action.SETTLE,
    "error": Action.FAIL,
}


def test_table_of_outcomes_is_the_one_in_the_code() -> None:
    """The table in docs/outcomes.md says for every effect and every event what the policy does."""
    lines = (ROOT / "docs" / "outcomes.md").read_text().split("## The table")[1].split("\n\n- **")[0].splitlines()
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    told = {
        (COLUMNS[column], ROWS[cells[0].split(":")[0]]): WORDS[cell]
        for cells in rows
        for column, cell in zip(head[1:], cells[1:], strict=True)
    }
    assert told == TABLE


def test_every_error_class_is_explained() -> None:
    """The README's table of outcomes names each public error class but the roots, which the text around it names."""
    import aiointercom

    classes = {name for name in aiointercom.__all__ if name.endswith("Error")}
    covered = {"ClientClosedError", "WrongEventLoopError"}  # kinds of ConfigurationError
    assert [name for name in sorted(classes - covered) if name not in PROSE[ROOT / "README.md"]] == []


def test_every_record_and_field_is_explained() -> None:
    """docs/observing.md lists each record of aiointercom.events with exactly its own fields."""
    from attrs import fields

    from aiointercom import events

    common = {field.name for field in fields(events.Event)}
    kinds = [kind for kind in vars(events).values() if isinstance(kind, type) and events.Event in kind.__bases__]
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\| (.*) \|$", PROSE[ROOT / "docs" / "observing.md"], re.MULTILINE)
    told = {name: set(re.findall(r"`(\w+)`", own)) for name, own in rows}
    assert told == {kind.__name__: {field.name for field in fields(kind)} - common for kind in kinds}

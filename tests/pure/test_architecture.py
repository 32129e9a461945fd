"""Who may import whom, which names are public, and that no exception of the HTTP library is left without a meaning."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

import aiointercom
from aiointercom._delivery import sender as sending
from aiointercom._delivery.call import Call
from aiointercom._protocol.request import prepare
from aiointercom._protocol.retry_policy import Happened
from aiointercom.errors import NotSentError, OutcomeUnknownError, ResponseLostError

PACKAGE = Path(aiointercom.__file__).parent
FILES = sorted(path for path in PACKAGE.glob("*.py"))
SANDBOX = sorted((PACKAGE / "sandbox").glob("*.py"))


def imports(path: Path, inside_functions: bool = True) -> set[str]:
    """What a file imports, as absolute names of modules; for `from . import x` the name x is taken for a module."""
    package = "aiointercom" if path.parent == PACKAGE else f"aiointercom.{path.parent.name}"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = [node for top in tree.body if not _is_type_checking(top) for node in ast.walk(top)]
    if not inside_functions:
        within = {n for f in nodes if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef) for n in ast.walk(f)}
        nodes = [node for node in nodes if node not in within]
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            name = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(name, package) if node.level else name
            found |= {f"{base}.{alias.name}" for alias in node.names} if base == "aiointercom" else {base}
    return found


def _is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def ours(path: Path) -> set[str]:
    """The modules of this package that a file imports when it is imported."""
    return {
        name.removeprefix("aiointercom.")
        for name in imports(path, inside_functions=False)
        if name.startswith("aiointercom.")
    }


# Pure modules and plain records: they know these of ours, and no I/O at all.
PURE = {
    "_version": set[str](),
    "errors": set[str](),
    "_headers": {"errors"},
    "_policy": {"errors", "_headers"},
    "_json": set[str](),
    "_decode": {"errors", "_json", "_request"},
    "_request": {"errors", "_policy"},
    "_windows": {"errors", "_headers"},
    "_pace": {"errors"},
    "_body": set[str](),
    "_hidden": set[str](),
    "_coverage": {"_request"},
    "_labels": set[str](),
    "_resolve": {"errors", "_labels"},
    "events": {"errors"},
    "regions": {"errors"},
    "_endings": {"errors", "_call", "_policy"},
    "_call": {"errors", "events", "_decode", "_policy", "_request"},
}
NO_IO = {"httpx", "anyio", "asyncio", "trio", "socket", "threading", "ssl", "time"}


@pytest.mark.parametrize("name", PURE)
def test_pure_modules(name: str) -> None:
    """A pure module imports only modules as pure as itself, no event loop, no clock and no HTTP library."""
    path = PACKAGE / f"{name}.py"
    assert ours(path) <= PURE[name]
    assert {module.partition(".")[0] for module in imports(path)} & NO_IO == set()


def test_errors_and_regions_import_nothing_of_ours() -> None:
    """The errors stand at the bottom; regions know only them, and the client when they are asked to discover."""
    assert ours(PACKAGE / "errors.py") == set()
    assert ours(PACKAGE / "regions.py") == {"errors"}


def test_the_http_library_is_met_in_few_places() -> None:
    """`import httpx` stands in the sender, the client and what makes transports, in the whole package, the sandbox included."""
    using = {path.stem for path in [*FILES, *SANDBOX] if any(m.partition(".")[0] == "httpx" for m in imports(path))}
    assert using == {"_aiohttp", "_options", "_sender", "_transports", "client"}


@pytest.mark.parametrize("name", ["conversations", "tickets", "_settle", "_pages"])
def test_resources(name: str) -> None:
    """Resources know the generated layer, the errors and the sender's type, and neither the client nor the HTTP library."""
    path = PACKAGE / f"{name}.py"
    assert ours(path) <= {
        "errors",
        "_call",
        "_connections",
        "_coverage",
        "_decode",
        "_pages",
        "_request",
        "_resolve",
        "_sender",
        "_settle",
        "_waiting",
        "tickets",
    }
    assert any(module.startswith("intercom_raw") for module in imports(path))


def test_only_the_client_wires() -> None:
    """Nothing inside imports the client but `regions`, when it is asked to discover; the package does when it is asked for it."""
    assert {path.stem for path in FILES if "client" in ours(path)} == set()
    assert {
        path.stem
        for path in FILES
        if any(m.endswith("aiointercom.client") or m == "aiointercom.client" for m in imports(path))
    } == {"regions"}


def test_nothing_imports_the_sandbox() -> None:
    """The SDK does not know its imitation."""
    assert [path.stem for path in FILES if any("sandbox" in module for module in imports(path))] == []


def test_the_sandbox_stands_apart() -> None:
    """The sandbox shares no code with the SDK, so that their mistakes cannot cancel; only `Sandbox.client` reaches over, when it is called."""
    reaching: set[tuple[str, str]] = set()
    for path in SANDBOX:
        for module in imports(path):
            assert not module.startswith("intercom_raw")
            if module.startswith("aiointercom") and not module.startswith("aiointercom.sandbox"):
                reaching.add((path.stem, module))
                assert not {m for m in imports(path, inside_functions=False) if m == module}
    assert reaching == {("imitation", "aiointercom.client")}


CLEANUP = sorted((PACKAGE / "cleanup").glob("*.py"))


@pytest.mark.parametrize("path", CLEANUP, ids=lambda path: path.stem)
def test_clean_ups_stand_on_the_public_surface(path: Path) -> None:
    """A clean-up calls Intercom through the client and settles through `_writes.conversion`: it meets no HTTP library, no sender and no sandbox."""
    found = imports(path)
    assert not {module for module in found if module.partition(".")[0] in {"httpx", "asyncio", "trio"}}
    private = {"_sender", "_connections", "_decode", "_policy", "_pacing", "_windows", "_report", "sandbox", "cli"}
    assert not {module for module in found if module.startswith("aiointercom.") and module.split(".")[1] in private}


def test_importing_the_package_needs_no_extra() -> None:
    """`import aiointercom` loads neither the sandbox nor what the extras bring, nor the other event loop."""
    program = "import sys, json, aiointercom; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert loaded & {"starlette", "uvicorn", "httpx_aiohttp", "aiohttp", "trio", "pytest", "yaml", "jinja2"} == set()


def test_only_one_module_loops_over_requests() -> None:
    """What carries requests is asked to send in one place, in the only loop."""
    calls = [
        path.stem
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr == "send"
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "_carrier"
    ]
    assert calls == ["_sender"]


def public_modules() -> list[ModuleType]:
    """The modules that say which of their names are public."""
    names = [
        "aiointercom",
        "aiointercom.sandbox",
        "aiointercom.models",
        "intercom_raw",
        "intercom_raw.models",
        "aiointercom._ratelimit.pacer",
    ]
    return [importlib.import_module(name) for name in names]


@pytest.mark.parametrize("module", public_modules(), ids=lambda module: module.__name__)
def test_lists_of_public_names(module: ModuleType) -> None:
    """`__all__` is sorted, has no doubles, and each name in it is there."""
    names = list(module.__all__)
    assert names == sorted(set(names))
    assert all(hasattr(module, name) for name in names)


def test_the_list_is_all_there_is() -> None:
    """What the package imports for its users and what it lists are the same: nothing public by accident, nothing forgotten."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    for_checkers = [node for top in tree.body if _is_type_checking(top) for node in ast.walk(top)]
    told = {alias.name for node in for_checkers if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert told | {"__version__"} == set(aiointercom.__all__)
    own = {name for name, value in vars(aiointercom).items() if not isinstance(value, ModuleType)}
    assert {name for name in own if not name.startswith("_")} - {"TYPE_CHECKING"} <= told


def loaded_by(code: str) -> set[str]:
    """The modules, of ours and of the HTTP library, that are loaded in a new process after some code has run."""
    show = "import sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True)
    return {name for name in run.stdout.split() if name.partition(".")[0] in ("aiointercom", "httpx", "attr")}


def test_names_are_imported_when_they_are_asked_for() -> None:
    """The package alone imports nothing; an error loads the errors and no client; each name is its module's own."""
    assert loaded_by("import aiointercom") == {"aiointercom", "aiointercom._version"}
    assert {name for name in loaded_by("from aiointercom import IntercomError") if not name.startswith("attr")} == {
        "aiointercom", "aiointercom._version", "aiointercom.errors",
    }  # fmt: skip
    assert "aiointercom._writes.attributes" not in loaded_by("from aiointercom import Intercom")
    assert "aiointercom.client" in loaded_by("from aiointercom import *")
    with pytest.raises(AttributeError, match="IntercomErrors"):
        _ = aiointercom.IntercomErrors  # type: ignore[attr-defined]
    assert set(aiointercom.__all__) <= set(dir(aiointercom))


def test_models_are_the_generated_ones() -> None:
    """`aiointercom.models` offers each generated model under its name, as the same class."""
    from aiointercom import models
    from intercom_raw import models as generated

    assert models.__all__ == generated.__all__
    assert all(getattr(models, name) is getattr(generated, name) for name in generated.__all__)


def test_public_things_say_what_they_do() -> None:
    """Every public class and function, and every public method of them, has a docstring."""
    for module in public_modules()[:2]:
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing):
                assert inspect.getdoc(thing)
                methods = {n: m for n, m in vars(thing).items() if not n.startswith("_") and callable(m)}
                assert [n for n, m in methods.items() if not inspect.getdoc(m)] == []


@pytest.mark.parametrize("path", [*FILES, *SANDBOX, *CLEANUP], ids=lambda path: path.stem)
def test_each_file_states_its_rule(path: Path) -> None:
    """The first lines of every module say what it is for."""
    if path.name != "_version.py":
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


# ---------------------------------------------------------------- exceptions of the HTTP library


def exceptions(root: type[Exception]) -> list[type[Exception]]:
    """A class of exceptions and all below it that belong to the HTTP library."""
    return [
        root,
        *(
            kind
            for child in root.__subclasses__()
            if child.__module__.startswith("httpx")
            for kind in exceptions(child)
        ),
    ]


KNOWN = sorted(
    {*exceptions(httpx.HTTPError), *exceptions(httpx.StreamError), httpx.InvalidURL}, key=lambda kind: kind.__name__
)
NEVER_LEFT = {
    "ConnectError",
    "ConnectTimeout",
    "PoolTimeout",
    "ProxyError",
    "UnsupportedProtocol",
    "LocalProtocolError",
}


def made(kind: type[Exception]) -> Any:
    """An exception of a class, with the request and answer that some of them want."""
    request = httpx.Request("GET", "https://x.example")
    try:
        return kind("x")
    except TypeError:
        pass
    try:
        return kind("x", request=request, response=httpx.Response(500, request=request))  # type: ignore[call-arg]
    except TypeError:
        return kind()


@pytest.mark.parametrize("kind", KNOWN, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("write", [False, True])
def test_every_exception_of_the_http_library_has_a_meaning(kind: type[Exception], write: bool) -> None:
    """Each class, enumerated, becomes "never left" or "no whole answer came"; what is not known to have stayed here may have arrived."""
    call = Call.begin(prepare("POST" if write else "GET", "/x", None, None, None), 0.0, None)
    call.leaves(0.0, 1_700_000_000.0)
    result = sending.no_answer(made(kind), call)
    if kind.__name__ in NEVER_LEFT:
        assert (result.happened, type(result.error)) == (Happened.NOT_SENT, NotSentError)
    else:
        assert result.happened is Happened.LOST
        assert isinstance(result.error, OutcomeUnknownError if write else ResponseLostError)
    assert result.error is not None
    assert result.error.__cause__ is None


def test_the_list_of_what_never_left_is_this_one() -> None:
    """The classes after which nothing can have arrived are these, and none of them is a base of others that differ."""
    assert {kind.__name__ for kind in sending.NEVER_LEFT} == NEVER_LEFT
    assert {kind.__name__ for root in sending.NEVER_LEFT for kind in exceptions(root)} == NEVER_LEFT


def test_all_of_them_are_caught() -> None:
    """The one place that meets them catches every class that there is."""
    assert [kind for kind in KNOWN if not issubclass(kind, sending.NETWORK)] == []

"""Who may import whom, which names are public, and that no exception of the HTTP library is left without a meaning."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

import aiointercom
from aiointercom._delivery import result
from aiointercom._delivery.call import Call
from aiointercom._http import failures
from aiointercom._protocol.request import prepare
from aiointercom._protocol.retry_policy import Happened
from aiointercom.errors import NotSentError, OutcomeUnknownError, ResponseLostError

PACKAGE = Path(aiointercom.__file__).parent
ROOT = Path(__file__).parents[2]
FILES = sorted(PACKAGE.rglob("*.py"))
SANDBOX = sorted((PACKAGE / "sandbox").glob("*.py"))

LAYERS = [
    {"_values", "_version", "_resource", "_migration"},
    {"errors"},
    {"_concurrency", "_region", "events", "models"},
    {"redaction", "auth"},
    {"_protocol"},
    {"_ratelimit", "_http", "pagination"},
    {"_delivery"},
    {"_writes"},
    {"tickets", "settling"},
    {"conversations"},
    {"types"},
    {"client"},
    {"regions"},
    {"detect"},
    {"cleanup", "sandbox"},
    {"webhooks"},
    {"live"},
    {"pgqueuer"},
    {"cli"},
    {"__main__"},
]
"""From the bottom to the top: each module or folder imports only from its own layer and from those below."""
PURE = [
    "_values",
    "_protocol",
    "_ratelimit/budget.py",
    "_migration.py",
    "_region.py",
    "redaction.py",
    "events.py",
    "errors.py",
]
"""Folders and modules without I/O, clock and event loop."""
NO_IO = {"httpx", "anyio", "asyncio", "trio", "socket", "threading", "ssl", "time"}
ALLOWED_PRIVATE = {"_values", "_concurrency", "_version"}
"""What stands on top of the client uses public names, and these."""
ABOVE = ["cleanup", "pgqueuer", "webhooks", "live", "cli"]


def name_of(path: Path) -> str:
    """The dotted name of a file's module."""
    parts = list(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def imports(path: Path, inside_functions: bool = True, for_checkers: bool = False) -> set[str]:
    """What a file imports, as absolute names of modules."""
    name = name_of(path) if path.is_relative_to(PACKAGE) else "outside.x"
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = [node for top in tree.body if for_checkers or not _is_type_checking(top) for node in ast.walk(top)]
    if not inside_functions:
        within = {n for f in nodes if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef) for n in ast.walk(f)}
        nodes = [node for node in nodes if node not in within]
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            told = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(told, package) if node.level else told
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                found.add(inner if inner in MODULES or base == "aiointercom" else base)
    return found


def _is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def unit(module: str) -> str:
    """The module or folder at the top of the package that a module belongs to."""
    return module.split(".")[1] if "." in module else ""


def ours(path: Path) -> set[str]:
    """The modules of this package that a file imports, function-local imports and those for type checkers included."""
    return {module for module in imports(path, for_checkers=True) if module in MODULES and module != "aiointercom"}


FOR_TYPE_CHECKERS = {("errors", "cleanup")}
"""The errors of clean-ups stay importable from `aiointercom.errors`, which imports them when they are asked for."""
HEIGHT = {name: height for height, names in enumerate(LAYERS) for name in names}


def test_every_module_has_its_layer() -> None:
    """The list of layers is complete, and names nothing that is gone."""
    assert {unit(module) for module in MODULES if module != "aiointercom"} == set(HEIGHT)


@pytest.mark.parametrize("path", [path for path in FILES if path != PACKAGE / "__init__.py"], ids=name_of)
def test_imports_run_down(path: Path) -> None:
    """A module imports only from its own layer and from those below it."""
    here = unit(name_of(path))
    pairs = {(here, unit(module)) for module in ours(path)}
    assert {(a, b) for a, b in pairs if HEIGHT[b] > HEIGHT[a]} <= FOR_TYPE_CHECKERS


def test_no_import_goes_in_a_circle() -> None:
    """Modules can be put into an order in which each imports only those before it, function-local and TYPE_CHECKING
    imports included.
    """
    left = {name: ours(path) for name, path in MODULES.items() if name != "aiointercom"}
    while left:
        free = {name for name, needs in left.items() if not needs & left.keys() - {name}}
        assert free, f"in a circle, or above one: {sorted(left)}"
        left = {name: needs for name, needs in left.items() if name not in free}


def below(place: str) -> list[Path]:
    """The files of a folder, or the one file."""
    path = PACKAGE / place
    return [path] if path.suffix else sorted(path.rglob("*.py"))


@pytest.mark.parametrize("path", [path for place in PURE for path in below(place)], ids=name_of)
def test_pure_modules(path: Path) -> None:
    """A pure module imports no event loop, no clock and no HTTP library."""
    assert {module.partition(".")[0] for module in imports(path, for_checkers=True)} & NO_IO == set()


@pytest.mark.parametrize(
    "path", [path for path in FILES if "PURE:" in path.read_text(encoding="utf-8")[:200]], ids=name_of
)
def test_what_says_pure_is_pure(path: Path) -> None:
    """A module that calls itself pure may know httpx's types, and neither an event loop nor a clock."""
    assert {module.partition(".")[0] for module in imports(path)} & (NO_IO - {"httpx"}) == set()


def test_the_http_library_is_met_in_one_folder() -> None:
    """`import httpx` stands in `_http/` and in the client."""
    using = {unit(name_of(path)) for path in FILES if any(m.partition(".")[0] == "httpx" for m in imports(path))}
    assert using == {"_http", "client"}


@pytest.mark.parametrize("path", [path for place in ABOVE for path in below(place)], ids=name_of)
def test_what_stands_on_top_uses_public_names(path: Path) -> None:
    """Clean-ups, webhooks and the command line use public names of the SDK, and meet no HTTP library and no event loop
    of their own.
    """
    used = {unit(module) for module in ours(path)}
    assert {name for name in used if name.startswith("_")} <= ALLOWED_PRIVATE
    assert not {module for module in imports(path) if module.partition(".")[0] in {"httpx", "trio"}}


CLEANUP = below("cleanup")
ROOMS_OF_CLEANUP = {
    "errors": set[str](),
    "items": set[str](),
    "item_json": {"items"},
    "_atomic_write": set[str](),
    "outcomes": {"errors", "items"},
    "ledger": {"errors", "items", "outcomes"},
    "planning": {"errors", "items", "_atomic_write"},
    "running": {"errors", "items", "outcomes", "ledger"},
    "reporting": {"errors", "items", "outcomes", "ledger", "_atomic_write"},
}
"""Which parts of the clean-ups each part may import, beside its own modules."""


@pytest.mark.parametrize("path", [path for path in CLEANUP if path.name != "__init__.py"], ids=name_of)
def test_rooms_of_clean_ups(path: Path) -> None:
    """Planning and running do not know each other, the ledger knows neither, and nothing imports the reports."""
    room = path.relative_to(PACKAGE / "cleanup").parts[0].removesuffix(".py")
    prefix = "aiointercom.cleanup."
    other = {module.removeprefix(prefix).partition(".")[0] for module in ours(path) if module.startswith(prefix)}
    assert other - {room} <= ROOMS_OF_CLEANUP[room]


def test_no_two_classes_have_one_name() -> None:
    """One name, one thing."""
    names = Counter(
        node.name
        for path in FILES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_no_function_shadows_its_module() -> None:
    """No package offers a function under the name of one of its modules: `import` and attribute access would give
    different things.
    """
    packages = [path.parent for path in FILES if path.name == "__init__.py"]
    shadowed = {
        f"{name_of(package / '__init__.py')}.{module.stem}"
        for package in packages
        for module in package.glob("*.py")
        if module.stem != "__init__" and package.parent != PACKAGE.parent
        if callable(getattr(importlib.import_module(name_of(package / "__init__.py")), module.stem, None))
    }
    assert shadowed == set()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_modules_are_short(path: Path) -> None:
    """No module has more than 330 lines, docstrings included."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 330


def code_of(path: Path) -> list[str]:
    """The lines of a file without blanks around them, and without imports, texts that stand alone, and comments."""
    source = path.read_text(encoding="utf-8")
    left_out: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        alone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if alone or isinstance(node, ast.Import | ast.ImportFrom):
            left_out |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = [line.strip() for number, line in enumerate(source.splitlines(), 1) if number not in left_out]
    return [line for line in lines if line and not line.startswith("#")]


def test_hardly_any_block_stands_twice() -> None:
    """At most five times do six lines of code stand word for word in a second place; blocks that overlap count once."""
    seen: dict[tuple[str, ...], tuple[Path, int]] = {}
    twice: list[tuple[Path, int, Path, int]] = []
    for path in FILES:
        lines = code_of(path)
        for at in range(len(lines) - 5):
            first, there = seen.setdefault(tuple(lines[at : at + 6]), (path, at))
            goes_on = bool(twice) and twice[-1] == (first, there - 1, path, at - 1)
            if (first, there) != (path, at):
                twice[-1 if goes_on else len(twice) :] = [(first, there, path, at)]
    assert len(twice) <= 5, "\n".join(f"{a.name}:{i} {b.name}:{j}" for a, i, b, j in twice)


def test_the_top_of_the_package_is_public() -> None:
    """Private code stands in folders that are named for what they do; of single modules there are these only."""
    assert {path.stem for path in PACKAGE.glob("_*.py")} == {
        "__init__",
        "__main__",
        "_migration",
        "_region",
        "_resource",
        "_version",
    }


def test_private_folders_import_nothing_by_themselves() -> None:
    """The `__init__.py` of a private folder is empty: an eager one would undo the lazy imports."""
    assert [p for p in FILES if p.name == "__init__.py" and p.parent.name.startswith("_") and p.read_text()] == []


def test_scripts_stand_without_the_tests() -> None:
    """What `scripts/` runs imports nothing from `tests/`."""
    using = [p for p in (ROOT / "scripts").rglob("*.py") if any(m.split(".")[0] == "tests" for m in imports(p))]
    assert using == []


def test_the_sandbox_stands_apart() -> None:
    """The sandbox shares no code with the SDK, so that their mistakes cannot cancel; only `Sandbox.client` reaches
    over.
    """
    reaching: set[tuple[str, str]] = set()
    for path in SANDBOX:
        for module in imports(path):
            assert not module.startswith("intercom_raw")
            if module.startswith("aiointercom.") and not module.startswith("aiointercom.sandbox"):
                reaching.add((path.stem, module))
    assert reaching <= {("imitation", "aiointercom.client"), ("imitation", "aiointercom._http.asgi")}


def test_importing_the_package_needs_no_extra() -> None:
    """`import aiointercom` loads neither the sandbox nor what the extras bring, nor the other event loop."""
    program = "import sys, json, aiointercom; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert loaded & {"starlette", "uvicorn", "httpx_aiohttp", "aiohttp", "trio", "pytest", "yaml", "jinja2"} == set()


def test_one_place_knows_the_main_thread() -> None:
    """One function below says whether this is the main thread, and one of the command line, which uses public names."""
    knowing = {name_of(path) for path in FILES if "main_thread()" in path.read_text().replace("in_main_thread()", "")}
    assert knowing == {"aiointercom._concurrency.signals", "aiointercom.cli.talk"}


def test_only_one_module_asks_a_transport_to_send() -> None:
    """What carries requests is asked to send in one place."""
    calls = [
        path.stem
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr == "send"
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "_transport"
    ]
    assert calls == ["attempts"]


def public_modules() -> list[ModuleType]:
    """The modules that say which of their names are public."""
    names = [
        "aiointercom",
        "aiointercom.sandbox",
        "aiointercom.models",
        "aiointercom.types",
        "aiointercom.webhooks",
        "aiointercom.live",
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
    """What the package imports for its users and what it lists are the same: nothing public by accident, nothing
    forgotten.
    """
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
    return {
        name
        for name in run.stdout.split()
        if name.partition(".")[0] in ("aiointercom", "intercom_raw", "httpx", "attr")
    }


def test_names_are_imported_when_they_are_asked_for() -> None:
    """The package alone imports nothing; an error loads the errors and no client; each name is its module's own."""
    assert loaded_by("import aiointercom") == {"aiointercom", "aiointercom._version"}
    assert {name for name in loaded_by("from aiointercom import IntercomError") if not name.startswith("attr")} == {
        "aiointercom", "aiointercom._values", "aiointercom._values.hidden", "aiointercom._values.json_types",
        "aiointercom._values.records", "aiointercom._values.root_error", "aiointercom._version", "aiointercom.errors",
    }  # fmt: skip
    assert {name for name in loaded_by("from aiointercom import PlanError") if name.startswith("aiointercom.cleanup")} == {
        "aiointercom.cleanup", "aiointercom.cleanup.errors",
    }  # fmt: skip
    assert not [name for name in loaded_by("import aiointercom.errors") if name.startswith("aiointercom.cleanup")]
    assert "aiointercom._writes.attributes" not in loaded_by("from aiointercom import Intercom")
    client = loaded_by("from aiointercom import Intercom; Intercom('token')")
    late = {"aiointercom." + name for name in ("events", "settling", "_delivery.finish", "_values.aliases")}
    assert client & late == set()
    assert not [name for name in client if name.startswith("intercom_raw.models.")]
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


@pytest.mark.parametrize("path", [path for path in FILES if path.read_text(encoding="utf-8")], ids=name_of)
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
    """Each class, enumerated, becomes "never left" or "no whole answer came"; what is not known to have stayed here may
    have arrived.
    """
    call = Call.begin(prepare("POST" if write else "GET", "/x", None, None, None), 0.0, None)
    call.leaves(0.0, 1_700_000_000.0)
    told = result.no_answer(made(kind), call)
    if kind.__name__ in NEVER_LEFT:
        assert (told.happened, type(told.error)) == (Happened.NOT_SENT, NotSentError)
    else:
        assert told.happened is Happened.LOST
        assert isinstance(told.error, OutcomeUnknownError if write else ResponseLostError)
    assert told.error is not None
    assert told.error.__cause__ is None


def test_the_list_of_what_never_left_is_this_one() -> None:
    """The classes after which nothing can have arrived are these, and none of them is a base of others that differ."""
    assert {kind.__name__ for kind in failures.NEVER_LEFT} == NEVER_LEFT
    assert {kind.__name__ for root in failures.NEVER_LEFT for kind in exceptions(root)} == NEVER_LEFT


def test_all_of_them_are_caught() -> None:
    """The one place that meets them catches every class that there is."""
    assert [kind for kind in KNOWN if not issubclass(kind, failures.NETWORK)] == []

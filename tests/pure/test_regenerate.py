"""scripts/regenerate, in a copy of what it works on: the same bytes each time, and --check names every difference and
leaves nothing behind.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
(FRAGMENT,) = (path.relative_to(ROOT).as_posix() for path in (ROOT / "openapi").glob("intercom-*.yaml"))


class Copy:
    """A copy of the fragment, the generated tree and the script, with a temporary folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.root, self.temporary = folder / "repo", folder / "tmp"
        self.temporary.mkdir(parents=True)
        unwanted = shutil.ignore_patterns("__pycache__")
        for name in ("openapi", "generated"):
            shutil.copytree(ROOT / name, self.root / name, ignore=unwanted)
        (self.root / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "regenerate", self.root / "scripts")
        # ruff reads the line length from here, and it is part of the output.
        shutil.copy(ROOT / "pyproject.toml", self.root)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the script with this interpreter's tools."""
        environment = {**os.environ, "TMPDIR": str(self.temporary), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, str(self.root / "scripts" / "regenerate"), *arguments]
        return subprocess.run(command, cwd=self.temporary, env=environment, capture_output=True, text=True, check=False)

    def tree(self) -> dict[str, bytes]:
        """All files and their bytes."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }

    def refuses(self, *named: str) -> None:
        """Hold that --check fails, names these, changes nothing and leaves nothing behind."""
        before = self.tree()
        done = self.run("--check")
        assert done.returncode == 1
        for text in named:
            assert text in done.stderr
        assert self.tree() == before
        assert list(self.temporary.iterdir()) == []


@pytest.fixture
def copied(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_check_passes_on_what_is_committed(copied: Copy) -> None:
    """The generated tree is what the fragment gives; the check changes nothing and leaves nothing behind."""
    before = copied.tree()
    done = copied.run("--check")
    assert done.returncode == 0, done.stderr
    assert copied.tree() == before
    assert list(copied.temporary.iterdir()) == []


def test_twice_the_same_bytes(copied: Copy) -> None:
    """Regenerating gives the committed bytes, with other files and old ones of its own in the way, and nothing else is
    touched.
    """
    before = copied.tree()
    package = copied.root / "generated" / "intercom_raw"
    (package / "models" / "of_last_year.py").write_text("x = 1\n")
    (package / "models" / "ticket.py").unlink()
    done = copied.run()
    assert done.returncode == 0, done.stderr
    assert copied.tree() == before
    assert list(copied.temporary.iterdir()) == []


def test_missing_extra_and_changed_files_are_named(copied: Copy) -> None:
    """Each file of the generated tree that is missing, too much or changed is named with what is wrong."""
    package = copied.root / "generated" / "intercom_raw"
    (package / "models" / "ticket.py").unlink()
    (package / "py.typed").unlink()
    (package / "api" / "extra.py").write_text("")
    (copied.root / "generated" / "notes.txt").write_text("")
    with (package / "models" / "tag.py").open("a") as file:
        file.write("# by hand\n")
    copied.refuses(
        "missing: generated/intercom_raw/models/ticket.py",
        "missing: generated/intercom_raw/py.typed",
        "extra: generated/intercom_raw/api/extra.py",
        "extra: generated/notes.txt",
        "changed: generated/intercom_raw/models/tag.py",
    )


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    """An edit of one file."""

    def change(root: Path) -> None:
        text = (root / name).read_text(encoding="utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


STAMP = "generated/STAMP.toml"
CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "fragment": (edit(FRAGMENT, "description:", "description: "), FRAGMENT),
    "configuration": (edit("openapi/generator.yaml", "\n", "\n\n"), "openapi/generator.yaml"),
    "template": (edit("openapi/templates/model.py.jinja", "\n", "\n\n"), "openapi/templates/model.py.jinja"),
    "new template": (
        lambda root: (root / "openapi/templates/new.py.jinja").write_text("x") and None,
        "openapi/templates/new.py.jinja",
    ),
    "lost template": (
        lambda root: (root / "openapi/templates/header.jinja").unlink(),
        "openapi/templates/header.jinja",
    ),
    "generator": (edit(STAMP, 'openapi-python-client = "', 'openapi-python-client = "9.'), "openapi-python-client"),
    "formatter": (edit(STAMP, 'ruff = "', 'ruff = "9.'), "ruff"),
    "no stamp": (lambda root: (root / STAMP).unlink(), f"missing: {STAMP}"),
    "empty stamp": (lambda root: (root / STAMP).write_text("") and None, STAMP),
    "broken stamp": (edit(STAMP, "[tools]", "[tools"), STAMP),
    "stamp of no text": (lambda root: (root / STAMP).write_bytes(b"\xff\xfe") and None, STAMP),
    "stamp of other types": (edit(STAMP, "[tools]", "tools = 5\n[other]"), STAMP),
    "version in the stamp": (edit(STAMP, '[api]\nversion = "', '[api]\nversion = "9.'), f"changed: {STAMP}"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_sources_and_tools_are_named(copied: Copy, change: str) -> None:
    """A source that changed since, another version of a tool, or a stamp that says something else fails the check by
    name.
    """
    apply, named = CHANGES[change]
    apply(copied.root)
    copied.refuses(named)


def test_a_fragment_that_cannot_be_generated_leaves_the_tree_alone(copied: Copy) -> None:
    """A failing generator changes nothing of what was there."""
    edit(FRAGMENT, "openapi: 3.1", "openapi: 9.1")(copied.root)
    before = copied.tree()
    assert copied.run().returncode != 0
    assert copied.tree() == before
    assert list(copied.temporary.iterdir()) == []


def test_a_draft_is_refused_with_its_lines(copied: Copy) -> None:
    """What a tool drafted and nobody worded is not generated, whether written or checked, and the tree stays as it
    was.
    """
    edit(FRAGMENT, "        is_shared:\n", "        is_shared:\n          x-draft: '9.9'\n")(copied.root)
    before = copied.tree()
    line = (copied.root / FRAGMENT).read_text(encoding="utf-8").split("x-draft: ")[0].count("\n") + 1
    for arguments in ([], ["--check"]):
        done = copied.run(*arguments)
        assert done.returncode == 1
        assert f"(lines {line})" in done.stderr
    assert copied.tree() == before


def other(copied: Copy, output: Path, package: str = "my_raw") -> subprocess.CompletedProcess[str]:
    """Make a package of another version, with one more property and another name."""
    path = copied.temporary.parent / "other.yaml"
    text = (copied.root / FRAGMENT).read_text(encoding="utf-8")
    text = text.replace("\n  version: '", "\n  version: '9.", 1).replace(
        "        is_shared:\n", "        is_other:\n", 1
    )
    path.write_text(text, encoding="utf-8")
    return copied.run("--fragment", str(path), "--package", package, "--output", str(output))


def test_a_package_of_another_version_for_another_layer(copied: Copy, tmp_path: Path) -> None:
    """It is made by our templates under the name that was asked for, works on its own, can be made again, and nothing
    of ours changes.
    """
    before, output = copied.tree(), tmp_path / "elsewhere" / "src"
    for _ in range(2):
        done = other(copied, output)
        assert done.returncode == 0, done.stderr
    assert copied.tree() == before
    code = (
        "import my_raw, my_raw.models as m, intercom_raw\n"
        "assert my_raw.API_VERSION.startswith('9.') and my_raw.API_VERSION != intercom_raw.API_VERSION\n"
        "assert m.Ticket.from_dict({'is_other': True}).is_other is True\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(output), str(copied.root / "generated")])}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert not [p for p in (output / "my_raw").rglob("*.py") if "intercom_raw" in p.read_text(encoding="utf-8")]


def test_a_package_is_not_written_over_something_else(copied: Copy, tmp_path: Path) -> None:
    """A folder of that name that is no raw package stays, and half of the options is an error."""
    (tmp_path / "out" / "my_raw").mkdir(parents=True)
    (tmp_path / "out" / "my_raw" / "precious.py").write_text("x = 1\n")
    assert other(copied, tmp_path / "out").returncode == 1
    assert (tmp_path / "out" / "my_raw" / "precious.py").exists()
    assert other(copied, tmp_path / "out", "no-name").returncode == 2
    assert copied.run("--package", "my_raw").returncode == 2


OTHER = """
openapi: 3.1.0
info: {title: Others, version: '9.1'}
paths:
  /tags/{tag_id}:
    get:
      operationId: findTag
      tags: [Tags]
      summary: Find a tag
      parameters:
        - {name: tag_id, in: path, required: true, description: Id of the tag., schema: {type: string}}
      responses:
        '200':
          description: The tag.
          content: {application/json: {schema: {$ref: '#/components/schemas/Tag'}}}
components:
  schemas:
    Tag:
      type: object
      description: A tag.
      x-show: [id]
      properties:
        id: {type: [string, integer, 'null'], x-id: true, description: Id of the tag.}
"""


def test_a_package_of_other_operations(copied: Copy, tmp_path: Path) -> None:
    """A fragment that shares nothing with ours, not even a free-form map, gives a package too."""
    (tmp_path / "other.yaml").write_text(OTHER, encoding="utf-8")
    done = copied.run(
        "--fragment", str(tmp_path / "other.yaml"), "--package", "tags_raw", "--output", str(tmp_path / "out")
    )
    assert done.returncode == 0, done.stderr
    code = "from tags_raw.api.tags import find_tag; from tags_raw.models import Tag; assert Tag.from_dict({'id': 7}).id == '7'"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(tmp_path / "out")}, check=True)

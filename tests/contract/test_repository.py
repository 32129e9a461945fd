"""What cannot run here is right as far as it can be seen from here: .github/ fits its schemas, and calls what there
is.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
HOME, DOCS = PROJECT["urls"]["Homepage"], PROJECT["urls"]["Documentation"]
WRITTEN = [
    ROOT / "README.md",
    *ROOT.glob("[A-Z]*.md"),
    *ROOT.glob("docs/*.md"),
    *GITHUB.rglob("*.*"),
    ROOT / "zensical.toml",
]


def read(path: Path) -> Any:
    """A YAML file; `on` as a key stays what it is."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def fits(schema: str, *files: Path) -> subprocess.CompletedProcess[str]:
    """Hold files against a schema that comes with check-jsonschema; nothing is fetched."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("custom.github-workflows-require-timeout", WORKFLOWS),
        ("vendor.dependabot", [GITHUB / "dependabot.yml"]),
        ("vendor.github-issue-forms", [GITHUB / "ISSUE_TEMPLATE" / "bug.yml", GITHUB / "ISSUE_TEMPLATE" / "idea.yml"]),
        ("vendor.github-issue-config", [GITHUB / "ISSUE_TEMPLATE" / "config.yml"]),
    ],
)
def test_files_fit_their_schemas(schema: str, files: list[Path]) -> None:
    """Each file is what GitHub reads, by the schema that is kept for its kind; each job of a workflow has a time
    limit.
    """
    done = fits(schema, *files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_workflow_is_noticed(tmp_path: Path) -> None:
    """The schema refuses a workflow with a job that runs nowhere."""
    (tmp_path / "wrong.yml").write_text("on: push\njobs: {one: {steps: []}}\n")
    assert fits("vendor.github-workflows", tmp_path / "wrong.yml").returncode == 1


JOBS = [(path.stem, name, job) for path in WORKFLOWS for name, job in read(path)["jobs"].items()]
RUNS = [(name, step["run"]) for _, name, job in JOBS for step in job["steps"] if "run" in step]


@pytest.mark.parametrize(("job", "line"), RUNS)
def test_steps_are_calls_of_scripts(job: str, line: str) -> None:
    """Each step is a call of one of scripts/, with options that it knows; on Windows one of pip or pytest, with files
    that there are.
    """
    command, *arguments = shlex.split(line, comments=True)
    if job == "windows":
        assert (command, arguments[0]) == ("python", "-m")
        assert [
            word for word in arguments if word.startswith(("tests/", "scripts/")) and not (ROOT / word).exists()
        ] == []
    elif command != "gh":
        assert command.startswith("scripts/")
        assert os.access(ROOT / command, os.X_OK)
        assert [word for word in arguments if word.startswith("--") and word not in (ROOT / command).read_text()] == []


def test_the_matrix_is_what_the_package_says() -> None:
    """Linux, macOS and Windows are tried with each Python that the classifiers name."""
    named = re.findall(r"Python :: (3\.\d+)$", "\n".join(PROJECT["classifiers"]), re.MULTILINE)
    jobs = read(GITHUB / "workflows" / "test.yml")["jobs"]
    assert jobs["unix"]["strategy"]["matrix"] == {"os": ["ubuntu-latest", "macos-latest"], "python": named}
    assert (jobs["windows"]["runs-on"], jobs["windows"]["strategy"]["matrix"]) == ("windows-latest", {"python": named})


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_may_do_little(path: Path) -> None:
    """A workflow may read at most; what a job may do beyond that is said for that job. No checkout keeps its token,
    and no text of an event is put into a command.
    """
    workflow = read(path)
    assert set(workflow["permissions"].values()) <= {"read"}
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []


def test_a_release_needs_no_stored_token() -> None:
    """Publishing goes by an identity token of its one job, with attestations; no workflow reads a secret."""
    jobs = read(GITHUB / "workflows" / "release.yml")["jobs"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    [publish] = [step for step in jobs["publish"]["steps"] if step["uses"].startswith("pypa/gh-action-pypi-publish@")]
    assert publish["with"] == {"attestations": "true"}
    assert {step.get("uses", "").partition("@")[0] for step in jobs["build"]["steps"]} >= {
        "actions/attest-build-provenance", "actions/attest-sbom", "anchore/sbom-action",
    }  # fmt: skip
    assert not [path for path in WORKFLOWS if "secrets." in path.read_text()]


@pytest.mark.parametrize("words", [["--tag", "v99.0.0"], ["--tag"], ["--tag", "99"], ["--other", "v1"]])
def test_a_tag_of_another_version_is_refused(words: list[str], tmp_path: Path) -> None:
    """scripts/package stops before it builds where the tag is not the version's, or the call is not one that it
    knows.
    """
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "setup").write_text("#!/bin/sh\n")
    (tmp_path / "scripts" / "setup").chmod(0o755)
    script = tmp_path / "scripts" / "package"
    script.write_text((ROOT / "scripts" / "package").read_text())
    version = tmp_path / "src" / "aiointercom" / "_version.py"
    version.parent.mkdir(parents=True)
    version.write_text('__version__ = "1.2.3"\n')
    done = subprocess.run(["bash", str(script), *words], capture_output=True, text=True, check=False)
    assert done.returncode == (1 if words[-1] == "v99.0.0" else 2)
    assert ("the tag is v99.0.0" in done.stderr) or ("usage" in done.stderr)
    assert not (tmp_path / "dist").exists()


def test_one_address_of_the_project() -> None:
    """Wherever an address of the project or of its docs is written, it is the one of pyproject.toml."""
    found = {
        (path.name, address)
        for path in WRITTEN
        if path.suffix in (".md", ".yml", ".toml")
        for address in re.findall(r"https://[\w.]*github[\w.]*/[^\s)\"'>]*", path.read_text())
        if "aiointercom" in address
    }
    assert found
    bases = (HOME, DOCS.rstrip("/"))
    assert {(name, address) for name, address in found if not address.startswith(bases)} == set()
    assert all(address.startswith(bases) for address in PROJECT["urls"].values())
    assert PROJECT["urls"].keys() >= {"Homepage", "Documentation", "Changelog", "Issues", "Source"}


@pytest.mark.parametrize(
    "name", ["CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", ".github/PULL_REQUEST_TEMPLATE.md"]
)
def test_links_of_the_other_pages_lead_somewhere(name: str) -> None:
    """Each relative link and each script that a page for contributors names is there."""
    page = ROOT / name
    text = page.read_text()
    links = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    paths = [
        span.split()[0]
        for span in re.findall(r"`([^`\n]+)`", text)
        if span.startswith(("scripts/", "tests/", "src/", "docs/", ".github/"))
    ]
    assert [target for target in links if not (page.parent / target.partition("#")[0]).exists()] == []
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_hook_before_a_commit_is_ours() -> None:
    """pre-commit calls a script of the project and fetches nothing."""
    repos = read(ROOT / ".pre-commit-config.yaml")["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    commands = [hook["entry"].split()[0] for repo in repos for hook in repo["hooks"]]
    assert all(os.access(ROOT / command, os.X_OK) for command in commands)

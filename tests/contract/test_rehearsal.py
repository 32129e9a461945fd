"""The day the version bumps, played in a copy: by the tools, with the decisions of a person kept as small data in
tests/rehearsal.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.copies import ROOT, Copy

PUBLISHED = ROOT.parent / "shared" / "reference" / "published"
DECISIONS = {path.stem: path for path in sorted((ROOT / "tests" / "rehearsal").glob("*.toml"))}


def published(version: str) -> Path:
    """A published description, or the test is skipped and says so."""
    path = PUBLISHED / f"intercom-{version}.yaml"
    if not path.exists():
        pytest.skip("the published descriptions are not beside the project")
    return path


def commands() -> list[str]:
    """The commands of docs/bumping.md, in their order."""
    page = (ROOT / "docs" / "bumping.md").read_text(encoding="utf-8")
    return [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]


def run(copied: Copy, command: str, version: str, code: int) -> str:
    """Run a command of the page in the copy."""
    present = min(path.stem for path in (copied.root / "openapi" / "published").glob("*.yaml"))
    words = {"FILE": str(published(version)), "OLD": f"openapi/published/{present}.yaml", "VERSION": version}
    if command.startswith("scripts/regenerate --fragment"):
        words = {"FILE": str(copied.fragment), "NAME": "other_raw", "DIR": str(copied.root / "elsewhere")}
    return copied.run([words.get(word, word) for word in command.split()], code)


def word(copied: Copy) -> None:
    """Do what a person does with each draft: put it into words, say whose text it is, and take the mark out."""
    text = copied.fragment.read_text(encoding="utf-8")
    text = re.sub(r" +x-draft: .*\n", "", text)
    text = text.replace("To be worded.", "Worded in the rehearsal.").replace("x-text: undecided", "x-text: person")
    copied.fragment.write_text(text, encoding="utf-8")


def decide(copied: Copy, version: str) -> None:
    """Apply the kept decisions: properties that leave the fragment, and rows of the deviations, as they stand in the
    data.
    """
    text = DECISIONS[version].read_text(encoding="utf-8")
    for dropped in tomllib.loads(text)["drop"]:
        component, key = dropped.split(".")
        fragment = copied.fragment.read_text(encoding="utf-8")
        head, start, rest = fragment.partition(f"    {component}:\n")
        rest = re.sub(rf"        {key}:\n(?:          .*\n)+", "", rest, count=1)
        copied.fragment.write_text(head + start + rest, encoding="utf-8")
    for edit in tomllib.loads(text).get("edit", []):
        copied.edit(copied.root / "openapi" / "deviations.toml", edit["old"], edit["new"])
    rows = text[text.index("[[row]]") :].replace("[[row]]", "[[section.row]]")
    copied.edit(copied.root / "openapi" / "deviations.toml", "\n[closing]\n", f"\n{rows}\n[closing]\n")


def prune(copied: Copy) -> None:
    """Take out components that nothing refers to any more."""
    while True:
        text = copied.fragment.read_text(encoding="utf-8")
        names = yaml.safe_load(text)["components"]["schemas"]
        unused = [name for name in names if f"'#/components/schemas/{name}'" not in text]
        if not unused:
            return
        for name in unused:
            text = re.sub(rf"    {name}:\n(?:     .*\n)+", "", text, count=1)
        copied.fragment.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module", params=sorted(DECISIONS))
def bumped(request: Any, tmp_path_factory: Any) -> tuple[Copy, str, str, str]:
    """A copy that was bumped by the commands of the page, as they stand there: with what the first and the last bump
    told.
    """
    version = request.param
    published(version)
    copied = Copy(tmp_path_factory.mktemp("bump") / "repo")
    page = commands()
    first = page.index("scripts/bump VERSION FILE")
    for command in page[:first]:
        run(copied, command, version, 1 if "--fragment" in command else 0)
    told = run(copied, page[first], version, 1)
    assert "drafts" in copied.run(["scripts/regenerate"], 1), "nothing is generated while a draft is left"
    word(copied)
    decide(copied, version)
    prune(copied)
    last = [run(copied, command, version, 0) for command in page[first + 1 :]]
    return copied, version, told, last[0]


def test_it_ends_with_everything_written(bumped: Any) -> None:
    """After the decisions the command ends with 0: the fragment, the facts, the generated code, the page and the
    changelog's lines.
    """
    copied, version, _, last = bumped
    assert copied.fragment.name == f"intercom-{version}.yaml"
    assert f'API_VERSION = "{version}"' in (copied.root / "generated/intercom_raw/__init__.py").read_text("utf-8")
    assert (copied.root / "openapi" / "published" / f"{version}.yaml").exists()
    assert "`Ticket.ticket_state`: type string -> TicketState." in last
    assert f"- API version {version}, was" in last


def test_it_lists_what_a_person_decides(bumped: Any) -> None:
    """The first run names every draft with its line, and every difference that no tool may decide; the next one does
    not draft again.
    """
    _, version, first, _ = bumped
    assert re.search(rf"word Ticket\.ticket_state \(intercom-{re.escape(version)}\.yaml:\d+\)", first)
    asked = re.findall(r"^   decide (.*)$", first, re.MULTILINE)
    assert asked == tomllib.loads(DECISIONS[version].read_text(encoding="utf-8"))["decide"]
    assert "Traceback" not in first


def test_what_a_deviation_took_out_does_not_come_back(bumped: Any) -> None:
    """The keys that were never received stay out: `teammates.teammates`, `ticket_types`, and the version parameter."""
    copied, *_ = bumped
    schemas = yaml.safe_load(copied.fragment.read_text(encoding="utf-8"))["components"]["schemas"]
    assert "teammates" not in schemas["ConversationTeammates"]["properties"]
    assert "ticket_type_attributes" not in schemas["TicketTypeAttributeList"]["properties"]
    assert "Intercom-Version" not in str(yaml.safe_load(copied.fragment.read_text(encoding="utf-8"))["paths"])


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_the_generated_code_is_strict_clean(bumped: Any, checker: str) -> None:
    """Both type checkers find nothing in the code of the new version."""
    copied, *_ = bumped
    command = [str(Path(sys.executable).with_name(checker)), "generated"]
    if checker == "mypy":
        command = [*command, "--strict", "--config-file", "", "--cache-dir", "/dev/null"]
    else:
        settings = '{"typeCheckingMode": "strict", "include": ["generated"], "pythonVersion": "3.11"}'
        (copied.root / "pyrightconfig.json").write_text(settings, encoding="utf-8")
        command = [command[0], "--pythonpath", sys.executable]
    done = subprocess.run(command, cwd=copied.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_tests_of_the_project_pass_with_the_new_version(bumped: Any) -> None:
    """The contract tests, the examples of that version and the tests of the raw layer pass in the copy."""
    copied, version, *_ = bumped
    for name in ("tests", "src"):
        shutil.copytree(
            ROOT / name, copied.root / name, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
        )
    check = (
        f"import intercom_raw as raw; assert raw.API_VERSION == {version!r} and {str(copied.root)!r} in raw.__file__"
    )
    copied.run([sys.executable, "-c", check])
    names = [f"tests/contract/test_{name}.py" for name in ("fragment", "published_examples", "one_version")]
    copied.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *names, "tests/pure/test_raw.py"])


def test_a_second_run_keeps_what_a_person_wrote(bumped: Any) -> None:
    """Running it again changes nothing: no file of the copy is another one afterwards."""
    copied, version, *_ = bumped

    def tree() -> dict[Path, bytes]:
        files = [p for name in ("openapi", "generated") for p in (copied.root / name).rglob("*") if p.is_file()]
        return {path: path.read_bytes() for path in files if "__pycache__" not in path.parts}

    before = tree()
    run(copied, "scripts/bump VERSION FILE", version, 0)
    assert tree() == before


def test_a_bump_that_loses_what_settling_reads_does_not_end(bumped: Any) -> None:
    """The property is named, until it is back."""
    copied, version, *_ = bumped
    fragment, text = copied.fragment, copied.fragment.read_text(encoding="utf-8")
    marked = re.search(r" +x-relied-on: a redaction of a part is read back from it\n", text)
    assert marked
    fragment.write_text(text.replace(marked[0], ""), encoding="utf-8")
    assert "keep ConversationPart.redacted" in run(copied, "scripts/bump VERSION FILE", version, 1)
    fragment.write_text(text, encoding="utf-8")


def test_another_version_than_the_files_is_refused(tmp_path: Path) -> None:
    """A description says its version itself; a slip changes nothing."""
    copied = Copy(tmp_path / "repo")
    before = copied.fragment.read_bytes()
    facts = next((copied.root / "openapi" / "published").glob("*.yaml"))
    told = copied.run(["scripts/bump", "9.9", str(facts)], 2)
    assert "not 9.9" in told
    assert "Traceback" not in told
    assert copied.fragment.read_bytes() == before

"""The command line of scripts/bump: the whole way to another version of the API, in steps that can be repeated."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from . import deviations, facts, project
from .description import Description, DescriptionError
from .draft import Draft, drafts
from .report import as_changelog, compare

BEFORE = project.ROOT / ".bump"
"""Keeps the old fragment until the bump is done, to compare with. Git ignores it."""


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; give the exit code: 0 once nothing is left to decide."""
    parser = argparse.ArgumentParser(prog="scripts/bump", description=__doc__)
    parser.add_argument("version", help="the wanted version, for instance 9.1")
    parser.add_argument("published", type=Path, metavar="FILE", help="Intercom's description of that version")
    parser.add_argument("--commit", help="the upstream commit of FILE; without it, FILE's checkout or README tells")
    options = parser.parse_args(arguments)
    try:
        return bump(options.version, Description(options.published), options.commit)
    except DescriptionError as error:
        print(f"bump: {error}", file=sys.stderr)
        return 2


def bump(version: str, published: Description, commit: str | None) -> int:
    """Go as far as there is nothing for a person to do."""
    if published.version != version:
        raise DescriptionError(f"{published.path.name} describes version {published.version}, not {version}")
    print(f"== 1. the fragment: {start(published)}")
    renew(published, commit)
    print(f"== 2. the facts of {version} are kept in openapi/published")
    ours = Description(project.fragment())
    left = drafts(ours.path.read_text(encoding="utf-8"))
    result = deviations.explain(published, ours, deviations.load(project.DEVIATIONS))
    print(f"== 3. for a person: {len(left)} drafts to word, {len(result.unexplained)} differences to decide")
    for number, name in left:
        print(f"   word {name} ({ours.path.name}:{number}), then take out its x-draft")
    for difference in result.unexplained:
        print(f"   decide {deviations.where(difference)}: {difference.kind}, {deviations.change(difference)}")
    lost = sorted(
        {mark for old in BEFORE.glob("intercom-*.yaml") for mark in relied_on(Description(old))} - relied_on(ours)
    )
    for mark in lost:
        print(f"   keep {mark}: settling reads it (x-relied-on)")
    for what, place in result.idle:
        print(f"   look at the row {what!r}: it explains nothing at `{place}` any more")
    if left or lost or result.unexplained:
        print("Change the fragment, or give the reason in openapi/deviations.toml; then run this again.")
        return 1
    return finish(ours)


def relied_on(fragment: Description) -> set[str]:
    """Give the properties that a fragment marks as read by settling."""
    schemas = fragment.content["components"]["schemas"].items()
    return {
        f"{name}.{key}"
        for name, s in schemas
        for key, value in s.get("properties", {}).items()
        if value.get("x-relied-on")
    }


def start(published: Description) -> str:
    """Draft the new fragment, unless an earlier run did; keep the old one aside."""
    old = project.fragment()
    new = project.OPENAPI / f"intercom-{published.version}.yaml"
    if old == new:
        return f"{new.name} is there already and stays as it is"
    draft = Draft(Description(old), published, deviations.load(project.DEVIATIONS))
    text = draft.write()
    BEFORE.mkdir(exist_ok=True)
    shutil.copy(old, BEFORE / old.name)
    new.write_text(text, encoding="utf-8")
    old.unlink()
    return f"{new.name} is drafted from {old.name}: {', '.join(draft.drafted) or 'nothing new'}"


def renew(published: Description, commit: str | None) -> None:
    """Keep the facts of the wanted version."""
    kept = project.PUBLISHED / f"{published.version}.yaml"
    kept.write_text(facts.write(published), encoding="utf-8")
    commit = commit or facts.commit_of(published.path)
    project.STAMP.write_text(facts.stamped(project.STAMP, published, commit), encoding="utf-8")


def finish(ours: Description) -> int:
    """Write what follows from the fragment, and tell the changelog's lines."""
    project.PAGE.write_text(deviations.render(deviations.load(project.DEVIATIONS)), encoding="utf-8")
    done = subprocess.run([sys.executable, str(project.ROOT / "scripts" / "regenerate")], check=False)
    if done.returncode:
        return done.returncode
    print("== 4. generated/ and openapi/deviations.md are written")
    for old in sorted(BEFORE.glob("intercom-*.yaml")):
        print("== 5. lines for CHANGELOG.md, to be reworded:")
        print(as_changelog(compare(Description(old), ours)))
    print(f"Run scripts/test. When all is committed, delete {BEFORE.name}/.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

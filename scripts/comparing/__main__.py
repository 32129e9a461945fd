"""The command line of scripts/compare."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import deviations, facts, project
from .description import Description, DescriptionError
from .draft import Draft
from .report import as_changelog, as_json, as_text, compare

DEFAULT = Path("(kept facts)")


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; give the exit code."""
    options = parser().parse_args(arguments)
    try:
        return run(options)
    except DescriptionError as error:
        print(f"compare: {error}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="scripts/compare", description=__doc__)
    made.add_argument(
        "descriptions", nargs="*", type=Path, metavar="OLD NEW", help="two descriptions, published or fragments"
    )
    act = made.add_mutually_exclusive_group()
    act.add_argument(
        "--fragment",
        nargs="?",
        const=DEFAULT,
        type=Path,
        metavar="PUBLISHED",
        help="explain the fragment's differences from a description, or from the kept facts; "
        "exit 1 if one has no reason",
    )
    act.add_argument(
        "--draft",
        type=Path,
        metavar="PUBLISHED",
        help="write a fragment for that version, its new parts marked to be worded",
    )
    act.add_argument(
        "--renew", type=Path, metavar="FILE", help="tell what drifted since the kept facts, and keep FILE's facts"
    )
    act.add_argument("--render", action="store_true", help="write openapi/deviations.md from deviations.toml")
    made.add_argument(
        "--commit", help="with --renew: the upstream commit of FILE; without it, FILE's checkout or README tells"
    )
    made.add_argument(
        "--output", type=Path, metavar="FILE", help="with --draft: where to write; without it, to the standard output"
    )
    form = made.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="everything, for programs")
    form.add_argument("--markdown", action="store_true", help="for a pull request")
    form.add_argument("--changelog", action="store_true", help="lines for CHANGELOG.md")
    return made


def run(options: argparse.Namespace) -> int:
    """Do the one thing that was asked for."""
    acts = {"fragment": fragment, "draft": draft, "renew": renew, "render": render}
    chosen = next((act for act in acts if getattr(options, act)), None)
    if chosen and options.descriptions:
        raise DescriptionError(f"--{chosen} takes no further descriptions")
    return acts[chosen](options) if chosen else two(options)


def two(options: argparse.Namespace) -> int:
    """Compare two descriptions, and print the form that was asked for."""
    if len(options.descriptions) != 2:
        raise DescriptionError("give two descriptions, OLD and NEW (--help tells the rest)")
    found = compare(*(Description(path) for path in options.descriptions))
    if options.json:
        print(as_json(found))
    elif options.changelog:
        print(as_changelog(found))
    else:
        print(as_text(found, markdown=options.markdown))
    return 0


def fragment(options: argparse.Namespace) -> int:
    """Hold the fragment against a published description."""
    ours = Description(project.fragment())
    path = project.PUBLISHED / f"{ours.version}.yaml" if options.fragment == DEFAULT else options.fragment
    published = Description(path)
    result = deviations.explain(published, ours, deviations.load(project.DEVIATIONS))
    print(deviations.told(result, published))
    return 1 if result.unexplained else 0


def draft(options: argparse.Namespace) -> int:
    """Draft a fragment, into --output or onto the standard output."""
    made = Draft(Description(project.fragment()), Description(options.draft), deviations.load(project.DEVIATIONS))
    text = made.write()
    if options.output is None:
        print(text, end="")
    else:
        options.output.write_text(text, encoding="utf-8")
    for name in made.drafted:
        print(f"drafted {name}", file=sys.stderr)
    for decision in made.decisions:
        print(f"for a person: {decision}", file=sys.stderr)
    return 0


def renew(options: argparse.Namespace) -> int:
    """Keep the facts of a description, and tell what changed since they were kept last."""
    description = Description(options.renew)
    kept = project.PUBLISHED / f"{description.version}.yaml"
    if kept.exists():
        print(as_text(compare(Description(kept), description), markdown=options.markdown))
    project.PUBLISHED.mkdir(exist_ok=True)
    kept.write_text(facts.write(description), encoding="utf-8")
    commit = options.commit or facts.commit_of(description.path)
    project.STAMP.write_text(facts.stamped(project.STAMP, description, commit), encoding="utf-8")
    print(f"wrote {kept.relative_to(project.ROOT)}, from commit {commit}")
    return 0


def render(_options: argparse.Namespace) -> int:
    """Write the page of the deviations."""
    project.PAGE.write_text(deviations.render(deviations.load(project.DEVIATIONS)), encoding="utf-8")
    print(f"wrote {project.PAGE.relative_to(project.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

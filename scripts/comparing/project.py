"""Where the parts of the project stand, and which fragment it has: the only place that knows its file name."""

from __future__ import annotations

from pathlib import Path

from .description import DescriptionError

ROOT = Path(__file__).resolve().parents[2]
OPENAPI = ROOT / "openapi"
DEVIATIONS, PAGE = OPENAPI / "deviations.toml", OPENAPI / "deviations.md"
PUBLISHED = OPENAPI / "published"
STAMP = PUBLISHED / "STAMP.toml"


def fragment() -> Path:
    """Give the one fragment of openapi/.

    Raises:
        DescriptionError: There is not exactly one.
    """
    found = sorted(OPENAPI.glob("intercom-*.yaml"))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "no file"
        raise DescriptionError(f"openapi/ must hold exactly one intercom-VERSION.yaml, and holds: {names}")
    return found[0]

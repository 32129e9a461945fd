"""PURE: which page of the docs stands where, and what the reference is made of."""

from __future__ import annotations

GROUPS: dict[str, tuple[str, ...]] = {
    "Start": ("index.md", "from-python-intercom.md", "changelog.md"),
    "Redact": ("redact.md",),
    "Convert": ("convert.md",),
    "Outcomes": ("outcomes.md", "observing.md", "limits.md"),
    "Clean-ups": ("cleanup.md", "cleanup-plan.md", "cleanup-proof.md", "detectors.md"),
    "Machines": ("machines.md",),
    "Live": ("live.md",),
    "Web apps": ("web-apps.md",),
    "Testing": ("testing.md",),
    "Regions": ("client.md",),
    "Versions": ("bumping.md",),
    "Raw layer": ("raw.md",),
    "Reference": (
        "reference/client.md",
        "reference/types.md",
        "reference/errors.md",
        "reference/events.md",
        "reference/models.md",
        "reference/detect.md",
        "reference/cleanup.md",
        "reference/pgqueuer.md",
        "reference/webhooks.md",
        "reference/live.md",
        "reference/sandbox.md",
        "reference/raw.md",
    ),
    "Internals": ("architecture.md", "comparison.md", "performance.md"),
}
"""The groups of the site's navigation, and their pages in order."""

REFERENCE: dict[str, tuple[str, str]] = {
    "client": ("The client", "aiointercom"),
    "types": ("Resources and types", "aiointercom.types"),
    "errors": ("Errors", "aiointercom.errors"),
    "events": ("Events", "aiointercom.events"),
    "models": ("Models", "intercom_raw.models"),
    "detect": ("Detectors", "aiointercom.detect"),
    "cleanup": ("Clean-ups", "aiointercom.cleanup"),
    "pgqueuer": ("Clean-ups on many machines", "aiointercom.pgqueuer"),
    "webhooks": ("Webhooks", "aiointercom.webhooks"),
    "live": ("Live redaction", "aiointercom.live"),
    "sandbox": ("Sandbox", "aiointercom.sandbox"),
    "raw": ("Raw layer", "intercom_raw.api"),
}
"""Of each page of the reference: its title, and the module whose public names it describes."""

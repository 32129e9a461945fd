"""What stands before a write: `--dry-run`, and the question, since neither redaction nor conversion can be undone."""

from __future__ import annotations

from typing import Annotated

from attrs import frozen
from cyclopts import Group, Parameter

from aiointercom import Intercom

from .account import workspace_of
from .exits import StoppedError, preflight
from .talk import agreed

CONSENT = Group("Before it is sent", sort_key=1)


@Parameter(name="*", group=CONSENT)
@frozen(kw_only=True)
class Consent:
    """Whether to send."""

    dry_run: Annotated[bool, Parameter(negative="", show_default=False)] = False
    """Say what would be sent, and send no write."""

    yes: Annotated[bool, Parameter(name=["--yes", "-y"], negative="", show_default=False)] = False
    """Do not ask."""

    async def given(self, intercom: Intercom, what: str) -> None:
        """Ask whether to do this, unless --yes was passed.

        Args:
            intercom: Open; the workspace is read from it, for the question.
            what: For example "Redact part 115 of conversation 471".

        Raises:
            StoppedError: The answer is no.
            UsageError: Nobody is there to answer.
        """
        if self.yes:
            return
        with preflight():
            workspace = await workspace_of(intercom)
        if not agreed(f"{what} of {workspace}? This cannot be undone."):
            raise StoppedError("not agreed; nothing was sent")


CONSENT_ASKED = Consent()

"""Help that flows to the width of the terminal: the line breaks of the docstrings it comes from are not shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cyclopts.help import DefaultFormatter

if TYPE_CHECKING:
    from cyclopts.help import HelpPanel
    from rich.console import Console, ConsoleOptions


class FlowingFormatter(DefaultFormatter):
    """The usual look of cyclopts, with the lines of each paragraph joined."""

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Render a panel of parameters or commands."""
        _join(panel.description)
        for entry in panel.entries:
            _join(entry.description)
        super().__call__(console, options, panel)

    def render_description(self, console: Console, options: ConsoleOptions, description: Any) -> None:
        """Render what the command does."""
        _join(description)
        super().render_description(console, options, description)


def _join(description: Any) -> None:
    """Join the lines of each paragraph of a description in plain text; others stay as they are."""
    text = getattr(description, "primary_renderable", None)
    plain = getattr(text, "plain", None)
    if isinstance(plain, str) and text is not None:
        text.plain = re.sub(r"(?<=\S)\n *(?=\S)", " ", plain)

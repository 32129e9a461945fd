"""Answers of our own making, one JSON file each, that show what Intercom really sends. Pure: reads files, decides
nothing.

A file is an object: `shows` names the observations it stands for ("<section> <field>"), `operation` and `status`
say which answer it is, `payload` is the JSON body, or `text` the body where it is no JSON. `valid: false` marks
bodies that do not fit the fragment.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PART_LIMIT = 500


@dataclass(frozen=True)
class Sample:
    """One answer: what it shows, which operation and status it belongs to, and its body."""

    name: str
    shows: tuple[str, ...]
    operation: str
    status: int
    payload: Any
    text: str | None = None
    valid: bool = True

    @property
    def content(self) -> bytes:
        """The body as it would come over the wire."""
        return (json.dumps(self.payload) if self.text is None else self.text).encode()


def load_samples() -> list[Sample]:
    """All samples by name, and one with as many parts as a conversation may carry."""
    samples = [_read(path) for path in sorted(FOLDER.glob("*.json"))]
    return [*samples, _with_all_parts(next(s for s in samples if s.name == "conversation_parts"))]


def _read(path: Path) -> Sample:
    data = json.loads(path.read_text(encoding="utf-8"))
    return Sample(
        name=path.stem,
        shows=tuple(data["shows"]),
        operation=data["operation"],
        status=data["status"],
        payload=data.get("payload"),
        text=data.get("text"),
        valid=data.get("valid", True),
    )


def _with_all_parts(sample: Sample) -> Sample:
    """A conversation with 512 parts, of which 500 are sent; computed, since a file of it would only be long."""
    payload = copy.deepcopy(sample.payload)
    parts = payload["conversation_parts"]
    first = parts["conversation_parts"][0]
    parts["conversation_parts"] = [{**first, "id": str(80_000 + n)} for n in range(PART_LIMIT)]
    parts["total_count"] = PART_LIMIT
    payload["statistics"] = {"type": "conversation_statistics", "count_conversation_parts": PART_LIMIT + 12}
    return Sample("conversation_with_500_parts", ("2 limit",), sample.operation, sample.status, payload)

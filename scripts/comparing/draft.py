"""Drafts a fragment for another version.

What is new there, in the form of the fragment, each part marked for a person to word. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .description import Description, DescriptionError, Node, Shape
from .deviations import Deviations, class_name, explain, where
from .differences import Difference, address
from .places import Fact, flatten
from .report import change

TO_WORD = "To be worded."
SHOWN = re.compile(r"(^|_)(type|id|state|status|category|code|level|kind)$")
"""Keys of strings that may stand in a repr: what the API chose, not what a person wrote."""
PRIVATE = re.compile(
    "body|name|email|subject|url|title|remark|external|description|label|message|icon|emoji|field|value|after"
)
"""Keys that may hold somebody's words or data, whatever they end with: a message id names people's mail servers."""
TEXTS = ("{type: string}", "{$ref: '#/components/schemas/FreeForm'}")
"""What a list of free texts holds."""
SHARED = ("Conversation", "ConversationListItem")
"""The first takes the properties of the second by an anchor, so what both gain is written once."""


@dataclass
class Draft:
    """A fragment's text as it is being changed.

    Args:
        fragment: The fragment of the present version.
        published: Intercom's description of the wanted version.
        deviations: What the fragment leaves out on purpose; that is not drafted.
    """

    fragment: Description
    published: Description
    deviations: Deviations
    lines: list[str] = field(default_factory=list)
    drafted: list[str] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    components: dict[str, list[str]] = field(default_factory=dict)

    def write(self) -> str:
        """Give the new fragment's text; `drafted` and `decisions` then tell what a person has to do."""
        text = self.fragment.path.read_text(encoding="utf-8")
        quoted = f"version: '{self.fragment.version}'"
        if quoted not in text:
            raise DescriptionError(f"{self.fragment.path.name} does not say {quoted}")
        self.lines = text.replace(quoted, f"version: '{self.published.version}'", 1).split("\n")
        theirs = {address(place): fact for place, fact in flatten(self.published).items()}
        ours = {address(place): fact for place, fact in flatten(self.fragment).items()}
        unexplained = explain(self.published, self.fragment, self.deviations).unexplained
        for difference in unexplained:
            self._settle(difference, theirs, ours)
        self._add_components()
        return "\n".join(self.lines)

    def _settle(self, difference: Difference, theirs: dict[str, Fact], ours: dict[str, Fact]) -> None:
        """Draft what the fragment lacks or has as another type; leave the rest to a person."""
        at = difference.at[0]
        fact, owner = theirs.get(at), owner_of(at, ours)
        key = at.rsplit(".", 1)[-1]
        is_draft = difference.side in ("answer", "body") and difference.kind in ("gone", "type")
        if is_draft and fact and owner is None and at.rpartition(".")[0] in theirs:
            return  # inside an object that is drafted as a whole
        if not is_draft or fact is None or owner is None or not re.fullmatch(r"[a-z_]\w*", key):
            self.decisions.append(f"{where(difference)}: {difference.kind}, {change(difference)}")
            return
        owner = SHARED[1] if owner == SHARED[0] and key in self._shared_keys(theirs) else owner
        if f"{owner}.{key}" not in self.drafted:
            self.drafted.append(f"{owner}.{key}")
            lines = self.property(owner, key, fact.nodes, is_answer=difference.side == "answer")
            self._put(owner, key, lines)

    def _shared_keys(self, theirs: dict[str, Fact]) -> set[str]:
        start = "POST /conversations/search answer 200.conversations[]."
        return {at.removeprefix(start) for at in theirs if at.startswith(start)}

    def _put(self, owner: str, key: str, lines: list[str]) -> None:
        """Put a property into its component, in the place of one of that name, or else at the end."""
        start, end = self.block(owner)
        at = next((n for n in range(start, end) if self.lines[n] == f"        {key}:"), None)
        after = end
        if at is not None:
            after = next((n for n in range(at + 1, end) if not self.lines[n].startswith("         ")), end)
        self.lines[end if at is None else at : after] = lines
        self._show(
            start, key, is_shown(key) and any(re.match(r" {10}type: \[(string|.*, string)", line) for line in lines)
        )

    def _show(self, start: int, key: str, shown: bool) -> None:
        """Put a key among the ones whose values a repr shows, or take it out, being no string any more."""
        at = next((n for n in range(start, start + 6) if self.lines[n].startswith("      x-show: [")), None)
        if at is not None:
            names = [name for name in self.lines[at].partition("[")[2].rstrip("]").split(", ") if name not in ("", key)]
            self.lines[at] = f"      x-show: [{', '.join([*names, key] if shown else names)}]"

    def block(self, name: str) -> tuple[int, int]:
        """Give the first and the last line of a component, the blank ones after it left out."""
        start = self.lines.index(f"    {name}:")
        end = next(
            (n for n in range(start + 1, len(self.lines)) if re.match(r"( {0,4})[^ \n]", self.lines[n])),
            len(self.lines),
        )
        while not self.lines[end - 1].strip():
            end -= 1
        return start, end

    def property(self, owner: str, key: str, nodes: tuple[Node, ...], *, is_answer: bool) -> list[str]:
        """Write a property by the fragment's rules.

        In answers everything may be null, ids are read as strings, lists of values are open.
        """
        shape = self.published.shape(nodes)
        null = ", 'null'" if is_answer else ""
        head = [
            f"        {key}:",
            f"          x-draft: '{self.published.version}'",
            f"          description: {TO_WORD}",
        ]
        types = sorted(shape.types - {"null", "(dangling)"})
        if "array" in types:
            is_id = is_answer and key.endswith("_ids")
            items = "{type: [string, integer]}" if is_id else self.items(owner, key, shape)
            mark = ["          x-id: true"] if is_id else []
            # A list, or one value by itself: some places of later versions send either.
            beside = [name for name in types if name not in ("array", "object") and not is_id]
            null = "".join(f", {name}" for name in beside) + null
            if is_answer and ("string" in beside or items in TEXTS):
                mark = ["          x-text: undecided"]
            return [
                *head,
                *mark,
                f"          type: [array{null}]" if null else "          type: array",
                f"          items: {items}",
            ]
        if "object" in types or not types:
            reference = f"{{$ref: '#/components/schemas/{self.component(owner, key, shape)}'}}"
            branches = f"{reference}, {{type: 'null'}}" if is_answer else reference
            mark = ["          x-text: undecided"] if is_answer and "/FreeForm'" in reference else []
            return [*head, *mark, f"          anyOf: [{branches}]"]
        if re.search(r"(^|_)id$", key) and key != "request_id":
            mark = ["          x-id: true"] if is_answer else []
            return [*head, *mark, f"          type: [string, integer{null}]"]
        mark = ["          x-text: undecided"] if is_answer and "string" in types and not is_shown(key) else []
        return [*head, *mark, f"          type: [{', '.join(types)}{null}]"]

    def items(self, owner: str, key: str, shape: Shape) -> str:
        """Write what a list holds."""
        inner = self.published.shape(shape.items)
        types = sorted(inner.types - {"null", "(dangling)"})
        if "object" in types or not types:
            return f"{{$ref: '#/components/schemas/{self.component(owner, key.removesuffix('s'), inner)}'}}"
        return f"{{type: {types[0] if len(types) == 1 else 'string'}}}"

    def component(self, owner: str, key: str, shape: Shape) -> str:
        """Give the name of an object's component, drafting it; a map, or an object that holds itself, is free-form."""
        if not shape.properties:
            return "FreeForm"
        # A union of several objects becomes one that has the keys of all, since in answers nothing is required.
        name = class_name(shape.names[0]) if len(shape.names) == 1 else class_name(owner) + class_name(key)
        if name in self.components and not self.components[name]:
            return "FreeForm"
        if name not in self.components and f"    {name}:" not in self.lines:
            self.components[name] = []  # marks it as being written
            self.components[name] = self._component(name, shape)
        return name

    def _component(self, name: str, shape: Shape) -> list[str]:
        inner = {key: self.published.shape(nodes) for key, nodes in shape.properties.items()}
        texts = [key for key, value in inner.items() if value.types & {"string"} or re.search(r"(^|_)id$", key)]
        shown = [key for key in texts if is_shown(key) and "object" not in inner[key].types]
        lines = [f"    {name}:", f"      x-draft: '{self.published.version}'", "      type: object"]
        lines += [f"      description: {TO_WORD}", f"      x-show: [{', '.join(shown)}]", "      properties:"]
        for key, nodes in shape.properties.items():
            lines += self.property(name, key, nodes, is_answer=True)
        return lines

    def _add_components(self) -> None:
        new = [line for lines in self.components.values() for line in lines]
        if new:
            at = self.lines.index("    # ---- errors") if "    # ---- errors" in self.lines else self.block("Error")[0]
            self.lines[at:at] = ["    # ---- new", *new, ""]


def is_shown(key: str) -> bool:
    """Say whether a repr may show a string of this name."""
    return bool(SHOWN.search(key)) and not PRIVATE.search(key)


def owner_of(at: str, ours: dict[str, Fact]) -> str | None:
    """Find the component of the fragment that holds a place: the one of its neighbours.

    None where it has no neighbours.
    """
    holder = at.rpartition(".")[0]
    near = (fact for place, fact in ours.items() if place.rpartition(".")[0] == holder and not place.endswith("[]"))
    return next((fact.owner for fact in near if " " not in fact.owner and fact.owner and "." not in fact.key), None)


def drafts(text: str) -> list[tuple[int, str]]:
    """Give the line and the name of every draft that is left in a fragment."""
    found: list[tuple[int, str]] = []
    component = key = ""
    for number, line in enumerate(text.split("\n"), 1):
        if match := re.fullmatch(r"    (\w+):.*", line):
            component, key = match[1], ""
        elif match := re.fullmatch(r"        (\w+):.*", line):
            key = match[1]
        name = f"{component}.{key}" if key and line.startswith("          ") else component
        if re.match(r" +(x-draft:|x-text: undecided)", line) and name not in {known for _, known in found}:
            found.append((number, name))
    return found

"""What people write during the live soak, a hundred messages a second, and what happens to its notifications."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from attrs import define, field, frozen

from aiointercom.sandbox import Sandbox, Webhooks

PLANTED = "lavender"
"""Stands in every message."""
BEGINNING = "4929 1357"
"""With these digits every card number begins."""
CONTACTS = ("user", "lead")
RECENT = 50
"""A reply goes to one of so many conversations that were begun last."""
FAULTY = 0.1
"""Share of the notifications that are lost, doubled or out of order."""
IN_DISORDER = 4
"""So many notifications in a row are sent in the reverse order."""


@frozen
class Message:
    """A message that was written.

    Card: a contact wrote it, and there is a card number in it. part: no conversation began with it.
    """

    workspace: str
    conversation_id: str
    message_id: str
    at: float
    card: bool
    part: bool


def card_number(dice: random.Random) -> str:
    """A card number with a right check digit."""
    digits = BEGINNING.replace(" ", "") + "".join(str(dice.randrange(10)) for _ in range(7))
    doubled = [int(digit) * (2 - number % 2) for number, digit in enumerate(digits)]
    check = -sum(value // 10 + value % 10 for value in doubled) % 10
    return " ".join((digits + str(check))[start : start + 4] for start in range(0, 16, 4))


def almost(card: str) -> str:
    """The same number with a wrong check digit."""
    return card[:-1] + str((int(card[-1]) + 1) % 10)


@define
class Traffic:
    """Writes messages at a rate. It runs in a thread of its own; `messages` grows meanwhile."""

    boxes: Sequence[Sandbox]
    hooks: Sequence[Webhooks]
    dice: random.Random
    messages: list[Message] = field(factory=list[Message], init=False)
    seconds: float = field(default=0.0, init=False)
    _begun: dict[str, list[str]] = field(factory=dict[str, list[str]], init=False)

    def write(self, count: int, rate: float, *, faulty: bool) -> None:
        """Write so many messages, so many a second."""
        began = time.monotonic()
        for number in range(count):
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            box = number % len(self.boxes)
            if faulty:
                self._disturb(self.hooks[box])
            self._write(self.boxes[box])
        self.seconds = time.monotonic() - began

    def _disturb(self, hooks: Webhooks) -> None:
        match self.dice.random() / FAULTY:
            case chance if chance < 1 / 3:
                hooks.ask(drop=1)
            case chance if chance < 2 / 3:
                hooks.ask(double=1)
            case chance if chance < 2 / 3 + 1 / 3 / IN_DISORDER:
                hooks.ask(disorder=IN_DISORDER)
            case _:
                pass

    def _write(self, box: Sandbox) -> None:
        dice, begun = self.dice, self._begun.setdefault(box.workspace, [])
        author = dice.choices(("user", "lead", "admin", "bot"), (12, 4, 3, 1))[0]
        number = card_number(dice)
        shown = dice.choices((number, almost(number), "no number"), (30, 5, 65))[0]
        to = None if not begun or dice.random() < 0.4 else dice.choice(begun[-RECENT:])
        at = time.time()
        written = box.write(f"<p>{PLANTED}: {shown}</p>", to, author=author)  # type: ignore[arg-type]
        if to is None:
            begun.append(written.conversation_id)
        card = shown == number and author in CONTACTS
        self.messages.append(
            Message(box.workspace, written.conversation_id, written.message_id, at, card, to is not None)
        )

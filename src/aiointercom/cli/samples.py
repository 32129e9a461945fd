"""Invented conversations to try the commands on. They are always the same, so a plan fits the run of a later process.

Every number is one that its issuer publishes for tests or that nobody has; every address is at example.com.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from aiointercom.sandbox import Sandbox
from aiointercom.types import JSONMapping, JSONObject

CONVERSATIONS = 240
FIRST_ID = 10_001
FIRST_DAY = 1_672_531_200  # 1 January 2023, Unix seconds
SPAN = 3 * 365 * 86_400  # seconds
LONG, LONG_PARTS = 10_120, 520
"""The id of one conversation with more parts than Intercom shows, and how many it has."""

CONTACTS = tuple(f"66a1f0c2d4e58b7a90c3e1{number:02x}" for number in range(24))
SECRETS = (
    "My card is 4242 4242 4242 4242, please try again.",
    "Card: 5555-5555-5555-4444, it was charged twice",
    "I paid with 378282246310005",
    "You can use 4000&nbsp;0566&nbsp;5566&nbsp;5556 instead",
    "Send the refund to DE89 3704 0044 0532 0130 00 please",
    "IBAN GB29NWBK60161331926819",
    "Write to me at <b>rosa.lind</b>@example.com",
    "My new address is jo.hale@example.com",
    "Call me at +44 20 7946 0958 after five",
    "My number is +1 202-555-0143",
)
PLAIN = (
    "Hello, is anybody there?",
    "The parcel has not arrived yet.",
    "Order 20417 came with the wrong size.",
    "Thank you, that works now!",
    "How long does a refund take?",
    "It says error 4000 when I log in.",
    "I sent it back on the 3rd.",
)
ANSWERS = ("Thank you, I will look into it.", "Could you send the order number?", "It is on its way.", "Done.")


def filled(**options: Any) -> Sandbox:
    """Make a sandbox with the samples. options: as for Sandbox."""
    sandbox = Sandbox(**options)
    chance = Random(2_11)  # noqa: S311  # nothing is kept secret with it
    for number in range(CONVERSATIONS):
        _add(sandbox, FIRST_ID + number, number, chance)
    return sandbox


def _add(sandbox: Sandbox, id: int, number: int, chance: Random) -> None:
    at = FIRST_DAY + number * SPAN // CONVERSATIONS
    contact = CONTACTS[chance.randrange(len(CONTACTS))]
    state = chance.choice(("open", "closed", "closed", "snoozed"))
    count = LONG_PARTS if id == LONG else chance.randint(2, 8)
    sandbox.add_conversation(
        id,
        source=_source(id, contact, chance),
        parts=list(_parts(count, at, contact, chance)),
        created_at=at,
        updated_at=at + 60 * count,
        state=state,
        open=state == "open",
        contacts={"type": "contact.list", "contacts": [{"type": "contact", "id": contact, "external_id": None}]},
    )


def _source(id: int, contact: str, chance: Random) -> JSONObject:
    own: JSONObject = {"id": str(500_000_000 + id), "body": _message(chance, 0.15)}
    if chance.random() < 0.1:
        return {**own, "delivered_as": "admin_initiated", "author": _admin()}
    return {**own, "author": _person(contact)}


def _parts(count: int, at: int, contact: str, chance: Random) -> Iterator[JSONMapping]:
    for number in range(count):
        times = dict.fromkeys(("created_at", "updated_at", "notified_at"), at + 60 * (number + 1))
        # Not numbered from 1 in each conversation: parts have ids of their own in Intercom.
        own: JSONObject = {"id": at // 100 * 1_000 + number, **times}
        match number % 4:
            case 1:
                yield {**own, "body": f"<p>{chance.choice(ANSWERS)}</p>", "author": _admin()}
            case 3 if chance.random() < 0.5:
                yield {**own, "body": None, "part_type": "assignment", "author": _admin()}
            case _:
                yield {
                    **own,
                    "body": _message(chance, 0.35 if count != LONG_PARTS else 0.02),
                    "author": _person(contact),
                }


def _message(chance: Random, share: float) -> str:
    return f"<p>{chance.choice(SECRETS if chance.random() < share else PLAIN)}</p>"


def _person(contact: str) -> JSONObject:
    return {"type": "user", "id": contact, "name": "Rosa Lind", "email": "rosa.lind@example.com"}


def _admin() -> JSONObject:
    return {"type": "admin", "id": "991260001", "name": "Tomas Reyl", "email": "tomas@example.com"}

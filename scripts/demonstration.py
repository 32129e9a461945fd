"""What scripts/demo runs.

Every step goes through the public API and a real socket, and is checked against what the server did.

The server is a thread of this process: however the demo ends, nothing is left behind.
"""

# ruff: noqa: E402  # see the next statement
from __future__ import annotations

import signal

# Before the imports, which take the most time: Ctrl-C ends the process at once and without a traceback, also while they
# load.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import html
import re
import sys
from collections.abc import Awaitable, Callable

import anyio

from aiointercom import AlreadyTicketError, Intercom, IntercomError, PartNotRedactableError, Region
from aiointercom.events import Event, OutcomeSettled
from aiointercom.models import Conversation, ConversationPart, ConversationSource, Ticket
from aiointercom.sandbox import Fault, Sandbox

Message = ConversationPart | ConversationSource
WIDTH = 14


class NotAsItShouldBeError(Exception):
    """A step did not do what this demo says it does."""


def check(fact: bool, what: str) -> None:
    """Stop the demo unless `fact` holds."""
    if not fact:
        raise NotAsItShouldBeError(what)


def say(name: str, text: str) -> None:
    """Print one aligned line."""
    print(f"   {name:<{WIDTH}}{text}")


def title(text: str) -> None:
    """Print the headline of a step."""
    print(f"\n{text}")


def words(message: Message | None) -> str:
    """A message for people: its text without tags, and the names of its attachments."""
    if message is None or not message.body:
        return "(no text)"
    text = html.unescape(re.sub(r"<[^>]*>", "", message.body))
    names = ", ".join(file.name or "a file" for file in message.attachments or ())
    return f'"{text}"' + (f" and {names}" if names else "")


def part_of(conversation: Conversation, part_id: str) -> ConversationPart:
    """The part with this id."""
    parts = conversation.conversation_parts.conversation_parts if conversation.conversation_parts else None
    found = next((part for part in parts or () if part.id == part_id), None)
    if found is None:
        raise NotAsItShouldBeError(f"part {part_id} did not come with its conversation")
    return found


class Demo:
    """The five steps. They talk to `intercom` only; `sandbox` is asked what really happened."""

    def __init__(self, intercom: Intercom, sandbox: Sandbox, events: list[Event]) -> None:
        self.intercom, self.sandbox, self.events = intercom, sandbox, events

    async def redact_part(self) -> None:
        """A customer's message loses its text and its picture."""
        title("1. Redact a part: conversation 480, part 120")
        before = part_of(await self.intercom.conversations.retrieve("480"), "120")
        after = part_of(await self.intercom.conversations.redact_part("480", "120"), "120")
        say("before", words(before))
        say("after", words(after))
        check(after.redacted is True and after.body != before.body, "the part was not redacted")

    async def redact_source(self) -> None:
        """The message that began the conversation loses its text."""
        title("2. Redact a source: conversation 480, source 403918320")
        before = (await self.intercom.conversations.retrieve("480")).source
        after = (await self.intercom.conversations.redact_source("480", "403918320")).source
        say("before", words(before))
        say("after", words(after))
        check(after is not None and after.redacted is True, "the source was not redacted")

    async def convert(self) -> None:
        """A conversation becomes a ticket; a list attribute takes the id of its item."""
        title('3. Convert a conversation: 474, to a ticket of type 95, "Complaint"')
        items = await self._items("95", "priority")
        before = await self.intercom.conversations.retrieve("474")
        check(before.ticket is None, "the conversation is a ticket before it was converted")
        say("before", f"a conversation, {before.state}, no ticket")
        ticket = await self.intercom.conversations.convert_to_ticket(
            "474",
            ticket_type_id="95",
            title="Broken kettle",
            description="It came broken.",
            attributes={"amount": 39.9, "priority": items["High"]},
        )
        self._show(ticket, {item: name for name, item in items.items()})
        check(ticket.id == "474" and ticket.ticket_state == "submitted", "the conversation was not converted")

    async def refusal(self) -> None:
        """What Intercom refuses becomes an error that says why."""
        title("4. A refusal: conversation 480, part 122")
        say("before", words(part_of(await self.intercom.conversations.retrieve("480"), "122")))
        try:
            await self.intercom.conversations.redact_part("480", "122")
        except PartNotRedactableError as error:
            say("error", f"{type(error).__name__}, status {error.status}")
            say("why", error.reason or "not known")
        else:
            raise NotAsItShouldBeError("a part without text was redacted")

    async def lost_answer(self) -> None:
        """The server converts, and then drops the connection. The caller gets the ticket all the same, made once."""
        title("5. A lost answer: conversation 123 is converted, and the connection breaks before the answer comes")
        self.sandbox.fault(Fault(operation="convertConversationToTicket", when="after", drop=True))
        self.events.clear()
        ticket = await self.intercom.conversations.convert_to_ticket("123", ticket_type_id="79", title="Late parcel")
        settled = [event for event in self.events if isinstance(event, OutcomeSettled)]
        check(len(settled) == 1 and settled[0].by_reading, "the lost answer was not settled by reading")
        say("outcome", f"{settled[0].outcome}: found out by reading the conversation back")
        self._show(ticket, {})
        done = [effect for effect in self.sandbox.ledger if effect.conversation_id == "123"]
        sent = [received for received in self.sandbox.requests if received.path == "/conversations/123/convert"]
        say("server", f"{len(sent)} request to convert, {len(done)} conversion")
        check(ticket.id == "123" and len(done) == len(sent) == 1, "it was not converted exactly once")
        try:
            await self.intercom.conversations.convert_to_ticket("123", ticket_type_id="79")
        except AlreadyTicketError as error:
            say("once more", f"{type(error).__name__}: it is ticket {error.ticket_id}")
        else:
            raise NotAsItShouldBeError("a ticket was converted a second time")

    async def _items(self, ticket_type_id: str, name: str) -> dict[str, str]:
        """The items of a list attribute: name -> id."""
        ticket_type = await self.intercom.ticket_types.retrieve(ticket_type_id)
        listed = ticket_type.ticket_type_attributes.data if ticket_type.ticket_type_attributes else None
        attribute = next((item for item in listed or () if item.name == name), None)
        if attribute is None or not attribute.input_options:
            raise NotAsItShouldBeError(f"ticket type {ticket_type_id} has no list {name}")
        return {item["name"]: item["id"] for item in attribute.input_options["items"]}

    def _show(self, ticket: Ticket, names: dict[str, str]) -> None:
        kind = ticket.ticket_type.name if ticket.ticket_type else None
        say("ticket", f"{ticket.id} (number {ticket.ticket_id} for people), type {kind}, {ticket.ticket_state}")
        for name, value in (ticket.ticket_attributes or {}).items():
            if value is not None:
                label = name.strip("_").removeprefix("default_")
                say(label, f"{names[value]} (list item {value})" if value in names else str(value))


async def show(sandbox: Sandbox, url: str) -> None:
    """Run the five steps, then compare the server's ledger with what was shown."""
    events: list[Event] = []
    # The region is named so that INTERCOM_REGION, meant for other work, does not matter here.
    async with Intercom(sandbox.token, region=Region.US, base_url=url, on_event=events.append) as intercom:
        demo = Demo(intercom, sandbox, events)
        steps: list[Callable[[], Awaitable[None]]] = [
            demo.redact_part,
            demo.redact_source,
            demo.convert,
            demo.refusal,
            demo.lost_answer,
        ]
        for step in steps:
            await step()
    targets = [effect.target_id for effect in sandbox.ledger]
    check(targets == ["120", "403918320", "474", "123"], "the server's ledger holds other writes than were shown")
    print("\nAll as it should be: two redactions and two conversions, each applied once.")


def main() -> int:
    """Serve, show, stop. Returns the exit status: 0, or 1 when something is not as it should be."""
    try:
        sandbox = Sandbox()
        with sandbox.serve() as server:
            print(f"A sandbox, an imitation of Intercom, answers at {server.url}. Everybody in it is invented.")
            anyio.run(show, sandbox, server.url)
    except (NotAsItShouldBeError, IntercomError, OSError) as error:
        print(f"\nThe demo failed: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

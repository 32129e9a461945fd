"""The sandbox as a sender of webhooks, over real connections: signed, with retries, and with what goes wrong on
demand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from threading import Lock
from typing import Any

import httpx
import pytest

from aiointercom.sandbox import Sandbox, Server
from aiointercom.sandbox.outbox import PAUSE, Letter, Outbox
from aiointercom.webhooks import Endpoint, Notification
from tests.pure.signing import CARD, SECRET


class Inbox:
    """An endpoint that remembers what it was told, and refuses as often as a test wants."""

    def __init__(self) -> None:
        self.told: list[Notification] = []
        self.refuse = 0
        self._lock = Lock()
        self.endpoint = Endpoint(self.handle, secret=SECRET, within=5.0)

    async def handle(self, notification: Notification) -> None:
        """Take it, or fail."""
        with self._lock:
            self.told.append(notification)
            if self.refuse:
                self.refuse -= 1
                raise RuntimeError("refused")

    @property
    def ids(self) -> list[str]:
        """The ids of the new messages, in the order in which they came."""
        found: list[str] = []
        for one in self.told:
            assert one.conversation is not None
            assert one.conversation.conversation_parts is not None
            found += [str(part.id) for part in one.conversation.conversation_parts.conversation_parts or ()]
        return found


@pytest.fixture
def inbox() -> Inbox:
    """What the address got."""
    return Inbox()


@pytest.fixture
def url(inbox: Inbox) -> Iterator[str]:
    """The address, on a real socket."""
    with Server(inbox.endpoint) as server:
        yield f"{server.url}/hooks"


def test_a_notification_names_its_workspace(inbox: Inbox, url: str) -> None:
    """Two workspaces at one address can be told apart, as Intercom's can."""
    boxes = [Sandbox(seed=False, workspace=name) for name in ("one1", "two2")]
    for box in boxes:
        with box.webhooks(url, secret=SECRET) as hooks:
            box.write("<p>Hello</p>")
            assert hooks.wait()
    assert [one.app_id for one in inbox.told] == ["one1", "two2"]


def test_messages_are_told(inbox: Inbox, url: str) -> None:
    """A new conversation, a reply of a contact and one of an admin: each with its topic, and with the new part only."""
    sandbox = Sandbox()
    with sandbox.webhooks(url, secret=SECRET) as hooks:
        assert hooks.check() == 200
        first = sandbox.write("<p>Hello</p>")
        reply = sandbox.write(f"<p>{CARD}</p>", first.conversation_id)
        answer = sandbox.write("<p>Thanks</p>", int(first.conversation_id), author="admin")
        assert hooks.wait()
    assert {one.topic for one in inbox.told} == {first.topic, reply.topic, answer.topic}
    assert [first.topic, reply.topic, answer.topic] == [
        "conversation.user.created", "conversation.user.replied", "conversation.admin.replied",
    ]  # fmt: skip
    assert sorted(inbox.ids) == sorted([reply.message_id, answer.message_id])
    for one in inbox.told:
        assert one.conversation is not None
        assert (one.app_id, one.conversation_id, one.delivery_attempts) == ("sandbox1", first.conversation_id, 1)
        assert one.conversation.source is not None
        assert one.conversation.source.id == first.message_id
    assert sandbox.conversation(first.conversation_id)["parts"][0]["body"] == f"<p>{CARD}</p>"


def test_a_snapshot_has_all_parts(inbox: Inbox, url: str) -> None:
    """On demand the conversation comes whole, as one note claims of Intercom."""
    sandbox = Sandbox()
    id = sandbox.add_conversation(parts=3)
    with sandbox.webhooks(url, secret=SECRET, snapshot=True) as hooks:
        sandbox.write("<p>one more</p>", id)
        assert hooks.wait()
    assert len(inbox.ids) == 4


@pytest.mark.anyio
async def test_redactions_are_told(inbox: Inbox, url: str) -> None:
    """A redaction has its topic, and shows the deleted text."""
    sandbox = Sandbox()
    with sandbox.webhooks(url, secret=SECRET, topics=["conversation_part.redacted"]) as hooks:
        written = sandbox.write(CARD, 480)
        async with sandbox.client() as intercom:
            await intercom.conversations.redact_part(written.conversation_id, written.message_id)
        assert hooks.wait()
    (one,) = inbox.told
    assert (one.topic, inbox.ids) == ("conversation_part.redacted", [written.message_id])
    assert CARD not in json.dumps(dict(one.raw))


def test_a_refused_one_comes_again(inbox: Inbox, url: str) -> None:
    """After an error it is sent once more, under its id; after two errors it is lost."""
    sandbox = Sandbox()
    inbox.refuse = 3
    with sandbox.webhooks(url, secret=SECRET, retry_after=0.05) as hooks:
        sandbox.write("x", 480)
        assert hooks.wait()
        sandbox.write("y", 480)
        assert hooks.wait()
    assert [one.delivery_attempts for one in inbox.told] == [1, 2, 1, 2]
    assert len({one.id for one in inbox.told}) == 2
    assert len({one.first_sent_at for one in inbox.told[:2]}) == 1
    assert [one.status for one in hooks.deliveries] == [503, 503, 503, 200]


def test_nobody_listens() -> None:
    """An address without a server is an attempt without a status, and a check without an answer."""
    sandbox = Sandbox()
    with Server(Endpoint(Inbox().handle, secret=SECRET)) as server:
        url = server.url
    with sandbox.webhooks(url, secret=SECRET, retry_after=0.01) as hooks:
        assert hooks.check() is None
        sandbox.write("x", 480)
        assert hooks.wait()
    assert [(one.attempt, one.status) for one in hooks.deliveries] == [(1, None), (2, None)]


def test_a_wrong_secret(inbox: Inbox, url: str) -> None:
    """What is signed with another secret is refused by the endpoint."""
    sandbox = Sandbox()
    with sandbox.webhooks(url, secret="other", retry_after=0.01) as hooks:
        hooks.ping()
        assert hooks.wait()
    assert [one.status for one in hooks.deliveries] == [401, 401]
    assert inbox.told == []


def test_drops_doubles_and_disorder(inbox: Inbox, url: str) -> None:
    """What is asked for happens to the next ones, and to no others."""
    sandbox = Sandbox()
    with sandbox.webhooks(url, secret=SECRET) as hooks:
        hooks.ask(drop=1)
        lost = sandbox.write("lost", 480)
        hooks.ask(double=1)
        twice = sandbox.write("twice", 480)
        assert hooks.wait()
        once = sandbox.write("once", 480)
        assert hooks.wait()
    assert lost.message_id not in inbox.ids
    assert inbox.ids == [twice.message_id] * 2 + [once.message_id]


def test_a_pause(inbox: Inbox, url: str) -> None:
    """While it is paused nothing is sent; afterwards everything is."""
    sandbox = Sandbox()
    with sandbox.webhooks(url, secret=SECRET) as hooks:
        hooks.ask(paused=True)
        written = sandbox.write("x", 480)
        assert not hooks.wait(0.05)
        assert inbox.told == []
        hooks.ask(paused=False)
        assert hooks.wait()
    assert inbox.ids == [written.message_id]


def letters(*ids: str) -> list[Letter]:
    """Notifications without a content."""
    return [Letter(id, "ping", {}, 0) for id in ids]


def taken(outbox: Outbox, now: float) -> list[str]:
    """What is due now, in order."""
    found: list[str] = []
    while outbox.due_in(now) == 0:
        found.append(outbox.take().id)
    return found


def test_disorder_is_the_reverse_order() -> None:
    """So many are held back until all are there; what comes after them stays behind them."""
    outbox = Outbox(60.0)
    outbox.ask(disorder=3)
    for number, letter in enumerate(letters("a", "b", "c", "d")):
        outbox.add(letter, float(number))
        assert outbox.idle is False
        assert number >= 2 or taken(outbox, float(number)) == []
    assert taken(outbox, 9.0) == ["c", "b", "a", "d"]


@pytest.mark.parametrize("status", [None, 401, 429, 500, 503])
def test_one_retry_a_minute_later(status: int | None) -> None:
    """Every error, a 429 too, leads to one more attempt; a 429 holds up the others for a moment."""
    outbox = Outbox(60.0)
    outbox.add(*letters("a"), 0.0)
    first = outbox.take()
    outbox.answered(first, status, 1.0)
    assert outbox.due_in(1.0) == 60.0
    outbox.add(*letters("b"), 1.0)
    assert outbox.due_in(1.0) == (1.0 if status == 429 else 0.0)
    assert taken(outbox, 61.0) == ["b", "a"]
    outbox.answered(first, status, 62.0)
    assert outbox.due_in(62.0) is None


def test_410_ends_the_delivery() -> None:
    """Nothing is sent after it, whatever waits or comes."""
    outbox = Outbox(60.0)
    for letter in letters("a", "b"):
        outbox.add(letter, 0.0)
    outbox.answered(outbox.take(), 410, 0.0)
    outbox.add(*letters("c"), 0.0)
    assert outbox.due_in(0.0) is None
    assert outbox.ended


def test_a_thousand_errors_pause_the_delivery() -> None:
    """Within 15 minutes so many errors stop it for a while; the same number over a longer time does not."""
    for seconds, paused in ((0.5, True), (1.0, False)):
        outbox = Outbox(10**6)
        for number in range(1_000):
            outbox.add(*letters(str(number)), 0.0)
            outbox.answered(outbox.take(), 500, number * seconds)
        outbox.add(*letters("next"), 1_000.0)
        assert (outbox.due_in(1_000.0) or 0.0) == pytest.approx(PAUSE - 1_000 + 999 * seconds if paused else 0.0)


def test_what_is_no_address_or_secret() -> None:
    """Mistakes are told when the address is registered."""
    sandbox = Sandbox()
    for url, secret in (("ftp://x", "s"), ("hooks", "s"), ("http://", "s"), ("http://x", "")):
        with pytest.raises(ValueError, match=r"url|secret"):
            sandbox.webhooks(url, secret=secret)
    with pytest.raises(KeyError):
        sandbox.write("x", 999_999)
    with pytest.raises(KeyError):
        sandbox.write("x", author="ghost")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="negative"):
        sandbox.webhooks("http://x", secret="s").ask(drop=-1)


# ---------------------------------------------------------------- the doors, and the command


def test_doors(inbox: Inbox, url: str) -> None:
    """Another process writes messages, has deliveries go wrong, and sees what was delivered."""
    sandbox = Sandbox()
    with sandbox.serve() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        assert client.post("/_sandbox/webhooks", json={"drop": 1}).status_code == 400
        with sandbox.webhooks(url, secret=SECRET) as hooks:
            assert client.post("/_sandbox/webhooks", json={"drop": 1}).status_code == 204
            lost = client.post("/_sandbox/messages", json={"body": "lost"})
            assert lost.status_code == 201
            id = lost.json()["conversation_id"]
            kept = client.post("/_sandbox/messages", json={"body": CARD, "conversation_id": id, "author": "lead"})
            assert hooks.wait()
            assert inbox.ids == [kept.json()["message_id"]]
            (delivery,) = client.get("/_sandbox/webhooks").json()
            assert (delivery["status"], delivery["topic"]) == (200, "conversation.user.replied")
            for wrong in ({}, {"body": 1}, {"body": "x", "conversation_id": "0"}, {"body": "x", "to": "y"}, [], {"body": "x", "author": "z"}):  # fmt: skip
                assert client.post("/_sandbox/messages", json=wrong).status_code == 400
            for wrong in ({"drop": "1"}, {"drop": -1}, {"lose": 1}, {"paused": 1}, []):  # type: ignore[assignment]
                assert client.post("/_sandbox/webhooks", json=wrong).status_code == 400
            assert client.post("/_sandbox/messages", content=b"{").status_code == 400


def test_the_command_sends_webhooks(inbox: Inbox, url: str) -> None:
    """`python -m aiointercom.sandbox --webhooks URL --secret ...` tells of what is written through the door."""
    command = [sys.executable, "-m", "aiointercom.sandbox", "--port", "0", "--webhooks", url, "--secret", SECRET]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as process:
        try:
            assert process.stdout is not None
            lines: Any = iter(process.stdout.readline, "")
            address = next(line.split()[-1] for line in lines if "address" in line)
            answer = httpx.post(
                f"{address}/_sandbox/messages", json={"body": CARD, "conversation_id": 480}, trust_env=False
            )
            assert answer.status_code == 201
            for _ in range(2_000):
                if httpx.get(f"{address}/_sandbox/webhooks", trust_env=False).json():
                    break
        finally:
            process.terminate()
    assert inbox.ids == [answer.json()["message_id"]]

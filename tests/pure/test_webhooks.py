"""Notifications: their signature, what is refused, what is read, and what is wanted of them."""

from __future__ import annotations

import json
import pickle
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from aiointercom import IntercomError
from aiointercom.cleanup import RedactPart, RedactSource
from aiointercom.detect import CardNumbers, Pattern, Span
from aiointercom.errors import DetectorError
from aiointercom.models import Conversation, ConversationPart, Ticket
from aiointercom.webhooks import Endpoint, Notification, NotificationError, SignatureError, WebhookError, verify, wanted
from tests.journeys.frames import leaks
from tests.pure.signing import CARD, SECRET, conversation, envelope, headers, message, packed, sign

BODY = packed()


def read(body: bytes) -> Notification:
    """A notification from a signed body."""
    return Notification.from_http(headers(body), body, secret=SECRET)


def about(topic: str = "conversation.user.replied", item: Any = None) -> Notification:
    """A notification of a topic about an item."""
    return read(packed(topic, item))


def asked(topic: str, item: Any) -> Any:
    """What is wanted when card numbers are looked for."""
    return wanted(about(topic, item), [CardNumbers()])


# ---------------------------------------------------------------- signatures


@pytest.mark.parametrize("secret", [SECRET, SECRET.encode(), ["old", SECRET], (SECRET.encode(), "new")])
@pytest.mark.parametrize("signature", [sign(BODY), sign(BODY).encode(), "sha1=" + sign(BODY)[5:].upper()])
def test_accepted(secret: Any, signature: Any) -> None:
    """One secret or several, text or bytes, and the digits in either case."""
    verify(BODY, signature, secret)
    verify(BODY, signature, iter([secret] if isinstance(secret, str | bytes) else secret))


REFUSED = {
    "missing": None,
    "empty": "",
    "of another secret": sign(BODY, "other"),
    "of another body": sign(BODY + b" "),
    "without its scheme": sign(BODY)[5:],
    "of another scheme": "sha256=" + sign(BODY)[5:],
    "cut": sign(BODY)[:-1],
    "too long": sign(BODY) + "0",
    "not ASCII": "sha1=" + "ä" * 40,
    "a lone surrogate": "sha1=" + "\udc80" * 40,
    "bytes that are not ASCII": b"sha1=" + b"\xff" * 40,
    "with a line break": sign(BODY) + "\n",
    "digits of other scripts": "sha1=" + "٣" * 40,
}


@pytest.mark.parametrize("signature", REFUSED.values(), ids=REFUSED)
def test_refused(signature: Any) -> None:
    """Whatever is no signature of this body is refused by a named error, and never by a TypeError."""
    with pytest.raises(SignatureError) as caught:
        verify(BODY, signature, SECRET)
    assert isinstance(caught.value, WebhookError)
    assert isinstance(caught.value, IntercomError)
    assert isinstance(caught.value, ValueError)
    sent = {} if signature is None else {"X-Hub-Signature": signature}
    with pytest.raises(SignatureError):
        Notification.from_http(sent, BODY, secret=SECRET)


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_no_signature_by_chance(signature: Any) -> None:
    """Any text and any bytes are a refusal."""
    with pytest.raises(SignatureError):
        verify(BODY, signature, SECRET)


@pytest.mark.parametrize("body", ["text", bytearray(b"x"), None, {"topic": "ping"}])
def test_bodies_are_bytes(body: Any) -> None:
    """What is not the bytes that were received is a mistake in the program, before anything is compared."""
    with pytest.raises(TypeError, match="bytes that were received"):
        verify(body, sign(b"x"), SECRET)
    with pytest.raises(TypeError, match="bytes that were received"):
        Notification.from_http({"X-Hub-Signature": sign(b"x")}, body, secret=SECRET)


@pytest.mark.parametrize(("secret", "error"), [("", ValueError), ([], ValueError), (["a", ""], ValueError), ([1], TypeError)])  # fmt: skip
def test_secrets_are_not_empty(secret: Any, error: type[Exception]) -> None:
    """With an empty secret anybody could sign; it is refused although its signature would fit."""
    with pytest.raises(error, match="secret"):
        verify(BODY, sign(BODY, ""), secret)


@pytest.mark.parametrize("secret", [" ", " \n", b"\t", [SECRET, " "]])
def test_a_secret_of_white_space_is_refused(secret: Any) -> None:
    """It is a variable that was never filled in, and anybody could sign with it."""
    with pytest.raises(ValueError, match="secret is empty"):
        verify(b"{}", sign(b"{}"), secret)


@pytest.mark.parametrize(
    "form",
    [
        lambda value: {"x-hub-signature": value},
        lambda value: {"X-HUB-SIGNATURE": value},
        lambda value: [(b"x-hub-signature", value.encode()), (b"host", b"\xff")],
        lambda value: {b"X-Hub-Signature": value.encode()},
        lambda value: [("X-Hub-Signature", value), ("X-Hub-Signature", value)],
    ],
)
def test_headers_of_any_form(form: Any) -> None:
    """Mappings and pairs, text and bytes, whatever the case of the name."""
    assert Notification.from_http(form(sign(BODY)), BODY, secret=SECRET).id == "notif_1"


def test_two_different_signatures_are_refused() -> None:
    """Of two headers that differ nobody can say which one counts."""
    pairs = [("X-Hub-Signature", sign(BODY)), ("X-Hub-Signature", sign(BODY, "other"))]
    with pytest.raises(SignatureError):
        Notification.from_http(pairs, BODY, secret=SECRET)


# ---------------------------------------------------------------- reading


def test_all_fields_are_read() -> None:
    """The envelope is typed, and the item is the model of its type."""
    got = read(BODY)
    assert (got.topic, got.id, got.app_id) == ("conversation.user.replied", "notif_1", "abc123")
    assert (got.created_at, got.first_sent_at, got.delivery_attempts) == (1_700_000_000, 1_700_000_001, 1)
    assert got.delivery_status == "pending"
    assert isinstance(got.conversation, Conversation)
    assert got.conversation_id == "471"
    assert got.raw == json.loads(BODY)
    assert got == read(BODY)
    assert hash(got) == hash(read(BODY))
    assert pickle.loads(pickle.dumps(got)) == got


def test_other_kinds_of_items() -> None:
    """Tickets and parts are typed as well; what has no model stays in `raw`."""
    assert isinstance(about("ticket.created", {"type": "ticket", "id": 493}).item, Ticket)
    assert about("ticket.created", {"type": "ticket", "id": 493}).conversation_id == "493"
    part = about("conversation_part.tag.created", {"type": "conversation_part", "id": "1"})
    assert isinstance(part.item, ConversationPart)
    assert part.conversation_id is part.conversation is None
    ping = about("ping", {"type": "ping", "message": "hello"})
    assert (ping.topic, ping.item) == ("ping", None)
    assert ping.raw["data"]["item"]["message"] == "hello"


def test_unknown_topics_are_kept() -> None:
    """A topic of the future is read like any other."""
    got = about("conversation.whale.sang", {"type": "whale", "id": "5"})
    assert (got.topic, got.item, got.raw["data"]["item"]["id"]) == ("conversation.whale.sang", None, "5")


ODD: list[dict[str, Any]] = [
    {"id": None, "app_id": 5, "created_at": "soon", "data": None},
    {"id": ["x"], "created_at": True, "delivery_attempts": 1.5, "delivery_status": 7, "data": []},
    {"data": {"item": None}},
    {"data": {"item": "text"}},
    {"data": {"item": {"type": ["conversation"]}}},
    {"data": {"item": {"type": "conversation", "id": "../me", "conversation_parts": [1], "source": "x"}}},
    {"data": {"item": {"type": "conversation", "conversation_parts": {"conversation_parts": [None, 1, {}]}}}},
]


@pytest.mark.parametrize("change", ODD)
def test_odd_shapes_are_read_leniently(change: dict[str, Any]) -> None:
    """What has another type than expected reads as None, and nothing fails; the text is not lost."""
    got = read(json.dumps({**envelope(), **change}).encode())
    assert got.topic == "conversation.user.replied"
    assert got.conversation_id is None
    assert wanted(got, [CardNumbers()]) == ()


DEEP = b'{"topic":"ping","data":' + b"[" * 60 + b"]" * 60 + b"}"
UNREADABLE = {
    "empty": b"",
    "not JSON": b"topic=ping",
    "cut": BODY[:-20],
    "not UTF-8": b'{"topic":"\xff"}',
    "UTF-16": '{"topic":"ping"}'.encode("utf-16"),
    "a list": b'["topic"]',
    "without a topic": b"{}",
    "an empty topic": b'{"topic":""}',
    "a topic that is a number": b'{"topic":1}',
    "NaN": b'{"topic":"ping","created_at":NaN}',
    "a huge number": b'{"topic":"ping","created_at":' + b"9" * 5000 + b"}",
    "deep": DEEP,
    "deep enough to break the parser": b'{"topic":' + b"[" * 100_000,
    "deep objects": b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
    "huge": b'{"topic":"ping","data":"' + b"x" * 1_048_576 + b'"}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable_bodies(body: bytes) -> None:
    """A signed body that is no notification is refused by a named error; an unsigned one for its signature, before it
    is read.
    """
    with pytest.raises(NotificationError):
        read(body)
    with pytest.raises(SignatureError):
        Notification.from_http({}, body, secret=SECRET)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Nothing but the named error comes out."""
    with suppress(NotificationError):
        read(body)


WORD = "Rumpelstilzchen"


def test_nothing_private_is_printed() -> None:
    """Neither `repr` nor any error, nor a frame of a traceback, shows a word of a message or the secret."""
    item = conversation(
        message("1", f"{WORD} {CARD}", name=WORD), source=message("2", WORD), title=WORD, tags={"x": WORD}
    )
    got = about("conversation.user.replied", item)
    assert WORD not in f"{got!r}{got}"
    for broken in (packed(item=item)[:-9], packed(item=item).replace(b'"topic"', b'"topik"')):
        for sent in (headers(broken), {"X-Hub-Signature": f"sha1={WORD}"}):
            with pytest.raises(WebhookError) as caught:
                Notification.from_http(sent, broken, secret=SECRET)
            assert WORD not in f"{caught.value!r}"
            assert caught.value.__cause__ is caught.value.__context__ is None


# ---------------------------------------------------------------- what is wanted


def test_the_new_part_is_wanted() -> None:
    """A part with a card number becomes an item with ids and names only."""
    assert asked("conversation.user.replied", conversation(message("115", f"<p>{CARD}</p>"))) == (
        RedactPart("471", "115", ["card_number"]),
    )
    assert asked("conversation.admin.replied", conversation(message("115", "hello", "admin"))) == ()


def test_the_source_is_wanted() -> None:
    """The first message is the source, and comes without parts."""
    first = conversation(source=message("900", f"my card {CARD}"))
    assert asked("conversation.user.created", first) == (RedactSource("471", "900", ["card_number"]),)
    subject = conversation(source=message("900", "<p>see above</p>", subject=CARD))
    assert asked("conversation.user.created", subject) == (RedactSource("471", "900", ["card_number"]),)


def test_a_full_snapshot_is_wanted_as_a_whole() -> None:
    """If all parts come, each of them is looked at."""
    item = conversation(*(message(str(n), CARD if n % 2 else "hello") for n in range(1, 6)), source=message("9", CARD))
    got = asked("conversation.user.replied", item)
    assert [one.key[2] for one in got] == ["9", "1", "3", "5"]


def test_where_it_was_found_is_told() -> None:
    """What only the stored text holds is marked, as in a plan."""
    (item,) = asked("conversation.user.replied", conversation(message("1", f"<p>hello</p><!-- {CARD} -->")))
    assert item.only_stored == ("card_number",)


def test_what_cannot_be_redacted_is_not_wanted() -> None:
    """Intercom would refuse these; nothing is sent for them."""
    assert asked("conversation.user.replied", conversation(message("1", CARD, redacted=True))) == ()
    assert asked("conversation.admin.assigned", conversation(message("1", None))) == ()
    assert asked("conversation.user.created", conversation(source=message("1", CARD, "admin"))) == ()


def test_our_own_redaction_starts_no_loop() -> None:
    """The topic of a redaction never leads to another, whatever it shows."""
    assert asked("conversation_part.redacted", conversation(message("1", CARD))) == ()
    assert asked("conversation_part.redacted", conversation()) == ()


def parts_of(**change: Any) -> dict[str, Any]:
    """A conversation with one harmless part, changed."""
    return {**conversation(message("1", "hello")), **change}


BODILESS = message("1", "x")
del BODILESS["body"]
TO_LOOK: dict[str, tuple[str, dict[str, Any]]] = {
    "a reply without a part": ("conversation.user.replied", conversation()),
    "a reply with null parts": ("conversation.user.replied", parts_of(conversation_parts=None)),
    "a reply with a list of null": ("conversation.admin.replied", parts_of(conversation_parts={"conversation_parts": None})),
    "a note without a part": ("conversation.admin.noted", conversation()),
    "more parts than came": ("conversation.user.replied", conversation(message("1", CARD), total=7)),
    "more parts, of another topic": ("conversation.admin.closed", conversation(total=3)),
    "a part without its body": ("conversation.user.replied", conversation(BODILESS)),
    "a part without an id": ("conversation.user.replied", conversation(message(None, CARD))),
    "a new one without a source": ("conversation.user.created", parts_of(source=None, conversation_parts=None)),
    "a new one of API 1.x": ("conversation.user.created", parts_of(source=None, conversation_message=message("1", CARD))),
    "a ticket's reply": ("ticket.contact.replied", {"type": "ticket", "id": "471"}),
    "a new ticket": ("ticket.created", {"type": "ticket", "id": "471"}),
}  # fmt: skip


@pytest.mark.parametrize(("topic", "item"), TO_LOOK.values(), ids=TO_LOOK)
def test_what_may_not_be_all_is_to_be_looked_at(topic: str, item: dict[str, Any]) -> None:
    """Where the new message did not come, or cannot be named, the conversation has to be read; its id is there."""
    assert asked(topic, item) == "look"
    assert about(topic, item).conversation_id == "471"


def test_nothing_to_look_at() -> None:
    """Pings, unknown things and changes of state lead to nothing."""
    assert asked("ping", {"type": "ping"}) == ()
    assert asked("contact.created", {"type": "contact", "id": "1"}) == ()
    assert asked("ticket.state.updated", {"type": "ticket", "id": "471"}) == ()
    assert asked("conversation.admin.assigned", conversation()) == ()


@frozen
class Broken:
    """A detector with a fault, which quotes the text."""

    name: str = "broken"

    def find(self, text: str) -> list[Span]:
        raise ValueError(text)


def test_faults_of_detectors() -> None:
    """An error names the place and the class, and not the text; two detectors of one name, or not one at all, are
    mistakes.
    """
    with pytest.raises(DetectorError) as caught:
        wanted(about(item=conversation(message("1", WORD), source=message("9", None))), [Broken()])
    assert (caught.value.part_id, caught.value.failure) == ("1", "ValueError")
    assert WORD not in str(caught.value)
    assert leaks(caught.value, (WORD,)) == []
    with pytest.raises(ValueError, match="detectors is empty"):
        wanted(about(), [])
    with pytest.raises(ValueError, match="same name"):
        wanted(about(), [CardNumbers(), Pattern("card_number", "x")])


def test_allowed_authors_and_channels() -> None:
    """Only messages of the listed authors are wanted, and only in conversations of the listed channels."""
    item = conversation(
        message("1", CARD, "user"), message("2", CARD, "admin"), {"id": "3", "body": CARD},
        source=message("9", CARD, "lead", type="email"),
    )  # fmt: skip
    told = about("conversation.user.replied", item)

    def ids(**allowed: Any) -> list[str]:
        found = wanted(told, [CardNumbers()], **allowed)
        assert found != "look"
        return [one.key[2] for one in found]

    assert ids() == ["9", "1", "2", "3"]
    assert ids(authors={"user", "lead"}) == ["9", "1"]
    assert ids(authors=[]) == []
    assert ids(channels={"email"}, authors=["admin"]) == ["2"]
    assert ids(channels=["conversation"]) == []
    unknown = about("conversation.user.replied", {**item, "source": None})
    assert wanted(unknown, [CardNumbers()], channels={"email"}) == "look"


WORD = "planted-word"
UNUSABLE: dict[str, tuple[Any, type[Exception], str]] = {
    "none": (None, TypeError, "secret must be text"),
    "number": (5, TypeError, "secret must be text"),
    "bytearray": (bytearray(WORD.encode()), TypeError, "secret must be text"),
    "mapping": ({WORD: 1}, TypeError, "secret must be text"),
    "one is none": ([WORD, None], TypeError, "text or bytes"),
    "nested": ([[WORD]], TypeError, "text or bytes"),
    "one is empty": ([WORD, ""], ValueError, "secret is empty"),
    "surrogate": (WORD + "\ud800", ValueError, "surrogate"),
}


def shows(error: BaseException) -> list[str]:
    """The locals of the SDK's frames that show the planted word."""
    found = [] if WORD not in repr(error) else ["the error"]
    for one in (error, error.__cause__, error.__context__):
        for frame, _ in traceback.walk_tb(None if one is None else one.__traceback__):
            if "aiointercom" in frame.f_globals["__name__"]:
                found += [name for name, value in frame.f_locals.items() if WORD in repr(value)]
    return found


@pytest.mark.parametrize("name", UNUSABLE)
@pytest.mark.parametrize("use", ["verify", "from_http", "Endpoint"])
def test_an_unusable_secret_is_told_and_not_shown(name: str, use: str) -> None:
    """Whatever is given as secret, the error says what to give, and no frame of the SDK shows it."""
    secret, kind, words = UNUSABLE[name]

    async def handle(_: Notification) -> None: ...

    calls: dict[str, Callable[[], object]] = {
        "verify": lambda: verify(b"{}", "sha1=" + 40 * "0", secret),
        "from_http": lambda: Notification.from_http({}, b"{}", secret=secret),
        "Endpoint": lambda: Endpoint(handle, secret=secret),
    }
    with pytest.raises(kind, match=words) as caught:
        calls[use]()
    assert shows(caught.value) == []


@pytest.mark.parametrize("headers", [None, 5, "X-Hub-Signature: x", [("a",)], {1: 2}, {"X-Hub-Signature": ["x"]}])
def test_what_is_no_headers_is_told(headers: Any) -> None:
    """Headers of a wrong type are a TypeError that says so, and show neither the secret nor the body."""
    with pytest.raises(TypeError, match="headers must be") as caught:
        Notification.from_http(headers, WORD.encode(), secret=WORD)
    assert shows(caught.value) == []


@pytest.mark.parametrize("body", [WORD, bytearray(WORD.encode()), None])
def test_a_body_that_is_not_bytes_is_told_and_not_shown(body: Any) -> None:
    """A body of a wrong type is a TypeError, and neither it nor the secret is in a frame; so is a signature that is none."""
    for call in (
        lambda: verify(body, "sha1=" + 40 * "0", WORD),
        lambda: Notification.from_http({}, body, secret=WORD),
        lambda: verify(WORD.encode(), cast("Any", 5), WORD),
    ):
        with pytest.raises(TypeError, match="must be") as caught:
            call()
        assert shows(caught.value) == []

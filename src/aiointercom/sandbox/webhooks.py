"""The sandbox's webhooks: signed notifications, sent over real connections by threads of their own."""

import time
from collections.abc import Callable, Iterable
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit
from uuid import uuid4

from attrs import frozen

from .messages import envelope, signature
from .outbox import Letter, Outbox
from .receiver import TIMEOUT, Receiver
from .refusals import Json
from .shapes import WORKSPACE_ID

SENDERS = 4
RETRY_AFTER = 60.0


@frozen
class Delivery:
    """One attempt to deliver a notification: ids, the status of the answer (None: no answer in time), and seconds."""

    notification_id: str
    topic: str
    attempt: int
    status: int | None
    at: float
    seconds: float


class Webhooks:
    """The address to which a sandbox sends its notifications, made by `Sandbox.webhooks`. A context manager.

    On demand notifications are lost, sent twice, out of order, or not at all: `ask(drop=3)`, `ask(double=1)`,
    `ask(disorder=5)`, `ask(paused=True)`. What is not answered with a 2xx within 5 seconds is sent once more after
    `retry_after` seconds; a 410 ends the delivery, a 429 holds it up for a second, 1,000 errors in 15 minutes pause it.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        clock: Callable[[], float],
        *,
        topics: Iterable[str] | None = None,
        retry_after: float = RETRY_AFTER,
        snapshot: bool = False,
        app_id: str = WORKSPACE_ID,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("url must be an address with http or https")
        if not secret:
            raise ValueError("secret is empty")
        self.url, self.snapshot = url, snapshot
        self._secret, self._clock, self._app_id = secret, clock, app_id
        self._topics = None if topics is None else frozenset(topics)
        self._outbox = Outbox(retry_after)
        self._deliveries: list[Delivery] = []
        self._closed = False
        self._threads = [Thread(target=self._send_all, name="intercom-webhooks", daemon=True) for _ in range(SENDERS)]

    def __repr__(self) -> str:
        return f"<Webhooks to {self.url}, {len(self._deliveries)} deliveries>"

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt so far, in the order of the answers."""
        with self._outbox.changed:
            return list(self._deliveries)

    def ask(self, *, drop: int = 0, double: int = 0, disorder: int = 0, paused: bool | None = None) -> None:
        """Have something go wrong with the next notifications.

        drop: so many are never sent. double: so many are sent twice. disorder: so many are held back until all of them
        are there, and then sent in the reverse order. paused: True stops the sending, False goes on with it; None
        leaves that. Raises ValueError for a number below zero.
        """
        self._outbox.ask(drop=drop, double=double, disorder=disorder, paused=paused)

    def tell(self, topic: str, item: Json) -> None:
        """Send a notification of any topic, about any object."""
        if self._topics is None or topic in self._topics or topic == "ping":
            letter = Letter(f"notif_{uuid4()}", topic, item, int(self._clock()))
            self._outbox.add(letter, time.monotonic())

    def ping(self) -> None:
        """Send a `ping`, as Intercom does when somebody asks for a test."""
        self.tell("ping", {"type": "ping", "message": "something something interzen"})

    def check(self) -> int | None:
        """Ask the address by HEAD, as Intercom does at set-up. Returns the status. None: there was no answer."""
        receiver = Receiver(self.url)
        status = receiver.request("HEAD", None, {})
        receiver.close()
        return status

    def wait(self, timeout: float = 30.0) -> bool:
        """Wait until nothing is to be sent any more, retries included. Returns whether that came in so many seconds."""
        with self._outbox.changed:
            return self._outbox.changed.wait_for(lambda: self._outbox.idle or self._outbox.ended, timeout)

    def start(self) -> None:
        """Send from now on."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop sending. What was not sent is forgotten; a delivery under way ends first, within 5 seconds."""
        with self._outbox.changed:
            self._closed = True
            self._outbox.changed.notify_all()
        for thread in self._threads:
            thread.join(2 * TIMEOUT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send_all(self) -> None:
        receiver = Receiver(self.url)
        while (letter := self._next()) is not None:
            self._deliver(letter, receiver)
        receiver.close()

    def _next(self) -> Letter | None:
        outbox = self._outbox
        with outbox.changed:
            while not self._closed:
                due_in = outbox.due_in(time.monotonic())
                if due_in == 0:
                    return outbox.take()
                outbox.changed.wait(due_in)
            return None

    def _deliver(self, letter: Letter, receiver: Receiver) -> None:
        at, attempt = self._clock(), letter.attempts
        letter.first_sent_at = int(at) if letter.first_sent_at is None else letter.first_sent_at
        body = envelope(letter, self._app_id)
        headers = {"Content-Type": "application/json", "X-Hub-Signature": signature(body, self._secret)}
        began = time.monotonic()
        status = receiver.request("POST", body, headers)
        taken = time.monotonic() - began
        with self._outbox.changed:
            self._deliveries.append(Delivery(letter.id, letter.topic, attempt, status, at, taken))
        self._outbox.answered(letter, status, time.monotonic())

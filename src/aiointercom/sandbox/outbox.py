"""When which notification is sent: the order, the retries, and faults on demand. Pure but for its lock."""

from collections import deque
from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count
from threading import Condition

from attrs import define, evolve, field

from .refusals import Json

RETRIES = 1
"""After an error a notification is sent once more."""
MOST_ERRORS, ERRORS_WITHIN, PAUSE = 1_000, 900.0, 900.0
"""After so many errors within so many seconds nothing is sent for a while. Assumption: how long is not published."""
THROTTLE = 1.0
"""Seconds without a delivery after a 429. Assumption: how much it slows the delivery down is not published."""


@define(eq=False)
class Letter:
    """A notification on its way."""

    id: str
    topic: str
    item: Json = field(repr=False)
    created_at: int
    first_sent_at: int | None = None
    attempts: int = 0


@define(eq=False)
class Outbox:
    """The notifications that wait, and the faults to inject. `changed` guards it, and wakes threads on every change."""

    retry_after: float
    changed: Condition = field(factory=Condition, init=False, repr=False)
    paused: bool = field(default=False, init=False)
    ended: bool = field(default=False, init=False)
    under_way: int = field(default=0, init=False)
    drop: int = field(default=0, init=False)
    double: int = field(default=0, init=False)
    disorder: int = field(default=0, init=False)
    _held: list[Letter] = field(factory=list[Letter], init=False)
    _waiting: list[tuple[float, int, Letter]] = field(factory=list[tuple[float, int, Letter]], init=False)
    _numbers: Iterator[int] = field(factory=count, init=False)
    _errors: deque[float] = field(factory=lambda: deque(maxlen=MOST_ERRORS), init=False)
    _silent_until: float = field(default=0.0, init=False)

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is under way. What is held back for disorder counts as waiting."""
        return not (self._waiting or self._held or self.under_way)

    def add(self, letter: Letter, now: float) -> None:
        """Put a new notification in, or lose it, double it, or hold it back, as was asked for."""
        with self.changed:
            if self.ended:
                return
            if self.drop:
                self.drop -= 1
                return
            letters = [letter]
            if self.double:
                self.double -= 1
                letters.append(evolve(letter))
            if self.disorder:
                self.disorder -= 1
                self._held += letters
                if not self.disorder:
                    self._release(now)
            else:
                self._push(*letters, at=now)
            self.changed.notify_all()

    def _release(self, now: float) -> None:
        self._push(*reversed(self._held), at=now)
        self._held.clear()

    def _push(self, *letters: Letter, at: float) -> None:
        for letter in letters:
            heappush(self._waiting, (at, next(self._numbers), letter))

    def ask(self, *, drop: int = 0, double: int = 0, disorder: int = 0, paused: bool | None = None) -> None:
        """Lose, double or reverse so many of the next notifications; pause the sending, or go on with it."""
        if min(drop, double, disorder) < 0:
            raise ValueError("drop, double and disorder must not be negative")
        with self.changed:
            self.drop += drop
            self.double += double
            self.disorder += disorder
            self.paused = self.paused if paused is None else paused
            self.changed.notify_all()

    def due_in(self, now: float) -> float | None:
        """Return the seconds until the next is due. None: nothing is, until a change. The caller holds the lock."""
        if self.paused or self.ended or not self._waiting:
            return None
        return max(0.0, self._waiting[0][0] - now, self._silent_until - now)

    def take(self) -> Letter:
        """The next notification, now under way. The caller holds the lock and knows that one is due."""
        self.under_way += 1
        letter = heappop(self._waiting)[2]
        letter.attempts += 1
        return letter

    def answered(self, letter: Letter, status: int | None, now: float) -> None:
        """Note how a notification was answered; None: it was not."""
        with self.changed:
            self.under_way -= 1
            if status == 410:
                self.ended = True
                self._waiting.clear()
            elif status is None or not 200 <= status < 300:
                self._failed(letter, status, now)
            self.changed.notify_all()

    def _failed(self, letter: Letter, status: int | None, now: float) -> None:
        self._errors.append(now)
        if status == 429:
            self._silent_until = now + THROTTLE
        if len(self._errors) == MOST_ERRORS and now - self._errors[0] < ERRORS_WITHIN:
            self._silent_until = now + PAUSE
            self._errors.clear()
        if letter.attempts <= RETRIES:
            self._push(letter, at=now + self.retry_after)

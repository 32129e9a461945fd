"""All that one sandbox holds, behind one lock: the server's thread and the test's threads both come here."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count
from threading import RLock

from attrs import define, evolve, field, frozen

from .faults import Fault, FaultList, Moment
from .limits import Slot, Windows
from .messages import Author, Written, told, write
from .operations import Operation, OperationRequest
from .records import Effect, Received
from .refusals import Json, RefusedError
from .webhooks import Webhooks
from .workspace import Workspace

REQUESTS_KEPT = 10_000


@frozen(order=True)
class Late:
    """A write that takes effect after its answer, at `due` in Unix seconds; of two due at once the first sent first."""

    due: float
    number: int
    operation: Operation = field(order=False)
    call: OperationRequest = field(order=False)
    request_id: str = field(order=False)


@define(eq=False)
class State:
    """The workspace, its windows, the armed faults and the records. `lock` guards `workspace`; the methods take it."""

    token: str = field(repr=False)
    region: str
    clock: Callable[[], float]
    windows: Windows
    workspace_id: str
    workspace: Workspace = field(init=False, repr=False)
    lock: RLock = field(factory=RLock, init=False, repr=False)
    webhooks: Webhooks | None = field(default=None, init=False, repr=False)
    _late: list[Late] = field(factory=list[Late], init=False, repr=False)
    _numbers: Iterator[int] = field(factory=count, init=False, repr=False)
    _faults: FaultList = field(factory=FaultList, init=False, repr=False)
    _effects: list[Effect] = field(factory=list[Effect], init=False, repr=False)
    _requests: deque[Received] = field(factory=lambda: deque(maxlen=REQUESTS_KEPT), init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.workspace = Workspace(self.workspace_id)

    def now(self) -> int:
        """Unix seconds, whole, as the API writes all its times."""
        return int(self.clock())

    def take_slot(self) -> Slot:
        """Count a request in the current window."""
        with self.lock:
            return self.windows.take()

    def arm(self, *faults: Fault) -> None:
        """Arm faults behind those that are armed already."""
        with self.lock:
            for fault in faults:
                self._faults.arm(fault)

    def disarm(self) -> None:
        """Disarm all faults."""
        with self.lock:
            self._faults.clear()

    def strike(self, operation: str | None, moment: Moment) -> Fault | None:
        """The fault that meets this request now; None when it may pass."""
        with self.lock:
            return self._faults.strike(operation, moment)

    def carry_out(self, operation: Operation, call: OperationRequest, request_id: str) -> Json:
        """Carry an operation out and write its effect into the ledger.

        The caller holds the lock; raises RefusedError.
        """
        done = operation.run(self.workspace.seen_at(call.sees), call)
        if done.effect is not None:
            self._effects.append(Effect(operation.id, *done.effect, call.at, request_id))
            if operation.id == "redactConversation":
                self._tell("conversation_part.redacted", *done.effect)
        return done.answer

    def write(self, body: str, conversation_id: str | None, author: Author) -> Written:
        """Add a message and tell of it. Raises KeyError when there is no such conversation, or author."""
        with self.lock:
            written = write(self.workspace, body, conversation_id, author, self.clock())
            self._tell(written.topic, written.conversation_id, written.message_id)
            return written

    def _tell(self, topic: str, conversation_id: str, message_id: str) -> None:
        if self.webhooks is not None:
            record = self.workspace.conversations[conversation_id]
            self.webhooks.tell(topic, told(record, message_id, snapshot=self.webhooks.snapshot))

    def postpone(self, operation: Operation, call: OperationRequest, request_id: str, late: float) -> None:
        """Have a write carried out so many seconds from now."""
        with self.lock:
            due = self.clock() + late
            heappush(self._late, Late(due, next(self._numbers), operation, evolve(call, at=due), request_id))

    def catch_up(self) -> None:
        """Carry out the late writes whose time has come, each as at its time. The caller holds the lock.

        Whoever looks at the workspace or changes it calls this first, so no task has to wait for the time, and a clock
        that is handed in decides.
        """
        while self._late and self._late[0].due <= self.clock():
            late = heappop(self._late)
            with suppress(RefusedError):
                self.carry_out(late.operation, late.call, late.request_id)

    def note_request(self, received: Received) -> None:
        """Remember a request; the oldest of more than 10,000 is forgotten."""
        with self.lock:
            self._requests.append(received)

    def effects(self) -> list[Effect]:
        """The ledger so far."""
        with self.lock:
            self.catch_up()
            return list(self._effects)

    def requests(self) -> list[Received]:
        """The requests that are remembered."""
        with self.lock:
            return list(self._requests)

"""All that one sandbox holds, behind one lock: the server's thread and the test's threads both come here."""

from collections import deque
from collections.abc import Callable
from threading import RLock

from attrs import define, field

from aiointercom.sandbox.faults import Fault, FaultList, When
from aiointercom.sandbox.limits import Slot, Windows
from aiointercom.sandbox.records import Effect, Received
from aiointercom.sandbox.workspace import Workspace

REQUESTS_KEPT = 10_000


@define(eq=False)
class State:
    """The workspace, its windows, the armed faults and the records. `lock` guards `workspace`; the methods take it."""

    token: str = field(repr=False)
    region: str
    clock: Callable[[], float]
    windows: Windows
    workspace: Workspace = field(factory=Workspace, repr=False)
    lock: RLock = field(factory=RLock, init=False, repr=False)
    _faults: FaultList = field(factory=FaultList, init=False, repr=False)
    _effects: list[Effect] = field(factory=list[Effect], init=False, repr=False)
    _requests: deque[Received] = field(factory=lambda: deque(maxlen=REQUESTS_KEPT), init=False, repr=False)

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

    def strike(self, operation: str | None, when: When) -> Fault | None:
        """The fault that meets this request now; None when it may pass."""
        with self.lock:
            return self._faults.strike(operation, when)

    def note_effect(self, effect: Effect) -> None:
        """Write into the ledger."""
        with self.lock:
            self._effects.append(effect)

    def note_request(self, received: Received) -> None:
        """Remember a request; the oldest of more than 10,000 is forgotten."""
        with self.lock:
            self._requests.append(received)

    def effects(self) -> list[Effect]:
        """The ledger so far."""
        with self.lock:
            return list(self._effects)

    def requests(self) -> list[Received]:
        """The requests that are remembered."""
        with self.lock:
            return list(self._requests)

"""Faults on demand: what may go wrong around a request, before or after its effect, and which request it strikes."""

from collections.abc import Mapping
from types import NoneType
from typing import Literal, Self

from attrs import asdict, define, field, frozen

from .refusals import Json, as_object

When = Literal["before", "after"]
Moment = Literal["before", "reading", "after"]

WRITES = frozenset({"redactConversation", "convertConversationToTicket"})
LAGGING = frozenset({"retrieveConversation", "listConversations", "searchConversations", "getTicket"})
"""The reads of what writes change."""

# What a JSON description of a fault may hold under each name; a bool is no number here.
_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "operation": (str, NoneType),
    "when": (str,),
    "status": (int, NoneType),
    "code": (str,),
    "message": (str,),
    "body": (str, NoneType),
    "content_type": (str,),
    "headers": (dict,),
    "delay": (int, float),
    "drop": (bool,),
    "truncate": (int, NoneType),
    "rate_limited": (bool,),
    "late": (int, float, NoneType),
    "lag": (int, float, NoneType),
    "times": (int, NoneType),
    "skip": (int,),
    "every": (int,),
}


@frozen(kw_only=True)
class Fault:
    """Something that goes wrong on purpose. At most one of `status`/`body`, `drop`, `truncate`, `rate_limited`, `lag`.

    operation: the operation id to strike, as `redactConversation`; None strikes any that the fault can strike.
    when: "before" answers instead of carrying the request out; "after" carries it out first, so that a write has taken
        effect although its answer is lost. After also strikes the answer of a request that was refused.
    status: answer with this HTTP status and an `error.list` of `code` and `message`.
    body: answer with these bytes (status 200 unless `status` says otherwise), as a gateway would: the answer carries no
        rate-limit headers and no request id. `content_type` belongs to it.
    headers: added to the answer, as `{"Retry-After": "3"}`; they replace headers of the same name.
    delay: seconds to wait first; alone, the real answer comes late. In process a caller that gives up during a delay
        "before" takes the effect with it; the real server goes on, as Intercom does.
    drop: the connection is closed without an answer. In process: ConnectionResetError.
    truncate: only the first N bytes of the real body are sent under its full length, then the connection is closed.
        Only "after": before the effect there is no real body.
    rate_limited: 429 with the headers of a used-up window. The window itself is not touched.
    late: the write takes effect so many seconds after the answer, by the sandbox's clock, as behind a gateway that gave
        up on it. It comes with `status`/`body`, `drop` or `rate_limited`, only "before", and strikes writes only. A
        write that is refused when its time has come, as a second conversion, changes nothing.
    lag: the read shows the workspace as it was so many seconds ago, as a replica that lags behind. It strikes reads of
        conversations and tickets only, and strikes beside a fault of another kind. What a test itself adds to the
        workspace is seen at once; the answer of a write never lags.
    times: strike so many requests, then be gone; None for ever.
    skip: let so many matching requests pass first.
    every: strike the first of so many matching requests: with 2 and a `lag` every second read is stale.
    """

    operation: str | None = None
    when: When = "before"
    status: int | None = None
    code: str = "server_error"
    message: str = "Something went wrong"
    body: bytes | None = None
    content_type: str = "text/html"
    headers: Mapping[str, str] = field(factory=dict[str, str])
    delay: float = 0.0
    drop: bool = False
    truncate: int | None = None
    rate_limited: bool = False
    late: float | None = None
    lag: float | None = None
    times: int | None = 1
    skip: int = 0
    every: int = 1

    def __attrs_post_init__(self) -> None:
        answers = self.status is not None or self.body is not None
        kinds = answers + self.drop + (self.truncate is not None) + self.rate_limited + (self.lag is not None)
        if kinds > 1:
            raise ValueError("a fault is one of status/body, drop, truncate, rate_limited, lag")
        if not kinds and not self.delay:
            raise ValueError("a fault needs one of status, body, drop, truncate, rate_limited, lag, delay")
        if self.when not in ("before", "after"):
            raise ValueError("when is 'before' or 'after' the effect")
        if self.truncate is not None and (self.when == "before" or self.truncate < 0):
            raise ValueError("truncate cuts the real body, which exists only after the effect, to 0 bytes or more")
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError("status must be between 200 and 599")
        if self.delay < 0 or self.skip < 0 or self.every < 1 or (self.times is not None and self.times < 1):
            raise ValueError("delay and skip must not be negative; every and times are at least 1, times None for ever")
        for name, seconds in (("late", self.late), ("lag", self.lag)):
            if seconds is not None and not seconds > 0:
                raise ValueError(f"{name} must be more than 0 seconds")
        self._check_late()
        self._check_lag()

    def _check_late(self) -> None:
        if self.late is None:
            return
        if self.operation is not None and self.operation not in WRITES:
            raise ValueError(f"only a write can take effect late: {' or '.join(sorted(WRITES))}")
        if self.when == "after" or self.leaves_real_answer:
            raise ValueError(
                "late needs an answer before the effect: status, body, drop or rate_limited, when 'before'"
            )

    def _check_lag(self) -> None:
        if self.lag is None:
            return
        if self.operation is not None and self.operation not in LAGGING:
            raise ValueError(f"only a read of what writes change can lag: {', '.join(sorted(LAGGING))}")
        if self.when == "after" or self.delay or self.headers:
            raise ValueError(
                "lag can be combined with operation, times, skip and every only; arm a second fault for the rest"
            )

    @property
    def moment(self) -> Moment:
        """When it strikes: before the request is carried out, while a read is, or after."""
        return self.when if self.lag is None else "reading"

    def strikes(self, operation: str | None) -> bool:
        """Say whether it may meet a request of this operation."""
        if self.operation is not None:
            return self.operation == operation
        if self.late is not None:
            return operation in WRITES
        return self.lag is None or operation in LAGGING

    @property
    def leaves_real_answer(self) -> bool:
        """True when the real answer goes out, late or cut short."""
        return self.status is None and self.body is None and not self.drop and not self.rate_limited

    @classmethod
    def from_json(cls, described: object) -> Self:
        """A fault from its JSON description; `body` is text there. Raises TypeError or ValueError on anything else."""
        found = as_object(described)
        if found is None:
            raise TypeError("a fault is a JSON object")
        values: Json = {}
        for name, value in found.items():
            types = _JSON_TYPES.get(name)
            if types is None:
                raise ValueError(f"{name} is not a field of Fault")
            if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
                raise TypeError(f"{name} must not be {value!r}")
            values[name] = value.encode() if name == "body" and isinstance(value, str) else value
        if not all(isinstance(value, str) for value in values.get("headers", {}).values()):
            raise TypeError("headers must be text")
        return cls(**values)

    def to_json(self) -> Json:
        """What `from_json` reads. Bytes of the body that are no UTF-8 are replaced."""
        described = asdict(self)
        if self.body is not None:
            described["body"] = self.body.decode(errors="replace")
        return described


@define
class _Armed:
    fault: Fault
    skip: int
    times: int | None

    def strike(self) -> bool:
        """Count one matching request; returns whether it is struck."""
        if self.skip:
            self.skip -= 1
            return False
        self.skip = self.fault.every - 1
        if self.times is not None:
            self.times -= 1
        return True


class FaultList:
    """The faults that are armed. The first that matches strikes. Not locked: the state holds its lock."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def arm(self, fault: Fault) -> None:
        """Append a fault with its counts."""
        self._armed.append(_Armed(fault, fault.skip, fault.times))

    def clear(self) -> None:
        """Drop all."""
        self._armed.clear()

    def strike(self, operation: str | None, moment: Moment) -> Fault | None:
        """The fault that meets this request at this moment, used up by one; None when it may pass."""
        for armed in self._armed:
            if armed.fault.moment == moment and armed.fault.strikes(operation) and armed.strike():
                if armed.times == 0:
                    self._armed.remove(armed)
                return armed.fault
        return None

"""Faults on demand: what may go wrong around a request, before or after its effect, and which request it strikes."""

from collections.abc import Mapping
from types import NoneType
from typing import Any, Literal, Self

from attrs import asdict, define, field, frozen

from aiointercom.sandbox.refusals import as_object

When = Literal["before", "after"]

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
    "times": (int, NoneType),
    "skip": (int,),
}


@frozen(kw_only=True)
class Fault:
    """Something that goes wrong on purpose. At most one of `status`/`body`, `drop`, `truncate`, `rate_limited`.

    operation: the operation id to strike, as `redactConversation`; None strikes any.
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
    times: strike so many requests, then be gone; None for ever.
    skip: let so many matching requests pass first.
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
    times: int | None = 1
    skip: int = 0

    def __attrs_post_init__(self) -> None:
        answers = self.status is not None or self.body is not None
        kinds = answers + self.drop + (self.truncate is not None) + self.rate_limited
        if kinds > 1:
            raise ValueError("a fault is one of status/body, drop, truncate, rate_limited")
        if not kinds and not self.delay:
            raise ValueError("a fault needs one of status, body, drop, truncate, rate_limited, delay")
        if self.when not in ("before", "after"):
            raise ValueError("when is 'before' or 'after' the effect")
        if self.truncate is not None and (self.when == "before" or self.truncate < 0):
            raise ValueError("truncate cuts the real body, which exists only after the effect, to 0 bytes or more")
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError("status must be between 200 and 599")
        if self.delay < 0 or self.skip < 0 or (self.times is not None and self.times < 1):
            raise ValueError("delay and skip must not be negative; times is at least 1, or None for ever")

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
        values: dict[str, Any] = {}
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

    def to_json(self) -> dict[str, Any]:
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

    def strike(self, operation: str | None, when: When) -> Fault | None:
        """The fault that meets this request at this moment, used up by one; None when it may pass."""
        for armed in self._armed:
            if armed.fault.when != when or armed.fault.operation not in (None, operation):
                continue
            if armed.skip:
                armed.skip -= 1
                continue
            if armed.times is not None:
                armed.times -= 1
                if not armed.times:
                    self._armed.remove(armed)
            return armed.fault
        return None

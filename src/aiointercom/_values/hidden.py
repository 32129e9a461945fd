"""Values that no traceback, log or error report may show.

Rich tracebacks and Sentry print the local variables of every frame.
"""

from __future__ import annotations

from typing import Generic, TypeVar, cast

T_co = TypeVar("T_co", covariant=True)


class Hidden(Generic[T_co]):
    """Holds a value and prints as `<hidden>`; two of them are equal where their values are.

    It is neither a mapping, nor a sequence, nor an attrs class: what prints local variables looks into those and
    ignores their repr.

    Args:
        value: What to hide.
    """

    __slots__ = ("_value",)

    def __init__(self, value: T_co) -> None:
        self._value = value

    def reveal(self) -> T_co:
        """Return the value. Do not keep it in a local variable across an `await`, or where an error may be raised."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Hidden) and bool(self._value == cast("Hidden[object]", other)._value)
        )

    def __hash__(self) -> int:
        try:
            return hash(self._value)
        except TypeError:  # a callable object without a hash
            return id(self._value)

    def __repr__(self) -> str:
        return "<hidden>"

    def __reduce__(self) -> str:
        raise TypeError("a hidden value cannot be pickled")


Secret = Hidden[str]

"""PURE: the root of all errors, and how they are pickled."""

from __future__ import annotations

from typing import Self

from aiointercom._values.records import Coverage


class IntercomError(Exception):
    """The root of all errors of this package."""

    __module__ = "aiointercom.errors"  # its public place

    coverage: Coverage | None = None
    """What `redact_all` had done when this error stopped it; None: nothing, or the error comes from another call."""

    def __reduce__(self) -> tuple[object, ...]:
        return restore, (type(self), self.args, self._state())

    def _state(self) -> dict[str, object]:
        return dict(self.__dict__)

    @classmethod
    def _new(cls, args: tuple[object, ...], state: dict[str, object]) -> Self:
        error = cls.__new__(cls)
        error.args = args
        error.__dict__.update(state)
        return error


def restore(cls: type[IntercomError], args: tuple[object, ...], state: dict[str, object]) -> IntercomError:
    return cls._new(args, state)  # pyright: ignore[reportPrivateUsage]  # the two halves of one protocol, pickle's

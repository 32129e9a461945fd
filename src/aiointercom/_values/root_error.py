"""PURE: the root of all errors, and how they are pickled."""

from __future__ import annotations

from typing import ClassVar, Self

from aiointercom._values.records import Coverage


class IntercomError(Exception):
    """The root of all errors of this package."""

    __module__ = "aiointercom.errors"  # its public place

    http_status: ClassVar[int] = 500
    """The HTTP status that a web app answers its own caller with when a call ends in this error.

    `APIError.status` is Intercom's answer. 4xx where the caller named something that does not exist or cannot be done;
    502 where Intercom failed, or refused the app's token; 503 where nothing was done and the same request may succeed
    later; 504 where it is not known whether it was done; 500 for faults of the app.
    """
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


class InvalidInputError(IntercomError, ValueError):
    """An id, a query or a text that cannot be sent as it is; nothing was sent.

    The message names the argument, never its value.
    """

    __module__ = "aiointercom.errors"  # its public place


def restore(cls: type[IntercomError], args: tuple[object, ...], state: dict[str, object]) -> IntercomError:
    return cls._new(args, state)  # pyright: ignore[reportPrivateUsage]  # the two halves of one protocol, pickle's

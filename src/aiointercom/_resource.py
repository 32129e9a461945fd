"""Resources as attributes of the client, made when they are first used.

They are declared on the class, so that `help()`, `dir()` and mocks know them.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar, cast

T = TypeVar("T")


class HasSender(Protocol):
    """A client."""

    @property
    def sender(self) -> Any:
        """What resources send with."""
        ...


class _Resource:
    """On an instance, make and store the resource; on the class, return the resource's class as a spec for mocks."""

    def __init__(self, kind: type[Any]) -> None:
        self._kind = kind
        self.__doc__ = kind.__doc__

    def __set_name__(self, owner: type[object], name: str) -> None:
        self._name = name

    def __get__(self, instance: HasSender | None, owner: type[object]) -> Any:
        if instance is None:
            return self._kind
        made = vars(instance)[self._name] = self._kind(instance.sender)
        return made


def resource(kind: type[T]) -> T:
    """Declare a resource of a client, whose class is made with the client's sender."""
    return cast("T", _Resource(kind))

"""Looks into the local variables of tracebacks as rich and Sentry do, and one step further."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from traceback import walk_tb
from types import FrameType
from typing import Any

import attrs
from rich.pretty import pretty_repr

import aiointercom
import intercom_raw
from aiointercom import Intercom
from aiointercom.conversations import Conversations
from aiointercom.tickets import Tickets, TicketTypes

OURS = tuple(str(Path(package.__file__ or "").parent) for package in (aiointercom, intercom_raw))
DEEPEST = 12


def _public_methods() -> dict[Any, set[str]]:
    """The code of public methods, with the names of their arguments: what stands in those is the caller's own."""
    found = {}
    for owner in (Intercom, Conversations, Tickets, TicketTypes):
        for name, function in inspect.getmembers(owner, inspect.isfunction):
            if not name.startswith("_"):
                found[function.__code__] = set(inspect.signature(function).parameters) - {"self"}
    return found


PUBLIC = _public_methods()
CALLERS = {(code.co_filename, code.co_name): names for code, names in PUBLIC.items()}
"""The same, by file and name."""


def errors_of(error: BaseException) -> Iterator[BaseException]:
    """An error, and all that it drags along: causes, contexts, and the members of groups."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [other for other in (one.__cause__, one.__context__) if other is not None]
        waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else ()


def frames_of(error: BaseException) -> list[FrameType]:
    """The frames of the SDK in the tracebacks of an error."""
    return [
        frame
        for one in errors_of(error)
        for frame, _ in walk_tb(one.__traceback__)
        if frame.f_code.co_filename.startswith(OURS)
    ]


def leaks(error: BaseException, words: Sequence[str]) -> list[str]:
    """Where in the frames of an error one of the words stands: function, variable and word."""
    return [
        f"{frame.f_code.co_qualname}: {name}: {word}"
        for frame in frames_of(error)
        for name, value in frame.f_locals.items()
        if name not in PUBLIC.get(frame.f_code, ())
        for word in words
        if any(word in text for text in (pretty_repr(value), *texts(value)))
    ]


def texts(value: object, depth: int = 0) -> Iterator[str]:
    """What may be read in a value: its repr, and that of all that it holds."""
    yield repr(value)
    if depth < DEEPEST:
        for inner in _within(value):
            yield from texts(inner, depth + 1)


def _within(value: object) -> Iterator[object]:
    if isinstance(value, bytes | bytearray):
        yield value.decode("latin-1")
    elif isinstance(value, Mapping):
        yield from value
        yield from value.values()
    elif isinstance(value, AbstractSet | Sequence) and not isinstance(value, str):
        yield from value
    elif attrs.has(type(value)):
        yield from (getattr(value, field.name, None) for field in attrs.fields(type(value)) if field.repr is True)
    elif isinstance(value, BaseException):
        yield from value.args

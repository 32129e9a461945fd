"""PURE: checks of what callers pass: ids, seconds, functions and JSON."""

from __future__ import annotations

import inspect
import json
import math
import re
from collections.abc import Callable
from functools import partial
from typing import TypeVar, cast

from .root_error import InvalidInputError

T = TypeVar("T")
F = TypeVar("F")
LONGEST_ID = 255
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_USUAL_ID = re.compile(rf"[0-9A-Za-z_-]{{1,{LONGEST_ID}}}")


def checked_id(value: object, name: str) -> str | int:
    """Return an id that can stand in a path, as it is.

    Raises:
        TypeError: It is neither a string nor an integer.
        InvalidInputError: It is empty, longer than 255 characters, "." or "..", or holds a slash, blank or control
            character.
    """
    if isinstance(value, str) and _USUAL_ID.fullmatch(value):  # nearly all: the rest says what is wrong with the others
        return value
    if (wrong := _wrong_with(value, name)) is not None:
        del value  # a traceback shows what a frame still holds, and in the place of an id there may be an email
        raise wrong
    return cast("str | int", value)


def _wrong_with(value: object, name: str) -> Exception | None:
    """Return the error about a value that is no id; None: it is one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return TypeError(f"{name} must be a string or an integer, not {type(value).__name__}")
    if isinstance(value, int):
        few = 0 <= value < 10**LONGEST_ID
        return None if few else InvalidInputError(f"{name} must not be negative or longer than {LONGEST_ID} digits")
    if not value or value in (".", "..") or len(value) > LONGEST_ID:
        return InvalidInputError(f"{name} must not be empty, '.', '..' or longer than {LONGEST_ID} characters")
    if not value.isprintable() or any(character in "/\\ " or character.isspace() for character in value):
        return InvalidInputError(f"{name} must not hold slashes, blanks or control characters")
    return None


def id_like(value: object) -> str | None:
    """Return an id that an answer holds as its decimal string, or None for what a caller could not hand back as an id.

    The rules are those of `checked_id`: what passes can stand in a path, an error, the ledger and on a terminal.
    """
    try:
        return str(checked_id(value, "id"))
    except (TypeError, ValueError):
        return None


def checked_seconds(value: object, name: str) -> float:
    """Return a number of seconds above zero.

    Raises:
        TypeError: It is no number.
        ValueError: It is zero, negative or not finite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not math.isfinite(value) or value <= 0:
        raise ValueError(f"{name} must be above zero and finite")
    return float(value)


def checked_version(version: object) -> str:
    """Return a version of the API as it is.

    Raises:
        ValueError: It is not of the form that Intercom names versions by, such as "9.1" or "Preview".
    """
    if not isinstance(version, str) or re.fullmatch(r"[0-9]{1,3}\.[0-9]{1,3}|[A-Z][a-z]{1,20}", version) is None:
        raise ValueError('version must be one that Intercom names, such as "9.1" or "Preview"')
    return version


def encode(body: object) -> bytes:
    """Write a body as JSON, in UTF-8 and without blanks.

    Raises:
        InvalidInputError: It holds a number that is not finite, itself, or a text that UTF-8 cannot write.
        TypeError: It is no JSON data.
    """
    try:
        return encodable(_write(body).encode, "body")
    except InvalidInputError:
        raise
    except ValueError:
        pass  # not chained: the encoder's error may quote what it met
    finally:
        del body  # a traceback shows what a frame still holds
    raise InvalidInputError(
        "Circular reference in the body, or a number in it that is not finite: JSON can write neither"
    )


def encodable(write: Callable[[], T], what: str) -> T:
    """Write a text as bytes, or say that it cannot be."""
    try:
        return write()
    except UnicodeEncodeError:
        del write  # not chained either: the codec's error holds, and prints, the whole text
    raise InvalidInputError(f"the {what} holds half of a surrogate pair, which no text in UTF-8 can")


def checked_callback(function: F, name: str) -> F:
    """Check that a callback is a plain function, and return it unchanged. None means no callback, and is returned too.

    Raises:
        TypeError: It cannot be called, or is async: nothing would await it, and all that it is told would be lost.
    """
    if function is None:
        return function
    if not callable(function):
        raise TypeError(f"{name} must be a function, not {type(function).__name__}")
    if _is_async(function):
        raise TypeError(f"{name} must not be async: it is called between two steps of the work, and not awaited")
    return function


def _is_async(function: object) -> bool:
    """Say whether calling something gives an awaitable: a function, a `functools.partial`, or a callable object."""
    while isinstance(function, partial):
        function = cast("partial[object]", function).func
    called = getattr(function, "__call__", None)  # noqa: B004  # of an object that is called like a function
    return any(inspect.iscoroutinefunction(f) or inspect.isasyncgenfunction(f) for f in (function, called))

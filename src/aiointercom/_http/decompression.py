"""PURE: turns the chunks of an answer's body into its unpacked bytes, up to a limit.

A decoder that takes a whole chunk at once may make a thousand times as much of it before anybody can count. Here zlib
gives out one small piece at a time, so that an answer which unpacks to a gigabyte ends at the limit.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

STEP = 65_536
"""Bytes that are unpacked at a time."""
GZIP = zlib.MAX_WBITS | 16
MOST_ENCODINGS = 4
"""Encodings on top of each other that are undone; more than one has never been seen."""


class TooLargeError(Exception):
    """More bytes came, or were unpacked, than allowed."""


class UndecodableError(Exception):
    """The body is not what its Content-Encoding says, or it was cut short."""


class Body:
    """Collects the chunks of one body.

    Args:
        encoding: The header Content-Encoding; an encoding other than gzip and deflate, which is never
            requested, is not decoded.
        most: Bytes that may be received, and bytes that they may be unpacked to; None: no limit.
    """

    __slots__ = ("_inflaters", "_most", "_parts", "_received", "_size")

    def __init__(self, encoding: str | None, most: int | None) -> None:
        self._inflaters = _inflaters(encoding) if encoding else []
        self._most = most
        self._parts: list[bytes] = []
        self._received = self._size = 0

    def add(self, chunk: bytes) -> None:
        """Take one chunk as it was received.

        Raises:
            TooLargeError, UndecodableError: See there.
        """
        self._received = self._within(self._received + len(chunk))
        if not self._inflaters:
            self._parts.append(chunk)
            return
        for piece in _unpacked(self._inflaters, chunk):
            self._size = self._within(self._size + len(piece))
            self._parts.append(piece)

    def whole(self) -> bytes:
        """Return the body, once all chunks were added.

        Raises:
            UndecodableError: It was cut short.
        """
        if self._inflaters and self._received and not all(inflater.done for inflater in self._inflaters):
            raise UndecodableError("cut short")
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    def _within(self, size: int) -> int:
        if self._most is not None and size > self._most:
            self._parts.clear()
            raise TooLargeError
        return size


class _Inflater:
    """Undoes one encoding."""

    def __init__(self, wbits: int) -> None:
        self._zlib = zlib.decompressobj(wbits)
        self._raw_next = wbits == zlib.MAX_WBITS

    @property
    def done(self) -> bool:
        """Whether the end was seen."""
        return self._zlib.eof

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Unpack one chunk, a piece at a time."""
        while not self._zlib.eof:
            piece = self._piece(data)
            if piece:
                yield piece
            data = self._zlib.unconsumed_tail
            if not data and len(piece) < STEP:
                return

    def _piece(self, data: bytes) -> bytes:
        """Unpack the next piece. Some servers send deflate without the zlib header that belongs around it."""
        first, self._raw_next = self._raw_next, self._raw_next and not data
        try:
            return self._zlib.decompress(data, STEP)
        except zlib.error:
            pass  # not chained: what stands in the frames around it is the answer
        if first:
            self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._piece(data)
        raise UndecodableError("not what its Content-Encoding says")


def _inflaters(encoding: str) -> list[_Inflater]:
    """Make what undoes the encodings of a header, the last one first."""
    names = [name.strip().lower() for name in encoding.split(",")]
    known = [{"gzip": GZIP, "x-gzip": GZIP, "deflate": zlib.MAX_WBITS}.get(name) for name in reversed(names)]
    found = [_Inflater(wbits) for wbits in known if wbits is not None]
    if len(found) > MOST_ENCODINGS:
        raise UndecodableError(f"more than {MOST_ENCODINGS} encodings")
    return found


def _unpacked(inflaters: list[_Inflater], data: bytes) -> Iterator[bytes]:
    if not inflaters:
        yield data
        return
    for piece in inflaters[0].pieces(data):
        yield from _unpacked(inflaters[1:], piece)

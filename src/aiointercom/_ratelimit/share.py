"""Pure: which part of all use is ours, and whether we are one of many that share a token.

Nobody tells how many processes share a token; an answer tells how much of the window all of them have used. Where few
share it, our part of that is measure enough. Where many do, each has only a handful of calls in a window: each sees the
state of the window rarely, and a process that began with little would go on with little. There, in a crowd, all go at
nearly the same rate whatever they measured, and reckon with what the others have sent since the last answer.
"""

from __future__ import annotations

from math import log, sqrt

SMALLEST = 1 / 16  # our part of all use is never held for smaller, so that a new process gets a share
SMALLEST_IN_CROWD = 1 / 64
MARGIN = 0.03  # at most this part of the limit stays unused so that several processes do not race for the last calls
MEMORY, MEMORY_OF_CROWD = 1 / 20, 4.0  # windows for which our earlier part of all use counts beside this window's

CROWD_CALLS = 8  # with fewer calls in a window than these, by our part of all use, we are one of many
LONELY_CALLS = 24  # with more, we are not; between the two, what was found at first holds
CROWD_PART = 1 / 20  # in a crowd our part counts as the mean of itself and of this (the geometric one)
CROWD_START = 1 / 40  # the part with which all of a crowd begin, so that none keeps what it got in the first rush
FEW = 4.0  # with at least this haste the processes that share the token are few and large; in a crowd it is below 2
HASTE = 1.6  # that is reckoned with before any was seen

KNOWN = 3  # answers of ours in a window that are enough to know the others by
NEWCOMER = 4  # windows in which a process that came later than others is not taken for one of many
BUSY = 0.8  # a window of which so much was used before our first call is one that others use already
EARLY = 0.35  # part of a window before which that cannot be told


class Share:
    """Our part of all use, from our own answers and from what they told of the whole."""

    def __init__(self) -> None:
        self.value = 1.0
        """Our part of all use, from 0 to 1."""
        self.others = 0.0
        """Calls that others probably have in flight for each of ours."""
        self.margin = 0.0
        """Calls that stay unused."""
        self.crowd = False
        """Whether many share the token."""
        self.first = True
        """Whether the first window of which we saw enough is still to come, or goes on: the others are hardly known."""
        self.own = 0
        """Our answers in this window."""
        self._before = 1.0
        self._newcomer = 0
        # How steeply a window is used up: 1 is evenly, more is faster at its beginning; and what this window showed.
        self._haste, self._hastes, self._haste_known = HASTE, list[float](), False

    @property
    def rate(self) -> float:
        """Our part of the calls that are left: in a crowd nearly the same for all."""
        return sqrt(self.value * CROWD_PART)

    def begin(self, limit: int) -> None:
        """A window begins; `limit`: that of the one before, 0 for the first window."""
        if limit:
            if self.first and self.crowd:
                self.value = CROWD_START
            self.first = self.first and self.own < KNOWN and not self.crowd
            self._newcomer = max(0, self._newcomer - 1)
            if self._hastes:
                self._haste = (self._haste + min(5.0, sum(self._hastes) / len(self._hastes))) / 2
                self._hastes, self._haste_known = [], True
            if self._haste_known:
                self.crowd = not self._newcomer and self._haste < FEW and self.value * limit < LONELY_CALLS
        self._before, self.own = self.value, 0

    def told(self, limit: int, used: int, passed: float, latest: bool) -> None:
        """An answer of ours told how much of the window is used.

        Args:
            limit: Calls of a window.
            used: How many of them all processes have used.
            passed: The part of the window that is over.
            latest: Whether no answer told of more use before.
        """
        self.own += 1
        if self.first:
            if self.own == 1 and passed > EARLY and used >= BUSY * passed * limit:
                self._newcomer = NEWCOMER
            others = used - self.own
            self.crowd = not self._newcomer and self.own > 1 and self.own * limit < others * CROWD_CALLS
        elif not self._haste_known and not self._newcomer and self.own > 1:
            self.crowd = self.crowd or self.own * limit < (used - self.own) * CROWD_CALLS
        if not self.first and latest and 0.35 < passed < 0.8:
            self._hastes.append(log(max(1e-3, 1 - used / limit)) / log(1 - passed))

    def weigh(self, limit: int, used: int) -> None:
        """Reckon anew."""
        weight = self._weight(limit)
        value = (self.own + weight * self._before) / (used + weight) if limit else 1.0
        smallest = SMALLEST_IN_CROWD if self.crowd else SMALLEST
        self.value = max(SMALLEST_IN_CROWD, min(1.0, value))
        self.others = 1 / max(smallest, self.value) - 1
        self.margin = min(self.others, MARGIN * limit)

    def _weight(self, limit: int) -> float:
        if self.first:
            return 0.5 if self.crowd else max(0.5, limit * MEMORY - CROWD_CALLS)
        return limit * (MEMORY_OF_CROWD if self.crowd else MEMORY)

    def pace(self, left: float, limit: int) -> float:
        """Our part of what is left, for which the rest of the window is time.

        Where few share the token it is full pace for everybody while much is left, and our share of it towards the end:
        there everybody's pace would be too much.
        """
        if self.crowd:
            return self.rate
        share = max(SMALLEST, self.value)
        return share + (1 - share) * left / limit

    def expected(self, left: float, time_left: float, when_told: float) -> float:
        """What probably is left of what was told, others having gone on meanwhile.

        Args:
            left: Calls that were left by the last answer.
            time_left: Seconds until the window ends.
            when_told: The same at that answer.
        """
        if not self.crowd:
            return left
        gone = min(1.0, max(0.0, time_left / when_told)) if when_told > 0 else 1.0
        return left * float(gone ** ((1 - self.value) * self.rate / self.value))

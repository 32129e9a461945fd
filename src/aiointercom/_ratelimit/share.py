"""Pure: which part of all use is ours, and at which pace that lets us go.

Nobody tells how many processes share a token; an answer tells how much of the window all of them have used. So each
process measures two things: its own part of all use, and how fast a window is used up by all together (the haste).

Where the limit is small, care is needed: one with a small part goes faster than its part, one with a large part slower,
so that the parts become alike from window to window. A factor that all work out alike, from the haste that all see,
keeps the whole within the limit. Where even a small part of the limit is many calls, everybody goes at full pace while
much is left. Between the two the pace goes over from one to the other. Which of it holds depends on the limit alone: if
it depended on our own part, a process that has much would go at full pace among others that take care, for good.
"""

from __future__ import annotations

from math import log, sqrt

SMALLEST = 1 / 64  # our part of all use is never held for smaller, so that a new process gets a share
MARGIN = 0.03  # at most this part of the limit stays unused so that several processes do not race for the last calls
KNOWN = 3  # answers of ours in a window that are enough to know the others by

FIRST_MEMORY, FIRST_LESS = 1 / 20, 8.0  # in the first window our part counts as all, for this part of the limit less 8
OWN_MEMORY, LONGEST_MEMORY = 6.0, 4.0  # later our earlier part counts for so many calls of ours, at most 4 windows
BEGIN = 0.03  # towards this part ours goes halfway after the first window, for that shows who came first and no more
HANDFUL = 32  # with fewer calls in a window than these, by our part of all use, we see the window rarely
LARGE = 1 / 16  # a part that nobody need be denied, as long as it is many calls
FEWEST_CALLS, MANY_CALLS = 36.0, 72.0  # a large part is so many: up to here with care, and from here on without

EVEN, EVEN_FROM = 0.6, 1 / 25  # the pace follows our part to this power, and smaller parts go at the pace of 1/25
HASTE = 1.5  # that all together are to have: 1 is evenly, more is faster at the beginning of a window
OF_OTHERS = 1.25  # the most haste that is reckoned with for the time since the last answer
UNKNOWN, UNKNOWN_FROM = 0.4, 1 / 50  # until a haste was seen, the factor is our part to this power
COMMON = 0.25  # the factor to which all come back in part, so that it is alike for all
LASTING, LASTING_WELL_SEEN, WELL_SEEN = 0.5, 0.85, 9  # what lasts of ours over a window, and from 9 sights of it
SETTLED = LASTING_WELL_SEEN / (1 - LASTING_WELL_SEEN)  # to this power of the change, a factor comes to rest
BUSY = 0.8  # a window of which so much is used, for its time, before our first call is one that others use already
SEEN_FROM, SEEN_TO, SEEN_USE = 0.35, 0.8, 0.2  # in which part of a window, and from which use, the haste is seen


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
        """Whether our part is a handful of calls."""
        self.first = True
        """Whether the first window of which we saw enough is still to come, or goes on: the others are hardly known."""
        self.own = 0
        """Our answers in this window."""
        self._before, self._begun = 1.0, False
        self._late = False  # others had used the window up already when we came
        self._haste, self._hastes = HASTE, list[float]()
        self._factor: float | None = None
        self.free = 0.0
        """How far no care is needed, from 0 to 1: 1 where a large part of the limit is many calls."""
        self._limit = -1  # that `free` is for

    def begin(self, limit: int) -> None:
        """A window begins; `limit`: that of the one before, 0 for the first window."""
        if limit:
            if not self._begun and self.free < 1:
                self.value = sqrt(self.value * BEGIN)
            self._begun, self.first = True, self.first and self.own < KNOWN
            if self._hastes:
                self._learn()
        self._before, self.own, self._hastes = self.value, 0, []

    def _learn(self) -> None:
        """Reckon the factor anew from the haste of a window."""
        sights = len(self._hastes)
        haste = max(0.3, min(5.0, sum(self._hastes) / sights))
        self._haste = (self._haste + haste) / 2
        change = max(0.25, min(1.5, HASTE / self._haste))
        lasting = LASTING if sights < WELL_SEEN else LASTING_WELL_SEEN
        if self._late and self._factor is None and change > 1:  # few and large: they have settled on this factor
            self._factor = min(1.0, float(COMMON * change**SETTLED))
            return
        self._factor = min(1.0, float((self._now() * change) ** lasting * COMMON ** (1 - lasting)))

    def _now(self) -> float:
        return float(max(self.value, UNKNOWN_FROM) ** UNKNOWN) if self._factor is None else self._factor

    def told(self, limit: int, used: int, passed: float, latest: bool) -> None:
        """An answer of ours told how much of the window is used.

        Args:
            limit: Calls of a window.
            used: How many of them all processes have used.
            passed: The part of the window that is over.
            latest: Whether no answer told of more use before.
        """
        self.own += 1
        if not self._begun and self.own == 1 and passed > SEEN_FROM and used >= BUSY * passed * limit:
            self._late = True
        if latest and SEEN_FROM < passed < SEEN_TO and used > SEEN_USE * limit:
            self._hastes.append(log(max(1e-3, 1 - used / limit)) / log(1 - passed))

    def weigh(self, limit: int, used: int) -> None:
        """Reckon anew."""
        if self._begun:
            weight = min(OWN_MEMORY / self._before, LONGEST_MEMORY * limit)
        else:
            weight = max(0.5, limit * FIRST_MEMORY - FIRST_LESS)
        value = (self.own + weight * self._before) / (used + weight) if limit else 1.0
        self.value = value = max(SMALLEST, min(1.0, value))
        self.crowd = value * limit < HANDFUL and (self._begun or self.own > 1)
        if limit != self._limit:
            calls = LARGE * max(1, limit)
            self.free = max(0.0, min(1.0, log(calls / FEWEST_CALLS) / log(MANY_CALLS / FEWEST_CALLS)))
            self._limit = limit
        self.others = 1 / max(LARGE if self.free == 1 and self._begun else SMALLEST, value) - 1
        self.margin = min(self.others, MARGIN * limit)

    def pace(self, left: float, limit: int) -> float:
        """Our part of what is left, for which the rest of the window is time.

        Without care it is full pace for everybody while much is left, and our share of it towards the end: there
        everybody's pace would be too much.
        """
        careful = 1.0 if self.free == 1 else min(1.0, self._now() * float(max(self.value, EVEN_FROM) ** EVEN))
        if not self.free:
            return careful
        share = max(LARGE, self.value)
        full = share + (1 - share) * left / limit
        return float(careful ** (1 - self.free) * full**self.free)

    def expected(self, left: float, time_left: float, when_told: float) -> float:
        """What probably is left of what was told, others having gone on meanwhile.

        Args:
            left: Calls that were left by the last answer.
            time_left: Seconds until the window ends.
            when_told: The same at that answer.
        """
        if self.free == 1 or when_told <= 0 or not (self._begun or self.own > 1):
            return left
        gone = min(1.0, max(0.0, time_left / when_told))
        return left * float(gone ** ((1 - self.value) * min(self._haste, OF_OTHERS) * (1 - self.free)))

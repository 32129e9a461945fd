"""What was told is held against what happened.

One row of the table for each SDK, and the promises that the row breaks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from attrs import define, field, frozen
from scripts.soaking.faults import Arrival, Strike
from scripts.soaking.writes import Key, Write, key_of, read_of

from aiointercom.sandbox import Effect

GROWTH = 1.15
"""What a worker may hold at its end, beside what it held after a quarter of its work."""
MOST_UNKNOWN = 0.01
"""Share of the writes that may end as unknown although a read succeeded: it may have lagged, or come before a late
effect."""
Log = Sequence[tuple[Arrival, Strike | None]]


@frozen
class Facts:
    """What happened. passed.

    The requests whose answer certainly came in time. limited: those that were refused with 429.
    """

    writes: Sequence[Write]
    ledger: Sequence[Effect]
    log: Log
    passed: Collection[Arrival]
    limited: Collection[Arrival]
    seconds: float


@define
class Row:
    """One row of the table, and the promises that it breaks, in words."""

    name: str
    asked: int = 0
    done: int = 0
    untold: int = 0
    """Not begun before the time was over."""
    unknown: int = 0
    """Sent, and no reading succeeded."""
    given_up: int = 0
    """Unknown because each sending was lost, as often as allowed: no reading showed it applied, yet it may be so
    late."""
    refused: int = 0
    """Told as an error, and truly not applied."""
    untrue_error: int = 0
    untrue_success: int = 0
    twice: int = 0
    resent: int = 0
    """Requests for a write that were sent when it had taken effect already: late effects, if it was read between."""
    unread: int = 0
    """Requests for a write that were sent again without a reading between, nor a 429."""
    limited: int = 0
    requests_per_write: float = 0.0
    faults: float = 0.0
    seconds: float = 0.0
    errors: Counter[str] = field(factory=Counter[str])
    broken: list[str] = field(factory=list[str])


def account(name: str, facts: Facts, told: Mapping[Key, str], finished: bool) -> Row:
    """Draw up one row. finished: the workers came to their end, so a write without an outcome is lost."""
    effects = Counter((effect.operation, effect.conversation_id, effect.target_id) for effect in facts.ledger)
    row = Row(name, asked=len(facts.writes), seconds=facts.seconds)
    for write in facts.writes:
        _book(row, told.get(write.key), effects[write.key])
    row.twice = sum(times > 1 for times in effects.values())
    row.resent, row.unread = _resent(facts), _unread(facts)
    row.limited = len(facts.limited)
    row.requests_per_write = len(facts.log) / max(1, len(told))
    row.faults = sum(strike is not None for _, strike in facts.log) / max(1, len(facts.log))
    if row.twice:
        row.broken.append(f"{row.twice} writes took effect twice")
    if row.untold and finished:
        row.broken.append(f"{row.untold} writes ended without an outcome")
    if row.untrue_error or row.untrue_success:
        row.broken.append(f"{row.untrue_error} untrue errors, {row.untrue_success} untrue successes")
    if strangers := effects.keys() - {write.key for write in facts.writes}:
        row.broken.append(f"{len(strangers)} effects that nobody asked for")
    if row.unread:
        row.broken.append(f"{row.unread} writes were sent again without a reading")
    needless = _needlessly_unknown(facts, told)
    if len(needless) > MOST_UNKNOWN * row.asked:
        row.broken += [f"unknown although it could be read: {key}" for key in needless]
    return row


def _book(row: Row, told: str | None, effects: int) -> None:
    match told:
        case None:
            row.untold += 1
        case "done":
            row.done += 1
            row.untrue_success += not effects
        case "unknown":
            row.unknown += 1
        case "given up":
            row.given_up += 1
        case _:
            row.errors[told] += 1
            row.refused += not effects
            row.untrue_error += bool(effects)


def _resent(facts: Facts) -> int:
    since = {(effect.operation, effect.conversation_id, effect.target_id): effect.at for effect in facts.ledger}
    return sum(
        key is not None and arrival.at > since.get(key, arrival.at)
        for arrival, key in ((a, key_of(a)) for a, _ in facts.log)
    )


def _unread(facts: Facts) -> int:
    limited, count = set(facts.limited), 0
    settled: dict[str, bool] = {}  # conversation -> whether what was sent last is known not to be applied
    for arrival, strike in facts.log:
        write, conversation = key_of(arrival), read_of(arrival)
        if write is not None:
            count += not settled.get(write[1], True)
            settled[write[1]] = arrival in limited
        elif conversation is not None and strike is None:
            settled[conversation] = True
    return count


def _needlessly_unknown(facts: Facts, told: Mapping[Key, str]) -> list[Key]:
    """Unknown ones that could be read after they were last sent, and those given up with one sending not struck."""
    sent, read, spared = dict[str, float](), dict[str, float](), set[str]()
    for arrival, strike in facts.log:
        write, conversation = key_of(arrival), read_of(arrival)
        if write is not None:
            sent[write[1]] = arrival.at
            spared.update([write[1]] if strike is None else [])
        elif conversation is not None and arrival in facts.passed:
            read[conversation] = arrival.at
    unknown = [key for key, word in told.items() if word == "unknown" and read.get(key[1], 0.0) > sent.get(key[1], 0.0)]
    return unknown + [key for key, word in told.items() if word == "given up" and key[1] in spared]


COLUMNS: tuple[tuple[str, Callable[[Row], object]], ...] = (
    ("writes", lambda row: row.asked),
    ("done", lambda row: row.done),
    ("unknown, unreadable", lambda row: row.unknown),
    ("unknown, given up", lambda row: row.given_up),
    ("unknown of all", lambda row: f"{(row.unknown + row.given_up) / max(1, row.asked):.2%}"),
    ("error, not applied", lambda row: row.refused),
    ("error, but applied", lambda row: row.untrue_error),
    ("done, not applied", lambda row: row.untrue_success),
    ("twice", lambda row: row.twice),
    ("lost", lambda row: row.untold),
    ("sent again unread", lambda row: row.unread),
    ("sent after its effect", lambda row: row.resent),
    ("429s", lambda row: row.limited),
    ("requests per write", lambda row: f"{row.requests_per_write:.2f}"),
    ("requests struck", lambda row: f"{row.faults:.1%}"),
    ("seconds", lambda row: f"{row.seconds:.0f}"),
)


def table(rows: Sequence[Row]) -> str:
    """The rows side by side, one column for each SDK."""
    width = max(len(title) for title, _ in COLUMNS)
    lines = [" " * width + "".join(f"{row.name:>28}" for row in rows)]
    for title, value in COLUMNS:
        lines.append(f"{title:<{width}}" + "".join(f"{value(row):>28}" for row in rows))
    lines += [f"{row.name}: errors told: {dict(row.errors.most_common())}" for row in rows if row.errors]
    return "\n".join(lines)

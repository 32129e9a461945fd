"""The arithmetic of the rate limit by tables and without an event loop; then the pacer on asyncio and trio, on a clock
of the test's own.
"""

import asyncio
import contextlib
import random
from math import floor

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiointercom._protocol.headers import ServerClock, read_date, read_rate_limit
from aiointercom._ratelimit.budget import Budget
from aiointercom._ratelimit.pacer import Exhausted, Pace, Pacer
from aiointercom.errors import RateLimit

NOW = 1_800_000_000.0
DATE = "Fri, 15 Jan 2027 08:00:00 GMT"


def told(remaining, *, limit=100, resets_at=NOW + 10):
    return RateLimit(limit, remaining, resets_at)


def headers(remaining, *, limit=100, resets_at=NOW + 10, **more):
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": f"{resets_at:.0f}",
        **more,
    }


# Reading the headers


@pytest.mark.parametrize(
    ("limit", "remaining", "reset", "expected"),
    [
        ("1667", "1666", "1800000010", RateLimit(1667, 1666, 1800000010.0)),
        (" 167 ", "0", " 1800000010.5 ", RateLimit(167, 0, 1800000010.5)),
        ("167", "500", "0", RateLimit(167, 167, 0.0)),
    ],
)
def test_readable_headers_give_the_rate_limit(limit, remaining, reset, expected):
    """Numbers with blanks around them are read, and no more remains than the limit."""
    names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
    assert read_rate_limit(dict(zip(names, (limit, remaining, reset), strict=True))) == expected


@pytest.mark.parametrize(
    "garbage", [None, "", "-1", "many", "1e400", "nan", "inf", "9" * 5000, "\u0661\u0662", "1_0", 7, b"7"]
)
@pytest.mark.parametrize("name", ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"])
def test_a_header_that_is_garbage_gives_none(name, garbage):
    """One header that is missing, negative or no plain number makes the whole rate limit unknown, and nothing is
    raised.
    """
    assert read_rate_limit({**headers(5), name: garbage}) is None


def test_a_limit_of_zero_is_garbage():
    """A limit of nothing is no rate limit to pace by."""
    assert read_rate_limit(headers(0, limit=0)) is None


@given(st.dictionaries(st.sampled_from([*headers(1), "date"]), st.text() | st.from_regex(r"-?\d{1,20}(\.\d+)?")))
def test_whatever_the_headers_hold_nothing_is_raised(any_headers):
    """Any text in the headers is read as a sane rate limit or as none."""
    rate_limit = read_rate_limit(any_headers)
    assert rate_limit is None or 0 <= rate_limit.remaining <= rate_limit.limit
    assert isinstance(read_date(any_headers.get("date")), float | None)


@pytest.mark.parametrize(
    ("date", "expected"),
    [(DATE, NOW), (None, None), ("yesterday", None), ("Fri, 99 Jan 2027 08:00:00 GMT", None), (7, None)],
)
def test_a_date_is_read_as_unix_seconds(date, expected):
    """A `Date` is Unix seconds, or None where it is missing or garbage."""
    assert read_date(date) == expected


@given(offset=st.floats(-100, 2e9), times=st.lists(st.floats(0, 50), min_size=1, max_size=30))
def test_intercoms_time_is_never_overestimated(offset, times):
    """Whole seconds of the header make the estimate late, never early, and by a second at most: nobody starts before
    the reset.
    """
    clock = ServerClock()
    for at in sorted(times):
        clock.learn(float(floor(at + offset)), at)
    truth = 50.0 + offset
    assert truth - 1.001 <= clock.now(50.0) <= truth + 0.001
    assert 50.0 - 0.001 <= clock.when(truth) <= 50.0 + 1.001


def test_nothing_is_known_of_a_clock_that_never_told():
    """Without a `Date` there is no time of Intercom's, and an answer without one does not undo what an earlier one
    told.
    """
    clock = ServerClock()
    clock.learn(None, 5.0)
    assert (clock.offset, clock.now(5.0), clock.when(NOW)) == (None, None, None)
    clock.learn(NOW, 5.0)
    clock.learn(None, 6.0)
    assert (clock.now(7.0), clock.when(NOW + 2)) == (NOW + 2, 7.0)


def test_a_server_clock_that_was_set_back_is_noticed():
    """Two minutes after Intercom's clock was set back the old offset is forgotten."""
    clock = ServerClock()
    clock.learn(1005.0, 0.0)
    for at in range(0, 130, 10):
        clock.learn(995.0 + at, float(at))
    assert clock.offset == 995.0


# The arithmetic


def budget(burst=4, jitter=0.5):
    return Budget(burst, lambda: jitter)


def hear(paced, rate_limit, refused, now):
    """One answer, where our clock and Intercom's show the same."""
    paced.answered(rate_limit, None if rate_limit is None else rate_limit.resets_at, refused, now)


def send(paced, now=NOW, reserve=0.0):
    """Send all that may go now; how many were they."""
    count = 0
    while paced.ready_at(now, reserve) <= now:
        paced.sent(now, reserve)
        count += 1
        assert count < 10_000
    return count


def spend(paced, remaining, *, limit=100, now=NOW):
    """Use the window up to what is to remain by calls of our own, each answered before the next."""
    for number in range(limit - 1, remaining - 1, -1):
        paced.sent(now, 0.0)
        hear(paced, told(number, limit=limit), False, now)


def test_unknown_at_the_start_is_a_small_burst():
    """Before any answer as many calls go as the burst allows, and one more each second, for the first may hang."""
    paced = budget(burst=4)
    assert send(paced) == 4
    assert paced.ready_at(NOW, 0.0) == NOW + 1
    assert send(paced, NOW + 1) == 1


def test_the_first_answers_open_up():
    """An answer that shows an ample window lets more go than it gives back."""
    paced = budget(burst=4)
    send(paced)
    hear(paced, told(1000, limit=1001), False, NOW)
    assert send(paced) > 1


def test_fifty_calls_at_a_time_are_not_delayed_in_an_ample_window():
    """Once as many answers have come, fifty calls at a time go without any wait."""
    paced = budget(burst=1)
    for remaining in range(1666, 1616, -1):
        paced.sent(NOW, 0.0)
        hear(paced, told(remaining, limit=1667), False, NOW)
    assert send(paced) >= 50


@pytest.mark.parametrize(("most", "expected"), [(3, 3), ("auto", 16), (None, 16)])
def test_calls_in_flight_have_a_cap(most, expected):
    """No more of ours are in flight than the cap allows; by default it does not bind where much of the limit is
    ours.
    """
    paced = Budget(1, lambda: 0.0, most)
    for window in range(12):
        now = NOW + 10 * window
        for number in range(1, 4):
            paced.sent(now, 0.0)
            hear(paced, told(1000 - 20 * number, limit=1000, resets_at=now + 10), False, now)
    assert send(paced, now) == expected


@pytest.mark.parametrize("most", [0, -1, True, 2.5, "all"])
def test_a_cap_that_is_no_number_of_calls_is_refused(most):
    """A cap is a positive integer, "auto" or None."""
    with pytest.raises(ValueError, match="most_in_flight"):
        Pace(most_in_flight=most)


def test_a_first_window_admits_one_more_for_each_answer():
    """A client that knows nothing asks once; each answer that shows an ample window admits one more."""
    paced = budget(burst=1)
    assert send(paced) == 1
    for answers in range(1, 6):
        hear(paced, told(1667 - answers, limit=1667), False, NOW)
        assert send(paced) == 2


def test_never_more_in_flight_than_remain():
    """With five left only five may be in flight, spread over the time that is left."""
    paced = budget()
    paced.sent(NOW, 0.0)
    hear(paced, told(5, limit=6), False, NOW)
    assert sum(send(paced, NOW + tenth / 10) for tenth in range(100)) <= 5


def test_an_older_answer_does_not_raise_the_budget():
    """Within a window the smallest number counts, in whatever order the answers come."""
    paced = budget()
    for remaining in (3, 50, 2, 90):
        paced.sent(NOW, 0.0)
        hear(paced, told(remaining), False, NOW)
    assert sum(send(paced, NOW + second) for second in range(10)) <= 2


def test_a_late_answer_of_the_window_before_changes_nothing():
    """What remained in the last window says nothing of this one."""
    paced = budget()
    for remaining, resets_at in ((90, NOW + 20), (0, NOW + 10)):
        paced.sent(NOW + 11, 0.0)
        hear(paced, told(remaining, resets_at=resets_at), False, NOW + 11)
    assert paced.ready_at(NOW + 11, 0.0) <= NOW + 11


def test_a_late_refusal_of_the_window_before_does_not_end_this_one():
    """A 429 that was counted in the last window leaves this window's budget alone."""
    paced = budget()
    for remaining, resets_at in ((90, NOW + 20), (0, NOW + 10)):
        paced.sent(NOW + 11, 0.0)
        hear(paced, told(remaining, resets_at=resets_at), remaining == 0, NOW + 11)
    assert paced.ready_at(NOW + 11, 0.0) <= NOW + 11


def test_batch_leaves_the_reserve():
    """With 25 of 100 left, batch calls that leave 20 % may use five more and others still all of them."""
    paced = budget()
    for remaining in range(99, 24, -1):
        paced.sent(NOW, 0.2)
        hear(paced, told(remaining), False, NOW)
    assert 0 < sum(send(paced, NOW + tenth / 10, reserve=0.2) for tenth in range(100)) <= 5
    assert send(paced, NOW + 9.95) > 0


def test_after_exhaustion_the_wait_ends_after_the_reset_with_jitter():
    """A window that is used up is over at its reset, and the next call goes up to 3 % of a window later."""
    for jitter in (0.25, 0.5, 1.0):
        paced = budget(jitter=jitter)
        spend(paced, 0)
        assert paced.ready_at(NOW, 0.0) == NOW + 10 + jitter * 0.3
        assert paced.ready_at(NOW + 10, 0.0) == NOW + 10 + jitter * 0.3


def test_a_window_after_a_low_one_begins_with_two_probes():
    """After exhaustion two calls ask how much the new window has left, and the answer opens up."""
    paced = budget(jitter=0.0)
    paced.sent(NOW, 0.0)
    hear(paced, told(0), False, NOW)
    assert send(paced, NOW + 10) == 2
    hear(paced, told(99, resets_at=NOW + 20), False, NOW + 10)
    assert send(paced, NOW + 10) >= 1


def test_a_calm_window_is_followed_by_one_without_a_brake():
    """Where half of the last window remained, as many calls as before go into the next at once."""
    paced = budget(burst=10)
    paced.sent(NOW, 0.0)
    hear(paced, told(99), False, NOW)
    assert send(paced, NOW + 10) >= 10


def test_a_refusal_ends_the_window_whatever_remains():
    """A 429 that says that something remains is a 429."""
    paced = budget(jitter=0.0)
    paced.sent(NOW, 0.0)
    hear(paced, told(50), True, NOW)
    assert paced.ready_at(NOW, 0.0) == NOW + 10


def test_a_refusal_without_headers_is_nothing_to_pace_by():
    """A 429 of somebody who tells no reset, while no window is known, leaves the waiting to the retry's own backoff."""
    paced = budget(jitter=0.0)
    paced.sent(NOW, 0.0)
    hear(paced, None, True, NOW)
    assert paced.ready_at(NOW, 0.0) == NOW


def test_refusals_after_the_reset_are_probed_ever_more_seldom():
    """A server that refuses with a reset in the past is asked again after 0.25 s, 0.5 s, 1 s and so on, and never spun
    on.
    """
    paced, now, waits = budget(jitter=0.0), NOW, []
    for _ in range(8):
        paced.sent(now, 0.0)
        hear(paced, told(0, resets_at=NOW - 1), True, now)
        waits.append(paced.ready_at(now, 0.0) - now)
        now += waits[-1]
    assert waits == pytest.approx([0.25, 0.5, 1, 2, 4, 8, 10, 10])


@pytest.mark.parametrize("resets_at", [NOW + 3600, NOW + 61, NOW - 3600, 0.0, 4e11])
def test_a_reset_that_makes_no_sense_counts_as_one_window(resets_at):
    """A reset an hour ahead or ago, or in milliseconds, makes nobody wait longer than ten seconds."""
    paced = budget(jitter=0.0)
    paced.sent(NOW, 0.0)
    hear(paced, told(0, resets_at=resets_at), False, NOW)
    assert paced.ready_at(NOW, 0.0) == NOW + 10
    assert send(paced, NOW + 10) == 2


def test_after_a_garbage_reset_sane_ones_are_believed_again():
    """One answer from the year 14645 does not make all that follow look old."""
    paced = budget()
    for remaining, resets_at, now in ((90, 4e11, NOW), (40, NOW + 20, NOW + 10)):
        paced.sent(now, 0.0)
        hear(paced, told(remaining, resets_at=resets_at), False, now)
    assert send(paced, NOW + 10) >= 1
    hear(paced, told(0, resets_at=NOW + 20), False, NOW + 10)
    assert NOW + 20 <= paced.ready_at(NOW + 10, 0.0) <= NOW + 20.3


def test_shorter_windows_are_noticed():
    """Two resets that are one second apart show windows of one second, and the spread of the start shrinks with
    them.
    """
    paced = budget(jitter=1.0)
    for second in range(2):
        paced.sent(NOW + second, 0.0)
        hear(paced, told(0, resets_at=NOW + second + 1), False, NOW + second)
    assert paced.ready_at(NOW + 1, 0.0) == pytest.approx(NOW + 2.03)


def test_a_window_that_goes_on_after_its_reset_is_paced_on():
    """Where the answer to a call after the reset still tells of the old window, our clock is wrong and what remains
    still counts.
    """
    paced = budget(jitter=0.0)
    spend(paced, 60)
    paced.sent(NOW + 10.5, 0.0)
    hear(paced, told(59), False, NOW + 10.6)
    assert paced.ready_at(NOW + 10.6, 0.0) <= NOW + 10.6
    paced.sent(NOW + 10.6, 0.0)
    hear(paced, told(0), False, NOW + 10.7)
    assert paced.ready_at(NOW + 10.7, 0.0) == pytest.approx(NOW + 10.85)


def test_the_reset_is_compared_in_the_servers_time():
    """A server whose clock is an hour ahead resets when its own clock says so."""
    paced = budget(jitter=0.0)
    paced.sent(NOW, 0.0)
    paced.answered(told(0, resets_at=NOW + 3610), NOW + 10, False, NOW)
    assert paced.ready_at(NOW, 0.0) == NOW + 10


def test_answers_without_headers_end_the_pacing():
    """Where nobody tells a rate limit (a proxy, bad credentials) ten answers are enough for a thousand calls at a
    time.
    """
    paced = budget(burst=4)
    for _ in range(10):
        paced.sent(NOW, 0.0)
        hear(paced, None, False, NOW)
    assert paced.in_flight == 0
    assert all(paced.ready_at(NOW, 0.0) <= NOW and paced.sent(NOW, 0.0) is None for _ in range(1000))


def test_an_answer_without_headers_does_not_open_a_known_window():
    """One answer of a gateway does not let calls out of a window that is used up."""
    paced = budget(jitter=0.0)
    for known in (told(0), None):
        paced.sent(NOW, 0.0)
        hear(paced, known, False, NOW)
    assert paced.ready_at(NOW, 0.0) == NOW + 10


def test_a_lost_call_stays_spent_until_later_ones_tell():
    """A call without an answer may have been counted; the answer to a call that went after it settles that."""
    paced = budget(burst=1)
    paced.sent(NOW, 0.0)
    hear(paced, told(1, limit=2), False, NOW)
    paced.sent(NOW, 0.0)
    paced.failed(sent=True)
    assert paced.ready_at(NOW, 0.0) > NOW + 9
    hear(paced, told(1, limit=2), False, NOW)
    assert paced.ready_at(NOW + 9.9, 0.0) <= NOW + 9.9


def test_a_call_that_was_not_sent_is_not_spent():
    """A call that reached nobody leaves its place to the next."""
    paced = budget(burst=1)
    paced.sent(NOW, 0.0)
    hear(paced, told(1, limit=2), False, NOW)
    paced.sent(NOW + 9.9, 0.0)
    paced.failed(sent=False)
    assert paced.ready_at(NOW + 9.99, 0.0) <= NOW + 9.99


def test_calls_that_hang_do_not_count_in_the_next_window():
    """Calls that were counted in an earlier window take nothing from this one, though they are still in flight."""
    paced = budget(burst=50, jitter=0.0)
    paced.sent(NOW, 0.0)
    hear(paced, told(99), False, NOW)
    assert send(paced) >= 40
    assert send(paced, NOW + 10) >= 40


@pytest.mark.parametrize("ahead", [0, 50, 99, 100, 250])
def test_the_expected_wait_counts_the_queue(ahead):
    """Who stands behind 250 others, at 100 a window, learns that its turn is two windows after the reset."""
    paced = budget(jitter=0.0)
    spend(paced, 0)
    assert paced.expected_wait(NOW, 0.0, ahead) == 10 + ahead // 100 * 10


def test_the_expected_wait_within_a_window_is_the_spread():
    """Who stands behind 20 others where 40 are left in ten seconds waits for about half of these."""
    paced = budget()
    spend(paced, 40)
    assert paced.expected_wait(NOW, 0.0, 20) == pytest.approx(4.7, abs=0.1)


def test_the_expected_wait_of_the_next_call_is_when_it_may_go():
    """A call that would be held back for its pace learns how long, so that one with less patience is refused at
    once.
    """
    paced = budget()
    spend(paced, 40)
    held = paced.ready_at(NOW, 0.0) - NOW
    assert held > 0
    assert paced.expected_wait(NOW, 0.0, 0) == pytest.approx(held)


@given(st.data())
def test_the_budget_is_never_overdrawn(data):
    """Within a window, whatever is sent, answered in whatever order, lost or refused: those in flight never exceed what
    remains.
    """
    limit, reserve = data.draw(st.integers(1, 60)), data.draw(st.sampled_from([0.0, 0.2, 0.5]))
    paced, now, remaining, answers = budget(burst=1, jitter=0.0), NOW, limit - 1, []
    paced.sent(now, reserve)
    hear(paced, told(remaining, limit=limit), False, now)
    for step in data.draw(st.lists(st.sampled_from(["send", "answer", "lose", "keep", "wait"]), max_size=60)):
        if step == "send" and paced.ready_at(now, reserve) <= now:
            remaining -= 1
            assert remaining >= int(reserve * limit)
            paced.sent(now, reserve)
            answers.append(remaining)
        elif step == "wait":
            now = min(now + data.draw(st.floats(0, 2)), NOW + 9.9)
        elif answers and step != "send":
            answer = answers.pop(data.draw(st.integers(0, len(answers) - 1)))
            if step == "answer":
                hear(paced, told(answer, limit=limit), False, now)
            else:
                remaining += step == "keep"
                paced.failed(sent=step == "lose")
                answers = [number + (step == "keep" and number < answer) for number in answers]
        assert paced.in_flight == len(answers)
        assert paced.expected_wait(now, reserve, 0) >= 0


# The pacer


@pytest.mark.parametrize(
    "wrong", [{"max_wait": -1.0}, {"max_wait": float("nan")}, {"reserve": -0.1}, {"reserve": 1.0}, {"burst": 0}]
)
def test_a_pace_that_makes_no_sense_is_refused(wrong):
    """Negative waits, a reserve of everything, and a burst of nothing are errors at once."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Pace(**wrong)


class Clock:
    """Time that stands still until the test moves it."""

    def __init__(self):
        self.at, self.sleepers = NOW, []

    def now(self):
        return self.at

    async def sleep(self, seconds):
        entry = (self.at + seconds, anyio.Event())
        self.sleepers.append(entry)
        try:
            await entry[1].wait()
        finally:
            self.sleepers.remove(entry)

    async def go(self, seconds):
        """Move on in small steps, and let everybody act at each."""
        end = self.at + seconds
        while self.at < end:
            self.at = min(self.at + 0.1, end)
            for until, event in self.sleepers:
                if until <= self.at:
                    event.set()
            await settle()


async def settle():
    """Let all tasks run until they wait."""
    for _ in range(12):
        await anyio.lowlevel.checkpoint()


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


@pytest.fixture
def clock():
    return Clock()


def pacer_on(clock, **options):
    return Pacer(Pace(**options), now=clock.now, wall=clock.now, sleep=clock.sleep, random=lambda: 0.0)


async def pacer_with(clock, remaining, **options):
    """A pacer whose own calls left so much of a window of 100 that ends in ten seconds."""
    pacer = pacer_on(clock, **options)
    for number in range(99, remaining - 1, -1):
        pacer._budget.sent(clock.at, 0.0)
        assert pacer.answered(headers(number), 200) == told(number)
    return pacer


class Crowd:
    """Calls that wait for a turn, and what became of each."""

    def __init__(self, pacer, group):
        self.pacer, self.group = pacer, group
        self.waited, self.refused, self.scopes = [], [], []

    async def call(self, batch, budget):
        with anyio.CancelScope() as scope:
            self.scopes.append(scope)
            try:
                self.waited.append(await self.pacer.acquire(batch=batch, budget=budget))
            except Exhausted as full:
                self.refused.append(full)

    async def add(self, count=1, batch=False, budget=None):
        for _ in range(count):
            self.group.start_soon(self.call, batch, budget)
        await settle()


@pytest.mark.anyio
async def test_a_free_turn_is_given_at_once(clock):
    """A call that may go does not wait, and nobody sleeps."""
    pacer = pacer_on(clock)
    assert pacer.rate_limit is None
    assert await pacer.acquire(batch=True, budget=0.0) == 0.0
    assert pacer.answered(headers(99), 200) == pacer.rate_limit == told(99)
    await pacer.acquire(batch=False, budget=None)
    assert pacer.answered({}, 401) is None
    assert pacer.rate_limit == told(99)
    assert clock.sleepers == []


@pytest.mark.anyio
async def test_one_sleeper_serves_all_who_wait(clock):
    """Fifty calls wait for the reset on one timer, and all get their turn after it."""
    pacer = await pacer_with(clock, 0)
    async with anyio.create_task_group() as group:
        crowd = Crowd(pacer, group)
        await crowd.add(50)
        assert len(clock.sleepers) == 1
        await clock.go(9.9)
        assert crowd.waited == []
        await clock.go(0.2)
        assert len(crowd.waited) == 2
        for turn in range(1, 51):
            pacer.answered(headers(100 - turn, resets_at=NOW + 20), 200)
            assert len(clock.sleepers) <= 1
            await clock.go(0.18)
        assert len(crowd.waited) == 50
        assert min(crowd.waited) >= 10.0
    assert clock.sleepers == []


@pytest.mark.anyio
@pytest.mark.parametrize("step", [-3600.0, 3600.0])
@pytest.mark.parametrize("dated", [True, False])
async def test_a_wall_clock_that_is_set_changes_no_wait(clock, step, dated):
    """An hour more or less on the wall clock, while calls wait: the window ends when it ends, and patience of two
    seconds is two.
    """
    wall, more = [NOW], {"date": DATE} if dated else {}
    clock.at = 50.0  # the monotonic clock has nothing to do with the time of day
    pacer = Pacer(Pace(max_wait=12.0), now=clock.now, wall=lambda: wall[0], sleep=clock.sleep, random=lambda: 0.0)
    for number in range(99, -1, -1):
        pacer._budget.sent(clock.at, 0.0)
        pacer.answered(headers(number, **more), 200)
    wall[0] += step
    async with anyio.create_task_group() as group:
        crowd = Crowd(pacer, group)
        await crowd.add(1)
        await crowd.add(1, budget=2.0)
        assert [full.retry_after for full in crowd.refused] == [10.0]
        await clock.go(9.9)
        assert crowd.waited == []
        await clock.go(0.2)
        assert crowd.waited == [pytest.approx(10.0, abs=0.11)]


@pytest.mark.anyio
@pytest.mark.parametrize("off", [-3600.0, -30.0, 30.0, 3600.0])
async def test_without_a_date_a_wrong_wall_clock_costs_one_window_at_most(clock, off):
    """A reset that the wall clock puts anywhere but into the next ten seconds counts as one window."""
    pacer = Pacer(Pace(), now=clock.now, wall=lambda: clock.at + off, sleep=clock.sleep, random=lambda: 0.0)
    await pacer.acquire(batch=False, budget=None)
    pacer.answered(headers(0), 200)
    with pytest.raises(Exhausted) as full:
        await pacer.acquire(batch=False, budget=1.0)
    assert full.value.retry_after == 10.0


@pytest.mark.anyio
async def test_an_answer_wakes_the_next(clock):
    """Who waits for a slot gets it with the answer, not with a timer."""
    pacer = pacer_on(clock, burst=1)
    await pacer.acquire(batch=False, budget=None)
    async with anyio.create_task_group() as group:
        crowd = Crowd(pacer, group)
        await crowd.add(2)
        assert crowd.waited == []
        pacer.failed(sent=False)
        await settle()
        assert len(crowd.waited) == 1
        pacer.answered(headers(90), 200)
        await settle()
        assert len(crowd.waited) == 2


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("max_wait", "budget", "passes"),
    [(60.0, 9.0, False), (9.0, None, False), (0.0, None, False), (None, 11.0, True), (None, None, True)],
)
async def test_a_wait_that_would_take_too_long_is_an_error_at_once(clock, max_wait, budget, passes):
    """Ten seconds to the reset: `max_wait` and the caller's budget decide before any waiting."""
    pacer = await pacer_with(clock, 0, max_wait=max_wait)
    if not passes:
        with pytest.raises(Exhausted) as full:
            await pacer.acquire(batch=False, budget=budget)
        assert (full.value.retry_after, full.value.rate_limit) == (10.0, told(0))
        assert clock.sleepers == []
    else:
        async with anyio.create_task_group() as group:
            crowd = Crowd(pacer, group)
            await crowd.add(1, budget=budget)
            await clock.go(10.1)
            assert len(crowd.waited) == 1


@pytest.mark.anyio
async def test_who_waits_in_vain_is_told_when_that_is_known(clock):
    """A call that may wait six seconds is let go as soon as another process has used the window up, and the patient
    stay.
    """
    pacer = await pacer_with(clock, 3)
    async with anyio.create_task_group() as group:
        crowd = Crowd(pacer, group)
        await crowd.add(1)
        await clock.go(3.5)
        await crowd.add(1, budget=6.0)
        await crowd.add(1)
        assert (len(crowd.waited), crowd.refused) == (1, [])
        pacer.answered(headers(0), 200)
        await settle()
        assert [full.retry_after for full in crowd.refused] == pytest.approx([6.5])
        await clock.go(6.6)
        assert len(crowd.waited) == 2


@pytest.mark.asyncio
async def test_a_refused_call_that_is_cancelled_gives_no_slot_back():
    """A call that is cancelled between its refusal and its waking never had a slot to give back."""
    clock = Clock()
    pacer = await pacer_with(clock, 3)
    patient = asyncio.create_task(pacer.acquire(batch=False, budget=None))
    await settle()
    await clock.go(3.5)
    tasks = [asyncio.create_task(pacer.acquire(batch=False, budget=budget)) for budget in (None, 6.0)]
    await settle()
    pacer.answered(headers(0), 200)
    tasks[1].cancel()
    await settle()
    assert (patient.done(), tasks[0].done(), tasks[1].cancelled()) == (True, False, True)
    await clock.go(6.6)
    assert 6.5 <= tasks[0].result() < 6.8
    assert pacer._budget.in_flight == 1


@pytest.mark.anyio
async def test_patience_ends_where_no_answer_comes(clock):
    """A call that waits for a slot, and for no reset, is let go when its own time is up."""
    pacer = pacer_on(clock, burst=1)
    await pacer.acquire(batch=False, budget=None)
    async with anyio.create_task_group() as group:
        crowd = Crowd(pacer, group)
        await crowd.add(1, budget=0.4)
        await clock.go(0.5)
        assert len(crowd.refused) == 1


@pytest.mark.anyio
async def test_interactive_calls_go_before_batch_calls(clock):
    """A batch call that waits for the next window does not hold up an interactive one that may use the reserve."""
    pacer = await pacer_with(clock, 15)
    async with anyio.create_task_group() as group:
        batch, visitors = Crowd(pacer, group), Crowd(pacer, group)
        await batch.add(3, batch=True)
        await visitors.add(5)
        await clock.go(9.9)
        assert (len(batch.waited), len(visitors.waited)) == (0, 5)
        for left in range(14, 9, -1):
            pacer.answered(headers(left), 200)
        await clock.go(0.2)
        assert len(batch.waited) == 2
        pacer.answered(headers(99, resets_at=NOW + 20), 200)
        await clock.go(1.0)
        assert len(batch.waited) == 3


@pytest.mark.anyio
async def test_when_the_sleeper_is_cancelled_another_takes_over(clock):
    """The end of the call that slept for all leaves the others waiting for their turn, not for ever."""
    pacer = await pacer_with(clock, 0)
    async with anyio.create_task_group() as group:
        crowd = Crowd(pacer, group)
        await crowd.add(3)
        crowd.scopes[0].cancel()
        await settle()
        assert len(clock.sleepers) == 1
        await clock.go(10.1)
        assert len(crowd.waited) == 2


@pytest.mark.anyio
async def test_a_turn_given_to_a_cancelled_call_goes_to_the_next(clock):
    """A call that is cancelled between its turn and its waking keeps no slot."""
    pacer = pacer_on(clock, burst=1)
    await pacer.acquire(batch=False, budget=None)
    async with anyio.create_task_group() as group:
        crowd = Crowd(pacer, group)
        await crowd.add(3)
        pacer.failed(sent=False)
        crowd.scopes[0].cancel()
        await settle()
        assert len(crowd.waited) == pacer._budget.in_flight == 1
        pacer.failed(sent=False)
        await settle()
        assert len(crowd.waited) == 2
        pacer.failed(sent=False)
    assert pacer._budget.in_flight == 0
    assert clock.sleepers == []


@pytest.mark.anyio
@pytest.mark.parametrize("seed", range(3))
async def test_a_storm_of_cancellations_leaves_no_slot_taken_and_nobody_waiting(clock, seed):
    """After two hundred calls that were cancelled, answered or lost at random moments, nothing is in flight and a new
    call goes.
    """
    dice, pacer = random.Random(seed), pacer_on(clock, burst=3, max_wait=None)
    remaining, in_flight = 200, 0

    async def call(scope):
        nonlocal remaining, in_flight
        with scope:
            await pacer.acquire(batch=dice.random() < 0.3, budget=dice.choice([None, 1.0, 30.0]))
            in_flight += 1
            try:
                await clock.sleep(dice.uniform(0.0, 0.5))
            except BaseException:
                pacer.failed(sent=dice.random() < 0.5)
                raise
            finally:
                in_flight -= 1
            remaining -= 1
            resets_at = NOW + 10 * ((clock.at - NOW) // 10 + 1)
            pacer.answered(headers(max(0, remaining) % 40, limit=40, resets_at=resets_at), 200)

    async def survive(scope):
        with contextlib.suppress(Exhausted):
            await call(scope)

    scopes = [anyio.CancelScope() for _ in range(200)]
    async with anyio.create_task_group() as group:
        for scope in scopes:
            group.start_soon(survive, scope)
            if dice.random() < 0.3:
                await clock.go(dice.choice([0.05, 0.3]))
            if dice.random() < 0.6:
                dice.choice(scopes).cancel()
            assert pacer._budget.in_flight >= in_flight
        await clock.go(30.0)
        group.cancel_scope.cancel()
    assert pacer._budget.in_flight == 0
    assert not any(queue.waiters for queue in pacer._queues)
    assert clock.sleepers == []
    await clock.go(20.0)
    assert await pacer.acquire(batch=True, budget=0.0) == 0.0


@pytest.mark.asyncio
@pytest.mark.parametrize("steps", range(4))
@pytest.mark.parametrize("victim", range(3))
async def test_native_cancellation_in_asyncio_leaves_no_slot_taken(victim, steps):
    """`task.cancel()` at any moment, also in the one when the turn comes, leaves slots and waiters in order."""
    clock = Clock()
    pacer = pacer_on(clock, burst=1)
    await pacer.acquire(batch=False, budget=None)
    tasks = [asyncio.create_task(pacer.acquire(batch=False, budget=None)) for _ in range(3)]
    await settle()
    pacer.failed(sent=False)
    for _ in range(steps):
        await asyncio.sleep(0)
    tasks[victim].cancel()
    for _ in range(3):
        await settle()
        if pacer._budget.in_flight:
            pacer.failed(sent=False)
    await settle()
    assert [task.done() for task in tasks] == [True, True, True]
    assert all(task.cancelled() or task.result() >= 0 for task in tasks)
    assert sum(task.cancelled() for task in tasks) <= 1
    assert pacer._budget.in_flight == 0
    assert clock.sleepers == []

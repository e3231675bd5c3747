"""When lookbacks would have fired, to the microsecond: against looking at every minute, and by hand."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from slo.alerting.moments import TICK, Counted, Piece
from slo.alerting.policies import Lookback
from slo.alerting.replay.firing import Span, alerts, firing, union
from slo.budgets.budget import Budget

MINUTE = 60_000_000
HOUR = 60 * MINUTE
END = 10 * HOUR


def look(pieces: list[Piece], lasting: bool, one: Lookback, allowed: Fraction, at: int) -> bool:
    """Whether a lookback fires at one moment: everything added up anew."""
    budgets = []
    for part in (one.long, one.shortest):
        counts = [0, 0]
        for piece in pieces:
            inside = at - part // TICK < piece.at <= at
            if lasting:
                until = piece.at + piece.good + piece.bad
                inside = max(0, min(at, until) - max(at - part // TICK, piece.at))
            for side, amount in enumerate((piece.good, piece.bad)):
                counts[side] += (inside if amount else 0) if lasting else amount * inside
        budgets.append(Budget(allowed, *(Fraction(count, 1_000_000 if lasting else 1) for count in counts)))
    return one.fires(*budgets)


@st.composite
def worlds(draw):
    """Up to three assets, each with a few things that were good or bad one after the other."""
    lasting = draw(st.booleans())
    pieces = []
    for asset in "abc":
        at = 0
        for _ in range(draw(st.integers(0, 6))):
            at += draw(st.integers(0, 60)) * MINUTE + draw(st.integers(0, 2))
            amount = draw(st.integers(1, 90)) * MINUTE if lasting else draw(st.integers(1, 3))
            bad = draw(st.booleans())
            pieces.append(Piece(at, 0 if bad else amount, amount if bad else 0, asset))
            at += amount if lasting else 0
    worth = draw(
        st.sampled_from([{"budget_share": 0.05}, {"budget_share": 0.3}, {"budget_share": 1}, {"budget_share": 0},
                         {"min_bad": 1}, {"min_bad": 2}, {"min_bad": 2, "budget_share": 0.1}])
    )  # fmt: skip
    long, short = draw(st.sampled_from([("30m", "10m"), ("1h", "25m"), ("2h", None)]))
    one = Lookback(name="x", long=long, short=short, period="8h", severity="ticket", **worth)
    return pieces, lasting, one, Fraction(draw(st.sampled_from(["0", "0.01", "0.1", "0.3"])))


@settings(max_examples=25, deadline=None)
@given(worlds())
def test_the_sweep_is_what_every_minute_shows_and_its_edges_are_exact(world):
    pieces, lasting, one, allowed = world
    found = firing(Counted.of(pieces, lasting), one, allowed, 1_000_000 if lasting else 1, 0, END)
    inside = [at for at in range(0, END, 5 * MINUTE) if any(span.start <= at < span.end for span in found)]
    assert inside == [at for at in range(0, END, 5 * MINUTE) if look(*world, at)]
    for span in found:
        around = [at for at in (span.start - 1, span.start, span.end - 1, span.end) if 0 <= at < END]
        assert [look(*world, at) for at in around] == [span.start <= at < span.end for at in around]


def test_a_failure_fires_from_when_it_was_known_until_the_short_part_has_forgotten_it():
    """The second failure within a week, at hour 100; a day later the alert ends."""
    second = Lookback(name="second", long="7d", short="1d", min_bad=2, severity="ticket")
    counted = Counted.of([Piece(10 * HOUR, 0, 1, "a"), Piece(100 * HOUR, 0, 1, "a")], False)
    assert firing(counted, second, Fraction(1, 100), 1, 0, 1000 * HOUR) == [Span(100 * HOUR, 124 * HOUR)]


def test_without_a_share_it_fires_where_more_is_bad_than_the_even_pace_allows():
    """A run an hour; the tenth, the 30th and the 31st fail. Of a day's 24 may fail 1.2 at 5 %: two are more, from hour
    30 on. At 9 % 2.16: three are more, from hour 31 on. Three hours after the last it is over."""
    even = Lookback(name="even", long="1d", short="3h", min_bad=2, severity="ticket")
    bad = {10, 30, 31}
    counted = Counted.of([Piece(at * HOUR, at not in bad, at in bad, "a") for at in range(100)], False)
    assert firing(counted, even, Fraction(5, 100), 1, 24 * HOUR, 90 * HOUR) == [Span(30 * HOUR, 34 * HOUR)]
    assert firing(counted, even, Fraction(9, 100), 1, 24 * HOUR, 90 * HOUR) == [Span(31 * HOUR, 34 * HOUR)]


def test_time_burns_steadily_from_the_very_moment_on():
    """Nothing but one dataset: stale from 5:00 on. At 2 % allowed and 12 times the even pace (a tenth of a budget of 30
    days in six hours) more than 24 % of six hours must be stale: 86 minutes and 24 seconds, so from the microsecond
    after 6:26:24. Fresh again at 7:00; the hour before is clean at 8:00 less 24 % of an hour: 7:45:36."""
    night = Lookback(name="night", long="6h", short="1h", budget_share=0.1, severity="ticket")
    pieces = [Piece(0, 5 * HOUR, 0, "d"), Piece(5 * HOUR, 0, 2 * HOUR, "d"), Piece(7 * HOUR, 20 * HOUR, 0, "d")]
    start = 6 * HOUR + 26 * MINUTE + 24_000_000 + 1
    end = 7 * HOUR + 45 * MINUTE + 36_000_000
    assert firing(Counted.of(pieces, True), night, Fraction(2, 100), 1_000_000, 0, 20 * HOUR) == [Span(start, end)]


def test_counts_beyond_64_bits_stay_exact():
    """A requests' SLO counts millionths: 10^17 of them times the denominator of the limit is more than 64 bits hold.
    Of 10^17 + 1 one hundredth of 12 are allowed before it fires; one more is one more."""
    night = Lookback(name="night", long="6h", short="1h", budget_share=0.1, severity="ticket")
    whole, limit = 10**17, 12 * 10**15
    for bad, fires in ((limit, []), (limit + 1, [Span(HOUR, 2 * HOUR)])):
        counted = Counted.of([Piece(HOUR, whole - bad, bad, "s")], False)
        assert firing(counted, night, Fraction(1, 100), 1_000_000, 0, END) == fires


def test_spans_that_touch_are_one():
    assert union([Span(5, 7), Span(0, 3), Span(3, 4), Span(6, 9)]) == [Span(0, 4), Span(5, 9)]


def test_an_alert_is_over_when_it_has_not_fired_for_an_hour():
    wavering = [Span(0, HOUR), Span(HOUR + 59 * MINUTE, 2 * HOUR), Span(4 * HOUR, 5 * HOUR), Span(9 * HOUR, 10 * HOUR)]
    kept = [Span(0, 3 * HOUR), Span(4 * HOUR, 6 * HOUR), Span(9 * HOUR, END)]
    assert alerts(wavering, timedelta(hours=1), END) == kept


def test_parts_counted_apart_are_one_count():
    one, two = (Counted.of([Piece(at, 1, 0, "a"), Piece(9, 0, 2, "a")], False) for at in (3, 4))
    whole = Counted.joined([one, two], False)
    assert [whole.between(*edges) for edges in ((0, 3), (3, 4), (4, 9), (9, 20), (0, 20))] == [
        (1, 0), (1, 0), (0, 4), (0, 0), (2, 4),
    ]  # fmt: skip
    assert Counted.joined([], True).between(0, 10) == (0, 0)
    assert timedelta(microseconds=1) == TICK

"""The share left out by decision, by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from slo.left_out import REASONS, caveat, left_out
from slo.measure import Count, Item, Quotient, Ratio, Register, Samples, Share

AT = datetime(2026, 11, 2, tzinfo=UTC)
BOTH = Ratio(8, 2, excluded={"vendor": (4, 2, 0), "maintenance": (0, 3, 1), "manual": (90, 0, 0)})
"""Of 10 judged and 10 decided on; what the definition never counts is no decision."""


def test_only_decisions_are_a_share() -> None:
    assert REASONS == ("maintenance", "vendor", "upstream", "calendar", "agreed")
    told = left_out(BOTH).as_result(0.05)
    assert told == {"share": 0.5, "cap": 0.05, "reasons": {"maintenance": 0.2, "vendor": 0.3}}


def test_every_measure_that_counts_has_one() -> None:
    values = [Item(at=AT, value=1.0), Item(at=AT, value=2.0), Item(at=AT, excluded="calendar"), Item(at=AT)]
    assert left_out(Samples.of(values)).as_result(1)["share"] == 1 / 3
    assert left_out(Count.of(values)).as_result(1)["share"] == 1 / 3
    assert left_out(Share({"a": BOTH, "b": Ratio(10)})).as_result(1)["share"] == 10 / 30
    assert left_out(Register.from_json(BOTH.to_json())).as_result(1)["share"] == 0.5
    assert left_out(Quotient()).as_result(1) == {"share": None, "cap": 1, "reasons": {}}


def test_nothing_judged_and_nothing_left_out_has_no_share() -> None:
    assert left_out(Ratio(unseen=4)).as_result(0.05) == {"share": None, "cap": 0.05, "reasons": {}}
    assert left_out(Ratio(4)).as_result(0.05)["share"] == 0.0


def test_the_cap_itself_is_allowed() -> None:
    assert caveat(left_out(Ratio(95, excluded={"agreed": (5, 0, 0)})).as_result(0.05), "events") == []
    assert caveat(left_out(Ratio(94, excluded={"agreed": (6, 0, 0)})).as_result(0.05), "events") == [
        "6 % of events are excluded by decision, more than the cap of 5 %"
    ]
    assert caveat(left_out(Ratio(9_499, excluded={"agreed": (501, 0, 0)})).as_result(0.05), "time") == [
        "5.01 % of time is excluded by decision, more than the cap of 5 %"
    ]

"""What a KPI's value is drawn from, measure by measure; what is no sample says nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from slo.kpi import Figures
from slo.measure import Item, Ratio, Register, Samples, Score
from slo.measure.samples import bucket_value
from slo.promises.clauses import Baseline
from slo.trend import noise
from slo.trend.bootstrap import Sample

NO_SCOPE: dict[str, Any] = {"tier": None}


def kpi(measure: type = Ratio, **more: Any) -> Any:
    return SimpleNamespace(
        id="x", measure=measure, **{"seconds": False, "complement": False, "pick": "mean", "minimum": 5} | more
    )


def figures(state: Any, value: float | None = 1.0) -> Figures:
    return Figures(value, 1, state=state)


def test_events_are_drawn_as_they_are_shown():
    state = Ratio(good=8, bad=2)
    assert noise.sample_of(kpi(), figures(state)) == Sample((0.0, 1.0), (2, 8))
    assert noise.sample_of(kpi(complement=True), figures(state)) == Sample((0.0, 1.0), (8, 2))


def test_seconds_registers_and_nothing_are_no_samples():
    assert noise.sample_of(kpi(seconds=True), figures(Ratio(good=8, bad=2))) is None
    assert noise.sample_of(kpi(Register), figures(Register())) is None
    assert noise.sample_of(kpi(), figures(Ratio(good=8), value=None)) is None


def test_durations_are_drawn_exactly_or_from_their_buckets():
    exact = Samples.of([Item(at=None, value=value) for value in (3, 1, 2)])  # type: ignore[arg-type]
    assert noise.sample_of(kpi(Samples, pick="median"), figures(exact)) == Sample((1.0, 2.0, 3.0), (1, 1, 1), "median")
    grouped = Samples.bucketed({10: 4, -3: 6}, zero=5)
    assert noise.sample_of(kpi(Samples, pick="p95"), figures(grouped)) == Sample(
        (0.0, bucket_value(-3), bucket_value(10)), (5, 6, 4), "p95", interpolated=False
    )


def test_answers_are_drawn_on_the_scale_of_the_value():
    """8, 8 and 10: a mean of 26/3; on five points half of it. Net: one promoter of three, 33.3."""
    state = Score.of([Item(at=None, value=value) for value in (8, 8, 10)])  # type: ignore[arg-type]
    assert noise.sample_of(kpi(Score), figures(state, 26 / 3)) == Sample((8.0, 10.0), (2, 1))
    assert noise.sample_of(kpi(Score), figures(state, 13 / 3)) == Sample((4.0, 5.0), (2, 1))
    assert noise.sample_of(kpi(Score), figures(state, 100 / 3)) == Sample((-100.0, 0.0, 100.0), (0, 2, 1))


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (Ratio(good=9000, bad=1000), Ratio(good=8000, bad=2000), True),
        (Ratio(good=9, bad=1), Ratio(good=8, bad=2), False),
        (Ratio(good=3, bad=1), Ratio(good=0, bad=2000), False),  # under the minimum sample
    ],
)
def test_a_change_of_events(now, before, told):
    assert noise.told(kpi(), "2026-10", NO_SCOPE, figures(now), figures(before)) is told


def test_without_a_value_before_nothing_is_said():
    assert noise.told(kpi(), "2026-10", NO_SCOPE, figures(Ratio(good=9)), figures(Ratio(), value=None)) is None
    assert noise.told(kpi(), "2026-10", NO_SCOPE, figures(Ratio(good=9)), None) is None


def test_a_frozen_ratio_knows_its_events_and_an_imported_one_is_exact():
    measured = Baseline(kind="frozen", value=0.8, n=50, origin="measured")
    assert noise.frozen(kpi(), measured) == Sample((0.0, 1.0), (10, 40))
    assert noise.frozen(kpi(), Baseline(kind="frozen", value=0.8)) == 0.8
    assert noise.frozen(kpi(Samples), Baseline(kind="frozen", value=5400, n=12, origin="measured")) == 5400

"""Tierline's own alerts, back from Alertmanager or a pager, are none of the platform's unless they are asked in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from slo.measure import Ratio
from slo.platform import Alerting, Platform
from slo.shelf import get_kpi
from slo.store import Store
from slo.view import View
from tests.slo.tellings import fact

MONDAY = datetime(2026, 11, 9, 10, tzinfo=UTC)


@pytest.mark.parametrize(("asked_in", "counted", "left_out"), [(False, (1, 1), 3), (True, (2, 2), 0)])
def test_they_count_where_they_are_asked_in(
    store: Store, asked_in: bool, counted: tuple[int, int], left_out: int
) -> None:
    """One of each kind that is actionable and one noise; the fifth, which no rule decides, is Tierline's, too. One of
    them is as Alertmanager words it for a pager; one of the platform's only names the host that Tierline runs on."""
    told = [("DiskFull", "actionable"), ("Disk of Tierline full", "noise"), ("TierlineDatasetLate", "actionable"),
            ("[FIRING:1] etl/load tierline (TierlineRunFailing page core 0 true)", "noise"),
            ("TierlineBlind", None)]  # fmt: skip
    store.upsert(
        fact("alert", str(place), rule=rule, label=label, fired_at=MONDAY + place * timedelta(hours=1),
             acknowledged_at=MONDAY + place * timedelta(hours=1, minutes=1))
        for place, (rule, label) in enumerate(told)
    )  # fmt: skip
    view = View(store, Platform(alerting=Alerting(own_in_precision=asked_in)), MONDAY + timedelta(days=1))
    day = (MONDAY - timedelta(hours=10), MONDAY + timedelta(hours=14))
    state = Ratio.of(get_kpi("alert_precision").items(view, None, *day, {}))
    assert (state.good, state.bad) == counted
    assert state.unjudged == int(asked_in)
    spans = [item for item in get_kpi("mtta").items(view, None, *day, {}) if item.excluded != "tierline's own"]
    assert len(spans) == 5 - left_out

"""How fresh a dataset could be asked to be: from when its updates landed in the last 90 days. A daily rhythm gives a
deadline, any other the age that 95 % of its gaps stay under."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import ceil

from slo.calendars import DAY, day_start, days_between, is_business_day
from slo.due.updates import landed
from slo.facts import DatasetUpdate
from slo.statistics import quantile
from slo.suggest import ABOUT_ASSETS, APPLY, Given, Row, Suggestion, about, ranked
from slo.view import View

LOOK_BACK = timedelta(days=90)
FEWEST_GAPS = 10
"""Under so many gaps a 95th percentile is no more than the longest one."""
FEWEST_DAYS = 14
"""A rhythm of days is seen in two weeks."""
MOST_UPDATES_A_DAY = 1.2
MOST_COUNTED = 50
"""Points: one a gap or day seen, up to this; beside those of impact."""
OBJECTIVES = (0.99, 0.98, 0.95, 0.9)
_STEPS = ((3600, 300), (86_400, 3600), (float("inf"), 86_400 / 2))
"""(up to seconds, rounded up to whole steps of seconds)."""
_QUARTER = timedelta(minutes=15)


class Freshness(Suggestion):
    name = "freshness"
    columns = ("asset", "max_age", "deadline", "days", "objective", *ABOUT_ASSETS)
    title = "How fresh datasets could be promised to be"
    connect = (
        "No dataset without a promise has ten updates in the last 90 days: connect what tells when tables change "
        "(dbt, a warehouse, Fivetran, Airflow assets), or wait until more has been collected."
    )
    use = APPLY

    def rows(self, given: Given) -> list[Row]:
        assets = _open(given.view)
        given.view.read_updates_ahead(assets, given.view.as_of - LOOK_BACK, given.view.as_of)
        return ranked([row for asset in assets if (row := _proposed(given, asset)) is not None])


def _open(view: View) -> list[str]:
    """Datasets that nobody promises anything of."""
    histories = [view.history(name) for name in view.asset_names]
    told = [(one, one.get("kind", view.as_of)) for one in histories if one.exists(view.as_of)]
    return sorted(one.name for one, kind in told if kind == "dataset" and one.get("freshness", view.as_of) is None)


@dataclass(frozen=True)
class _Rhythm:
    fields: Row
    reason: str
    seen: int


def _proposed(given: Given, asset: str) -> Row | None:
    view = given.view
    updates = [one for one in view.updates(asset, view.as_of - LOOK_BACK, view.as_of) if not one.backfill]
    found = _daily(view, updates) or _ages(updates)
    if found is None:
        return None
    empty: Row = dict.fromkeys(("max_age", "deadline", "days", "objective"))
    evidence = min(found.seen, MOST_COUNTED) + given.impact.weight(asset).score
    return about(given, asset, "freshness", {**empty, **found.fields}, found.reason, evidence)


# A daily rhythm


def _daily(view: View, updates: Sequence[DatasetUpdate]) -> _Rhythm | None:
    """One delivery on nine of ten days, or of business days: by when 95 % of them were there."""
    first: dict[date, datetime] = {}
    for update in updates:
        at = landed(update)
        if update.data_through is None or update.data_through >= view.start_of(view.day(at)):
            first.setdefault(view.day(at), at)
    if not first or len(updates) > MOST_UPDATES_A_DAY * len(first):
        return None
    days = list(days_between(min(first), max(first)))
    kind, due = _kind(days, first, view.platform.holidays)
    if len(days) < FEWEST_DAYS or len([day for day in due if day in first]) < 0.9 * len(due):
        return None
    clocks = [(first[day] - day_start(day, view.platform.timezone)).total_seconds() for day in due if day in first]
    deadline = timedelta(seconds=quantile(sorted(clocks), 0.95))
    by = -(-deadline // _QUARTER) * _QUARTER
    if by >= DAY:
        return None
    on_time = sum(clock <= by.total_seconds() for clock in clocks)
    fields = {"deadline": _clock(by), "days": kind, "objective": _objective(on_time / len(due))}
    word = "business days" if kind == "business" else "days"
    reason = f"It landed by {_clock(by)} on {on_time} of {len(due)} {word}; 95 % of its landings by {_clock(deadline)}."
    return _Rhythm(fields, reason, len(clocks))


def _kind(days: Sequence[date], first: dict[date, datetime], holidays: frozenset[date]) -> tuple[str, list[date]]:
    """``business`` where weekends stay (nearly) empty, and the days on which it is due."""
    weekend = [day for day in days if day.weekday() >= 5]
    if weekend and len([day for day in weekend if day in first]) <= 0.1 * len(weekend):
        return "business", [day for day in days if is_business_day(day, holidays)]
    return "daily", list(days)


def _clock(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"


# Any other rhythm


def _ages(updates: Sequence[DatasetUpdate]) -> _Rhythm | None:
    """The age that the data had reached when the next update landed, in 95 of 100 cases."""
    reached = list(_reached(updates))
    if len(reached) < FEWEST_GAPS:
        return None
    usual = quantile(sorted(age for age, _ in reached), 0.95)
    limit = _rounded(usual)
    stale = sum(min(max(age - limit, 0), gap) for age, gap in reached)
    fresh = 1 - stale / sum(gap for _, gap in reached)
    fields = {"max_age": _span(limit), "objective": _objective(fresh)}
    reason = (
        f"In 95 % of {len(reached)} gaps its data grew no older than {_span(round(usual))}; "
        f"it was no older than {_span(limit)} for {100 * fresh:.1f} % of the time."
    )
    return _Rhythm(fields, reason, len(reached))


def _reached(updates: Sequence[DatasetUpdate]) -> Iterator[tuple[float, float]]:
    """(age in seconds just before the next landing, length of the gap) of each gap."""
    newest: datetime | None = None
    for this, following in pairwise(updates):
        through = min(this.data_through or landed(this), landed(this))
        newest = through if newest is None else max(newest, through)
        gap = (landed(following) - landed(this)).total_seconds()
        if gap > 0:
            yield (landed(following) - newest).total_seconds(), gap


def _rounded(seconds: float) -> int:
    step = next(step for most, step in _STEPS if seconds <= most)
    return int(ceil(seconds / step) * step)


def _span(seconds: float) -> str:
    """``26h``, ``90m``: what `tierline assets apply` reads."""
    if seconds >= 3600:
        return f"{seconds / 3600:.3g}h"
    return f"{seconds / 60:.3g}m"


def _objective(share: float) -> float | None:
    """The strictest usual objective that would have been kept."""
    return next((objective for objective in OBJECTIVES if share >= objective), None)

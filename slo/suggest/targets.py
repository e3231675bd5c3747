"""First targets as a sheet: what three of four past months have kept, beside the published row that would be adopted.
The same proposals as ``tierline baseline`` (slo/trend/first.py)."""

from __future__ import annotations

from datetime import date

from slo.calendars import DAY
from slo.shelf import shelf
from slo.suggest import Given, Row, Suggestion
from slo.trend.first import HELD, Proposal, proposal

MONTHS = 6


class FirstTargets(Suggestion):
    name = "targets"
    columns = (
        "kpi", "unit", "first_floor", "months", "profile", "row", "published", "published_floor", "kept", "reason",
        "evidence",
    )  # fmt: skip
    title = "First targets from the past months"
    connect = (
        "No KPI has a value in three whole months: collect more history (history_days of the sources, "
        "`tierline collect --full`)."
    )
    use = "It is for reading: `tierline baseline` proposes the same floors with the line that adopts them."

    def rows(self, given: Given) -> list[Row]:
        months = past_months(given.view.day(given.view.as_of), MONTHS)
        told = [given.results(sorted(shelf()), month) for month in months]
        found = [proposal(results, shelf()[results[-1]["kpi"]].minimum) for results in zip(*told, strict=True)]
        rows = [_row(one) for one in found if one.kept is not None or len(one.counted) >= MONTHS // 2]
        return sorted(rows, key=lambda row: (-row["evidence"], row["kpi"]))


def past_months(today: date, count: int) -> list[str]:
    """The whole months before a day's, the oldest first."""
    found: list[str] = []
    first = today.replace(day=1)
    while len(found) < count:
        first = (first - DAY).replace(day=1)
        found.insert(0, f"{first:%Y-%m}")
    return found


def _row(one: Proposal) -> Row:
    published = one.entry or {}
    held = sum(month.status in HELD for month in one.counted)
    row = {
        "kpi": one.result["kpi"], "unit": one.result["unit"], "first_floor": one.kept,
        "months": "; ".join(f"{month.window}: {month.value:.4g}" for month in one.counted),
        "profile": published.get("profile"), "row": published.get("row"), "published": published.get("text"),
        "published_floor": one.published, "kept": f"{held} of {len(one.counted)} months" if published else None,
        "reason": _reason(one), "evidence": len(one.counted),
    }  # fmt: skip
    return {name: row[name] for name in FirstTargets.columns}


def _reason(one: Proposal) -> str:
    values = [month.value for month in one.counted if month.value is not None]
    span = f"Between {min(values):.4g} and {max(values):.4g} in {len(values)} months"
    if one.kept is None:
        return f"{span}; no side of it is better, so agree on a band."
    return f"{span}; {one.held(one.kept)} of them kept {one.kept:g}."

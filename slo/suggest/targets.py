"""First targets: what three of four past months have kept, beside the published row that would be adopted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import ceil, floor, log10
from typing import Any

from slo.calendars import DAY
from slo.kpi import shelf
from slo.statistics import quantile
from slo.suggest import Given, Row, Suggestion

MONTHS = 6
FEWEST_MONTHS = 3
KEPT = 0.75
"""A first floor is one that three of four past months have kept: hard enough to mean something, and not a lie."""
DIGITS = 3
HELD = ("met", "near")

Result = Mapping[str, Any]


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
    use = "It is for reading: agree on a floor with those who rely on it, or adopt the published row with `profile:`."

    def rows(self, given: Given) -> list[Row]:
        names = sorted(shelf())
        months = _months(given.view.day(given.view.as_of))
        told: dict[str, dict[str, Result]] = {name: {} for name in names}
        for month in months:
            for result in given.results(names, month):
                told[result["kpi"]][month] = result
        rows = [row for name in names if (row := _proposed(name, told[name])) is not None]
        return sorted(rows, key=lambda row: (-row["evidence"], row["kpi"]))


def _months(today: date) -> list[str]:
    """The whole months before today's, the oldest first."""
    found: list[str] = []
    first = today.replace(day=1)
    while len(found) < MONTHS:
        first = (first - DAY).replace(day=1)
        found.insert(0, f"{first:%Y-%m}")
    return found


def _proposed(kpi: str, results: Mapping[str, Result]) -> Row | None:
    told = {month: one for month, one in results.items() if one["value"] is not None}
    if len(told) < FEWEST_MONTHS:
        return None
    newest = told[max(told)]
    values = sorted(float(one["value"]) for one in told.values())
    first = _first_floor(values, newest["better"])
    row = {
        "kpi": kpi, "unit": newest["unit"], "first_floor": first,
        "months": "; ".join(f"{month}: {one['value']:.4g}" for month, one in told.items()),
        "evidence": len(told), **_published(told), "reason": _reason(values, first, newest["better"]),
    }  # fmt: skip
    return {name: row[name] for name in FirstTargets.columns}


def _first_floor(values: list[float], better: str | None) -> float | None:
    """The value that three of four months have reached, rounded to the easier side; None where no side is better."""
    if better not in ("up", "down"):
        return None
    value = quantile(values, 1 - KEPT if better == "up" else KEPT)
    if value == 0:
        return 0.0
    scale = 10.0 ** (DIGITS - 1 - floor(log10(abs(value))))
    eased = (floor if better == "up" else ceil)(round(value * scale, 6))
    return eased / scale


def _reason(values: list[float], first: float | None, better: str | None) -> str:
    span = f"Between {values[0]:.4g} and {values[-1]:.4g} in {len(values)} months"
    if first is None:
        return f"{span}; no side of it is better, so agree on a band."
    kept = sum(value >= first if better == "up" else value <= first for value in values)
    return f"{span}; {kept} of them kept {first:g}."


def _published(told: Mapping[str, Result]) -> Row:
    """The first published row that is judged for it, and in how many of the months it was kept."""
    entries = [next(iter(one["targets"]), None) for one in told.values()]
    if entries[-1] is None:
        return dict.fromkeys(("profile", "row", "published", "published_floor", "kept"))
    newest = entries[-1]
    kept = sum(1 for entry in entries if entry and entry["status"] in HELD)
    return {
        "profile": newest["profile"], "row": newest["row"], "published": newest["text"],
        "published_floor": newest["floor"], "kept": f"{kept} of {len(entries)} months",
    }  # fmt: skip

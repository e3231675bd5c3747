"""What the platform costs: unit cost with the volume and the spend behind it, who spends it, what of it nobody answers
for, what was done about the most expensive workloads, and what was committed to.

Every figure is read off the states that unit_cost, expensive_workloads_remediated and reserved_capacity_utilization
stand on; the sums here are theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from slo.kpis.unit_cost import UNITS
from slo.measure import Quotient, merge_all
from slo.metering.workloads import TEN
from slo.promises.verdicts import Asked
from slo.results import Query, Results
from slo.shelf import get_kpi
from slo.states import Decoded
from slo.stories.remediated import remediated
from slo.view import View
from slo.windows import directly_before, is_provisional_by_clock

Story = dict[str, Any]


def cost(results: Results, query: Query, unit: str = "TB") -> Story:
    """``days`` (spend, units, unit cost a day), ``teams`` and ``workloads`` (the ten highest) with share and change,
    ``unattributed``, ``remediated``. ``unit``: a choice of unit_cost's own. A change is None while the window runs:
    part of a window is not compared with a whole one."""
    asked = results.asked(get_kpi("unit_cost"), replace(query, params={"unit": unit}))
    window, before = asked.window, directly_before(asked.window)
    now = results.states.rows(asked.kpi, window.first_day, window.last_day, asked.scope, asked.params)
    then = results.states.rows(asked.kpi, before.first_day, before.last_day, asked.scope, asked.params)
    running = is_provisional_by_clock(window, results.view.as_of)
    return {
        "unit": unit, "running": running, "days_before": before.days, "days": _days(results, asked),
        "teams": _shares(_by(now, "team"), {} if running else _by(then, "team")),
        "workloads": _named(results.view, _shares(_by(now, "asset"), {} if running else _by(then, "asset")))[:TEN],
        "unattributed": _unattributed(now), "remediated": remediated(results, query),
    }  # fmt: skip


def another_unit(results: Results, query: Query) -> Story | None:
    """unit_cost's result in the first unit but terabytes that has a value: where no source tells bytes, what a query or
    a run costs is said. None: no volume is told at all."""
    found = (
        results.result(get_kpi("unit_cost"), replace(query, params={"unit": unit})) for unit in UNITS if unit != "TB"
    )
    return next((result for result in found if result["value"] is not None), None)


def _days(results: Results, asked: Asked) -> list[Story]:
    """Spend and units of each day of the window up to as-of; None where either was not told."""
    states = results.states.days(asked.kpi, asked.window.first_day, asked.window.last_day, asked.scope, asked.params)
    last = min(asked.window.last_day, results.view.day(results.view.as_of))
    days = (date.fromordinal(n) for n in range(asked.window.first_day.toordinal(), last.toordinal() + 1))
    return [_day(day, states.get(day, Quotient())) for day in days]


def _day(day: date, state: Quotient) -> Story:
    return {
        "day": day.isoformat(), "spend": _float(state.numerator), "units": _float(state.denominator),
        "value": _float(state.value), "provisional": bool(state.beside.get("provisional")),
    }  # fmt: skip


def _by(rows: Decoded, field: str) -> dict[str | None, Quotient]:
    """Cost and units by a dimension of the rows, or by asset."""
    found: dict[str | None, list[Quotient]] = {}
    for row, state in rows:
        found.setdefault(getattr(row, field), []).append(state)
    return {key: merge_all(Quotient, states) for key, states in found.items()}


def _shares(now: Mapping[str | None, Quotient], then: Mapping[str | None, Quotient]) -> list[Story]:
    """Each key's spend with its share of all and its change, the highest first, ties by name. The key None is what
    names none."""
    told = {key: state.numerator for key, state in now.items() if state.numerator is not None}
    whole = sum(told.values(), Fraction(0))
    ranked = sorted(told, key=lambda key: (-told[key], key or ""))
    return [
        {
            "key": key, "cost": float(told[key]), "share": _float(told[key] / whole) if whole else None,
            "units": _float(now[key].denominator), "unit_cost": _float(now[key].value),
            "change": _change(told[key], then.get(key)), "before": _float(then[key].numerator) if key in then else None,
        }
        for key in ranked
    ]  # fmt: skip


def _change(now: Fraction, then: Quotient | None) -> float | None:
    return float(now / then.numerator - 1) if then is not None and then.numerator else None


def _named(view: View, lines: list[Story]) -> list[Story]:
    """Workloads with who owns them now; cost that names no asset is no workload's."""
    dims = {line["key"]: view.dims(line["key"], view.as_of) for line in lines if line["key"] is not None}
    return [
        line | {"team": dims[line["key"]].team, "tier": dims[line["key"]].tier, "domain": dims[line["key"]].domain}
        for line in lines if line["key"] is not None
    ]  # fmt: skip


def _unattributed(rows: Decoded) -> Story:
    """Cost that names no asset, and cost of assets without a team, each with its share of all."""
    nobody, teamless, whole = Fraction(0), Fraction(0), Fraction(0)
    assets: dict[str, Fraction] = {}
    for row, state in rows:
        amount = state.numerator or Fraction(0)
        whole += amount
        if row.asset is None:
            nobody += amount
        elif row.team is None:
            teamless += amount
            assets[row.asset] = assets.get(row.asset, Fraction(0)) + amount
    return {
        "no_asset": float(nobody), "no_team": float(teamless), "whole": float(whole),
        "share": float((nobody + teamless) / whole) if whole else None,
        "assets": [
            {"asset": name, "cost": float(amount)}
            for name, amount in sorted(assets.items(), key=lambda one: (-one[1], one[0]))[:TEN] if amount
        ],
    }  # fmt: skip


def _float(amount: Fraction | None) -> float | None:
    return None if amount is None else float(amount)

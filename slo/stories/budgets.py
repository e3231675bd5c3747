"""The error budgets of a scope and window: how much is left, how fast it goes, when it has gone, what spent it.

Only what was adopted (or what an asked profile holds) has a budget here: a published figure that nobody promised can't
be overspent. Budgets stand on event and time ratios, whose days add up to their window.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from slo.budgets.budget import Budget, allowed_share
from slo.budgets.days import Burndown, burndown, told
from slo.budgets.floors import narrowed, promised
from slo.budgets.pace import PRESENT, burn_rate, outlook, pace
from slo.budgets.spenders import spenders
from slo.evidence.sources import unsettled
from slo.kpi import Kpi
from slo.measure import Ratio, merge_all
from slo.promises.clauses import Clause
from slo.promises.verdicts import Asked, shown_scope
from slo.results import Query, Results
from slo.shelf import shelf
from slo.targets import Target
from slo.windows import Window, calendar_window, elapsed_days, parse_window

LOOKBACKS = (1, 3, 7)
"""Days over which the burn is told; the window's own comes last."""


def budgets(
    results: Results, query: Query, *, kpi: str | None = None, parts: bool = False, most: int = 12
) -> list[dict[str, Any]]:
    """Every budget of the scope (of one KPI), the emptiest first; with ``parts`` what spent each, ``most`` lines a cut.

    A dict each: kpi, title, unit, seconds (amounts are seconds, not events), nouns; profile, row, clause (its place
    in the row), text, form, floor, adopted, adopted_by, scope, params, status, provisional; window, value, good, bad;
    the figures of slo/budgets/budget.py over what was counted (allowed, spent, remaining, burn_rate, allowed_events,
    remaining_events, one_failure), and low_volume; ``whole``: allowed_events, remaining_events and remaining of the
    whole window (while a calendar window runs: expected at the pace up to now); days (day, good, bad, seen, remaining,
    remaining_events, provisional); burn (lookback, days, good, bad, rate); outlook (spent, runs out, lasts, over,
    unknown), runs_out (aware datetime or None), ran_out (day or None); spenders (see slo/spending/spenders.py; None
    unless asked for).
    """
    found = [
        one
        for own in shelf().values()
        if own.measure is Ratio and kpi in (None, own.id)
        for one in _of_kpi(results, query, own, most if parts else 0)
    ]
    return sorted(found, key=_emptiest)


def _emptiest(one: Mapping[str, Any]) -> tuple[float, str, int]:
    """Where nothing is allowed, one bad event is more than any share."""
    left = one["whole"]["remaining"]
    if left is None:
        left = float("-inf") if one["bad"] else 1.0
    return left, one["kpi"], one["row"]


def _of_kpi(results: Results, query: Query, kpi: Kpi, most: int) -> Iterator[dict[str, Any]]:
    asked = results.asked(kpi, query)
    if not asked.set_up:
        return
    for target, clauses in promised(results, asked, query):
        entry = results.entry(asked, target, clauses)
        for place, (clause, judged) in enumerate(zip(clauses, entry.get("clauses", [entry]), strict=True)):
            one = _budget(results, asked, clause, most)
            if one is not None:
                yield {**_promise(target, clause, judged, entry), "clause": place, **one}


def _promise(target: Target, clause: Clause, judged: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "profile": target.profile, "row": target.row, "text": target.text, "form": clause.form,
        "floor": clause.floor, "stretch": clause.stretch, "status": judged["status"],
        "adopted": entry["adopted"], "adopted_by": entry["adopted_by"],
        "valid_from": None if target.valid_from is None else target.valid_from.isoformat(),
    }  # fmt: skip


def _budget(results: Results, asked: Asked, clause: Clause, most: int) -> dict[str, Any] | None:
    kpi, view = asked.kpi, results.view
    allowed = allowed_share(clause, kpi.complement)
    if allowed is None:
        return None
    own = narrowed(asked, clause)
    days = (asked.window.first_day, asked.window.last_day)
    found = burndown(allowed, results.states.days(kpi, *days, own.scope, own.params), asked.window, view.as_of)
    if found.budget.total == 0:
        return None
    spent = None
    if most:
        rows = results.states.rows(kpi, *days, own.scope, own.params)
        spent = spenders(rows, kpi, own.scope, found.whole, most)
    return {**_identity(own), **_figures(found, kpi), **_burning(results, own, found), "spenders": spent}


def _identity(asked: Asked) -> dict[str, Any]:
    kpi, zone = asked.kpi, asked.window.tz
    start, end = (one.astimezone(zone).isoformat() for one in (asked.window.start, asked.window.end))
    return {
        "kpi": kpi.id, "title": kpi.title, "family": kpi.family, "unit": kpi.unit, "better": kpi.better,
        "measure": kpi.measure.title(), "complement": kpi.complement, "seconds": kpi.seconds, "nouns": kpi.nouns,
        "window": {"name": asked.window.name, "start": start, "end": end},
        "scope": shown_scope(asked.scope), "params": dict(asked.params),
    }  # fmt: skip


def _figures(found: Burndown, kpi: Kpi) -> dict[str, Any]:
    budget, scale = found.budget, kpi.scale
    shown = Budget(budget.allowed, budget.good / scale, budget.bad / scale)
    value = (budget.bad if kpi.complement else budget.good) / budget.total
    return {
        "value": float(value), "good": float(shown.good), "bad": float(shown.bad),
        **shown.as_result(), **({"one_failure": None} if kpi.seconds else {}),
        "low_volume": not kpi.seconds and shown.low_volume,
        "whole": found.as_result(scale),
    }  # fmt: skip


def _burning(results: Results, asked: Asked, found: Burndown) -> dict[str, Any]:
    view, window = results.view, asked.window
    rates, present = [], None
    for name, days in [*((f"{days}d", days) for days in LOOKBACKS), (window.name, 0)]:
        recent = parse_window(name, view.as_of, window.tz) if days else window
        state = _state(results, asked, recent)
        rate = burn_rate(found.allowed, state)
        scale = asked.kpi.scale
        rates.append(
            {
                "lookback": name, "days": recent.days, "good": state.good / scale, "bad": state.bad / scale,
                "rate": None if rate is None else float(rate),
            }
        )  # fmt: skip
        if days == PRESENT:
            present = pace(state, elapsed_days(recent, view.as_of))
    what, when = outlook(found, present, window, view.as_of)
    provisional = _open(results, asked, found)
    return {
        "burn": rates, "outlook": what, "runs_out": when,
        "ran_out": found.ran_out.isoformat() if found.ran_out else None,
        "days": told(found, asked.kpi.scale, provisional), "provisional": unsettled(asked.kpi, view, window),
    }  # fmt: skip


def _state(results: Results, asked: Asked, window: Window) -> Ratio:
    days = results.states.days(asked.kpi, window.first_day, window.last_day, asked.scope, asked.params)
    merged: Ratio = merge_all(Ratio, days.values())
    return merged


def _open(results: Results, asked: Asked, found: Burndown) -> dict[date, bool]:
    """Which days have not settled."""
    zone = asked.window.tz
    return {one.day: unsettled(asked.kpi, results.view, calendar_window("D", one.day, zone)) for one in found.days}

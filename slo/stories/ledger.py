"""What the ledger tells: which periods are closed, what was reported, what has been restated since, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from slo.calendars import DAY
from slo.ledger.book import Ledger
from slo.ledger.lines import figures_of, is_provisional
from slo.ledger.restating import SETTLED
from slo.ledger.scopes import key_of
from slo.results import Query, Results
from slo.view import View
from slo.windows import Kind, Window, calendar_window, parse_window

SHOWN: tuple[Kind, ...] = ("M", "Q")
"""Kinds of period that are listed though nobody closed them."""
AT_MOST = 60
"""Months back from today that are listed."""


def periods(results: Results, query: Query) -> list[dict[str, Any]]:
    """Every month and quarter since the first fact, and whatever else was closed, the newest first:

    {"name", "kind" (M, Q, W, H), "start", "end", "state" (open: still running; provisional: ended, not closed; closed),
    "as_of", "closed_at", "by", "hash" (None unless closed), "counts" (status -> reported lines in the query's scope;
    None where nothing is kept of it), "promised" (the same of lines that an adopted target judges: what nobody adopted
    was neither kept nor missed), "provisional_lines" (of those), "restatements", "settled" (lines of that scope that
    are not as reported; that were provisional and settled by the clock), "disputes" (the open ones)}"""
    ledger = _book(results)
    closed = {one["name"]: one for one in ledger.periods()}
    moved = ledger.restatements(scope=_scope(query))
    disputes = ledger.disputes(open_only=True)
    names = dict.fromkeys([*closed, *(window.name for window in _running(results.view))])
    windows = [parse_window(name, results.view.as_of, results.view.platform.timezone) for name in names]
    told = []
    for window in sorted(windows, key=lambda one: (one.first_day, one.last_day), reverse=True):
        own = [one for one in moved if one["period"] == window.name]
        told.append(
            {
                **_state(results.view, window, closed.get(window.name)),
                **_counted(ledger, query, window.name, closed),
                "restatements": sum(one["how"] != SETTLED for one in own),
                "settled": sum(one["how"] == SETTLED for one in own),
                "disputes": [one for one in disputes if one["period"] == window.name],
            }
        )
    return told


def restated(
    results: Results, query: Query, kpi: str | None = None, since: datetime | None = None
) -> list[dict[str, Any]]:
    """Lines of closed periods in the query's scope that are not what was reported, the last seen first; of one KPI;
    ``since``: those that moved at or after it.

    {"period", "kpi", "title", "unit", "better", "scope" {"tier", "team", "domain"}, "how" (restated; settled: it was
    published as provisional, and the clock settled it), "reported" and "now" {"value", "status", "parts"},
    "difference" (now - reported, or None), "targets" [{"profile", "row", "text", "reported", "now"}] (verdicts that
    changed), "first_seen", "seen" (the evaluation at which it took its present value), "causes" [{"what", "text",
    "kind", "source", "facts", "compared", "first_at", "last_at", "first_arrived", "last_arrived", "named" [{"id",
    "asset", "url", "at", "arrived", "changed" {field: [before, now]}, "correction"}]}]}"""
    return _book(results).restatements(scope=_scope(query), kpi=kpi, since=since)


def reported(results: Results, query: Query, kpi: str) -> list[dict[str, Any]]:
    """What was reported of a KPI in the query's scope, period by period, the oldest first.

    {"period", "kind", "start", "end", "closed_at", "value", "status", "parts", "provisional", "now" (its value now),
    "status_now", "restated" (whether it is not as reported)}"""
    ledger, scope = _book(results), _scope(query)
    moved = {one["period"]: one for one in ledger.restatements(scope=scope, kpi=kpi)}
    told = []
    for head in ledger.periods():
        for line in ledger.lines(head["name"], kpi, scope):
            was = figures_of(line)
            one = moved.get(head["name"])
            now = was if one is None else one["now"]
            told.append(
                {
                    "period": head["name"], **{name: head[name] for name in ("kind", "start", "end", "closed_at")},
                    **was, "provisional": is_provisional(line), "now": now["value"], "status_now": now["status"],
                    "restated": one is not None,
                }
            )  # fmt: skip
    return told


def _book(results: Results) -> Ledger:
    return Ledger(results.view.store, results.view.platform.timezone)


def _scope(query: Query) -> dict[str, Any]:
    return {"tier": query.tier, "team": query.team, "domain": query.domain, "asset": query.asset}


def _running(view: View) -> Iterator[Window]:
    """Months and quarters from the first fact (at most five years back) to today."""
    told = [moment for source in view.store.sources() if (moment := view.store.earliest(source)) is not None]
    if not told:
        return
    today, first = view.day(view.as_of), view.day(min(told))
    for kind in SHOWN:
        window = calendar_window(kind, today, view.platform.timezone)
        for _ in range(AT_MOST):
            yield window
            if window.first_day <= first:
                break
            window = calendar_window(kind, window.first_day - DAY, view.platform.timezone)


def _state(view: View, window: Window, closed: dict[str, Any] | None) -> dict[str, Any]:
    zone = view.platform.timezone
    state = "closed" if closed is not None else "open" if window.end > view.as_of else "provisional"
    return {
        "name": window.name, "kind": window.kind, "start": window.start.astimezone(zone).isoformat(),
        "end": window.end.astimezone(zone).isoformat(), "state": state,
        **{name: (closed or {}).get(name) for name in ("as_of", "closed_at", "by", "hash")},
    }  # fmt: skip


def _counted(ledger: Ledger, query: Query, name: str, closed: dict[str, Any]) -> dict[str, Any]:
    if name not in closed or key_of(_scope(query)) is None:
        return {"counts": None, "promised": None, "provisional_lines": 0}
    lines = ledger.lines(name, scope=_scope(query))
    adopted = (line["result"] for line in lines if line["result"]["standing"] == "adopted")
    promised = Counter(one["status"] for one in adopted)
    counts = Counter(line["result"]["status"] for line in lines)
    return {
        "counts": dict(sorted(counts.items())), "promised": dict(sorted(promised.items())),
        "provisional_lines": sum(map(is_provisional, lines)),
    }  # fmt: skip

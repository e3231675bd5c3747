"""Causes that recur: the three that did most often, and which of the quarter before stayed away (kpi_rules, section 3,
"Top 3 repeats gone")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from slo.facts import Incident
from slo.figures import seen_whole
from slo.kpi import Kpi, Reading
from slo.measure import Item
from slo.params import slice_name
from slo.windows import Window, calendar_window, previous

TOP = 3


def repeats(kpi: Kpi, reading: Reading) -> dict[str, Any]:
    """``top_repeats`` is how many of the quarter before's three most recurring causes occur in the window, null where
    nobody watched one of both; ``repeat_causes`` are the window's own three."""
    window, before = reading.window, _quarter_before(reading.window)
    now, then = _inside(kpi, reading, window), _inside(kpi, reading, before)
    occurred = Counter(_cause(item) for item in now)
    top = [line | {"occurred": occurred[line["cause"]]} for line in _most_recurring(then)]
    told = all(items or seen_whole(kpi, replace(reading, window=one)) for items, one in ((now, window), (then, before)))
    again = sum(line["occurred"] > 0 for line in top)
    return {
        "top_repeats": again if told else None, "stayed_away": len(top) - again if told else None,
        "repeat_causes": _most_recurring(now), "repeat_causes_before": top,
    }  # fmt: skip


def _quarter_before(window: Window) -> Window:
    """The calendar quarter before the one that holds the window's start."""
    return previous(calendar_window("Q", window.first_day, window.tz))


def _most_recurring(items: Iterable[Item]) -> list[dict[str, Any]]:
    """By how often they recurred; ties by name."""
    counted = Counter(_cause(item) for item in items if item.bad)
    ranked = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return [{"cause": cause, "recurred": times} for cause, times in ranked[:TOP]]


def _inside(kpi: Kpi, reading: Reading, window: Window) -> list[Item]:
    """The judged incidents of a window in the scope; those of all scopes are worked out once."""
    view = reading.view
    key = f"repeats:{slice_name(kpi, reading.params)}:{window.first_day}:{window.last_day}"
    if key not in view.kept:
        view.kept[key] = list(kpi.items(view, None, window.start, window.end, reading.params))
    items: list[Item] = view.kept[key]
    return [item for item in items if not item.excluded and reading.matches(item.matches or [], item.dims.tier)]


def _cause(item: Item) -> str:
    fact = item.facts[0]
    return (fact.cause or "") if isinstance(fact, Incident) else ""

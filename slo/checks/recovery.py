"""Critical failures of checks, each with the time until the check passed again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from slo.checks.episodes import Key, key_of, next_pass
from slo.facts import CheckResult
from slo.kpi import Reading
from slo.measure import Item
from slo.view import View, in_production

Failures = Callable[[datetime, datetime], Iterable[Item]]
"""The critical failures of a stretch of time, judged."""
SHOWN = 20
"""Failures are listed up to this many: those that still fail first, then the longest."""


def recoveries(key: str, reading: Reading, failures: Failures) -> dict[str, Any]:
    """``critical``: the failures of the window in the scope; ``critical_open``: of how many of them the check has not
    passed since. Seconds until it passed again are null while it fails. ``key`` names what was asked."""
    found = [line for item, line in _critical(key, reading, failures) if _inside(reading, item)]
    found.sort(key=lambda line: (line["seconds"] is not None, -(line["seconds"] or 0), line["failed_at"]))
    return {"critical": found[:SHOWN], "critical_open": sum(line["seconds"] is None for line in found)}


def _inside(reading: Reading, item: Item) -> bool:
    dims = item.dims
    return in_production(dims.environment) and reading.matches([[item.asset, dims.team, dims.domain]], dims.tier)


def _critical(key: str, reading: Reading, failures: Failures) -> list[tuple[Item, dict[str, Any]]]:
    """Of all scopes, worked out once."""
    view, window = reading.view, reading.window
    name = f"critical:{key}:{window.first_day}:{window.last_day}"
    if name not in view.kept:
        view.kept[name] = list(_told(view, failures(window.start, window.end)))
    found: list[tuple[Item, dict[str, Any]]] = view.kept[name]
    return found


def _told(view: View, items: Iterable[Item]) -> Iterator[tuple[Item, dict[str, Any]]]:
    """Each with its line; failures of one check until it passes have the same pass ahead."""
    ahead: dict[Key, CheckResult | None] = {}
    for item in sorted(items, key=lambda one: one.at):
        check = item.facts[0]
        assert isinstance(check, CheckResult)
        key = key_of(check)
        known = ahead.get(key)
        if key not in ahead or (known is not None and known.at is not None and known.at <= item.at):
            ahead[key] = next_pass(view, check)
        yield item, _line(check, item.at, ahead[key])


def _line(check: CheckResult, failed: datetime, passed: CheckResult | None) -> dict[str, Any]:
    at = None if passed is None else passed.at
    return {
        "asset": check.asset, "check": check.check, "source": check.source, "id": check.id, "url": check.url,
        "failed_at": failed.isoformat(), "passed_at": at.isoformat() if at else None,
        "seconds": (at - failed).total_seconds() if at else None,
    }  # fmt: skip

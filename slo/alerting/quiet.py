"""When nobody is told: what is in maintenance now, and what was agreed not to count.

Maintenance silences as long as it lasts, whatever happened in it: what still fails when it is over is told then. What
a calendar or an agreement leaves out of the very KPI is no failure, so it is silent however long it goes on. A vendor's
or an upstream system's fault excuses, but somebody has to know of it.
"""

from __future__ import annotations

from datetime import datetime

from slo.facts import Exclusion
from slo.view import View

AGREED = ("calendar", "agreed")


def quiet(view: View, kpi: str, asset: str, expected: datetime) -> str | None:
    """Why nobody is told that what was expected of an asset has not come, or None."""
    now = view.as_of
    for fact in view.excluding(kpi, asset, view.dims(asset, now), now):
        if fact.reason == "maintenance":
            return _words(view, fact)
    for fact in view.excluding(kpi, asset, view.dims(asset, expected), expected):
        if fact.reason in AGREED and fact.kpis:
            return _words(view, fact)
    return None


def _words(view: View, fact: Exclusion) -> str:
    assert fact.end is not None
    until = fact.end.astimezone(view.platform.timezone)
    ref = f", {fact.ref}" if fact.ref else ""
    return f"{fact.reason}: until {until:%Y-%m-%d %H:%M}{ref}"

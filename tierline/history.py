"""``tierline history``: past days gathered from the heart and handed to the way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from dashboards.format import plural
from dashboards.metrics.family import RESERVED
from dashboards.metrics.history import Manner, written_days
from slo.engine import Engine, scopes
from slo.errors import ConfigError
from slo.past import Past, past
from slo.results import Query, Results
from slo.shelf import get_kpi
from slo.windows import last_day_at, parse_window

YEAR = timedelta(days=364)


@dataclass(frozen=True)
class Wanted:
    """What is written; no day stands for a year before the last one, and for yesterday; no KPI for all."""

    since: date | None
    until: date | None
    windows: tuple[str, ...]
    cuts: tuple[str, ...] = ()
    kpis: tuple[str, ...] = ()


def write(engine: Engine, wanted: Wanted, manner: Manner, out: Callable[[str], object]) -> str:
    """Writes the days and says in a sentence what was written. Raises ConfigError for what cannot be asked."""
    kpis = [get_kpi(name) for name in dict.fromkeys(wanted.kpis)] or list(engine.shelf.values())
    _unreserved(manner)

    def written(results: Results, _query: Query) -> str:
        days = _days(results, wanted)
        for text in written_days((past(results, kpi, days) for kpi in kpis), manner):
            out(text)
        return f"{plural(len(kpis), 'KPI')}, from {days.since} to {days.until}"

    engine.refresh(manner.now)
    said: str = engine.tell(written, Query(), manner.now, refresh=False)
    return said


def _days(results: Results, wanted: Wanted) -> Past:
    view = results.view
    zone = view.platform.timezone
    for name in wanted.windows:
        if not parse_window(name, view.as_of, zone).rolling:
            raise ConfigError(f"--window: {name!r} is no rolling window; write one such as 28d")
    yesterday = last_day_at(view.start_of(view.day(view.as_of)), zone)
    until = min(wanted.until or yesterday, yesterday)
    since = wanted.since or until - YEAR
    if since > until:
        raise ConfigError(f"--since {since} is after {until}, the last day that can be written")
    every = [{}, *(scope for scope in scopes(view) if set(scope) & set(wanted.cuts))]
    return Past(since, until, tuple(dict.fromkeys(wanted.windows)), every)


def _unreserved(manner: Manner) -> None:
    """A label that the families have of their own may not be given."""
    for name in manner.labels:
        if name in RESERVED:
            raise ConfigError(f"--label: {name!r} is a label of the metrics themselves")

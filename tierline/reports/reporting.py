"""The report of a period as one document: of a closed one what was stored, else drawn from the engine now.

Nothing is computed here: the heart tells (slo/stories/report), the report room words it (dashboards/report).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dashboards.report import closed
from dashboards.report.cards import periods
from dashboards.report.document import KINDS
from dashboards.report.document import document as draw
from dashboards.report.told import Told
from slo.engine import Engine, Query
from slo.errors import ConfigError
from slo.ledger import Ledger
from slo.stories.ledger import restated
from slo.stories.report.gather import gather
from slo.windows import Window, parse_window, previous
from tierline.config import Config
from tierline.coverage import standings
from tierline.decisions import Watch, notes

Scope = Mapping[str, str | None]
"""team, domain, profile; each may be absent or None."""


def document(
    engine: Engine, config: Config, period: str, scope: Scope, now: datetime, restricted: bool = False
) -> dict[str, Any]:
    """The report of a period. Of a closed one the stored copy, with what was restated since; where it is asked by a
    profile, or with its restricted lines, it is drawn anew: no such copy is stored.

    Raises ConfigError for what is no month, week, quarter or half-year, or has not begun.
    """
    window = _window(engine, period, now)
    engine.restate(now)
    stored = None if restricted or scope.get("profile") else _stored(engine, window, scope)
    if stored is None:
        return fresh(engine, config, period, scope, now, restricted)
    shut, copy = stored
    return closed.printed(copy, shut, _moved(engine, scope, now, window.name), window.tz)


def fresh(
    engine: Engine, config: Config, period: str, scope: Scope, now: datetime, restricted: bool = False
) -> dict[str, Any]:
    """The report as the facts tell it now, whether the period is closed or not: what closing stores."""
    window = _window(engine, period, now)
    team, domain, profile = (scope.get(name) for name in ("team", "domain", "profile"))
    query = Query(window=window.name, team=team, domain=domain, profile=profile)
    months = periods(window)
    gathered = engine.tell(gather, query, now, periods=tuple(months))
    told = Told(
        gathered, window, datetime.fromisoformat(gathered["results"][0]["as_of"]), team, domain, profile,
        view=config.settings.profile, with_restricted=restricted,
        decided=Watch(config, lambda _: None).told(),  # what is wrong there was said when the engine was opened
        coverage=standings(gathered["results"], config, engine.store),
        catalogue={kpi["id"]: kpi for kpi in engine.kpis()},
        words=notes.words(config, window.name, previous(window).name) if not (team or domain) else None,
        reported=_reported(engine, scope, months, window.name),
        disputes=_disputes(engine, window, team, domain),
        restatements=[one for one in _moved(engine, scope, now) if one["how"] == "restated"],
        last=_last(engine, window),
    )  # fmt: skip
    return draw(told)


def _window(engine: Engine, period: str, now: datetime) -> Window:
    window = parse_window(period, now, engine.platform.timezone)
    if window.kind not in KINDS:
        raise ConfigError(f"{period}: is no period of a report; write one such as 2026-10, 2026-W44, 2026-Q4, 2026-H2")
    if window.start > now:
        raise ConfigError(f"{period}: has not begun yet; name a period that has")
    return window


def _stored(engine: Engine, window: Window, scope: Scope) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """A closed period with its stored copy; None where it is not closed, or this scope's copy was not kept."""
    book = Ledger(engine.store, engine.platform.timezone)
    shut = book.closed(window.name)
    copy = None if shut is None else book.document(window.name, _asked(scope))
    return None if shut is None or copy is None else (shut, copy)


def _asked(scope: Scope) -> dict[str, str]:
    return {name: value for name in ("team", "domain") if (value := scope.get(name)) is not None}


def _disputes(engine: Engine, window: Window, team: str | None, domain: str | None) -> list[dict[str, Any]]:
    """The open disputes that concern a scope: of the whole all of them."""
    found = Ledger(engine.store, window.tz).disputes(window.name, open_only=True)
    return [] if team else [one for one in found if domain in (None, one["domain"])]


def _last(engine: Engine, window: Window) -> datetime | None:
    """The as-of of the report before: the last one closed of the same kind. What was restated by then stood in it."""
    heads = [one for one in Ledger(engine.store, window.tz).periods() if one["kind"] == window.kind]
    earlier = [one["as_of"] for one in heads if datetime.fromisoformat(one["start"]) < window.start]
    return max(map(datetime.fromisoformat, earlier), default=None)


def _moved(engine: Engine, scope: Scope, now: datetime, period: str | None = None) -> list[dict[str, Any]]:
    """What differs now from what closed periods reported of a scope; of one period, or of all."""
    query = Query(team=scope.get("team"), domain=scope.get("domain"))
    found: list[dict[str, Any]] = engine.tell(restated, query, now, refresh=False)
    return [one for one in found if period in (None, one["period"])]


def _reported(engine: Engine, scope: Scope, months: list[str], own: str) -> dict[tuple[str, str], float | None]:
    """(period, KPI) -> what closed ones among these reported of the scope; the period's own is drawn as it is now."""
    book = Ledger(engine.store, engine.platform.timezone)
    shut = [name for name in months if name != own and book.closed(name) is not None]
    if scope.get("profile") is not None:
        return {}
    lines = ((name, line) for name in shut for line in book.lines(name, scope=_asked(scope)))
    return {(name, line["kpi"]): line["result"]["value"] for name, line in lines}

"""``tierline export``: what is evaluated and what is closed, gathered as tables and handed to the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from collectors.secrets import star
from dashboards.export import columns, database, files
from slo.engine import Engine, Query, scopes
from slo.errors import ConfigError
from slo.shelf import get_kpi
from tierline.settings import secrets

Table = tuple[columns.Sheet, list[dict[str, Any]]]
PREFIX = "tierline_"


@dataclass(frozen=True)
class Wanted:
    """What is exported. ``windows`` empty: those of every evaluation. ``period``: that one alone."""

    windows: tuple[str, ...] = ()
    period: str | None = None
    kpis: tuple[str, ...] = ()
    closed: bool = False


def gather(engine: Engine, wanted: Wanted, now: datetime) -> tuple[list[Table], list[str]]:
    """The tables and the closed periods in them. Raises ConfigError for an unknown KPI or window."""
    for kpi in wanted.kpis:
        get_kpi(kpi)
    results = [] if wanted.closed else _results(engine, wanted, now)
    own = _ledger(engine, wanted, now)
    current = [(columns.RESULTS, results), (columns.TARGETS, list(columns.verdicts(results)))]
    told = [] if wanted.closed else [(sheet, sheet.rows(rows)) for sheet, rows in current]
    return told + own, [row["period"] for row in dict(_named(own))["periods"]]


def _named(tables: Sequence[Table]) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(sheet.name, rows) for sheet, rows in tables]


def _results(engine: Engine, wanted: Wanted, now: datetime) -> list[dict[str, Any]]:
    """Results of the usual windows as `tierline evaluate` stores them, or of those that were asked for."""
    windows = (wanted.period,) if wanted.period else wanted.windows
    if not windows:
        found = engine.evaluate(now)
        return [one for one in found if not wanted.kpis or one["kpi"] in wanted.kpis]
    results = engine.results(None, now)
    kpis = [get_kpi(name) for name in wanted.kpis] or list(engine.shelf.values())
    queries = [Query(window=window, **scope) for window in windows for scope in scopes(results.view)]
    with engine.store.steady():
        return [results.result(kpi, query, series=False, before=False) for query in queries for kpi in kpis]


def _ledger(engine: Engine, wanted: Wanted, now: datetime) -> list[Table]:
    """Closed periods, the lines reported, and what of them differs now; the lines first where they alone are asked."""
    from slo.ledger.book import Ledger
    from slo.stories.ledger import periods

    ledger = Ledger(engine.store, engine.platform.timezone)
    told = engine.tell(periods, Query(), now)
    closed = [
        {**one, "period": one["name"]}
        for one in told
        if one["state"] == "closed" and wanted.period in (None, one["name"])
    ]
    lines = [
        {
            **line["result"],
            "versions": line["versions"],
            "period": one["name"],
            "closed_at": one["closed_at"],
            "hash": one["hash"],
        }
        for one in closed
        for line in ledger.lines(one["name"])
        if not wanted.kpis or line["kpi"] in wanted.kpis
    ]
    names = {one["name"] for one in closed}
    restated = [
        one
        for one in ledger.restatements()
        if one["period"] in names and (not wanted.kpis or one["kpi"] in wanted.kpis)
    ]
    tables = [(columns.PERIODS, closed), (columns.LINES, lines), (columns.RESTATED, restated)]
    if wanted.closed:
        tables = [tables[1], tables[0], tables[2]]
    return [(sheet, sheet.rows(rows)) for sheet, rows in tables]


def place(out: str, environ: Any) -> str | Path:
    """Where it goes: a file, or a database's URL, followed where it is a reference. Raises ConfigError."""
    if out.startswith(("env:", "file:")):
        try:
            out = secrets.follow(out, environ)
        except ValueError as error:
            raise ConfigError(f"--out {error}") from None
    if "://" in out:
        url = database.url_of(out)
        star(str(url.password or ""))
        database.opened(url).dispose()
        return out
    path = Path(out)
    if path.suffix.lower() not in files.WAYS:
        endings = " or ".join(files.WAYS)
        raise ConfigError(f"--out {out}: write a file that ends in {endings}, or a database's URL as sqlite:///x.db")
    return path


def write(to: str | Path, prefix: str, tables: Sequence[Table], kpis: Sequence[str], periods: Sequence[str]) -> Any:
    """Writes the tables; file or table name -> rows."""
    if isinstance(to, Path):
        return files.write(to, tables)
    return database.write(to, prefix, tables, kpis, periods)

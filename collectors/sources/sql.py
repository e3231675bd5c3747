"""Any SQL database, for KPIs of one's own: each query gives asset, day, good and bad, or asset, day and value.

A query is asked for days: ``:start`` is the first, ``:end`` the day after the last. The last days are asked again at
every pass, as long as ``settle`` says; a row that is there no longer takes its figure back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from collectors.base import Enumerated, Finding, Period, Raw, Source, SourceSettings
from collectors.spans import Span
from collectors.sql.session import one_select, opened, rows
from slo.errors import FactError, SourceError

DAY = timedelta(days=1)
COUNTS = ("good", "bad")
REMEDY = "mend its query, or grant SELECT on what it names"


class Query(BaseModel):
    """One KPI's query. Those of the kpis/ folder come here by themselves."""

    model_config = ConfigDict(extra="forbid")

    kpi: str = Field(description="The KPI's id.")
    query: str = Field(description="One SELECT that gives asset, day, good, bad or asset, day, value.")
    measure: Literal["ratio", "count", "samples"] = Field(default="ratio", description="The KPI's measure.")

    @field_validator("query")
    @classmethod
    def _one(cls, text: str) -> str:
        return one_select(text)

    @property
    def columns(self) -> tuple[str, ...]:
        return ("asset", "day", *(COUNTS if self.measure == "ratio" else ("value",)))


class SqlSettings(SourceSettings):
    url: SecretStr = Field(description="SQLAlchemy URL such as postgresql+psycopg://user:password@host/database, as "
                           "env:NAME or file:/path. Its driver must be installed.")  # fmt: skip
    timezone: str = Field(default="UTC", description="The zone whose days the queries mean.")
    settle: Span = Field(default=timedelta(days=2), description="How long a day's figures may still change.")
    queries: list[Query] = Field(default=[], description="The KPIs' queries; files of the kpis/ folder add theirs.")

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{name!r} is no time zone; write an IANA name such as Europe/Berlin") from None


class Sql(Source):
    plugin = "sql"
    title = "SQL queries"
    family = "register"
    tells = {"figure": ("asset", "at", "until", "tz", "kpi", "good", "bad", "value")}
    interval = timedelta(hours=1)
    chunk = timedelta(days=31)
    tested = "SQLite and PostgreSQL 15, run live"
    grants = "A role that may SELECT from what the queries name: GRANT SELECT ON schema.table TO tierline;"
    Settings = SqlSettings
    settings: SqlSettings

    def __init__(self, name: str, settings: SqlSettings, now: Any) -> None:
        super().__init__(name, settings, now)
        self.settle = settings.settle  # type: ignore[misc]  # this one's days settle as its settings say
        told = tuple(query.kpi for query in settings.queries)
        self.tells = {"figure": (*type(self).tells["figure"], *told)}  # type: ignore[misc]

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        first, last = self._day(period.start), self._day(period.end)
        known: dict[str, list[str]] = self.memory.get("recent", {})
        recent: dict[str, list[str]] = {}
        with opened(self.settings.url.get_secret_value()) as connection:
            for query in self.settings.queries:
                told = set()
                for row in rows(connection, query.query, {"start": first, "end": last + DAY}):
                    told.add(_name(row))
                    yield Raw("row", row, {"kpi": query.kpi, "columns": query.columns})
                gone = [one for one in known.get(query.kpi, []) if one not in told and _within(one, first, last)]
                yield from (Raw("gone", one, {"kpi": query.kpi}) for one in gone)
                kept = self._day(self.now() - self.settle - DAY).isoformat()
                held = {*told, *known.get(query.kpi, [])} - set(gone)
                recent[query.kpi] = sorted(one for one in held if one[:10] >= kept)
        self.memory = {"recent": recent}

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.settings.timezone)).date()

    def parse(self, raw: Raw) -> Iterator[dict[str, Any]]:
        kpi = raw.context["kpi"]
        if raw.kind == "gone":
            yield {"fact": "figure", "id": f"{kpi}/{raw.data}", "deleted": True}
            return
        row, wanted = raw.data, raw.context["columns"]
        if missing := [name for name in wanted if row.get(name) is None]:
            raise FactError(f"{kpi}: {missing[0]}: missing or null; the query gives {', '.join(wanted)}")
        zone = ZoneInfo(self.settings.timezone)
        start = datetime.combine(_as_day(kpi, row["day"]), datetime.min.time(), zone)
        end = datetime.combine(start.date() + DAY, datetime.min.time(), zone)
        amounts = {name: _amount(kpi, name, row[name]) for name in wanted[2:]}
        yield {
            "fact": "figure", "id": f"{kpi}/{_name(row)}", "asset": str(row["asset"]), "kpi": kpi, "tz": zone.key,
            "at": start.isoformat(), "until": end.isoformat(), "url": row.get("url"), **amounts,
        }  # fmt: skip

    def check(self) -> list[Finding]:
        """Each query is asked for the last two days; one that fails leaves the others."""
        today = self._day(self.now())
        found = []
        for query in self.settings.queries:
            try:
                with opened(self.settings.url.get_secret_value()) as connection:
                    seen = list(rows(connection, query.query, {"start": today - DAY, "end": today + DAY}))
                found.append(_finding(query, seen))
            except SourceError as error:
                found.append(
                    Finding(False, f"{query.kpi}: {error}", "mend its query, or grant SELECT on what it names")
                )
        return found or [Finding(False, "no queries", "write a KPI into kpis/<id>.yaml that names this source")]


def _finding(query: Query, seen: list[dict[str, Any]]) -> Finding:
    missing = [name for name in query.columns if seen and name not in seen[0]]
    if missing:
        columns = ", ".join(query.columns)
        return Finding(False, f"{query.kpi}: no column {missing[0]}", f"give the columns {columns}")
    return Finding(True, f"{query.kpi}: {len(seen)} rows for yesterday and today")


def _name(row: dict[str, Any]) -> str:
    """A row's identity within its KPI: day and asset, the day first."""
    return f"{str(row.get('day'))[:10]}/{row.get('asset')}"


def _within(name: str, first: date, last: date) -> bool:
    return first.isoformat() <= name[:10] <= last.isoformat()


def _as_day(kpi: str, value: Any) -> date:
    """A date, or the date of an ISO text or of a midnight."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise FactError(f"{kpi}: day: {value!r}: is no date; give one such as 2026-11-20") from None


def _amount(kpi: str, name: str, value: Any) -> int | float:
    """A number as the fact holds it: counts whole and not negative."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise FactError(f"{kpi}: {name}: {value!r}: is no number") from None
    if name in COUNTS and (number < 0 or number != int(number)):
        raise FactError(f"{kpi}: {name}: {value!r}: is no count; give whole numbers from 0 on")
    return int(number) if name in COUNTS else number

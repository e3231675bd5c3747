"""The sql source over SQLite: what it refuses, what it reads again, what it takes back."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Period, Raw
from collectors.sources.sql import Sql
from collectors.sql.session import one_select, opened, rows
from slo.errors import ConfigError, FactError, SourceError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
QUERY = "SELECT asset, day, good, bad FROM told WHERE day >= :start AND day < :end"
ROWS = [("a", "2026-11-18", 1, 0), ("a", "2026-11-20", 8, 2), ("b", "2026-11-20", 5, 0), ("b", "2026-11-21", 1, 1)]


@pytest.fixture
def url(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "w.db") as made:
        made.execute("CREATE TABLE told (asset TEXT, day TEXT, good INTEGER, bad INTEGER)")
        made.executemany("INSERT INTO told VALUES (?, ?, ?, ?)", ROWS)
    return f"sqlite:///{tmp_path / 'w.db'}"


def _source(url: str, **more: Any) -> Sql:
    settings = {"url": url, "queries": [{"kpi": "own", "query": QUERY}], **more}
    return Sql("w", Sql.Settings.model_validate(settings), lambda: NOW)


def _told(source: Sql, start: datetime) -> list[dict[str, Any]]:
    raws = [raw for raw in source.fetch(Period(start, NOW)) if isinstance(raw, Raw)]
    return [fact for raw in raws for fact in source.parse(raw)]


def test_a_period_asks_for_its_days(url: str) -> None:
    """From the 20th to the 21st: three rows, the one of the 18th stays away."""
    told = _told(_source(url), datetime(2026, 11, 20, 3, tzinfo=UTC))
    assert [(one["id"], one["good"], one["bad"]) for one in told] == [
        ("own/2026-11-20/a", 8, 2), ("own/2026-11-20/b", 5, 0), ("own/2026-11-21/b", 1, 1),
    ]  # fmt: skip
    assert (told[0]["at"], told[0]["until"]) == ("2026-11-20T00:00:00+00:00", "2026-11-21T00:00:00+00:00")


def test_what_is_gone_is_taken_back_while_its_day_is_read(url: str, tmp_path: Path) -> None:
    """The row of b on the 20th; the one of the 18th lies outside what is read again."""
    source = _source(url)
    _told(source, datetime(2026, 11, 10, tzinfo=UTC))
    with sqlite3.connect(tmp_path / "w.db") as made:
        made.execute("DELETE FROM told WHERE (asset, day) IN (('b', '2026-11-20'), ('a', '2026-11-18'))")
    told = _told(source, datetime(2026, 11, 19, tzinfo=UTC))
    assert [one["id"] for one in told if one.get("deleted")] == ["own/2026-11-20/b"]
    assert source.memory == {"recent": {"own": ["2026-11-18/a", "2026-11-20/a", "2026-11-21/b"]}}, "settle and a day"


def test_days_are_those_of_its_zone(url: str) -> None:
    """The change of the clock makes a day of 25 hours."""
    source = _source(url, timezone="Europe/Berlin")
    raw = Raw("row", {"asset": "a", "day": date(2026, 10, 25), "good": 1, "bad": 0},
              {"kpi": "own", "columns": ("asset", "day", "good", "bad")})  # fmt: skip
    (fact,) = source.parse(raw)
    span = datetime.fromisoformat(fact["until"]).astimezone(UTC) - datetime.fromisoformat(fact["at"]).astimezone(UTC)
    assert span == timedelta(hours=25)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"asset": None, "day": "2026-11-20", "good": 1, "bad": 0}, "own: asset: missing or null"),
        ({"asset": "a", "day": "soon", "good": 1, "bad": 0}, "own: day: 'soon': is no date"),
        ({"asset": "a", "day": "2026-11-20", "good": 1.5, "bad": 0}, "own: good: 1.5: is no count"),
        ({"asset": "a", "day": "2026-11-20", "good": 1, "bad": "few"}, "own: bad: 'few': is no number"),
        ({"asset": "a", "day": "2026-11-20", "good": 1}, "own: bad: missing or null"),
    ],
)
def test_a_row_that_is_no_figure_is_named(url: str, row: dict[str, Any], message: str) -> None:
    raw = Raw("row", row, {"kpi": "own", "columns": ("asset", "day", "good", "bad")})
    with pytest.raises(FactError, match=message):
        list(_source(url).parse(raw))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("DELETE FROM told", "begin it with SELECT or WITH"),
        ("SELECT 1; DELETE FROM told", "holds several statements"),
        ("", "begin it with SELECT or WITH"),
    ],
)
def test_only_one_query_is_taken(query: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        one_select(query)


def test_comments_and_quoted_semicolons_are_no_statements() -> None:
    assert one_select("-- mine\nSELECT ';' AS x;\n") == "-- mine\nSELECT ';' AS x"


def test_nothing_can_be_written(url: str) -> None:
    """Also where a query slips through that writes."""
    with pytest.raises(SourceError, match="readonly"), opened(url) as connection:
        connection.exec_driver_sql("DELETE FROM told")
    with opened(url) as connection:
        assert len(list(rows(connection, "SELECT * FROM told", {}))) == 4


@pytest.mark.parametrize(
    ("url", "message"), [("nonsense", "is no SQLAlchemy URL"), ("nothing://h/d", "install its driver")]
)
def test_a_url_that_leads_nowhere_is_named(url: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message), opened(url):
        pass

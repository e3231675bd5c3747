"""The sql source against a real PostgreSQL: dates, decimals, nothing written, a password that stays hidden."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from collectors.base import Period, Raw
from collectors.sources.sql import Sql
from collectors.sql.session import opened, rows
from slo.errors import SourceError

pytestmark = pytest.mark.peer
NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
WEEK = Period(datetime(2026, 3, 24, tzinfo=UTC), NOW)
QUERY = """
SELECT supplier AS asset, day, matched AS good, booked - matched AS bad
FROM erp WHERE day >= :start AND day < :end
"""


@pytest.fixture(scope="module")
def url(postgres_server: Any) -> str:
    """A database with four rows; the last lies before the week that is asked."""
    dsn = postgres_server.dsn(postgres_server.new_database("erp"))
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE erp (supplier text, day date, matched numeric, booked numeric, delay numeric)")
        connection.execute("CREATE SEQUENCE steps")
        connection.execute(
            "INSERT INTO erp VALUES ('acme', '2026-03-29', 90, 100, 1.5), ('acme', '2026-03-30', 47, 50, 2.5),"
            " ('globex', '2026-03-29', 50, 50, 3), ('globex', '2026-03-01', 1, 9, 3)"
        )
    return str(dsn).replace("postgresql://", "postgresql+psycopg://")


def _source(url: str, *queries: dict[str, str]) -> Sql:
    return Sql("erp", Sql.Settings.model_validate({"url": url, "queries": queries}), lambda: NOW)


def test_its_rows_are_figures(url: str) -> None:
    """Days are asked for by date, counts come as numerics, the rows of other days stay away."""
    source = _source(url, {"kpi": "matched", "query": QUERY})
    raws = [raw for raw in source.fetch(WEEK) if isinstance(raw, Raw)]
    told = [next(iter(source.parse(raw))) for raw in raws]
    assert sorted((fact["id"], fact["good"], fact["bad"]) for fact in told) == [
        ("matched/2026-03-29/acme", 90, 10),
        ("matched/2026-03-29/globex", 50, 0),
        ("matched/2026-03-30/acme", 47, 3),
    ]


def test_nothing_can_be_written(url: str) -> None:
    """Also by a query that only looks as if it read."""
    with pytest.raises(SourceError, match="read-only transaction"), opened(url) as connection:
        list(rows(connection, "SELECT nextval('steps')", {}))


def test_a_wrong_password_is_not_shown(url: str) -> None:
    wrong = url.replace("postgres@", "tierline_asks:not-the-password@") if "postgres@" in url else url
    wrong = wrong.replace("/erp", "/no_such_place")
    findings = _source(wrong, {"kpi": "matched", "query": QUERY}).check()
    assert [one.ok for one in findings] == [False]
    assert "not-the-password" not in findings[0].what

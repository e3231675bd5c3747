"""An export holds the figures as they are, typed, harmless to a spreadsheet, and the same twice."""

from __future__ import annotations

import csv
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from sqlalchemy import create_engine, inspect, text

from dashboards.export import columns, database, files
from slo.errors import ConfigError, TierlineError

NOWHERE = {"tier": None, "team": None, "domain": None, "asset": None}


def result(value: float | None, scope: dict[str, Any] | None = None, window: str = "2026-10") -> dict[str, Any]:
    """A result as the engine gives it: October 2026 in Berlin, the hour of the changed clock inside."""
    return {
        "kpi": "pipeline_success_rate", "title": "Pipeline success rate", "family": "reliability", "measure": "Ratio",
        "unit": "ratio", "better": "up", "as_of": "2026-11-06T08:00:00+01:00", "value": value,
        "window": {"name": window, "start": "2026-10-01T00:00:00+02:00", "end": "2026-11-01T00:00:00+01:00"},
        "scope": NOWHERE | (scope or {}), "params": {}, "good": 2, "bad": 1, "unknown": 0, "excluded": 4,
        "as_felt": {"value": 0.5}, "ours": {"value": 1.0}, "excluded_share": {"share": 4 / 7}, "coverage": 0.1 + 0.2,
        "interval": [0.2, 0.9], "status": "missed", "standing": "adopted", "provisional": False,
        "caveats": ["one", "two"],
        "targets": [{"profile": "lead_platform", "row": 3, "text": ">= 99 %", "form": "at_least", "floor": 0.99,
                     "stretch": None, "scope": {"tier": [0, 1], "team": None}, "params": {}, "value": value, "n": 3,
                     "status": "missed", "note": "", "adopted": "2025-01-01", "adopted_by": "core", "change": None,
                     "budget": {"allowed": 0.01, "remaining": -32.3, "burn_rate": 33.3, "whole": {"remaining": -1.5}}}],
    }  # fmt: skip


def tables(*results: dict[str, Any]) -> list[tuple[columns.Sheet, list[dict[str, Any]]]]:
    targets = columns.TARGETS.rows(columns.verdicts(results))
    return [(columns.RESULTS, columns.RESULTS.rows(results)), (columns.TARGETS, targets)]


def test_parquet_holds_exact_values_in_proper_types(tmp_path: Path) -> None:
    written = files.write(tmp_path / "x.parquet", tables(result(2 / 3), result(None, {"tier": 1})))
    assert written == {tmp_path / "x.parquet": 2, tmp_path / "x.targets.parquet": 2}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.parquet", "x.targets.parquet"]
    found = pyarrow.parquet.read_table(tmp_path / "x.parquet")
    kinds = {name: found.schema.field(name).type for name in ("value", "n", "window_start", "provisional", "scope")}
    assert kinds == {
        "value": pyarrow.float64(), "n": pyarrow.int64(), "window_start": pyarrow.timestamp("us", "UTC"),
        "provisional": pyarrow.bool_(), "scope": pyarrow.string(),
    }  # fmt: skip
    assert found.schema.field("coverage").metadata[b"description"].startswith(b"Share of what should be observed")
    first, second = found.to_pylist()
    assert (first["value"], first["coverage"], first["excluded_share"]) == (2 / 3, 0.1 + 0.2, 4 / 7)
    assert first["window_start"] == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert (first["scope"], first["tier"], second["scope"], second["tier"], second["value"]) == (
        "all", None, "tier=1", 1, None,
    )  # fmt: skip
    target = pyarrow.parquet.read_table(tmp_path / "x.targets.parquet").to_pylist()[0]
    assert (target["floor"], target["adopted"], target["judged_scope"]) == (0.99, date(2025, 1, 1), "tier=[0, 1]")
    assert target["budget_remaining"] == -1.5


def test_csv_keeps_signs_of_numbers_and_defuses_texts(tmp_path: Path) -> None:
    hostile = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\tx", 'he said "a, b"']
    written = tables(*(result(-0.25, {"team": team}) for team in hostile))
    files.write(tmp_path / "x.csv", written)
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["team"] for row in rows] == [f"'{team}" for team in hostile[:5]] + hostile[5:]
    assert {row["value"] for row in rows} == {"-0.25"}
    assert (rows[0]["window_start"], rows[0]["provisional"]) == ("2026-09-30T22:00:00Z", "false")
    assert float(rows[0]["coverage"]) == 0.1 + 0.2


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TierlineError, match="cannot be written: No such file or directory; name another file"):
        files.write(tmp_path / "no" / "x.csv", tables(result(1.0)))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/x.db"
    if "TIERLINE_TEST_POSTGRES" not in os.environ:
        pytest.skip("TIERLINE_TEST_POSTGRES names no database")
    found = os.environ["TIERLINE_TEST_POSTGRES"]
    engine = create_engine(database.url_of(found))
    with engine.begin() as connection:
        for name in ("tl_results", "tl_targets", "tl_restatements", "theirs"):
            connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
    engine.dispose()
    return found


def asked(url: str, statement: str) -> list[tuple[Any, ...]]:
    engine = create_engine(database.url_of(url))
    try:
        with engine.begin() as connection:
            found = connection.execute(text(statement))
            return [tuple(row) for row in found] if found.returns_rows else []
    finally:
        engine.dispose()


def test_the_same_export_twice_leaves_the_same_rows(url: str) -> None:
    asked(url, "CREATE TABLE theirs (x INTEGER)")
    asked(url, "INSERT INTO theirs VALUES (7)")
    both = [result(0.5), result(0.75, {"team": "a'; DROP TABLE theirs; --"})]
    for _ in range(2):
        assert database.write(url, "tl_", tables(*both)) == {"tl_results": 2, "tl_targets": 2}
        assert asked(url, "SELECT value, good, team FROM tl_results ORDER BY value") == [
            (0.5, 2.0, None), (0.75, 2.0, "a'; DROP TABLE theirs; --"),
        ]  # fmt: skip
        assert asked(url, "SELECT count(*) FROM tl_targets") == [(2,)]
    assert asked(url, "SELECT x FROM theirs") == [(7,)]


def test_what_an_export_speaks_for_is_replaced_and_the_rest_stays(url: str) -> None:
    database.write(url, "tl_", tables(result(0.5), result(0.4, {"team": "gone"}), result(0.3, window="28d")))
    database.write(url, "tl_", tables(result(0.6)))
    assert asked(url, 'SELECT "window", value FROM tl_results ORDER BY value') == [("28d", 0.3), ("2026-10", 0.6)]
    other = {**result(0.9), "kpi": "mttr"}
    database.write(url, "tl_", tables(other), kpis=["mttr"])
    assert asked(url, "SELECT value FROM tl_results ORDER BY value") == [(0.3,), (0.6,), (0.9,)]


def test_a_restatement_that_is_none_any_more_goes(url: str) -> None:
    line = {"period": "2026-10", "kpi": "mttr", "scope": NOWHERE, "how": "restated", "reported": {"value": 1.0},
            "now": {"value": 2.0}, "difference": 1.0, "causes": [{"text": "3 runs came late"}], "first_seen": None,
            "seen": None}  # fmt: skip
    database.write(url, "tl_", [(columns.RESTATED, columns.RESTATED.rows([line]))], periods=["2026-10"])
    assert asked(url, "SELECT reported_value, now_value, causes FROM tl_restatements") == [
        (1.0, 2.0, "3 runs came late")
    ]
    database.write(url, "tl_", [(columns.RESTATED, [])], periods=["2026-10"])
    assert asked(url, "SELECT count(*) FROM tl_restatements") == [(0,)]


def test_another_table_of_the_name_is_left_alone(url: str) -> None:
    asked(url, "CREATE TABLE tl_results (x INTEGER)")
    with pytest.raises(ConfigError, match="tl_results there has no column kpi, title, family: it is not of this"):
        database.write(url, "tl_", tables(result(0.5)))
    engine = create_engine(database.url_of(url))
    assert not inspect(engine).has_table("tl_targets")
    engine.dispose()


def test_a_password_is_never_told() -> None:
    with pytest.raises(TierlineError) as caught:
        database.write("postgresql://me:canary@127.0.0.1:1/x", "t_", tables(result(0.5)))
    assert "canary" not in str(caught.value) and "nothing was written" in str(caught.value)

"""What a job's runtime is compared with: the days before, once they were read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.facts import INFERRED
from slo.interchange import parse
from slo.platform import Platform, SourceInfo
from slo.store import Store

NOW = datetime(2026, 11, 20, tzinfo=UTC)
"""A 7d window is the 13th to the 19th; the days before are the 6th to the 12th."""
AIRFLOW = SourceInfo("airflow", {"run": ("started_at", "ended_at"), "asset": ("schedule",)})
CONFIGURED = Platform(sources=(AIRFLOW, SourceInfo(INFERRED, {})))


def facts(seen_from: str | None) -> list[dict[str, Any]]:
    """Two runs a day: a minute each in the window before, 66 seconds in the window."""
    told: list[dict[str, Any]] = [{"fact": "asset", "id": "a", "asset": "airflow/a", "kind": "pipeline"}]
    for half in range(28):
        started = NOW - timedelta(days=14) + timedelta(hours=12 * half)
        ended = started + timedelta(seconds=60 if half < 14 else 66)
        told.append({"fact": "run", "id": f"r{half}", "asset": "airflow/a", "state": "success", "trigger": "schedule",
                     "due_at": started.isoformat(), "started_at": started.isoformat(),
                     "ended_at": ended.isoformat()})  # fmt: skip
    if seen_from:
        told.append({"fact": "coverage", "id": "c", "kinds": ["run"], "start": f"2026-11-{seen_from}T00:00:00Z",
                     "end": NOW.isoformat()})  # fmt: skip
    return [{"source": "airflow", **fact} for fact in told]


def shown(store: Store, platform: Platform, seen_from: str | None) -> dict[str, Any]:
    store.upsert(map(parse, facts(seen_from)))
    return Engine(store, platform).show("job_runtime", Query(window="7d"), NOW)


@pytest.mark.parametrize(("seen_from", "provisional"), [("06", False), ("08", True)])
def test_days_before_that_were_not_read_withhold_the_verdict(store: Store, seen_from: str, provisional: bool) -> None:
    result = shown(store, CONFIGURED, seen_from)
    assert result["value"] == pytest.approx(0.1)
    assert all((target["status"] == "provisional") == provisional for target in result["targets"])
    assert result["targets"]


def test_an_import_is_taken_at_its_word(store: Store) -> None:
    result = shown(store, Platform(), "08")
    assert {target["status"] for target in result["targets"]} == {"missed"}

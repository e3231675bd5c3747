"""``tierline alerts``: what fires now, as people and machines read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboards import notice
from slo.store import Store
from tests.slo.tellings import fact, run
from tierline.cli import run as tierline
from tierline.printed.alerts import shown

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    url = f"sqlite:///{tmp_path}/x.db"
    monkeypatch.setenv("TIERLINE_STORE", url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tierline.commands.alerts.now", lambda: NOON)
    monkeypatch.setattr("tierline.commands.now", lambda: NOON)
    return Store(url)


def test_nothing_fires_and_what_it_would_take(store: Store, capsys: Capture) -> None:
    assert tierline(["alerts"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Nothing fires, as of 10 Nov 12:00 (UTC).\n")
    assert "No asset has tier 0 or 1, so nothing can be late or failing" in said
    assert "No budget is watched: adopt a floor (`tierline adopt`)" in said


def test_two_services_objectives_are_told_apart() -> None:
    """In the table, and in a notice."""
    one = {
        "slo": "service_slo_compliance-own-1", "title": "Service SLO compliance", "tier": "", "asset": "prom/web",
        "remaining": 0.125, "present_burn": 2.0, "runs_out": None, "outlook": "lasts", "policy": "event-count",
        "fires": "", "watched": True, "period_days": 30, "team": "core", "page": "/slo/x",
    }  # fmt: skip
    other = one | {"slo": "service_slo_compliance-own-2", "tier": "1", "asset": None}
    watch = {"as_of": NOON.isoformat(), "alerts": [], "silenced": [], "slos": [one, other], "tiers": [0], "assets": 1}
    lines = shown(watch, ZoneInfo("UTC")).splitlines()
    web, tiered = (line for line in lines if line.startswith("service_slo_compliance"))
    assert web.split()[:2] == ["service_slo_compliance-own-1", "prom/web"]
    assert tiered.split()[:3] == ["service_slo_compliance-own-2", "tier", "1"]
    said = [notice.of_budget(told, None, 0.25)["text"].split(":")[0] for told in (one, other)]
    assert said == ["Service SLO compliance, prom/web", "Service SLO compliance, tier 1"]


def test_a_failing_run_is_told_with_its_team(store: Store, capsys: Capture) -> None:
    store.migrate()
    told = {"kind": "pipeline", "tier": 0, "team": "core", "schedule": "0 2 * * *", "valid_from": NOON - 3 * DAY}
    two = NOON - timedelta(hours=10)
    store.upsert(
        [
            fact("asset", "a", asset="etl/load", **told),
            *(run(str(back), "etl/load", two - back * DAY, "success" if back else "failed") for back in range(3)),
        ]
    )
    assert tierline(["alerts"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "1 alert, as of 10 Nov 12:00 (UTC)."
    assert said[4].split()[:5] == ["RunFailing", "ticket", "core", "0", "10"]
    assert tierline(["alerts", "--format", "json"]) == 0
    (alert,) = json.loads(capsys.readouterr().out)["alerts"]
    assert (alert["key"], alert["since"]) == ("RunFailing:etl/load", "2026-11-10T02:10:00+00:00")

"""First contact tells no lies: a source, its history, and nothing configured but where it is.

No KPI may read 0 % or 100 %, or count a miss, because of what was not configured or not yet watched. Everything goes
the whole way: settings, the real source, the runner, the store, the engine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.runner import Runner
from slo.engine import Engine, Query
from slo.facts import Asset, Fact
from slo.store import Store
from tests.collectors.airflow.served import Replay, serve
from tierline.config import load

TESTS = Path(__file__).parents[1]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MIDNIGHT = NOW.replace(hour=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RUNS = {"backfill_completion_time", "job_runtime", "pipeline_success_rate"}
ASSETS = {"lineage_coverage", "metadata_completeness", "ownership_coverage"}
"""What Airflow alone can tell evidence for."""


class Contact:
    """Tierline under a tierline.yaml, and a clock that tests move."""

    def __init__(self, folder: Path, sources: str) -> None:
        path = folder / "tierline.yaml"
        path.write_text(f"sources:\n{sources}", encoding="utf-8")
        self.config = load(str(path), {"AIRFLOW_TOKEN": "secret"})
        self.at = NOW
        self.store = Store(f"sqlite:///{folder / 'first.db'}")
        self.store.migrate()

    def collect(self) -> None:
        sources = list(self.config.sources(lambda: self.at))
        for record in Runner(self.store, sources, lambda: self.at).collect_all():
            assert record.ok, record.error

    @property
    def engine(self) -> Engine:
        return Engine(self.store, self.config.to_platform())

    def show(self, kpi: str = "pipeline_success_rate", **asked: Any) -> dict[str, Any]:
        return self.engine.show(kpi, Query(**asked), self.at)

    def shelf(self, **asked: Any) -> dict[str, dict[str, Any]]:
        engine = self.engine
        return {found["kpi"]: found for found in engine.show_all(list(engine.shelf), Query(**asked), self.at)}

    def read(self, kind: str) -> list[Any]:
        return self.store.read(kind)


def dag(name: str, cron: str, following: datetime, **more: Any) -> dict[str, Any]:
    tick = following.isoformat()
    return {
        "dag_id": name, "is_paused": False, "is_stale": False, "description": None, "owners": ["airflow"], "tags": [],
        "timetable_summary": cron, "next_dagrun_run_after": tick, "next_dagrun_logical_date": tick, **more,
    }  # fmt: skip


def run(name: str, due: datetime, state: str = "success") -> dict[str, Any]:
    """A scheduled run, five seconds late, a minute long."""
    tick, start, end = (moment.isoformat() for moment in (due, due + 5 * HOUR / 3600, due + 65 * HOUR / 3600))
    return {
        "dag_id": name, "dag_run_id": f"scheduled__{tick}", "run_type": "scheduled", "state": state, "run_after": tick,
        "logical_date": tick, "queued_at": start, "start_date": start, "end_date": end, "updated_at": end,
        "data_interval_start": tick, "data_interval_end": tick, "triggered_by": "timetable",
    }  # fmt: skip


def task(row: dict[str, Any]) -> dict[str, Any]:
    wanted = ("dag_id", "dag_run_id", "state", "run_after")
    return {"task_id": "t", "map_index": -1, "try_number": 1, **{name: row[name] for name in wanted}}


def history() -> list[dict[str, Any]]:
    """grew: daily until two weeks ago, hourly since, one failure. slept: daily, paused for the last 30 days."""
    daily = [run("grew", MIDNIGHT - days * DAY) for days in range(14, 90)]
    hourly = [run("grew", MIDNIGHT - 13 * DAY + hours * HOUR) for hours in range(13 * 24 + 12)]
    hourly[4]["state"] = "failed"
    return [*daily, *hourly, *(run("slept", MIDNIGHT - days * DAY) for days in range(30, 90))]


@pytest.fixture
def airflow() -> Iterator[Any]:
    replay = Replay(3, {"version": "3.3.2"}, tokens=["secret"])
    runs = history()
    replay.data.update(
        dags=[
            dag("grew", "0 * * * *", NOW + HOUR),
            dag("slept", "0 0 * * *", MIDNIGHT - 29 * DAY, is_paused=True),
        ],
        details={name: {"dag_id": name, "timezone": "UTC"} for name in ("grew", "slept", "new")},
        dag_runs=runs, task_instances=[task(row) for row in runs], assets=[], asset_events=[], backfills=[],
    )  # fmt: skip
    stop = serve(replay)
    yield replay
    stop()


@pytest.fixture
def contact(airflow: Any, tmp_path: Path) -> Iterator[Contact]:
    made = Contact(tmp_path, f"  af: {{type: airflow, url: '{airflow.url}', token: 'env:AIRFLOW_TOKEN'}}\n")
    yield made
    made.store.close()


def next_run(airflow: Any, at: datetime, *due: datetime) -> None:
    """The world goes on: these runs happened, and the next hour is planned."""
    made = [run("grew", moment) for moment in due]
    airflow.data["dag_runs"] += made
    airflow.data["task_instances"] += [task(row) for row in made]
    airflow.data["dags"][0]["next_dagrun_run_after"] = (at.replace(minute=0) + HOUR).isoformat()


def lies(results: dict[str, dict[str, Any]]) -> list[str]:
    """KPIs that claim something without evidence."""
    told = [found for found in results.values() if found["value"] is not None or found["status"] != "not set up"]
    return sorted(found["kpi"] for found in told)


def test_airflow_alone_speaks_only_of_runs(contact: Contact) -> None:
    contact.collect()
    for window in ("1d", "28d", "90d", "2026-11", "2026-10", "2026-W40", "2026"):
        results = contact.shelf(window=window)
        assert set(lies(results)) == RUNS | ASSETS
        assert {results[kpi]["status"] for kpi in ASSETS} == {"no data"}, "Airflow could tell them; here are none"
        for kpi, found in results.items():
            assert bool(found["missing"]) == (kpi not in RUNS | ASSETS), kpi
            assert found["coverage"] in (None, 1.0), kpi
            assert found.get("missed", 0) == 0 and found.get("unknown", 0) == 0, kpi


def test_what_is_not_set_up_says_what_to_connect(contact: Contact) -> None:
    contact.collect()
    results = contact.shelf()
    assert results["freshness_slo_attainment"]["missing"] == [["asset.freshness"]]
    assert results["mttd"]["missing"] == [["incident.detected_at"], ["incident.started_at"]]
    assert results["dq_test_pass_rate"]["missing"] == [["check_result"]]
    assert results["pipeline_success_rate"]["missing"] == []


def test_the_snapshot_of_all_windows_and_tiers_holds_no_invented_number(contact: Contact) -> None:
    """One real failure: the value is neither 0 nor 1 wherever its day is in; all else that reads 1 has runs behind
    it."""
    contact.collect()
    engine = contact.engine
    found = engine.evaluate(contact.at)
    claimed = [result for result in found if result["value"] is not None]
    assert {result["kpi"] for result in claimed} == {"job_runtime", "pipeline_success_rate"}
    for result in claimed:
        assert result["kpi"] == "job_runtime" or result["good"] > 0
        assert result.get("bad", 0) <= 1
        assert result["scope"]["tier"] is None, "nobody told a tier"


def test_the_past_is_judged_by_what_ran_and_not_by_todays_cron(contact: Contact) -> None:
    """28 days, today one of them: 14 daily runs, 13 days and 12 hours of hourly ones (the run of noon is not listed,
    and its slot is that of the first look's own instant); one failed."""
    contact.collect()
    result = contact.show(window="28d", asset="af/grew")
    assert (result["good"], result["bad"], result["unknown"]) == (14 + 13 * 24 + 12 - 1, 1, 0)
    assert contact.show(window="90d", asset="af/grew")["bad"] == 1


def test_a_month_of_pause_is_no_data(contact: Contact) -> None:
    contact.collect()
    slept = contact.show(window="28d", asset="af/slept")
    assert (slept["value"], slept["good"], slept["bad"], slept["status"]) == (None, 0, 0, "no data")
    before = contact.show(window="2026-10", asset="af/slept")
    assert (before["good"], before["bad"], before["unknown"]) == (22, 0, 0)


def test_the_first_listing_knows_nothing_of_when_an_asset_came(contact: Contact, airflow: Any) -> None:
    contact.collect()
    assert [version.first_seen for version in contact.read("asset")] == [None, None]
    contact.at += HOUR
    airflow.data["dags"].append(dag("new", "0 0 * * *", MIDNIGHT + DAY))
    contact.collect()
    assert {version.asset: version.first_seen for version in contact.read("asset")} == {
        "af/grew": None, "af/slept": None, "af/new": contact.at,
    }  # fmt: skip


def test_a_tier_set_the_day_after_was_known_since_the_beginning(contact: Contact, airflow: Any) -> None:
    contact.collect()
    nobody = contact.show(window="28d", tier=1)
    assert (nobody["value"], nobody["status"]) == (None, "no data")
    contact.at += DAY
    airflow.data["dags"][0]["tags"] = [{"name": "tier:1"}]
    next_run(airflow, contact.at, *(NOW + hours * HOUR for hours in range(25)))
    contact.collect()
    october = contact.show(window="2026-10", tier=1)
    assert (october["good"], october["bad"]) == (31, 0)
    whole, tier = contact.show(window="90d", asset="af/grew"), contact.show(window="90d", tier=1)
    assert (tier["good"], tier["bad"]) == (whole["good"], whole["bad"])
    assert contact.show(window="28d", tier=2)["value"] is None


def test_a_tier_that_changes_later_counts_from_its_date(contact: Contact, airflow: Any) -> None:
    """Tier 1 from the second look on counts for ever before; tier 2 at the third look, noon of the 23rd, counts from
    there: at 18:00, twelve of that day's hourly runs were tier 1 and six, from noon's on, tier 2."""
    contact.collect()
    for tier in (1, 2):
        contact.at += DAY
        airflow.data["dags"][0]["tags"] = [{"name": f"tier:{tier}"}]
        next_run(airflow, contact.at, *(contact.at - DAY + hours * HOUR for hours in range(24)))
        contact.collect()
    contact.at += 6 * HOUR
    next_run(airflow, contact.at, *(NOW + 2 * DAY + hours * HOUR for hours in range(7)))
    contact.collect()
    day = {"window": "2026-11-23"}
    assert [contact.show(**day, tier=tier)["good"] for tier in (1, 2)] == [12, 6]
    assert contact.show(window="2026-10", tier=1)["good"] == 31
    assert contact.show(window="2026-10", tier=2)["value"] is None


def test_from_the_first_look_on_silence_is_a_miss(contact: Contact) -> None:
    """Nothing runs any more. At 15:10 the slots of 12 (the very instant of the first look), 13 and 14 o'clock are
    missed; that of 15 o'clock has 5 minutes of grace left."""
    contact.collect()
    contact.at += timedelta(hours=3, minutes=10)
    contact.collect()
    today = contact.show(window="1d")
    assert (today["good"], today["missed"]) == (12, 3)


def test_what_happened_while_nobody_looked_is_not_missed(contact: Contact, airflow: Any) -> None:
    """Tierline was off for two days, Airflow was not: what it missed it reads later."""
    contact.collect()
    contact.at += 2 * DAY
    next_run(airflow, contact.at, *(NOW + hours * HOUR for hours in range(49)))
    silent = contact.show(window="7d")
    assert (silent["missed"], silent["bad"]) == (0, 0)
    assert silent["unknown"] == 48, "12:00 to 11:00 two days later, each past its grace, none of them watched"
    contact.collect()
    seen = contact.show(window="7d")
    assert (seen["missed"], seen["bad"], seen["unknown"]) == (0, 0, 0)


# dbt alone


@pytest.fixture
def dbt(tmp_path: Path) -> Iterator[Contact]:
    """One look at sources whose freshness was checked once: orders, loaded at 07:00, too old within a day's limit."""
    shutil.copytree(TESTS / "golden" / "dbt", tmp_path / "target")
    made = Contact(tmp_path, f"  dbt: {{type: dbt, path: '{tmp_path / 'target'}'}}\n")
    yield made
    made.store.close()


def test_dbt_alone_invents_no_freshness(dbt: Contact) -> None:
    """At the first look no second of the past was watched under a threshold that was only known from here on."""
    dbt.collect()
    results = dbt.shelf(window="28d")
    for kpi in ("freshness_slo_attainment", "dataset_sla_attainment"):
        assert (results[kpi]["value"], results[kpi]["status"]) == (None, "no data"), kpi
    claimed = {kpi: (found["good"], found["bad"]) for kpi, found in results.items() if found["value"] is not None}
    assert claimed == {
        "pipeline_success_rate": (0, 1), "dq_test_pass_rate": (2, 2), "dq_slo_attainment": (1, 2),
        "ownership_coverage": (1, 4), "lineage_coverage": (1, 2), "automated_test_coverage": (1, 2),
    }  # fmt: skip
    for kpi in ("mttr", "mtta", "deployment_frequency", "unit_cost", "query_p95", "alert_precision"):
        assert results[kpi]["status"] == "not set up", kpi


def test_dbt_alone_expects_no_runs(dbt: Contact) -> None:
    """dbt has no schedule: what doesn't run is no miss, a week later either."""
    dbt.collect()
    before = dbt.show(window="28d")
    dbt.at += 7 * DAY
    dbt.collect()
    after = dbt.show(window="28d")
    assert (after["good"], after["bad"], after["missed"]) == (before["good"], before["bad"], 0)


# git alone


def repository(path: Path, *messages: str, tags: tuple[str, ...] = ()) -> None:
    """Commits on successive days of November 2026, the last one tagged."""
    path.mkdir()

    def git(*arguments: str, day: int = 1) -> None:
        when = f"2026-11-{day:02d}T10:00:00+00:00"
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (
            ("NAME", "P"), ("EMAIL", "p@example.invalid"), ("DATE", when))}  # fmt: skip
        plain = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        subprocess.run(["git", *arguments], cwd=path, env={**os.environ, **plain, **who}, check=True)

    git("init", "-q", "-b", "main")
    for day, message in enumerate(messages, start=1):
        git("commit", "-q", "--allow-empty", "-m", message, day=day)
    for tag in tags:
        git("tag", "-a", tag, "-m", tag, day=len(messages))


Git = Callable[..., Contact]


@pytest.fixture
def git(tmp_path: Path) -> Iterator[Git]:
    made: list[Contact] = []

    def build(*tags: str, settings: str = "") -> Contact:
        repository(tmp_path / "repo", "First", "Load orders (#1)", "Load lines (#2)", tags=tags)
        made.append(Contact(tmp_path, f"  repo: {{type: git, path: '{tmp_path / 'repo'}'{settings}}}\n"))
        made[0].collect()
        return made[0]

    yield build
    for contact in made:
        contact.store.close()


def test_a_repository_without_tags_is_no_platform_that_never_deploys(git: Git) -> None:
    """Merged changes are told, deployments are not: that is no rate of 0 a week, and no failure rate."""
    contact = git()
    assert {fact.kind for fact in contact.read("change")} == {"pull_request"}
    for window in ("7d", "28d", "2026-11", "1d"):
        results = contact.shelf(window=window)
        for kpi in ("deployment_frequency", "change_failure_rate"):
            assert results[kpi]["value"] is None, (kpi, window)
            assert results[kpi]["status"] in ("no data", "not set up"), (kpi, window)


def test_a_repository_set_to_tell_no_deployments_is_not_set_up_for_them(git: Git) -> None:
    contact = git("v1", settings=", deployments: none")
    results = contact.shelf()
    for kpi in ("deployment_frequency", "change_failure_rate"):
        assert (results[kpi]["value"], results[kpi]["status"]) == (None, "not set up")
        assert results[kpi]["missing"] == [["change.deployment"]]


def test_a_repository_with_a_tag_counts_it_and_then_really_nothing(git: Git) -> None:
    """Tagged on the third: one in the 28 days to the 21st, none in the last 7, and that nought is observed."""
    contact = git("v1")
    assert contact.show("deployment_frequency", window="28d")["sum"] == 1
    quiet = contact.show("deployment_frequency", window="7d")
    assert (quiet["value"], quiet["sum"]) == (0, 0)


def told(*facts: Fact) -> list[Fact]:
    return list(facts)


def test_an_imported_schedule_is_taken_at_its_word(tmp_path: Path) -> None:
    """Handed in with a schedule and no run: every slot was missed, and no other KPI is 0 or 1."""
    contact = Contact(tmp_path, "  {}\n")
    contact.store.upsert(told(Asset(
        source="import", id="1", asset="shop/orders", tier=1, schedule="0 * * * *", valid_from=NOW - 30 * DAY,
        freshness={"max_age_seconds": 3600},
    )))  # fmt: skip
    results = contact.shelf(window="28d")
    contact.store.close()
    found = results.pop("pipeline_success_rate")
    assert (found["value"], found["good"]) == (0, 0) and found["bad"] > 600
    assert lies({kpi: found for kpi, found in results.items() if found["value"] is not None}) == []

"""What Airflow's datasets say of lineage, runs that are green though what matters failed, files that don't parse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from collectors.airflow import records
from collectors.base import Enumerated, Period, Raw, Source
from slo.errors import ConfigError

Connect = Callable[..., Source]
Facts = list[dict[str, Any]]


def told(source: Source, period: Period, kind: str) -> Facts:
    facts = [fact for raw in source.fetch(period) if isinstance(raw, Raw) for fact in source.parse(raw)]
    return [fact for fact in facts if fact["fact"] == kind]


def latest(now: datetime) -> Period:
    return Period(now - timedelta(days=1), now, latest=True)


def test_a_dataset_lies_between_what_makes_it_and_what_it_starts(
    three: Any, two: Any, connect: Connect, now: datetime
) -> None:
    for server in (three, two):
        edges = [(edge["upstream"], edge["downstream"]) for edge in told(connect(server), latest(now), "edge")]
        assert edges == [("af/producer", "s3://lake/orders"), ("s3://lake/orders", "af/consumer")]


def test_dags_that_are_left_out_have_no_edges(three: Any, connect: Connect, now: datetime) -> None:
    source = connect(three, exclude=["prod*"])
    assert [edge["id"] for edge in told(source, latest(now), "edge")] == ["s3://lake/orders -> af/consumer"]
    listed = {raw.kind: raw.ids for raw in source.fetch(latest(now)) if isinstance(raw, Enumerated)}
    assert listed["edge"] == {"s3://lake/orders -> af/consumer"}


def test_history_and_a_source_without_datasets_tell_no_edges(three: Any, connect: Connect, now: datetime) -> None:
    assert told(connect(three), Period(now - timedelta(days=30), now), "edge") == []
    without = connect(three, datasets=False)
    assert [raw.kind for raw in without.fetch(latest(now)) if isinstance(raw, Enumerated)] == ["asset"]


def test_readers_also_say_so_themselves() -> None:
    dataset = {
        "scheduled_dags": [{"dag_id": "b"}], "consuming_tasks": [{"dag_id": "a", "task_id": "t"}, {"dag_id": "b"}],
        "producing_tasks": [{"dag_id": "m", "task_id": "x"}, {"dag_id": "m", "task_id": "y"}],
    }  # fmt: skip
    assert (records.makers(dataset), records.readers(dataset)) == (["m"], ["a", "b"])
    assert (records.makers({"id": 1}), records.readers({"id": 1})) == ([], [])


def broken(server: Any) -> str:
    """Makes the first task of a successful run of the recorded Airflow a failed one, as a clean-up that runs in any
    case leaves it. Gives the run's fact id."""
    task = next(task for task in server.data["task_instances"] if task["dag_id"] == "hourly_ok")
    task["state"] = "failed"
    return f"hourly_ok/{task['dag_run_id']}"


@pytest.mark.parametrize("incremental", [False, True])
@pytest.mark.parametrize(("critical", "state"), [
    ([], "success"), (["hourly_*.*"], "failed"), (["other.*"], "success"), (["hourly_ok"], "success"),
])  # fmt: skip
def test_a_run_fails_with_the_tasks_that_decide(
    three: Any, connect: Connect, now: datetime, incremental: bool, critical: list[str], state: str
) -> None:
    name = broken(three)
    period = Period(now - timedelta(days=30), now, incremental=incremental, latest=incremental)
    runs = {run["id"]: run for run in told(connect(three, critical_tasks=critical), period, "run")}
    assert runs[name]["state"] == state
    assert sum(run["state"] == "failed" for run in runs.values()) == 4 + (state == "failed")


def test_failed_tasks_are_asked_for_only_where_some_decide(three: Any, connect: Connect, now: datetime) -> None:
    month = Period(now - timedelta(days=30), now)
    told(connect(three), month, "run")
    asked = [query.get("state") for query in three.queries("/dags/~/dagRuns/~/taskInstances")]
    assert asked == [None, ["skipped"]]
    told(connect(three, critical_tasks=["*.*"]), month, "run")
    more = [query.get("state") for query in three.queries("/dags/~/dagRuns/~/taskInstances")][2:]
    assert more == [None, ["failed", "upstream_failed"], ["skipped"]]


def test_tasks_that_decide_need_task_instances(three: Any, connect: Connect) -> None:
    with pytest.raises(ConfigError, match="leave tasks at true"):
        connect(three, critical_tasks=["*.load"], tasks=False)


def test_files_that_do_not_parse_are_named(three: Any, two: Any, connect: Connect) -> None:
    for server in (three, two):
        assert connect(server).check()[-1].what == "import errors: none"
        server.data["import_errors"] = [
            {"import_error_id": number, "filename": f"dags/{name}.py", "stack_trace": "SyntaxError"}
            for number, name in enumerate("dbca")
        ]
        finding = connect(server).check()[-1]
        assert finding.ok
        assert finding.what == (
            "import errors: 4 DAG files cannot be parsed (dags/a.py, dags/b.py, dags/c.py ...): their DAGs run as last "
            "parsed, or not at all"
        )
        server.forbidden = "importErrors"
        refused = connect(server).check()[-1]
        assert (refused.ok, refused.remedy) == (
            False, 'Grant "can read on ImportError" (the role Viewer has it), it is asked for by this check alone',
        )  # fmt: skip

"""dbt's artifacts: the project's manifest, and a day's run_results.json in a folder a day."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tierline.demo.model import Check, Dataset
from tierline.demo.quality import WARNINGS
from tierline.demo.servers.airflow_shapes import stamp
from tierline.demo.world import World

VERSION = "1.10.9"
PROJECT = "acme"
_TOOK = timedelta(seconds=2)


def write_manifest(world: World, folder: Path, now: datetime) -> None:
    """The project as it is at ``now``: models with their tests, and what dbt knows of them."""
    nodes: dict[str, Any] = {}
    for dataset in world.catalog.datasets:
        if dataset.layer != "raw" and dataset.born <= now and not dataset.at(now).retired:
            nodes[_model_id(dataset)] = _model(dataset, now)
            nodes.update({_test_id(dataset, test): _test(dataset, test) for test in dataset.tests})
    parents = {key: node["depends_on"]["nodes"] for key, node in nodes.items()}
    head = _head("manifest/v12", now, "manifest")
    _write(folder / "manifest.json", {
        "metadata": {**head, "project_name": PROJECT, "adapter_type": "snowflake"},
        "nodes": nodes, "sources": {}, "exposures": {}, "groups": {}, "parent_map": parents, "child_map": {},
    })  # fmt: skip


def write_results(world: World, folder: Path, day: date, now: datetime) -> None:
    """The morning's tests, once they are done; nothing before."""
    checks = world.checks(day)
    if not checks or checks[-1].at + _TOOK > now:
        return
    ended = checks[-1].at + _TOOK
    head = _head("run-results/v6", ended, f"{day}")
    _write(folder / f"{day:%Y-%m}" / f"{day}" / "run_results.json", {
        "metadata": {**head, "invocation_started_at": stamp(checks[0].at)},
        "results": [_result(check) for check in checks], "args": {"which": "test", "invocation_command": "dbt test"},
        "elapsed_time": (ended - checks[0].at).total_seconds(),
    })  # fmt: skip


def _write(path: Path, artifact: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(artifact, separators=(",", ":")))


def _head(schema: str, at: datetime, name: str) -> dict[str, Any]:
    return {
        "dbt_schema_version": f"https://schemas.getdbt.com/dbt/{schema}.json", "dbt_version": VERSION,
        "generated_at": stamp(at), "invocation_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"dbt/{name}")), "env": {},
    }  # fmt: skip


def _table(dataset: Dataset) -> list[str]:
    """Database, schema and table of the dataset's name."""
    return dataset.name.rsplit("/", 1)[1].split(".")


def _model_id(dataset: Dataset) -> str:
    return f"model.{PROJECT}.{_table(dataset)[2]}"


def _test_id(dataset: Dataset, test: str) -> str:
    return f"test.{PROJECT}.{test}_{_table(dataset)[2]}"


def _model(dataset: Dataset, now: datetime) -> dict[str, Any]:
    database, schema, table = _table(dataset)
    version = dataset.at(now)
    meta = {"owner": version.team, "tier": version.tier, "domain": dataset.domain}
    return {
        "resource_type": "model", "unique_id": _model_id(dataset), "name": table, "alias": table, "database": database,
        "schema": schema, "package_name": PROJECT, "fqn": [PROJECT, dataset.layer, table], "tags": [dataset.domain],
        "description": dataset.description, "config": {"materialized": "table", "meta": meta, "tags": [dataset.domain]},
        "meta": meta, "depends_on": {"nodes": [], "macros": []}, "columns": {},
    }  # fmt: skip


def _test(dataset: Dataset, test: str) -> dict[str, Any]:
    table = _table(dataset)[2]
    return {
        "resource_type": "test", "unique_id": _test_id(dataset, test), "name": f"{test}_{table}", "alias": "",
        "package_name": PROJECT, "fqn": [PROJECT, dataset.layer, f"{test}_{table}"], "tags": [], "description": "",
        "config": {"severity": "warn" if test in WARNINGS else "ERROR", "meta": {}}, "meta": {},
        "test_metadata": {"name": test, "kwargs": {"model": f"{{{{ get_where_subquery(ref('{table}')) }}}}"}},
        "attached_node": _model_id(dataset), "depends_on": {"nodes": [_model_id(dataset)], "macros": []},
    }  # fmt: skip


def _result(check: Check) -> dict[str, Any]:
    skipped = check.outcome == "skipped"
    test = check.name.rsplit(f"_{_table(check.dataset)[2]}", 1)[0]
    steps = [] if skipped else [
        {"name": "execute", "started_at": stamp(check.at - _TOOK), "completed_at": stamp(check.at)}
    ]  # fmt: skip
    return {
        "unique_id": _test_id(check.dataset, test), "status": check.outcome, "thread_id": "Thread-1", "timing": steps,
        "execution_time": 0.0 if skipped else _TOOK.total_seconds(), "adapter_response": {}, "message": None,
        "failures": None if skipped else int(check.outcome in ("fail", "warn")), "compiled": True,
        "compiled_code": None, "relation_name": None, "batch_results": None,
    }  # fmt: skip

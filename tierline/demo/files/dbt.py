"""dbt's artifacts, kept: a folder an era of the project with its manifest, in it a folder a day with the results."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tierline.demo.catalog import DOMAINS, TEAMS
from tierline.demo.chance import ZONE
from tierline.demo.governance.cards import at as card_at
from tierline.demo.model import Check, Dataset
from tierline.demo.quality import WARNINGS, started
from tierline.demo.servers.airflow_shapes import stamp
from tierline.demo.world import World

VERSION = "1.10.9"
PROJECT = "acme"
_TOOK = timedelta(seconds=2)


def write_manifests(world: World, folder: Path, now: datetime) -> None:
    """The project of each era: its models with their tests, and what dbt knows of them. The last is as of ``now``."""
    begins = eras(world, now)
    for begin, end in zip(begins, [*begins[1:], None], strict=True):
        _write_manifest(world, folder / era_name(begin), begin if end else now)


def eras(world: World, now: datetime) -> list[datetime]:
    """When the project's models changed, from its beginning on, up to ``now``."""
    changes = {dataset.born for dataset in world.catalog.datasets}
    changes |= {v.since for dataset in world.catalog.datasets for v in dataset.versions if v.retired}
    return sorted(change for change in changes if change <= now)


def era_name(begin: datetime) -> str:
    return f"since-{begin.astimezone(ZONE):%Y-%m-%d}"


def _write_manifest(world: World, folder: Path, at: datetime) -> None:
    nodes: dict[str, Any] = {}
    for dataset in world.catalog.datasets:
        if dataset.layer != "raw" and dataset.born <= at and not dataset.at(at).retired:
            nodes[_model_id(dataset)] = _model(dataset, at, _description(world, dataset, at))
            nodes.update({_test_id(dataset, test): _test(dataset, test) for test in dataset.tests})
    exposures = {f"exposure.{PROJECT}.{name}": node for name, node in _exposures(nodes).items()}
    parents = {key: node["depends_on"]["nodes"] for key, node in {**nodes, **exposures}.items()}
    head = _head("manifest/v12", at, f"manifest/{at}")
    _write(folder / "manifest.json", {
        "metadata": {**head, "project_name": PROJECT, "adapter_type": "snowflake"},
        "nodes": nodes, "sources": {}, "exposures": exposures, "groups": _groups(), "parent_map": parents,
        "child_map": {},
    })  # fmt: skip


def _groups() -> dict[str, Any]:
    """A group a team: its models are in it."""
    return {
        f"group.{PROJECT}.{team}": {
            "resource_type": "group", "name": team, "unique_id": f"group.{PROJECT}.{team}", "package_name": PROJECT,
            "owner": {"name": team},
        }
        for team in TEAMS
    }  # fmt: skip


def _exposures(nodes: dict[str, Any]) -> dict[str, Any]:
    """A domain's dashboards, which live on its marts."""
    found: dict[str, Any] = {}
    for key, node in nodes.items():
        if node["resource_type"] == "model" and node["fqn"][1] == "mart":
            domain = node["tags"][0]
            dashboard = found.setdefault(f"{domain}_dashboards", _exposure(domain, DOMAINS[domain]))
            dashboard["depends_on"]["nodes"].append(key)
    return found


def _exposure(domain: str, team: str) -> dict[str, Any]:
    name = f"{domain}_dashboards"
    return {
        "resource_type": "exposure", "unique_id": f"exposure.{PROJECT}.{name}", "name": name, "type": "dashboard",
        "label": f"Dashboards of {domain}", "description": "", "maturity": "high", "url": None, "tags": [domain],
        "package_name": PROJECT, "owner": {"name": team}, "meta": {"domain": domain},
        "depends_on": {"nodes": [], "macros": []},
    }  # fmt: skip


def write_results(world: World, folder: Path, day: date, now: datetime) -> None:
    """The morning's tests, once they are done; nothing before."""
    checks = world.checks(day)
    if not checks or checks[-1].at + _TOOK > now:
        return
    ended = checks[-1].at + _TOOK
    begin = max(era for era in eras(world, now) if era <= started(day))
    head = _head("run-results/v6", ended, f"{day}")
    _write(folder / era_name(begin) / f"{day}" / "run_results.json", {
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


def _description(world: World, dataset: Dataset, now: datetime) -> str:
    """What is written in the project is what the catalogue shows."""
    card = card_at(world.known.cards[dataset.name], now)
    return (card.description if card else None) or ""


def _model(dataset: Dataset, now: datetime, description: str) -> dict[str, Any]:
    database, schema, table = _table(dataset)
    version = dataset.at(now)
    meta = {"owner": version.team, "tier": version.tier, "domain": dataset.domain}
    return {
        "resource_type": "model", "unique_id": _model_id(dataset), "name": table, "alias": table, "database": database,
        "schema": schema, "package_name": PROJECT, "fqn": [PROJECT, dataset.layer, table], "tags": [dataset.domain],
        "description": description, "config": {"materialized": "table", "meta": meta, "tags": [dataset.domain]},
        "meta": meta, "group": version.team, "depends_on": {"nodes": [], "macros": []}, "columns": {},
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

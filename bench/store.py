"""How fast facts are stored, and how much memory an import takes: ``python -m bench.store``.

Speed is a ratio within one run: Store.upsert against sqlite3's own executemany of the same rows into the same table
with the same indexes. Memory is the peak of a fresh process that imports facts from an iterator.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from slo.facts import CheckResult, Fact, Incident, Run
from slo.store import Store
from slo.store.codec import ENCODERS
from slo.store.tables import FACTS

GOAL_RATIO = 0.25
GOAL_MEGABYTES = 300
_START = datetime(2026, 1, 1, tzinfo=UTC)


def runs(count: int) -> Iterator[Run]:
    """Runs of 150 pipelines as Airflow tells them, oldest first."""
    for number in range(count):
        due = _START + timedelta(seconds=37 * number)
        asset = f"airflow-prod/pipeline_{number % 150}"
        yield Run(
            source="airflow-prod",
            id=f"pipeline_{number % 150}/scheduled__{due.isoformat()}",
            url=f"https://airflow.example/dags/pipeline_{number % 150}/runs/scheduled__{number}",
            revised_at=due + timedelta(minutes=9),
            asset=asset,
            state="failed" if number % 40 == 0 else "success",
            trigger="schedule",
            due_at=due,
            started_at=due + timedelta(seconds=4),
            ended_at=due + timedelta(seconds=500, microseconds=number),
            tries=1,
        )


def checks(count: int) -> Iterator[CheckResult]:
    """Test results as dbt tells them."""
    for number in range(count):
        yield CheckResult(
            source="dbt",
            id=f"invocation_{number // 400}/test.shop.not_null_{number % 400}",
            asset=f"warehouse/shop.table_{number % 400}",
            check=f"not_null_{number % 400}",
            type="null",
            severity="critical",
            outcome="fail" if number % 90 == 0 else "pass",
            at=_START + timedelta(seconds=11 * number),
        )


def incidents(count: int) -> Iterator[Incident]:
    """Incidents with lists and spans: the widest rows."""
    for number in range(count):
        start = _START + timedelta(minutes=7 * number)
        yield Incident(
            source="pagerduty",
            id=f"P{number:07d}",
            title=f"Orders are late ({number})",
            started_at=start,
            detected_at=start + timedelta(minutes=4),
            resolved_at=start + timedelta(hours=2),
            spans=[[start, start + timedelta(hours=2)]],
            severity=2,
            assets=[f"warehouse/shop.table_{number % 400}"],
            steps={"detected": True, "told": False},
        )


def _fresh(folder: str, name: str) -> tuple[Store, Path]:
    path = Path(folder) / name
    store = Store(f"sqlite:///{path}")
    store.migrate()
    return store, path


def seconds_of_upsert(folder: str, name: str, facts: list[Fact]) -> float:
    """Time of Store.upsert into an empty store."""
    store, _ = _fresh(folder, name)
    begin = time.perf_counter()
    store.upsert(facts)
    took = time.perf_counter() - begin
    store.close()
    return took


def seconds_of_raw(folder: str, name: str, facts: list[Fact]) -> float:
    """Time of sqlite3's executemany of the same rows, one transaction, into the same table of an empty store."""
    store, path = _fresh(folder, name)
    store.close()
    kind = facts[0].kind_of_fact
    rows, assets = _rows(kind, facts)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("INSERT INTO sources VALUES (1, ?)", (facts[0].source,))
    connection.executemany("INSERT INTO asset_names (name, id) VALUES (?, ?)", assets.items())
    begin = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(f"INSERT INTO fact_{kind} VALUES ({', '.join('?' * len(FACTS[kind].columns))})", rows)
    connection.execute("COMMIT")
    took = time.perf_counter() - begin
    connection.close()
    return took


def _rows(kind: str, facts: list[Fact]) -> tuple[list[tuple[object, ...]], dict[str, int]]:
    names = sorted({fact.asset for fact in facts if getattr(fact, "asset", None)})  # type: ignore[attr-defined]
    assets = {name: key for key, name in enumerate(names, 1)}
    encode = ENCODERS[kind]
    return [(pk, *encode(fact, {fact.source: 1}, assets)) for pk, fact in enumerate(facts, 1)], assets


def measure_speed(count: int, rounds: int) -> list[tuple[str, float, float, float]]:
    """(what, stored a second, raw a second, ratio): the best of several rounds, taken in turn."""
    table = []
    invented: tuple[Iterator[Fact], ...] = (runs(count), checks(count), incidents(count // 2))
    for facts in map(list, invented):
        with tempfile.TemporaryDirectory() as folder:
            pairs = [
                (seconds_of_upsert(folder, f"store{n}.db", facts), seconds_of_raw(folder, f"raw{n}.db", facts))
                for n in range(rounds)
            ]
        ours, raw = (len(facts) / min(column) for column in zip(*pairs, strict=True))
        table.append((facts[0].kind_of_fact, ours, raw, ours / raw))
    return table


def measure_memory(count: int) -> float:
    """Peak resident megabytes of a fresh process that imports ``count`` runs."""
    command = [sys.executable, "-m", "bench.store", "--import-only", str(count)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _import_only(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, _ = _fresh(folder, "import.db")
        store.upsert(runs(count))
        store.close()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)  # noqa: T201 - read by measure_memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=50_000, help="facts a round of the speed measurement")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--memory-facts", type=int, default=1_000_000)
    parser.add_argument("--import-only", type=int, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.import_only:
        _import_only(wanted.import_only)
        return
    lines = [f"{'stored':<16}{'facts/s':>12}{'raw/s':>12}{'ratio':>8}   goal"]
    for what, ours, raw, ratio in measure_speed(wanted.facts, wanted.rounds):
        lines.append(f"{what:<16}{ours:>12,.0f}{raw:>12,.0f}{ratio:>8.2f}   {GOAL_RATIO} or better")
    peak = measure_memory(wanted.memory_facts)
    imported = f"peak memory of importing {wanted.memory_facts:,} facts"
    lines.append(f"{imported}: {peak:.0f} MB, goal {GOAL_MEGABYTES} or less")
    print("\n".join(lines))  # noqa: T201 - its table is what it is for


if __name__ == "__main__":
    main()

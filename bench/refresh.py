"""A day's work costs a day's work: the refresh after one more day, over a short and over a long history with the same
runs a day. 150 pipelines, hourly: 3,600 runs a day."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from slo.engine import Engine
from slo.facts import Asset, Coverage, Fact, Run
from slo.platform import Platform, SourceInfo
from slo.store import Store

PIPELINES = 150
A_DAY = PIPELINES * 24
GOAL = 1.5
END = datetime(2026, 10, 1, tzinfo=UTC)
PLATFORM = Platform(sources=(SourceInfo("airflow", {"asset": ("schedule",), "run": ("state",)}),))


def assets(start: datetime) -> Iterator[Fact]:
    for number in range(PIPELINES):
        name = f"airflow/p{number}"
        yield Asset(source="airflow", id=name, asset=name, kind="pipeline", tier=number % 4, team=f"team{number % 6}",
                    schedule="0 * * * *", valid_from=start)  # fmt: skip


def day(start: datetime) -> Iterator[Fact]:
    """A day of runs, of which one in fifty fails."""
    for number in range(A_DAY):
        due = start + timedelta(hours=number // PIPELINES)
        name = f"p{number % PIPELINES}"
        yield Run(source="airflow", id=f"{name}/{due.isoformat()}", asset=f"airflow/{name}", trigger="schedule",
                  state="failed" if number % 50 == 7 else "success", due_at=due, started_at=due,
                  ended_at=due + timedelta(minutes=5))  # fmt: skip


def seconds_of_one_more_day(runs: int, folder: str) -> tuple[float, float]:
    """(seconds of the first refresh of so many runs, seconds of the refresh after one more day)."""
    days = -(-runs // A_DAY)
    start = END - timedelta(days=days)
    with Store(f"sqlite:///{folder}/{runs}.db") as store:
        store.migrate()
        engine = Engine(store, PLATFORM)
        store.upsert(assets(start))
        for number in range(days):
            store.upsert(day(start + timedelta(days=number)))
        store.upsert([Coverage(source="airflow", id="o", start=start, end=END)])
        first = _timed(engine, END)
        store.upsert(day(END))
        store.upsert([Coverage(source="airflow", id="o", start=start, end=END + timedelta(days=1))])
        return first, _timed(engine, END + timedelta(days=1))


def _timed(engine: Engine, at: datetime) -> float:
    began = time.perf_counter()
    engine.refresh(at)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=100_000)
    parser.add_argument("--many", type=int, default=5_000_000)
    wanted = parser.parse_args()
    took = []
    with tempfile.TemporaryDirectory() as folder:
        for runs in (wanted.few, wanted.many):
            first, more = seconds_of_one_more_day(runs, folder)
            took.append(more)
            sys.stdout.write(
                f"{runs:>10,} runs stored: one more day {more:8.2f} s   (their first refresh {first:.1f} s)\n"
            )
            sys.stdout.flush()
    sys.stdout.write(f"ratio {took[1] / took[0]:.2f}   {GOAL} or less\n")


if __name__ == "__main__":
    main()

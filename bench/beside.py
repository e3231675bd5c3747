"""What stands beside the runs in a store of pages: datasets with deadlines, incidents, checks and spend of the last
months, so that every page has something to show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from slo.facts import Asset, CheckResult, Coverage, DatasetUpdate, Edge, Fact, Incident, Meter

DATASETS, DAYS, PIPELINES = 400, 120, 150
A_DAY = timedelta(days=1)
CAUSES = ("schema change", "late upstream", "warehouse full", "deployment")


def beside(end: datetime) -> Iterator[Fact]:
    """Facts of the ``DAYS`` before ``end``, which is a midnight."""
    start = end - DAYS * A_DAY
    yield from _datasets(start)
    for number in range(DAYS):
        midnight = start + number * A_DAY
        yield from _landings(midnight)
        yield from _checks(midnight)
        yield from _spend(midnight)
        yield _incident(midnight, number)
    yield Coverage(source="warehouse", id="o", start=start, end=end)
    yield Coverage(source="pager", id="o", start=start, end=end)


def _datasets(start: datetime) -> Iterator[Fact]:
    """Each is written by a pipeline; every second may be some hours old, the others have a deadline."""
    for number in range(DATASETS):
        name = f"warehouse/d{number}"
        rule = {"max_age_seconds": 129_600} if number % 2 else {"deadline": "07:00", "days": "daily"}
        yield Asset(source="warehouse", id=name, asset=name, kind="dataset", tier=number % 4, team=f"team{number % 6}",
                    domain=f"domain{number % 3}", freshness=rule, freshness_objective=0.95,
                    valid_from=start)  # fmt: skip
        yield Edge(source="warehouse", id=name, upstream=f"airflow/p{number % PIPELINES}", downstream=name,
                   seen_at=start)  # fmt: skip


def _landings(midnight: datetime) -> Iterator[Fact]:
    """At six; one in forty two hours late."""
    for number in range(DATASETS):
        late = (number + midnight.toordinal()) % 40 == 0
        at = midnight + timedelta(hours=8 if late else 6, minutes=number % 50)
        name = f"d{number}"
        yield DatasetUpdate(source="warehouse", id=f"{name}/{at.isoformat()}", asset=f"warehouse/{name}", at=at)


def _checks(midnight: datetime) -> Iterator[Fact]:
    for number in range(0, DATASETS, 2):
        failed = (number + midnight.toordinal()) % 60 == 0
        yield CheckResult(
            source="warehouse", id=f"c{number}/{midnight.isoformat()}", asset=f"warehouse/d{number}",
            check=f"not_null_{number}", type="null", severity="critical" if number % 10 == 0 else "warning",
            outcome="fail" if failed else "pass", at=midnight + timedelta(hours=7),
        )  # fmt: skip


def _spend(midnight: datetime) -> Iterator[Fact]:
    """What each pipeline cost, and the bytes it read."""
    for number in range(PIPELINES):
        of = {"asset": f"airflow/p{number}", "at": midnight, "until": midnight + A_DAY}
        key = f"p{number}/{midnight.date()}"
        yield Meter(source="bill", id=f"cost/{key}", meter="cost", amount=10.0 + number % 7, currency="USD", **of)
        yield Meter(source="bill", id=f"bytes/{key}", meter="bytes", amount=5e11 * (1 + number % 3), **of)


def _incident(midnight: datetime, number: int) -> Fact:
    """One a day, of which every tenth is open still."""
    at = midnight + timedelta(hours=9, minutes=number)
    return Incident(
        source="pager", id=f"i{number}", title=f"d{number} is late", started_at=at,
        detected_at=at + timedelta(minutes=10), acknowledged_at=at + timedelta(minutes=20),
        resolved_at=None if number % 10 == 0 else at + timedelta(minutes=60 + number), severity=1 + number % 3,
        class_="freshness", cause=CAUSES[number % len(CAUSES)], assets=(f"warehouse/d{number}",),
    )  # fmt: skip

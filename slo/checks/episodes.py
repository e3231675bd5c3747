"""Episodes: from a check's first failure (fail or error) to its next pass. A check is what one source runs on one asset
under one name; what it skipped says nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from slo.facts import CheckResult
from slo.kpi import tellings
from slo.store import ChangeRow, Mark
from slo.view import View

FAILED = ("fail", "error")
SAID = (*FAILED, "pass")
DEFECTS = [None, "schema", "null", "range", "reconciliation", "custom"]
Key = tuple[str, str | None, str | None]
"""source, asset, check."""


def key_of(check: CheckResult) -> Key:
    return check.source, check.asset, check.check


def first_failures(view: View, start: datetime, end: datetime) -> Iterator[CheckResult]:
    """Failures placed in [start, end) that begin an episode of a check that finds wrong data."""
    failures = view.read("check_result", {"placed_at": (start, end), "outcome": list(FAILED), "type": DEFECTS})
    if failures:
        said = _grouped([*failures, *_passes(view, failures, start, end)])
        for key, checks in said.items():
            before = _last_before(view, key, start)
            yield from _beginning(checks, failing=before is not None and before.outcome in FAILED)


def _passes(view: View, failures: list[CheckResult], start: datetime, end: datetime) -> list[CheckResult]:
    """The passes of checks that failed: of the many others none is read."""
    assets, names = {check.asset for check in failures}, {check.check for check in failures}
    where = {"placed_at": (start, end), "outcome": "pass", "type": DEFECTS, "asset": assets, "check": names}
    keys = {key_of(check) for check in failures}
    return [check for check in view.read("check_result", where) if key_of(check) in keys]


def _grouped(checks: Iterable[CheckResult]) -> dict[Key, list[CheckResult]]:
    grouped: dict[Key, list[CheckResult]] = {}
    for check in sorted(checks, key=_order):
        grouped.setdefault(key_of(check), []).append(check)
    return grouped


def _order(check: CheckResult) -> tuple[datetime, str]:
    assert check.at is not None
    return check.at, check.id


def _beginning(checks: list[CheckResult], failing: bool) -> Iterator[CheckResult]:
    for check in checks:
        if check.outcome in FAILED and not failing:
            yield check
        failing = check.outcome in FAILED


def _last_before(view: View, key: Key, moment: datetime) -> CheckResult | None:
    """What the check said last before a moment: an episode may have begun long ago."""
    where = {"source": key[0], "asset": key[1], "check": key[2], "placed_at": (None, moment)}
    found: list[CheckResult] = view.read(
        "check_result", where | {"outcome": list(SAID), "type": DEFECTS}, descending=True, limit=1
    )
    return found[0] if found else None


def episode_marks(changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
    """A result decides whether it begins an episode itself, and whether the check's next failure does."""
    told = [fact for fact in tellings(changes) if isinstance(fact, CheckResult) and fact.at is not None]
    own = {view.day(check.at) for check in told if check.at is not None and check.outcome in FAILED}
    yield from (Mark(None, day, day) for day in sorted(own | _next_failures(told, view)))


def _next_failures(told: list[CheckResult], view: View) -> set[date]:
    moments = [check.at for check in told if check.at is not None]
    if not moments:
        return set()
    where: dict[str, Any] = {"outcome": list(FAILED), "placed_at": (min(moments), None)}
    failures = _grouped(view.store.read("check_result", where | {"asset": {check.asset for check in told}}))  # type: ignore[arg-type]
    days = set()
    for check in told:
        later = failures.get(key_of(check), [])
        place = bisect_right(later, _order(check), key=_order)
        days |= {view.day(failure.at) for failure in later[place : place + 1] if failure.at is not None}
    return days


def next_pass(view: View, check: CheckResult) -> CheckResult | None:
    """The check's next pass after a result, up to as-of."""
    where = {"source": check.source, "asset": check.asset, "check": check.check, "outcome": "pass"}
    found = view.read("check_result", where | {"placed_at": (check.at, None)}, limit=2)
    return next((one for one in found if _order(one) > _order(check)), None)

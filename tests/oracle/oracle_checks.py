"""The oracle's checks, and the defects they catch."""

from __future__ import annotations

from fractions import Fraction

from tests.oracle.oracle_facts import FIRST, Record
from tests.oracle.oracle_scope import Asked, began, ratio

VERDICTS = {"pass": "good", "fail": "bad", "error": "bad", "skip": "excluded"}


def dq_test_pass_rate(asked: Asked) -> Record:
    tally = {"good": 0, "bad": 0, "unknown": 0, "excluded": 0}
    severity, layer = asked.params.get("severity", "any"), asked.params.get("layer", "any")
    for check in asked.world.of("check_result"):
        curated = asked.world.field(check["asset"], "layer", check["at"]) in ("curated", "mart", "serving", "gold")
        if severity not in ("any", check.get("severity")) or (layer != "any" and not curated):
            continue
        if asked.counts(check["asset"], check["at"]):
            excluded = asked.excluded(check["asset"], check["at"])
            tally["excluded" if excluded else VERDICTS[check["outcome"]]] += 1
    return ratio(tally["good"], tally["bad"], 0, tally["excluded"], 0)


def dq_slo_attainment(asked: Asked) -> Record:
    verdicts = {"good": 0, "bad": 0, "excluded": 0}
    for asset in {check["asset"] for check in asked.world.of("check_result")}:
        tally = {"good": 0, "bad": 0, "excluded": 0}
        for check in asked.world.of("check_result"):
            if check["asset"] == asset and asked.counts(asset, check["at"]):
                left_out = asked.excluded(asset, check["at"])
                tally["excluded" if left_out else VERDICTS[check["outcome"]]] += 1
        judged = tally["good"] + tally["bad"]
        if judged:
            objective = Fraction(str(_objective(asked, asset)))
            verdicts["good" if tally["good"] >= objective * judged else "bad"] += 1
        elif tally["excluded"]:
            verdicts["excluded"] += 1
    return ratio(verdicts["good"], verdicts["bad"], 0, verdicts["excluded"], 0)


def _objective(asked: Asked, asset: str) -> float:
    """The newest in force while the dataset was in scope in the window."""
    starts = {one.get("valid_from") or FIRST for one in asked.world.versions(asset)} | {asked.start}
    moments = sorted(max(start, asked.start) for start in starts)
    last = [at for at in moments if asked.counts(asset, at)][-1]
    told = asked.world.field(asset, "quality_objective", last)
    return 0.98 if told is None else float(told)


# --- defects ---------------------------------------------------------------------------------------------------


def episodes(asked: Asked) -> list[Record]:
    """The first failure of each run of failures of a check, until it passes again."""
    found = []
    failing: set[tuple[str, str, str]] = set()
    for check in sorted(asked.world.of("check_result"), key=lambda one: one["at"]):
        key = (check["source"], check["asset"], check["check"])
        if check.get("type") in ("freshness", "volume") or check["outcome"] == "skip":
            continue
        if check["outcome"] == "pass":
            failing.discard(key)
        elif key not in failing:
            failing.add(key)
            found.append(check)
    return found


def defect_leakage(asked: Asked) -> Record:
    caught = leaked = left_out = 0
    for check in episodes(asked):
        if asked.counts(check["asset"], check["at"]):
            excluded = asked.excluded(check["asset"], check["at"])
            caught, left_out = caught + (not excluded), left_out + excluded
    for case in asked.world.of("incident"):
        at = case.get("detected_at") or began(case)
        escaped = case.get("class") == "correctness" and case.get("found_by") == "consumer"
        if escaped and asked.inside(at) and asked.incident_fits(case):
            excluded = asked.incident_excluded(case, at)
            leaked, left_out = leaked + (not excluded), left_out + excluded
    found = ratio(caught, leaked, 0, left_out, 0, turned=True)
    both = all(asked.world.begun(kind, asked.stop) for kind in ("check_result", "incident"))
    return found if both else {**found, "value": None}

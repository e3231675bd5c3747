"""The oracle's deployments, pull requests and lead times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.oracle.oracle_facts import Record
from tests.oracle.oracle_scope import Asked, counted, quantile, ratio, samples
from tests.oracle.oracle_time import business_days


def reached(asked: Asked) -> list[tuple[Record, bool]]:
    """Deployments that reached production, each with whether it failed there."""
    world = asked.world
    named = {
        world.refer("change", case["source"], case.get("change"))
        for case in world.of("incident")
        if case.get("duplicate_of") is None and asked.incident_produced(case)
    }
    found = []
    for change in world.of("change"):
        broken = change.get("failure") is not None or (change["source"], change["id"]) in named
        if change["kind"] == "deployment" and (change.get("state") != "failed" or broken):
            found.append((change, broken or change.get("state") == "rolled_back"))
    return found


def _deployed(asked: Asked, change: Record) -> bool:
    return asked.counts(change.get("asset"), change["at"], change.get("team"), change.get("environment"))


def _left_out(asked: Asked, change: Record) -> bool:
    return asked.excluded(change.get("asset"), change["at"], change.get("team"))


def _verdict(asked: Asked, change: Record, failed: bool) -> str:
    if asked.params.get("user_visible") and change.get("user_visible") is False:
        failed = False
    if _left_out(asked, change):
        return "excluded"
    if failed:
        return "bad"
    return "good" if change["at"] + timedelta(hours=24) <= asked.world.as_of else "unsettled"


def change_failure_rate(asked: Asked) -> Record:
    found = [_verdict(asked, change, failed) for change, failed in reached(asked) if _deployed(asked, change)]
    left_out = found.count("excluded") + found.count("unsettled")
    return ratio(found.count("good"), found.count("bad"), 0, left_out, 0, turned=True)


def unsettled(asked: Asked) -> int:
    """How many deployments may still fail."""
    return [_verdict(asked, one, bad) for one, bad in reached(asked) if _deployed(asked, one)].count("unsettled")


def deployment_frequency(asked: Asked) -> Record:
    made = [change for change, _ in reached(asked) if _deployed(asked, change) and not _left_out(asked, change)]
    return counted(asked, [1.0] * len(made), "change", "deployment", days=7)


def pr_throughput(asked: Asked) -> Record:
    sizes = [
        1.0 if change.get("size") is None else change["size"]
        for change in asked.world.of("change", "pull_request")
        if change.get("state") == "succeeded" and _deployed(asked, change) and not _left_out(asked, change)
    ]
    return counted(asked, sizes, "change", "pull_request", days=7)


# --- lead times, in business days ------------------------------------------------------------------------------


def _spans(asked: Asked, items: list[Record], begin: str, end: Callable[[Record], datetime | None]) -> Record:
    """The spans of work items that count by their end."""
    found = []
    for item in items:
        start, stop = item.get(begin), end(item)
        if start is None or stop is None or stop < start or not asked.item_counts(item, stop):
            continue
        if not asked.item_excluded(item, stop):
            found.append(business_days(start, stop, asked.world.tz))
    return {**samples(found), "value": quantile(found, 0.5)}


def _done(item: Record) -> datetime | None:
    return item.get("closed_at") if item.get("outcome") == "done" else None


def ticket_cycle_time(asked: Asked) -> Record:
    items = [item for item in asked.world.of("work_item", "scoped") if item.get("size") == "small"]
    return _spans(asked, items, "started_at", _done)


def access_request_cycle_time(asked: Asked) -> Record:
    return _spans(asked, asked.world.of("work_item", "access_request"), "opened_at", _done)


def onboarding_lead_time(asked: Asked) -> Record:
    def landed(item: Record) -> datetime | None:
        first = min(_successes(asked, item.get("asset")), default=None)
        fresh = first is not None and item.get("opened_at") is not None and first >= item["opened_at"]
        return first if fresh else _done(item)

    wanted = asked.params.get("complexity", "any")
    items = [
        one for one in asked.world.of("work_item", "onboarding") if wanted in ("any", one.get("complexity"))
    ]  # fmt: skip
    return _spans(asked, items, "opened_at", landed)


def _successes(asked: Asked, asset: str | None) -> list[datetime]:
    """When loads succeeded in production."""
    world = asked.world
    runs = [run.get("ended_at") for run in world.of("run") if run["asset"] == asset and run["state"] == "success"]
    updates = [one["at"] for one in world.of("dataset_update") if one["asset"] == asset]
    return [at for at in [*runs, *updates] if at is not None and world.produced(asset, at)]

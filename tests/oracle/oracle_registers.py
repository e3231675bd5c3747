"""The oracle's registers: what stands at the window's end (as-of, if earlier), and what was new in the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from tests.oracle.oracle_facts import Record
from tests.oracle.oracle_scope import Asked, counted, ratio

TESTS = ("schema", "null", "range", "reconciliation")


def told(value: Any) -> bool:
    """Whether a field says anything: blank is missing."""
    if isinstance(value, list):
        return any(told(word) for word in value)
    return value is not None and (not isinstance(value, str) or value.strip() != "")


class Look:
    """One asset as it stood at an instant."""

    def __init__(self, asked: Asked, asset: str, at: datetime) -> None:
        self.asked, self.asset, self.at = asked, asset, at

    def has(self, *fields: str) -> bool:
        return all(told(self.get(field)) for field in fields)

    def get(self, field: str) -> Any:
        return self.asked.world.field(self.asset, field, self.at)

    def edge(self, *ends: str) -> bool:
        """Whether it stands at one of these ends of an edge that was seen and isn't gone; one to itself is none."""
        return any(
            (one.get("seen_at") is None or one["seen_at"] <= self.at)
            and (one.get("gone_at") is None or one["gone_at"] > self.at)
            and self.asset in [one[end] for end in ends]
            and one["upstream"] != one["downstream"]
            for one in self.asked.world.of("edge")
        )


def members(asked: Asked) -> Iterator[tuple[Look, bool]]:
    """The assets in scope, each with whether it is left out; none where the window hasn't begun."""
    world, at = asked.world, asked.stop
    if at < asked.start:
        return
    for asset in sorted({fact["asset"] for fact in world.of("asset")}):
        if world.listed(asset, at) and world.produced(asset, at) and asked.fits(asset, at):
            yield Look(asked, asset, at), asked.excluded(asset, at)


def _register(
    asked: Asked, belongs: Callable[[Look], bool], good: Callable[[Look], bool], watched: bool = True
) -> Record:
    """``watched``: somebody had begun to tell what is asked of each; before, all of them are unknown."""
    tally = {"good": 0, "bad": 0, "excluded": 0}
    for look, left_out in members(asked):
        if belongs(look):
            tally["excluded" if left_out else "good" if good(look) else "bad"] += 1
    if not watched:
        return ratio(0, 0, tally["good"] + tally["bad"], 0, tally["good"] + tally["bad"])
    return ratio(tally["good"], tally["bad"], 0, tally["excluded"], 0)


def _dataset(look: Look) -> bool:
    return bool(look.get("kind") == "dataset")


def metadata_completeness(asked: Asked) -> Record:
    def complete(look: Look) -> bool:
        return look.has("owner", "description", "tags", "tier") and look.edge("upstream", "downstream")

    return _register(asked, _dataset, complete, asked.world.begun("edge", asked.stop))


def ownership_coverage(asked: Asked) -> Record:
    return _register(asked, _dataset, lambda look: look.has("owner", "tier", "description"))


def policy_compliance(asked: Asked) -> Record:
    return _register(
        asked,
        lambda look: _dataset(look) and (look.get("tier") == 0 or look.get("regulated") is True),
        lambda look: look.has("classification", "retention") and look.get("encrypted") is True,
    )


def catalog_coverage(asked: Asked) -> Record:
    return _register(
        asked,
        lambda look: _dataset(look) and look.get("layer") in ("curated", "mart", "serving", "gold"),
        lambda look: look.get("in_catalog") is True and look.has("owner", "description", "classification"),
    )


def lineage_coverage(asked: Asked) -> Record:
    def linked(look: Look) -> bool:
        above = look.get("layer") in ("raw", "source") or look.edge("downstream")
        below = look.get("layer") in ("mart", "serving", "gold") or look.edge("upstream")
        return above and below

    critical = lambda look: _dataset(look) and look.get("tier") in (0, 1)  # noqa: E731
    return _register(asked, critical, linked, asked.world.begun("edge", asked.stop))


def automated_test_coverage(asked: Asked) -> Record:
    since = asked.stop - timedelta(days=28)

    def tested(look: Look) -> bool:
        return look.get("tested") is True or any(
            check["asset"] == look.asset
            and check.get("type") in TESTS
            and check["outcome"] != "skip"
            and since <= check["at"] < asked.end
            for check in asked.world.of("check_result")
        )

    critical = lambda look: look.get("kind") in ("dataset", "pipeline") and look.get("tier") in (0, 1)  # noqa: E731
    said = any(one.get("tested") is not None for one in asked.world.of("asset"))
    return _register(asked, critical, tested, said or asked.world.begun("check_result", asked.stop))


# --- entries that tell a register ------------------------------------------------------------------------------


def _standing(asked: Asked, entries: list[Record], good: Callable[[Record], bool]) -> Record:
    tally = {"good": 0, "bad": 0, "excluded": 0}
    for entry in entries:
        if asked.entry_fits(entry):
            tally["excluded" if asked.entry_excluded(entry, asked.stop) else "good" if good(entry) else "bad"] += 1
    return ratio(tally["good"], tally["bad"], 0, tally["excluded"], 0)


def _latest(asked: Asked, word: str, moment: str, fits: Callable[[Record], bool] = lambda one: True) -> list[Record]:
    """Of each subject the telling whose moment is the last by the end."""
    newest: dict[tuple[str, str], Record] = {}
    tellings = [one for one in asked.world.of("entry", word) if _by(one.get(moment), asked) and fits(one)]
    for entry in sorted(tellings, key=lambda one: one[moment]):
        subject = entry.get("subject")
        newest[("", subject) if subject is not None else (entry["source"], entry["id"])] = entry
    return list(newest.values())


def _by(at: datetime | None, asked: Asked) -> bool:
    return at is not None and at <= asked.stop and asked.start <= asked.stop


def automation_coverage(asked: Asked) -> Record:
    steps = _latest(asked, "automation_step", "at")
    return _standing(asked, steps, lambda step: _by(step.get("done_at"), asked))


def documentation_freshness(asked: Asked) -> Record:
    pages = _latest(asked, "document", "updated_at", lambda one: one.get("key") is True)
    return _standing(asked, pages, lambda page: asked.stop - page["updated_at"] <= timedelta(days=183))


def learning_progression(asked: Asked) -> Record:
    due = [one for one in asked.world.of("entry", "milestone") if _by(one.get("planned_at"), asked)]
    return _standing(asked, due, lambda one: _by(one.get("done_at"), asked))


def component_reuse(asked: Asked) -> Record:
    teams = {look.get("team") for look, left_out in members(asked) if look.has("components") and not left_out}
    for entry in asked.world.of("entry", "component_use"):
        using = _by(entry.get("at"), asked) and not _by(entry.get("done_at"), asked)
        if using and asked.entry_fits(entry) and not asked.entry_excluded(entry, asked.stop):
            teams.add(entry.get("team"))
    found = counted(asked, [1.0] * len(teams - {None}), "entry", "component_use")
    return found if found["value"] is not None or not _components_watched(asked) else {"value": 0.0, "sum": 0}


def _components_watched(asked: Asked) -> bool:
    """Whether a source that told components of an asset, be it none, was seen for the whole window."""
    world = asked.world
    sources = {one["source"] for one in world.of("asset") if one.get("components") is not None}
    return any(
        world.source_seen(source, "asset", asked.start, asked.stop)
        and world.speaks_of(source, "asset", None, asked.scope)
        for source in sources
    )


# --- what was new ----------------------------------------------------------------------------------------------


def _new(asked: Asked, kind: str, good: Callable[[Look], bool]) -> Record:
    """Assets first seen in the window, as they stood a week later, or stand now."""
    world, tally = asked.world, {"good": 0, "bad": 0, "excluded": 0}
    for asset in sorted({fact["asset"] for fact in world.of("asset")}):
        seen = world.field(asset, "first_seen", world.as_of)
        if seen is None or not asked.counts(asset, seen):
            continue
        look = Look(asked, asset, min(seen + timedelta(days=7), world.as_of))
        if look.get("kind") == kind:
            tally["excluded" if asked.excluded(asset, seen) else "good" if good(look) else "bad"] += 1
    return ratio(tally["good"], tally["bad"], 0, tally["excluded"], 0)


def catalog_adoption(asked: Asked) -> Record:
    return _new(asked, "dataset", lambda look: look.get("in_catalog") is True and look.get("registered_by") == "auto")


def paved_road_adoption(asked: Asked) -> Record:
    return _new(asked, "pipeline", lambda look: look.has("template"))

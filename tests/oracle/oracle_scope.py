"""What is asked of the oracle, and whether one thing that happened belongs to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.oracle.oracle_facts import Record, World
from tests.oracle.oracle_time import elapsed_days


@dataclass
class Asked:
    """One question: a KPI over a window and a scope, with its parameters."""

    world: World
    kpi: str
    start: datetime
    end: datetime
    scope: Record = field(default_factory=dict)
    params: Record = field(default_factory=dict)

    @property
    def stop(self) -> datetime:
        """Where what can have happened ends."""
        return min(self.end, self.world.as_of)

    def inside(self, at: datetime | None) -> bool:
        return at is not None and self.start <= at < self.end and at <= self.world.as_of

    def tier_fits(self, tier: Any) -> bool:
        """Exactly the tier asked for, or one of several."""
        wanted = self.scope.get("tier")
        return wanted is None or (tier in wanted if isinstance(wanted, tuple) else tier == wanted)

    def fits(self, asset: str | None, at: datetime, team: Any = None) -> bool:
        """Whether a fact of an asset belongs to the scope, by what was in force at the moment."""
        world, scope = self.world, self.scope
        wanted = scope.get("asset")
        return (
            self.tier_fits(world.field(asset, "tier", at))
            and scope.get("team") in (None, team if team is not None else world.field(asset, "team", at))
            and scope.get("domain") in (None, world.field(asset, "domain", at))
            and (wanted is None or world.name(wanted) == asset)
        )

    def excluded(self, asset: str | None, at: datetime, team: Any = None) -> bool:
        own = team if team is not None else self.world.field(asset, "team", at)
        return self.world.excluded(self.kpi, at, asset, own, self.world.field(asset, "tier", at))

    def counts(self, asset: str | None, at: datetime, team: Any = None, environment: str | None = None) -> bool:
        """In the window, in production and in the scope."""
        return self.inside(at) and self.world.produced(asset, at, environment) and self.fits(asset, at, team)

    def item_counts(self, item: Record, at: datetime | None) -> bool:
        """Whether a work item placed at an instant counts."""
        return at is not None and self.counts(item.get("asset"), at, item.get("team"))

    def item_excluded(self, item: Record, at: datetime) -> bool:
        return self.excluded(item.get("asset"), at, item.get("team"))

    def entry_fits(self, entry: Record) -> bool:
        """An entry has a team and a tier of its own, no domain and no asset."""
        own = {"team": entry.get("team"), "domain": None, "asset": None}
        return self.tier_fits(entry.get("tier")) and all(
            self.scope.get(name) in (None, value) for name, value in own.items()
        )

    def entry_excluded(self, entry: Record, at: datetime) -> bool:
        return self.world.excluded(self.kpi, at, None, entry.get("team"), entry.get("tier"))

    # --- incidents: of the platform, once in every scope that one of their assets matches ----------------------

    def incident_assets(self, incident: Record) -> list[str]:
        at = began(incident)
        return [asset for asset in incident.get("assets") or [] if self.world.produced(asset, at)]

    def incident_produced(self, incident: Record) -> bool:
        return not incident.get("assets") or bool(self.incident_assets(incident))

    def incident_tier(self, incident: Record) -> Any:
        if incident.get("tier") is not None:
            return incident["tier"]
        tiers = [self.world.field(asset, "tier", began(incident)) for asset in self.incident_assets(incident)]
        return min((tier for tier in tiers if tier is not None), default=None)

    def incident_fits(self, incident: Record) -> bool:
        if incident.get("duplicate_of") is not None or not self.incident_produced(incident):
            return False
        world, scope, at = self.world, self.scope, began(incident)
        if not self.tier_fits(self.incident_tier(incident)):
            return False
        assets = self.incident_assets(incident)
        asked = {key: scope[key] for key in ("team", "domain", "asset") if scope.get(key) is not None}
        return not asked or any(
            all(
                (world.name(value) == asset) if key == "asset" else world.field(asset, key, at) == value
                for key, value in asked.items()
            )
            for asset in assets
        )

    def incident_excluded(self, incident: Record, at: datetime) -> bool:
        """Left out only where every one of its assets is."""
        tier = self.incident_tier(incident)
        assets: list[str | None] = [*self.incident_assets(incident)] or [None]
        return all(
            self.world.excluded(
                self.kpi, at, asset, None if asset is None else self.world.field(asset, "team", began(incident)), tier
            )
            for asset in assets
        )


def judged_assets(world: World) -> list[str]:
    """Assets of which anything was told that reliability judges."""
    return sorted({fact["asset"] for kind in ("asset", "run", "dataset_update") for fact in world.of(kind)})


def began(incident: Record) -> datetime:
    start: datetime = incident.get("started_at") or incident["detected_at"]
    return start


def counted(asked: Asked, weights: list[float], kind: str, word: str | None = None, days: int | None = None) -> Record:
    """A sum, a period of so many days where they are given; nothing told is 0 only where somebody watched."""
    world = asked.world
    known = bool(weights) or world.seen_whole(kind, word, asked.start, asked.stop, asked.scope)
    periods = 1.0 if days is None else elapsed_days(asked.start, asked.end, world.as_of, world.tz) / days
    total = sum(weights) if known else None
    return {"value": None if total is None or not periods else total / periods, "sum": total}


def quantile(values: list[float], q: float) -> float | None:
    """R-7."""
    if not values:
        return None
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def ratio(good: float, bad: float, unknown: float, excluded: float, unseen: float, turned: bool = False) -> Record:
    """The parts of a ratio; ``turned`` shows the bad share."""
    judged = good + bad
    value = None if judged == 0 else (bad if turned else good) / judged
    coverage = None if judged + unseen == 0 else judged / (judged + unseen)
    return {
        "value": value, "good": good, "bad": bad, "unknown": unknown, "excluded": excluded, "coverage": coverage,
    }  # fmt: skip


def samples(values: list[float]) -> Record:
    mean = sum(values) / len(values) if values else None
    return {
        "value": mean, "n": len(values), "mean": mean, "median": quantile(values, 0.5), "p90": quantile(values, 0.9),
        "p95": quantile(values, 0.95),
    }  # fmt: skip

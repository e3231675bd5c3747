"""When a burning budget is worth a word: the policies of config/burn_windows.yaml, and which of them fits an objective.

A policy is a set of lookbacks. Windows made for thousands of requests a minute are fired by a single failed run where
a day holds thirty, so the volume decides: burn rates over hours where enough is counted, over days where not, and with
them how many bad events there must be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from slo.budgets.budget import Budget
from slo.config_files import SHIPPED, checked, read_yaml
from slo.errors import ConfigError

HARDLY_LESS = 0.9
"""An hourly load that was left out a few times in a month, or by a clock put forward, is still an hourly load."""
FEW, MUCH = "too little is counted for a rate over hours", "too much may be bad for hours to show"
"""Why an objective gets none of the quicker policies."""
_TICK = timedelta(microseconds=1)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Lookback(BaseModel):
    """A long stretch of time up to now, in which too much must have gone wrong, and a short one, in which it must still
    go wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    long: timedelta
    short: timedelta | None = None
    """None: the long one decides alone."""
    budget_share: float | None = Field(default=None, ge=0, le=1)
    """The share of a period's budget whose loss in ``long`` is worth a word; None: what goes in it at the even pace."""
    min_bad: int | None = Field(default=None, ge=1)
    """So many bad events in ``long`` there must be, too, and one in ``short``."""
    severity: Literal["page", "ticket"]
    period: timedelta = timedelta(days=30)

    @field_validator("long", "short", "period", mode="before")
    @classmethod
    def _length(cls, value: object) -> object:
        return _length(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not timedelta(0) < (self.short or _TICK) < self.long <= self.period:
            raise ValueError("expected short < long <= period, such as short: 5m, long: 1h, period: 30d")
        if self.budget_share is None and self.min_bad is None:
            raise ValueError("says nothing to fire at; give it a budget_share (0.1), or a min_bad (2)")
        return self

    @property
    def factor(self) -> Fraction:
        """How many times faster than even the budget burns when the share goes in the long part. Where no share is
        told it is 1: bad events say nothing as long as no more are bad than may be."""
        if self.budget_share is None:
            return Fraction(1)
        return Fraction(str(self.budget_share)) * Fraction(self.period // _TICK, self.long // _TICK)

    @property
    def shortest(self) -> timedelta:
        """What must still be bad: the short part, else the long one."""
        return self.long if self.short is None else self.short

    @property
    def room(self) -> timedelta:
        """How far apart two things may lie that are counted: a rate wants one in the short part, a count as many in the
        long one as it waits for."""
        return self.shortest if self.min_bad is None else self.long / self.min_bad

    def can_fire(self, allowed: Fraction) -> bool:
        """Can it ever fire? When everything is bad the burn rate is 1 / allowed, and no more."""
        return (self.factor or 1) * allowed < 1

    def takes(self, allowed_events: Fraction) -> int:
        """How many bad events in the long part fire it at least, at the usual volume."""
        rate = 1 if self.budget_share is None else int(Fraction(str(self.budget_share)) * allowed_events) + 1
        return max(rate, self.min_bad or 1)

    def fires(self, long: Budget | None, short: Budget | None) -> bool:
        """Compared unrounded. The budgets are of what is shown (events, seconds); None: nothing was counted."""
        if long is None or short is None:
            return False
        if self.min_bad is not None and (long.bad < self.min_bad or short.bad <= 0):
            return False
        return all(one.bad > self.factor * one.allowed_events for one in (long, short))


class Policy(BaseModel):
    """Lookbacks that go together, and where they come from."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    source: str = Field(min_length=1)
    lookbacks: tuple[Lookback, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Self:
        _once([one.name for one in self.lookbacks], "lookback")
        return self

    @property
    def counts(self) -> bool:
        """Does it count events, at no rate but the even one?"""
        return all(one.budget_share is None for one in self.lookbacks)

    def usable(self, allowed: Fraction) -> tuple[Lookback, ...]:
        """The lookbacks that can fire at a target: the others are left out, not shown as quiet."""
        return tuple(one for one in self.lookbacks if one.can_fire(allowed))


class Fitting(NamedTuple):
    """What is in force for an objective."""

    policy: Policy
    lookbacks: tuple[Lookback, ...]
    """Those that can fire; none where nothing can break the promise."""
    why: str
    """In a few words."""


@dataclass(frozen=True)
class Volume:
    """What an objective counts, as far as it decides which policy fits."""

    allowed: Fraction
    """The share that may be bad."""
    events: Fraction
    """How many are expected in a period."""
    seconds: bool
    """Time is counted, not events: there is always enough of it."""
    every: timedelta
    """What lies between two moments at which something is counted."""

    def suits(self, policy: Policy) -> bool:
        """Is none of its lookbacks fired by one bad event (unless none is allowed), or mostly too empty to fire?"""
        least = 1 if self.allowed == 0 else 2
        return all(
            one.takes(self.allowed * self.events) >= least
            and (one.min_bad == 1 or one.room >= HARDLY_LESS * self.every)
            for one in policy.lookbacks
        )


class Policies(BaseModel):
    """The file config/burn_windows.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    period: timedelta
    keep: timedelta = timedelta(0)
    """An alert is over when it has not fired for so long: a rate that wavers about its limit is one alert."""
    choose: tuple[str, ...] = Field(min_length=1)
    """Of these an objective gets the first that fits."""
    policies: tuple[Policy, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _one_period(cls, data: object) -> object:
        """Every lookback is read with the file's period."""
        if not isinstance(data, dict) or "period" not in data or not isinstance(data.get("policies"), list):
            return data
        return {**data, "policies": [_with_period(one, data["period"]) for one in data["policies"]]}

    @field_validator("period", "keep", mode="before")
    @classmethod
    def _length(cls, value: object) -> object:
        return _length(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _once([one.name for one in self.policies], "policy")
        known = {one.name: one for one in self.policies}
        for name in self.choose:
            if name not in known:
                raise ValueError(f"choose: {name!r} is no policy; there are: {', '.join(known)}")
        last = known[self.choose[-1]]
        if not last.counts or any((one.min_bad or 0) < 2 for one in last.lookbacks):
            raise ValueError(f"choose: {last.name!r} is last, but does not fit any volume; end with one of min_bad: 2")
        return self

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.policies)

    @property
    def digest(self) -> str:
        """Of what the policies say: a measurement of others is out of date."""
        return sha256(self.model_dump_json().encode()).hexdigest()[:12]

    @property
    def longest(self) -> timedelta:
        """The longest that any of them looks back."""
        return max(one.long for policy in self.policies for one in policy.lookbacks)

    def named(self, name: str) -> Policy:
        """Raises ConfigError where there is no such policy."""
        if name not in self.names:
            raise ConfigError(f"policy: {name!r} is unknown; there are: {', '.join(self.names)}")
        return next(one for one in self.policies if one.name == name)

    def fitting(
        self, allowed: Fraction, expected_events: Fraction, seconds: bool = False, every: timedelta | None = None
    ) -> Fitting:
        """The policy for an objective that allows a share to be bad, of so many events (or seconds) in a period: the
        first that suits, and of which every lookback can fire; the quick ones are what it is chosen for.
        ``every``: what lies between two readings that are told now and then; else it follows from the volume."""
        if every is None:
            every = timedelta(0) if seconds else self.period / max(1.0, float(expected_events))
        volume = Volume(allowed, Fraction(expected_events), seconds, every)
        why = ""
        for policy in map(self.named, self.choose[:-1]):
            can = policy.usable(allowed) == policy.lookbacks
            if can and volume.suits(policy):
                return Fitting(policy, policy.lookbacks, why or _why(volume))
            if not policy.counts:
                why = why or (FEW if can else MUCH)
        last = self.named(self.choose[-1])
        usable = last.usable(allowed)
        return Fitting(last, usable, why or FEW if usable else "no lookback can fire at it")


def _why(volume: Volume) -> str:
    if volume.allowed == 0:
        return "none may be bad"
    if volume.seconds:
        return "time is counted, all the time"
    return "enough is counted for a rate"


@lru_cache(maxsize=8)
def load_policies(path: Path = SHIPPED / "burn_windows.yaml") -> Policies:
    """The policies of a file. Raises ConfigError naming file, line, place, value and remedy."""
    return checked(Policies, read_yaml(path), path)


def _with_period(policy: object, period: object) -> object:
    if not isinstance(policy, dict) or not isinstance(policy.get("lookbacks"), list):
        return policy
    told = [{"period": period} | one if isinstance(one, dict) else one for one in policy["lookbacks"]]
    return {**policy, "lookbacks": told}


def _once(names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{what} {name!r} stands twice; give each a name of its own")


def _length(text: str) -> timedelta:
    found = re.fullmatch(r"(\d+)([mhdw])", text.strip(), re.ASCII)
    if not found:
        raise ValueError("expected a length such as 5m, 6h, 3d")
    return timedelta(**{_UNITS[found.group(2)]: int(found.group(1))})

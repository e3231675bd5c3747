"""Policies tried on objectives over a window of stored history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from itertools import groupby
from typing import Any

from slo.alerting.moments import moment
from slo.alerting.policies import Fitting, Lookback, Policy
from slo.alerting.replay.firing import Span, alerts, firing
from slo.alerting.replay.meeting import Outcome, Trouble, outcome, troubles
from slo.alerting.replay.past import Past, began, pasts
from slo.folding import Scope
from slo.kpi import Kpi, Params
from slo.params import slice_name
from slo.view import View

DEFAULT = "default"
"""Each objective under the policy that fits it."""


@dataclass(frozen=True)
class Objective:
    """A share of what a KPI counts in a scope that may be bad."""

    id: str
    text: str
    kpi: Kpi
    scope: Scope
    params: Params
    allowed: Fraction
    fitting: Fitting

    @property
    def source(self) -> tuple[str, str]:
        """What is read for it."""
        return self.kpi.id, slice_name(self.kpi, self.params)

    def suits(self, policy: Policy) -> bool:
        """Is a policy worth trying? One that can't fire is not; nor is one for promises of everything on others."""
        return bool(policy.usable(self.allowed)) and not (policy.name == "zero-failure" and self.allowed)


@dataclass(frozen=True)
class Trial:
    """One objective's history in a window, from the first that it counted on, and the incidents in it."""

    objective: Objective
    past: Past
    window: Span
    found: list[Trouble]

    def under(self, policy: Policy, keep: timedelta) -> Outcome:
        """What a policy would have done, if an alert is over when it has not fired for ``keep``."""
        usable = policy.usable(self.objective.allowed)
        told, paged = self._by(usable, keep), self._by([one for one in usable if one.severity == "page"], keep)
        return replace(told, pages=paged.fires, pages_met=paged.met)

    def _by(self, usable: Sequence[Lookback], keep: timedelta) -> Outcome:
        own = self.objective
        spans = [firing(self.past.counted, one, own.allowed, own.kpi.scale, *self.window) for one in usable]
        fired = alerts((span for found in spans for span in found), keep, self.window.end)
        back = max((one.long for one in usable), default=timedelta(0))
        return outcome(fired, self.past, back, self.found, self.window)


def trials(view: View, objectives: Iterable[Objective], back: timedelta, window: Span) -> Iterator[Trial]:
    """Each objective with what it counted in a window and ``back`` before it; facts are read once a KPI."""
    start, end = moment(window.start) - back, moment(window.end)
    for _, same in groupby(sorted(objectives, key=lambda one: one.source), lambda one: one.source):
        own = list(same)
        found = pasts(view, own[0].kpi, own[0].params, [one.scope for one in own], start, end)
        for one, past in zip(own, found, strict=True):
            looked_at = Span(min(began(past, window.start), window.end), window.end)
            yield Trial(one, past, looked_at, troubles(view, one.scope, past, looked_at))


def tried(
    found: Iterable[Trial], policies: Sequence[Policy], keep: timedelta
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(the policies, each over all objectives; the objectives, each under all policies that suit it)."""
    whole: dict[str, tuple[int, Outcome]] = {}
    told = []
    for trial in found:
        own = trial.objective
        shown = {one.name: trial.under(one, keep) for one in policies if own.suits(one)}
        default = shown.get(own.fitting.policy.name) or trial.under(own.fitting.policy, keep)
        for name, result in {DEFAULT: default, **shown}.items():
            count, together = whole.setdefault(name, (0, Outcome()))
            together.add(result)
            whole[name] = count + 1, together
        told.append(_told(trial, shown))
    return [{"policy": name, "slos": count, **one.told()} for name, (count, one) in whole.items()], told


def _told(trial: Trial, shown: dict[str, Outcome]) -> dict[str, Any]:
    own = trial.objective
    return {
        "slo": own.id, "kpi": own.kpi.id, "title": own.kpi.title, "text": own.text, "allowed": float(own.allowed),
        "since": moment(trial.window.start).isoformat(), "default": own.fitting.policy.name, "why": own.fitting.why,
        "policies": [{"policy": name, **one.told()} for name, one in shown.items()],
    }  # fmt: skip

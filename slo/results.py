"""Results: one KPI in one window and scope, judged, as the one dict that every way out shows (design, section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from slo.beside.caveats import caveats
from slo.beside.pairs import pair_of
from slo.calendars import days_between
from slo.errors import ConfigError
from slo.evidence.sources import missing, unsettled
from slo.folding import Scope
from slo.kpi import Figures, Kpi
from slo.measure import Ratio
from slo.params import settle_params
from slo.promises.benchmark import Judged, benchmark
from slo.promises.clauses import Clause
from slo.promises.judging import Status
from slo.promises.standing import Standing, resting, standing
from slo.promises.verdicts import Asked, Judge, headline, shown_scope
from slo.shelf import get_kpi
from slo.states import States
from slo.statistics import wilson
from slo.targets import PLATFORM, Target, Targets, applicable
from slo.trend import noise
from slo.windows import Window, calendar_window, parse_window, previous


@dataclass(frozen=True)
class Query:
    """What is asked: a window by name, an as-of (None: now, floored to the evaluation step), a scope, a profile."""

    window: str = "28d"
    as_of: datetime | None = None
    tier: int | None = None
    team: str | None = None
    domain: str | None = None
    asset: str | None = None
    profile: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        return Scope(() if self.tier is None else (self.tier,), self.team, self.domain, self.asset)


Applied = tuple[Target, tuple[Clause, ...], dict[str, Any]]
"""A target, its clauses that hold in the scope, and the entry that says how it was judged."""


class Results:
    """Builds results on one set of states."""

    def __init__(self, states: States, targets: Targets) -> None:
        self.states, self.targets, self.view = states, targets, states.view
        self.judge = Judge(states)
        self.has_corrections = self.view.store.counts().get("correction", 0) > 0
        self._kept: dict[tuple[str, str | None, date], tuple[Target, ...]] = {}
        self._published: dict[str, tuple[Target, ...]] = {}
        self._points: dict[tuple[Any, ...], dict[date, dict[str, Any]]] = {}
        """A day is the same in every window that it lies in."""

    def asked(self, kpi: Kpi, query: Query) -> Asked:
        if query.profile is not None:
            self.known(query.profile)
        window = parse_window(query.window, self.view.as_of, self.view.platform.timezone)
        given = self._given(kpi, query)
        scope = replace(query.scope, asset=self.view.canonical(query.asset))
        return Asked(kpi, window, scope, settle_params(kpi, given), given, not missing(kpi, self.view))

    def known(self, profile: str) -> None:
        """Raises ConfigError where there is no such profile."""
        if profile not in self.targets.profiles:
            known = ", ".join(self.targets.profiles)
            raise ConfigError(f"profile: {profile!r} has no targets; there are: {known}")

    def _given(self, kpi: Kpi, query: Query) -> dict[str, Any]:
        """The asker's parameters, over those that the asked profile's own target chooses."""
        profile = query.profile or self.view.platform.profile
        chosen: dict[str, Any] = {}
        for target in self.targets.targets_for(kpi.id, profile)[:1] if profile else ():
            params = target.clauses[0].params
            chosen = {name: params[name] for name in kpi.by_profile if name in params}
        return chosen | dict(query.params)

    def result(self, kpi: Kpi, query: Query, *, series: bool = True, before: bool = True) -> dict[str, Any]:
        """The dict of one KPI."""
        asked = self.asked(kpi, query)
        figures = asked.shown(self.judge.figures(kpi, asked.window, asked.scope, asked.params))
        applied = self.applied(asked, query)
        entries = [entry for _, _, entry in applied]
        pair = pair_of(self, asked, query, figures)
        told = {**_identity(kpi, asked), **self._place(asked), **_figures(figures)}
        if kpi.unit.startswith("currency"):
            told["currency"] = self.view.platform.currency
        told["beside"] = [
            {"figure": name, "title": title, "unit": unit, "value": told.get(name)}
            for name, (title, unit) in kpi.shown_beside.items()
        ]
        told["excluded_share"] = figures.left_out.as_result(self.view.platform.excluded_cap)
        told |= {
            "interval": interval(kpi, figures),
            "status": headline(asked, figures, resting(entries, query.profile), kpi),
            "standing": standing(entries, query.profile), "benchmark": self._benchmark(kpi, applied),
            "caveats": caveats(self.view, asked, figures, [(one, entry) for one, _, entry in applied], pair),
            "pair": pair, "targets": entries,
            "series": self._series(asked) if series else [], "definition": kpi.definition,
            "previous": self._previous(asked, figures) if before else None,
            "missing": [list(group) for group in missing(kpi, self.view)],
            "provisional": unsettled(kpi, self.view, asked.window) or figures.provisional,
        }  # fmt: skip
        return told

    def _place(self, asked: Asked) -> dict[str, Any]:
        zone = asked.window.tz
        start, end = asked.window.start.astimezone(zone), asked.window.end.astimezone(zone)
        window = {"name": asked.window.name, "start": start.isoformat(), "end": end.isoformat()}
        as_of = self.view.as_of.astimezone(zone).isoformat()
        return {"window": window, "as_of": as_of, "scope": shown_scope(asked.scope), "params": dict(asked.params)}

    def applied(self, asked: Asked, query: Query) -> list[Applied]:
        """The targets that hold in the scope, judged."""
        return [(target, clauses, self.entry(asked, target, clauses)) for target, clauses in self.holding(asked, query)]

    def holding(self, asked: Asked, query: Query) -> list[tuple[Target, tuple[Clause, ...]]]:
        """The targets that hold in the scope, with their clauses there."""
        day = min(asked.window.last_day, self.view.day(self.view.as_of))
        return applicable(self._offered(asked.kpi.id, query.profile, day), query.tier, query.asset)

    def entry(self, asked: Asked, target: Target, clauses: tuple[Clause, ...]) -> dict[str, Any]:
        """One target as judged, with the profiles that hold it."""
        return self.judge.entry(asked, target, clauses) | {"profiles": list(self.targets.holders(target))}

    def _offered(self, kpi_id: str, profile: str | None, day: date) -> tuple[Target, ...]:
        """The targets of an asked profile; else all, or those of the settings' profile and what else is adopted."""
        key = (kpi_id, profile, day)
        if key not in self._kept:
            found, usual = self.targets.targets_for(kpi_id, profile, day), self.view.platform.profile
            if profile is None and usual is not None:
                found = tuple(one for one in found if one.adopted or usual in self.targets.holders(one))
            self._kept[key] = found
        return self._kept[key]

    def _benchmark(self, kpi: Kpi, applied: list[Applied]) -> dict[str, Any] | None:
        judged = [
            Judged(target, clause, told)
            for target, clauses, entry in applied
            for clause, told in zip(clauses, entry.get("clauses", [entry]), strict=True)
        ]
        if kpi.id not in self._published:
            self._published[kpi.id] = self.targets.published_for(kpi.id)
        return benchmark(judged, self._published[kpi.id], self.targets.lines.get(PLATFORM, ()))

    def _series(self, asked: Asked) -> list[dict[str, Any]]:
        """A value a day of the window, up to today; null where there is no data."""
        last = min(asked.window.last_day, self.view.day(self.view.as_of))
        of = (asked.kpi.id, asked.scope, tuple(sorted(asked.params.items(), key=str)))
        points = self._points.setdefault(of, {})
        days = list(days_between(asked.window.first_day, last))
        for day in days:
            if day not in points:
                points[day] = self._point(asked, calendar_window("D", day, asked.window.tz))
        return [dict(points[day]) for day in days]

    def _point(self, asked: Asked, day: Window) -> dict[str, Any]:
        reading = self.states.reading(asked.kpi, day, asked.scope, asked.params, light=True)
        figures = asked.shown(asked.kpi.figures(reading))
        provisional = unsettled(asked.kpi, self.view, day) or figures.provisional
        return {"day": day.name, "value": figures.value, "n": figures.n, "provisional": provisional}

    def _previous(self, asked: Asked, figures: Figures) -> dict[str, Any]:
        """The window before, and whether the change since can be told from noise."""
        kpi, window, scope = asked.kpi, asked.window, asked.scope
        before = asked.shown(self.judge.figures(kpi, previous(window), scope, asked.params))
        told = noise.told(kpi, window.name, shown_scope(scope), figures, before)
        return {"value": before.value, "n": before.n, "told_from_noise": told}

    def judged(self, kpi_id: str, query: Query) -> tuple[Kpi, Asked, Figures, Status, Standing]:
        """A KPI's figures with its status, and on what that rests, without what a whole result shows."""
        kpi = get_kpi(kpi_id)
        asked = self.asked(kpi, query)
        entries = [entry for _, _, entry in self.applied(asked, query)]
        figures = self.judge.figures(kpi, asked.window, asked.scope, asked.params)
        status = headline(asked, figures, resting(entries, query.profile), kpi)
        return kpi, asked, figures, status, standing(entries, query.profile)


def _identity(kpi: Kpi, asked: Asked) -> dict[str, Any]:
    unit, metric = kpi.unit, kpi.metric
    if unit == "currency_per_terabyte" and asked.params.get("unit", "TB") != "TB":
        unit = f"currency_per_{asked.params['unit']}"
    return {
        "kpi": kpi.id, "title": kpi.title, "family": kpi.family, "lens": kpi.lens, "measure": kpi.measure.title(),
        "unit": unit, "better": kpi.better, "metric": metric,
    }  # fmt: skip


def _figures(figures: Figures) -> dict[str, Any]:
    return {"value": figures.value, **figures.parts, "coverage": figures.coverage}


def interval(kpi: Kpi, figures: Figures) -> list[float] | None:
    """Wilson's 95 % interval of an event Ratio's value; none for time, shares and other measures."""
    if figures.value is None or kpi.measure is not Ratio or kpi.seconds or figures.good is None or figures.bad is None:
        return None
    shown = (figures.bad, figures.good) if kpi.complement else (figures.good, figures.bad)
    found = wilson(*shown)
    return None if found is None else list(found)

"""What a document is built from: what the heart told of a period (slo/stories/report/gather.py), what the door adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from dashboards.reading import scope
from dashboards.report.shape import Words
from slo.windows import Window, previous

Result = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """``gathered`` as ``gather`` tells it; ``window`` the period; ``view`` the settings' own profile, ``profile`` the
    one asked for. ``reported``: (period, KPI) -> the value that a closed period reported of this scope;
    ``restatements`` as slo/stories/ledger.py tells them: of all closed periods, in this scope."""

    gathered: Mapping[str, Any]
    window: Window
    as_of: datetime
    team: str | None = None
    domain: str | None = None
    profile: str | None = None
    view: str | None = None
    with_restricted: bool = False
    decided: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    coverage: Sequence[Mapping[str, Any]] = ()
    catalogue: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """KPI -> definition, formula, not_counted, as ``Engine.kpis`` lists them."""
    words: Words | None = None
    reported: Mapping[tuple[str, str], float | None] = field(default_factory=dict)
    restatements: Sequence[Mapping[str, Any]] = ()
    last: datetime | None = None
    """The as-of of the report before: restatements that moved since are listed in this one."""
    disputes: Sequence[Mapping[str, Any]] = ()
    """The open ones of the period, as ``Ledger.disputes`` tells them."""

    @cached_property
    def hidden(self) -> frozenset[str]:
        """KPIs that are not in this copy."""
        return frozenset() if self.with_restricted else frozenset(self.gathered["restricted"])

    @cached_property
    def every(self) -> list[Result]:
        """The results of this copy, in order of family."""
        shown = [one for one in self.gathered["results"] if one["kpi"] not in self.hidden]
        order = {family: place for place, family in enumerate(scope.FAMILIES)}
        return sorted(shown, key=lambda one: order.get(one["family"], len(order)))

    @cached_property
    def own(self) -> list[Result]:
        """Those that are set up."""
        return [one for one in self.every if one["status"] != "not set up"]

    @cached_property
    def before(self) -> Window:
        """The period before."""
        return previous(self.window)

    @property
    def of_whom(self) -> dict[str, str | None]:
        return {"team": self.team, "domain": self.domain}

    @property
    def zone(self) -> Any:
        return self.window.tz

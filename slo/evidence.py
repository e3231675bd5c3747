"""What is known of the sources behind a KPI: whether anyone tells its evidence, and whether they are up to date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from slo.kpi import Kpi
from slo.platform import SourceInfo
from slo.view import View
from slo.windows import Window, is_provisional_by_clock

IMPORTED = "imported "
"""Evidence "imported schedule": an imported asset tells the field, so what it expects is taken at its word."""
TOLERANCE = timedelta(minutes=5)
"""A pass takes time: a source is stale only when this much more than its settle time and interval has gone by."""


def missing(kpi: Kpi, view: View) -> list[tuple[str, ...]]:
    """The groups of evidence that no source tells: with any, the KPI is not set up. What was imported is taken at
    its word: who told a kind of fact can tell its fields."""
    return [group for group in kpi.needs if not any(_told(evidence, view) for evidence in group)]


def _told(evidence: str, view: View) -> bool:
    if evidence.startswith(IMPORTED):
        return view.imports_tell(evidence.removeprefix(IMPORTED))
    kind, _, name = evidence.partition(".")
    configured = {source.name: source for source in view.sources}
    for source in configured.values():
        if kind in source.tells and (not name or name in source.tells[kind]):
            return True
    return any(source not in configured for source in (*view.sources_telling([kind]), *view.sources_watching(kind)))


def feeding(kpi: Kpi, view: View) -> Iterator[SourceInfo]:
    """Configured sources that have told facts of the KPI."""
    telling = set(view.sources_telling(kind for kind in kpi.facts if kind not in ("asset", "coverage")))
    return (source for source in view.platform.sources if source.name in telling)


def stale_sources(kpi: Kpi, view: View) -> list[str]:
    """Feeding sources that were last observed longer ago than their settle time and interval allow."""
    return [source.name for source in feeding(kpi, view) if _is_stale(kpi, view, source)]


def _is_stale(kpi: Kpi, view: View, source: SourceInfo) -> bool:
    kinds = [kind for kind in kpi.facts if kind in source.tells and kind not in ("asset", "coverage")]
    ends = [stretches[-1][1] for kind in kinds if (stretches := view.observed(source.name, kind))]
    allowed = source.settle + source.interval + TOLERANCE
    return bool(ends) and max(ends) < view.as_of - allowed


def unsettled(kpi: Kpi, view: View, window: Window) -> bool:
    """A calendar window whose end, or whose sources' settle time after it, lies after as-of."""
    if window.rolling:
        return False
    settle = max((source.settle for source in feeding(kpi, view)), default=timedelta(0))
    return is_provisional_by_clock(window, view.as_of) or window.end + settle > view.as_of

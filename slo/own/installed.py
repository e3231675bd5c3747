"""KPIs that other packages bring, by the entry point ``tierline.kpis``: each names a subclass of slo.kpi.Kpi. One that
cannot be loaded, or that owes its readers something, is left out and said by ``tierline check``; the others stay."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from slo.errors import ConfigError
from slo.kpi import Kpi
from slo.own.faults import faults

GROUP = "tierline.kpis"


def installed() -> dict[str, Kpi]:
    """KPI id -> KPI, of every entry point that is right."""
    return {name: found for name, found in _tried().items() if isinstance(found, Kpi)}


def broken() -> dict[str, ConfigError]:
    """Entry point -> what is wrong with it."""
    return {name: found for name, found in _tried().items() if isinstance(found, ConfigError)}


@cache
def _tried() -> dict[str, Kpi | ConfigError]:
    return {point.name: _one(point) for point in entry_points(group=GROUP)}


def _one(point: EntryPoint) -> Kpi | ConfigError:
    try:
        kind: Any = point.load()
    except Exception as error:
        return ConfigError(f"KPI {point.name!r} ({point.value}): cannot be loaded: {type(error).__name__}: {error}")
    if not (isinstance(kind, type) and issubclass(kind, Kpi)):
        return ConfigError(f"KPI {point.name!r} ({point.value}): is no class derived from slo.kpi.Kpi")
    if getattr(kind, "id", None) != point.name:
        return ConfigError(f"KPI {point.name!r} ({point.value}): its class says id = {getattr(kind, 'id', None)!r}")
    try:
        kpi = kind()
        wrong = faults(kpi)
    except Exception as error:
        return ConfigError(f"KPI {point.name!r} ({point.value}): {type(error).__name__}: {error}")
    return ConfigError(f"KPI {point.name!r} ({point.value}): {'; '.join(wrong)}") if wrong else kpi

"""The shelf: every KPI of slo/kpis/, one file each, and those of one's own."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from typing import Any

import slo.kpis
from slo.errors import ConfigError
from slo.kpi import Kpi

_DECLARED: dict[str, Kpi] = {}


@cache
def shelf() -> dict[str, Kpi]:
    """KPI id -> KPI: every file in slo/kpis/ by file name, then those of one's own (slo/own)."""
    from slo.own import installed

    ours = built_in()
    own = {**installed(), **_DECLARED}
    return {**ours, **{name: own[name] for name in sorted(own) if name not in ours}}


def put_on_shelf(kpis: Iterable[Kpi]) -> None:
    """Declared KPIs, in place of those that were declared before. Raises ConfigError for an id that is taken."""
    wanted = {kpi.id: kpi for kpi in kpis}
    if taken := sorted(set(wanted) & set(built_in())):
        raise ConfigError(f"KPI {taken[0]!r} is one of Tierline's own; name yours otherwise")
    if wanted or _DECLARED:
        _DECLARED.clear()
        _DECLARED.update(wanted)
        shelf.cache_clear()


@cache
def built_in() -> dict[str, Kpi]:
    """KPI id -> KPI, of every file in slo/kpis/, by file name."""
    found: dict[str, Kpi] = {}
    for module in sorted(pkgutil.iter_modules(slo.kpis.__path__), key=lambda info: info.name):
        loaded = importlib.import_module(f"slo.kpis.{module.name}")
        kinds = [kind for kind in vars(loaded).values() if _is_kpi(kind, loaded.__name__)]
        for kind in kinds:
            found[kind.id] = kind()
    return found


def _is_kpi(kind: Any, module: str) -> bool:
    return isinstance(kind, type) and issubclass(kind, Kpi) and kind.__module__ == module and hasattr(kind, "id")


def get_kpi(kpi_id: str) -> Kpi:
    """The KPI of an id. Raises ConfigError with the nearest ids."""
    kpis = shelf()
    if kpi_id in kpis:
        return kpis[kpi_id]
    near = difflib.get_close_matches(kpi_id, kpis, n=3)
    hint = f"did you mean {', '.join(near)}?" if near else "`tierline kpis` lists them"
    raise ConfigError(f"KPI {kpi_id!r} is not on the shelf; {hint}")

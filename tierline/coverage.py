"""What the heart must know of the collectors to say how far a platform is measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from collectors import registry
from slo.evidence.coverage import Offers, coverage
from slo.shelf import shelf
from slo.store import Store
from tierline.catalogue import tells
from tierline.config import Config
from tierline.settings import Told

REGISTER = "register"
"""A file tells what its mapping names: another register is another source, not another setting."""


SETTINGS = "tierline.yaml"
"""What is said of assets under `assets:` and `rules:` is evidence, too."""


@cache
def connectable() -> dict[str, list[str]]:
    """Evidence that KPIs need -> the plugins that can tell it."""
    wanted = {evidence for kpi in shelf().values() for group in kpi.needs for evidence in group}
    plugins = registry.plugins()
    return {evidence: [name for name, kind in plugins.items() if tells(kind, evidence)] for evidence in wanted}


def _offered() -> dict[str, list[str]]:
    """The same, and what can be said in the settings."""
    own = {f"asset.{name}" for name in Told.model_fields}
    return {evidence: [*kinds, *([SETTINGS] if evidence in own else [])] for evidence, kinds in connectable().items()}


def _said_of_assets(store: Store) -> frozenset[str]:
    """The fields that KPIs need and that are told of at least one asset."""
    wanted = {one.removeprefix("asset.") for one in connectable() if one.startswith("asset.")}
    assets = store.read("asset") if wanted else []
    return frozenset(name for fact in assets for name in wanted if getattr(fact, name, None) is not None)


def standings(results: Iterable[Mapping[str, Any]], config: Config, store: Store) -> list[dict[str, Any]]:
    """Each KPI's state, of the results of one window, one a KPI."""
    configured = {one.name: one.plugin.plugin for one in config.configured if one.plugin.family != REGISTER}
    if configured:
        configured[SETTINGS] = SETTINGS
    return coverage(results, Offers(_offered(), configured, store.counts(), _said_of_assets(store)))

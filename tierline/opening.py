"""Opening the store and the engine as the settings say."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from slo.errors import StoreError
from slo.store import Store
from slo.store.connection import parse_url
from tierline import decisions
from tierline.assets import declared
from tierline.commands import say
from tierline.config import Config
from tierline.settings.problems import Problem
from tierline.targets import promised

if TYPE_CHECKING:
    from slo.engine import Engine


def open_store(url: str) -> Store:
    """The store with its newest schema. Raises StoreError naming place and remedy."""
    store = Store(url)
    store.migrate()
    return store


def open_engine(store: Store, config: Config, now: datetime) -> Engine:
    """The engine with the targets in force, after telling the store what the settings say of assets and what the
    decisions/ folder holds. Without a settings file nothing is told. Raises SettingsError where targets are wrong."""
    from slo.engine import Engine

    targets = promised.load(config)
    tell_assets(store, config, now)
    decisions.Watch(config, lambda error: say(f"warning: {error}")).tell(store)
    return Engine(store, config.to_platform(), targets)


def tell_assets(store: Store, config: Config, now: datetime) -> int:
    """What the settings say of the assets known by now; the number of facts that changed."""
    return 0 if config.path is None else declared.tell(store, config.settings, now, config.critical)


def warnings(config: Config) -> list[Problem]:
    """Names of the critical file that mean no asset, or several; corrections of facts that are not stored. A store that
    is not there yet is not made for it. Raises SettingsError where the decisions/ folder is wrong."""
    critical, decided = config.critical, decisions.load(config)
    if critical is None and not decided.entries:
        return []
    own = [] if critical is None else list(critical.warnings)
    url = parse_url(config.store_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        return own
    try:
        with open_store(config.store_url) as store:
            unclear = [] if critical is None else declared.unclear(store, config.settings, critical)
            return unclear + decisions.without_target(store, decided)
    except StoreError as error:
        return [*own, Problem(str(config.path), 0, "store", "names and ids were not compared with it", str(error))]

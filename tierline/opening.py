"""Opening the store and the engine as the settings say."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from slo.errors import StoreError
from slo.store import Store
from slo.store.connection import parse_url
from tierline import declared
from tierline.config import Config
from tierline.problems import Problem

if TYPE_CHECKING:
    from slo.engine import Engine


def open_store(url: str) -> Store:
    """The store with its newest schema. Raises StoreError naming place and remedy."""
    store = Store(url)
    store.migrate()
    return store


def open_engine(store: Store, config: Config, now: datetime) -> Engine:
    """The engine, after telling the store what the settings say of assets. Without a settings file nothing is told."""
    from slo.engine import Engine

    tell_assets(store, config, now)
    return Engine(store, config.to_platform())


def tell_assets(store: Store, config: Config, now: datetime) -> int:
    """What the settings say of the assets known by now; the number of facts that changed."""
    return 0 if config.path is None else declared.tell(store, config.settings, now, config.critical)


def warnings(config: Config) -> list[Problem]:
    """Names of the critical file that mean no asset, or several. A store that is not there yet is not made for it."""
    critical = config.critical
    if critical is None:
        return []
    url = parse_url(config.store_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        return list(critical.warnings)
    try:
        with open_store(config.store_url) as store:
            return declared.unclear(store, config.settings, critical)
    except StoreError as error:
        return [*critical.warnings, Problem(str(critical.path), 0, "asset", "the names were not compared", str(error))]

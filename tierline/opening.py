"""Opening the store and the engine as the settings say."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from slo.store import Store
from tierline import declared
from tierline.config import Config

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
    return 0 if config.path is None else declared.tell(store, config.settings, now)

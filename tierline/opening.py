"""Opening the store and the engine as the settings say."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from slo.engine import Engine
from slo.errors import ConfigError, StoreError
from slo.store import Store
from tierline import declared
from tierline.config import Config

_SQLITE = "sqlite:///"


def open_store(url: str) -> Store:
    """The store, with its folder and newest schema. Raises ConfigError: no such URL; StoreError: no such store."""
    if not url.startswith(("sqlite:", "postgresql")):
        remedy = "write sqlite:///FILE or postgresql+psycopg://HOST/DATABASE"
        raise ConfigError(f"store: {url.split(':')[0]!r} is no store; {remedy}")
    if url.startswith(_SQLITE):
        _make_folder(Path(url.removeprefix(_SQLITE).split("?")[0]).parent)
    store = Store(url)
    store.migrate()
    return store


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"store: the folder {folder} cannot be made ({error.strerror}); name another file") from None


def open_engine(store: Store, config: Config, now: datetime) -> Engine:
    """The engine, after telling the store what the settings say of assets. Without a settings file nothing is told."""
    if config.path is not None:
        declared.tell(store, config.settings, now)
    return Engine(store, config.to_platform())

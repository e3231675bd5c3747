"""The settings' file: found in its places, read, or judged as a text before it is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from slo.errors import ConfigError
from slo.own import declared
from slo.shelf import put_on_shelf
from tierline.config.reader import Reader
from tierline.config.valid import Config
from tierline.settings.yamlfile import Document, parse, read

PLACES = ("tierline.yaml", "config/tierline.yaml")


def find(named: str | None) -> Path | None:
    """The file named with --config, else the first that stands in its place; None where there is none."""
    if named is not None:
        return Path(named)
    return next((Path(place) for place in PLACES if Path(place).is_file()), None)


def load(named: str | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """The valid configuration. Raises SettingsError with every problem at once, or ConfigError."""
    path = find(named)
    if path is not None:
        config = Reader(read(path), environ).config(path)
        put_on_shelf(declared(one) for one in config.own)
        return config
    if "TIERLINE_STORE" not in environ:
        raise ConfigError(
            f"no settings here: neither {' nor '.join(PLACES)} exists in this folder; begin with `tierline init`, name "
            "a file with --config, or set TIERLINE_STORE to a store such as sqlite:///tierline.db"
        )
    return Reader(Document("TIERLINE_STORE", {}), environ).config(None)


def judge(text: str, path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration that a text would be, were it the file at ``path``. Raises SettingsError, as ``load`` does."""
    return Reader(parse(text, str(path)), environ).config(path)

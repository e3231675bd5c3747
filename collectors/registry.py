"""Which sources there are: one file each under ``collectors/sources/``, and installed ones by entry point.

A file that cannot be loaded is an error of that plugin alone: the others stay usable.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from importlib.metadata import entry_points
from typing import Any

from pydantic import ValidationError

import collectors.sources
from collectors.base import Source
from collectors.secrets import star_settings
from slo.errors import ConfigError

GROUP = "tierline.collectors"


def names() -> list[str]:
    """The words that may stand behind ``type:``; nothing is imported for it."""
    return sorted({name for name, _ in _loaders()})


def plugins() -> dict[str, type[Source]]:
    """Every source that loads, by name."""
    return _load()[0]


def broken() -> dict[str, ConfigError]:
    """Every source that does not load, with what is wrong."""
    return _load()[1]


def plugin(name: str) -> type[Source]:
    """The source behind ``type: name``. Raises ConfigError: unknown, or broken (with its reason)."""
    for known, load in _loaders():
        if known == name:
            return _checked(known, load)
    raise ConfigError(f"type: {name!r} is not a source; expected one of {', '.join(names())}")


def build(name: str, kind: str, settings: dict[str, Any], now: Callable[[], datetime]) -> Source:
    """A source ready to run, from its section of the config (secrets resolved). Raises ConfigError naming every wrong
    setting."""
    cls = plugin(kind)
    try:
        checked = cls.Settings.model_validate(settings)
    except ValidationError as error:
        lines = [f"sources.{name}.{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConfigError("; ".join(lines) + f". `tierline plugins` lists the settings of {kind!r}.") from None
    star_settings(checked)
    return cls(name, checked, now)


def _load() -> tuple[dict[str, type[Source]], dict[str, ConfigError]]:
    good: dict[str, type[Source]] = {}
    bad: dict[str, ConfigError] = {}
    for name, load in _loaders():
        try:
            good[name] = _checked(name, load)
        except ConfigError as error:
            bad[name] = error
    return good, bad


def _loaders() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Name and loader of every plugin. The shelf goes before installed ones of the same name."""
    shelf = [module.name for module in pkgutil.iter_modules(collectors.sources.__path__)]
    for name in shelf:
        yield name, partial(_in_module, f"{collectors.sources.__name__}.{name}")
    for point in entry_points(group=GROUP):
        if point.name not in shelf:
            yield point.name, point.load


def _in_module(path: str) -> type[Source] | None:
    """The one Source class defined in a shelf file."""
    module = importlib.import_module(path)
    found = [item for item in vars(module).values() if _is_source(item) and item.__module__ == path]
    return found[0] if len(found) == 1 else None


def _is_source(item: Any) -> bool:
    return inspect.isclass(item) and issubclass(item, Source) and not inspect.isabstract(item)


def _checked(name: str, load: Callable[[], Any]) -> type[Source]:
    """The plugin's class. Whatever its code raises while loading becomes one clear message."""
    try:
        cls: Any = load()
    except ImportError as error:
        raise ConfigError(f"source {name!r} cannot be loaded: {error}. Is its library installed?") from error
    except Exception as error:
        raise ConfigError(f"source {name!r} cannot be loaded: {type(error).__name__}: {error}") from error
    if not _is_source(cls):
        raise ConfigError(f"source {name!r}: expected exactly one class derived from collectors.base.Source")
    if getattr(cls, "plugin", None) != name:
        raise ConfigError(f"source {name!r}: its class says plugin = {getattr(cls, 'plugin', None)!r}; write {name!r}")
    found: type[Source] = cls
    return found

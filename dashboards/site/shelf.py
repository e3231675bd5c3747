"""The pages, found by file name in dashboards/pages: a new page is one new file.

A page module has ``PATH`` ("/incidents"), ``render(reader, ask, rest)`` (``rest``: what follows PATH and a slash in the
address, unquoted, "" for the page itself), ``NAV`` ((place, words) in the header, or None), and may have
``wire(dash, reader)``, which registers callbacks of its own under ids that begin with its name.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from urllib.parse import unquote

from dashboards import pages


@cache
def shelf() -> dict[str, ModuleType]:
    """PATH -> page, in the order of the header; those that it does not name come last."""
    names = [found.name for found in pkgutil.iter_modules(pages.__path__)]
    modules = [importlib.import_module(f"dashboards.pages.{name}") for name in names]
    found = sorted((one for one in modules if hasattr(one, "PATH")), key=lambda one: (one.NAV or (99, ""), one.PATH))
    return {one.PATH: one for one in found}


def nav() -> list[tuple[str, str]]:
    """(path, words) of the pages that the header names."""
    return [(path, page.NAV[1]) for path, page in shelf().items() if page.NAV]


def find(place: str) -> tuple[ModuleType, str] | None:
    """The page of an address without its query, and what follows the page's own path."""
    known = shelf()
    head, _, rest = place.removeprefix("/").partition("/")
    page = known.get(f"/{head}")
    return None if page is None else (page, unquote(rest))

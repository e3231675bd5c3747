"""The asset a person means: by its exact name, by an end of it that is no other's, or by a pattern."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

_BREAKS = re.compile(r"[/.]+")
NEAREST = 3


class Known:
    """The names there are, with every end of them that stands after a slash or a dot."""

    def __init__(self, names: Iterable[str], told: Iterable[str] | None = None) -> None:
        """``told``: those that patterns are for, where that is not all: names that a source tells as assets."""
        self.names = sorted(set(names))
        self._told = self.names if told is None else sorted(told)
        self._whole = set(self.names)
        self._ends: dict[str, list[str]] = {}
        for name in self.names:
            for end in _ends(name):
                self._ends.setdefault(end.casefold(), []).append(name)

    def find(self, word: str) -> list[str]:
        """The assets a word may mean: none, the one, or several. Upper and lower case count where they decide."""
        if word in self._whole:
            return [word]
        found = self._ends.get(word.casefold(), [])
        exact = [name for name in found if name.endswith(word)]
        return list(exact or found)

    def matching(self, pattern: str) -> list[str]:
        """The assets whose name, or an end of it, fits a pattern with ``*`` and ``?``."""
        return [name for name in self._told if any(fnmatchcase(end, pattern) for end in (name, *_ends(name)))]

    def nearest(self, word: str) -> list[str]:
        """Names that look like a word, the likest first."""
        last = _last(word)
        by_end: dict[str, list[str]] = {}
        for name in self.names:
            by_end.setdefault(_last(name), []).append(name)
        close = difflib.get_close_matches(last, by_end, n=NEAREST, cutoff=0.6)
        found = [name for end in close for name in by_end[end]]
        return sorted(found, key=lambda name: -difflib.SequenceMatcher(None, word, name).ratio())[:NEAREST]

    def unclear(self, word: str) -> str:
        """Why a word means no asset for certain: ``message; remedy``."""
        found = self.find(word)
        if found:
            return f"{word!r} may be {_or(found[:NEAREST])}{_more(found)}; write one of them"
        near = self.nearest(word)
        return f"{word!r} is no asset that is known; " + (f"the nearest: {', '.join(near)}" if near else _NONE)


_NONE = "`tierline assets list` shows what there is"


def is_pattern(word: str) -> bool:
    return any(sign in word for sign in "*?[")


def _ends(name: str) -> Iterator[str]:
    for found in _BREAKS.finditer(name):
        if found.end() < len(name):
            yield name[found.end() :]


def _last(name: str) -> str:
    return _BREAKS.split(name.rstrip("/."))[-1].casefold()


def _or(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _more(found: list[str]) -> str:
    return f" (or {len(found) - NEAREST} more)" if len(found) > NEAREST else ""

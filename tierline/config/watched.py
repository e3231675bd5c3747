"""A folder beside the settings, read again whenever a file in it has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, TypeVar

from slo.errors import ConfigError
from tierline.settings.problems import SettingsError

T = TypeVar("T")


class Watched(Generic[T]):
    """What a folder says. A fault in it is said once, and what was good stays. ``what``: whose folder, in a message;
    ``place``: where it is now, if there is one; ``files``: of such a place; ``load``: raises SettingsError."""

    def __init__(
        self, what: str, place: Callable[[], Path | None], files: Callable[[Path], Iterable[Path]],
        load: Callable[[], T], say: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.what, self.place, self.files, self.load, self.say = what, place, files, load, say
        self._good: T | None = None
        self._seen: object = None

    def read(self) -> T | None:
        """What was good last, the same object while nothing changes; None where nothing was yet."""
        seen = self._signature()
        if self._seen is None or seen != self._seen:
            self._seen = seen
            try:
                self._good = self.load()
            except SettingsError as error:
                self.say(f"{self.what}: the last good ones stay in force, until this is put right:\n{error}")
        return self._good

    def _signature(self) -> tuple[object, ...]:
        """Which files there are, and of when."""
        place = self.place()
        try:
            found = [(path, path.stat()) for path in (self.files(place) if place else ())]
        except (OSError, ConfigError) as error:  # a checkout is under way
            return (place, str(error))
        return (place, *((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in found))

"""The targets/ folder beside tierline.yaml: what this platform has adopted of the published rows, and profiles of its
own. Read over the shipped targets; either all of it is right, or every error is told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

from collectors.people import team_of
from slo.errors import ConfigError
from slo.shelf import shelf
from slo.targets import SHIPPED_TARGETS, Target, Targets, files_of, load_targets
from tierline.config import Config
from tierline.config.watched import Watched
from tierline.settings.problems import Problem, SettingsError, did_you_mean

TARGETS = "targets"
"""The folder's usual name."""
_PLACED = re.compile(r"(?P<file>.+?):(?P<line>\d+): (?P<place>.+?): (?P<said>.+)")


def folder(config: Config) -> Path | None:
    """The folder the settings name, else ``targets`` beside them where there is one and it is not the shipped one."""
    if config.path is None:
        return None
    named = config.settings.targets
    found = config.path.parent / (named or TARGETS)
    return found if named or (found.is_dir() and not _shipped(found)) else None


def _shipped(place: Path) -> bool:
    return place.resolve() == SHIPPED_TARGETS


def load(config: Config) -> Targets:
    """The shipped targets with the folder's over them. Raises SettingsError with every problem at once."""
    own = folder(config)
    folders = [SHIPPED_TARGETS, *([own] if own else [])]
    try:
        targets = load_targets(*folders, mature=config.settings.mature)
    except ConfigError as error:
        raise SettingsError([_problem(config, line) for line in str(error).splitlines()]) from None
    problems = [*_profile(config, targets), *_persons(config, targets), *_kpis(config, targets)]
    if problems:
        raise SettingsError(problems)
    return targets


def _problem(config: Config, line: str) -> Problem:
    """A line of the heart's error as a problem with its place."""
    found = _PLACED.fullmatch(line)
    if found is None:
        message, _, remedy = line.partition("; ")
        return Problem(str(config.path), 0, "targets", message, remedy or "make it, or correct `targets`")
    message, _, remedy = found["said"].partition("; ")
    return Problem(found["file"], int(found["line"]), found["place"], message, remedy)


def _profile(config: Config, targets: Targets) -> Iterator[Problem]:
    named = config.settings.profile
    if named is not None and named not in targets.profiles:
        remedy = did_you_mean(named, list(targets.profiles), "there are")
        yield Problem(str(config.path), 0, "profile", f"{named!r} has no targets", remedy)


def _persons(config: Config, targets: Targets) -> Iterator[Problem]:
    """A promise is a team's or a forum's."""
    for target in targets.versions:
        for name in filter(None, (target.adopted_by, target.withdrawn_by)):
            if team_of(name, config.settings.people) is None:
                message = "adopted or withdrawn by a person"
                yield _of(config, target, message, "name the team or the forum, or map the person under `people`")


def _kpis(config: Config, targets: Targets) -> Iterator[Problem]:
    known = {*shelf(), *(target.kpi for target in targets.published.values())}
    for target in targets.versions:
        if target.kpi not in known:
            yield _of(config, target, f"{target.kpi!r} is no KPI", did_you_mean(target.kpi, sorted(known)))


def _of(config: Config, target: Target, message: str, remedy: str) -> Problem:
    return Problem(str(file_of(config, target.profile)), 0, f"row {target.row}", message, remedy)


def file_of(config: Config, profile: str) -> Path:
    """The user's file of a profile: the one that says so, else the one that would be made. Raises ConfigError where
    there are no settings to lay it beside."""
    if config.path is None:
        raise ConfigError("targets are kept beside the settings file; make one with `tierline init`")
    place = folder(config) or config.path.parent / TARGETS
    if _shipped(place):
        raise ConfigError(f"{place}: holds the published targets; name a folder of your own with `targets:`")
    found = [path for path in (files_of(place) if place.is_dir() else []) if _says(path, profile)]
    return found[0] if found else place / f"{profile}.yaml"


def _says(path: Path, profile: str) -> bool:
    return bool(re.search(rf"^profile:\s*[\"']?{profile}\b", path.read_text(encoding="utf-8"), re.MULTILINE))


class Watch:
    """The folder read again whenever a file in it has changed. A fault is said once, and what was good stays."""

    def __init__(self, config: Config, say: Callable[[str], None]) -> None:
        self.config = config
        self._folder = Watched("targets", lambda: folder(config), files_of, lambda: load(config), say)

    def read(self) -> Targets:
        """The last good targets; the shipped ones where there were none yet. The same object while nothing changes."""
        return self._folder.read() or self._shipped

    @cached_property
    def _shipped(self) -> Targets:
        return load_targets(mature=self.config.settings.mature)

"""OpenSLO at the door: which promises go out, and what came in as files that are read before they count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from collectors.people import team_of
from dashboards.openslo.giving import Giver
from dashboards.openslo.losses import Loss
from dashboards.openslo.promised import others, slos
from dashboards.openslo.taking import Promise, Taken
from dashboards.openslo.writing import Way, as_yaml
from slo.errors import ConfigError
from slo.targets import Profile, Targets
from tierline.targets.adopting import write

SETTINGS, TARGETS = "tierline.yaml", "targets"
_HEAD = """\
# Made from OpenSLO by `tierline openslo in`. Nothing here counts yet: read it, put what stands under `sources` into
# your own tierline.yaml, and the file of targets/ into your own targets folder. To try it by itself:
#   tierline --config {file} check --connect
"""
_TARGETS_HEAD = """\
# Made from OpenSLO by `tierline openslo in`: one row an objective, judged over one service each. A row without
# `adopted` is promised by nobody: `tierline adopt {profile} ROW --by TEAM`.
"""


@dataclass(frozen=True)
class Given:
    """The documents as YAML, and what they could not say."""

    text: str
    count: int
    losses: tuple[Loss, ...]


def give(targets: Targets, day: date, way: Way, lookbacks: Mapping[str, Sequence[Mapping[str, Any]]]) -> Given:
    """What is promised on a day, as OpenSLO."""
    giver = Giver(way, lookbacks)
    documents = giver.documents(slos(targets, day))
    losses = giver.losses((target, clause) for _, target, clause in others(targets, day))
    return Given(as_yaml(documents) if documents else "", len(documents), losses)


def promise(by: str | None, day: date, people: Mapping[str, str]) -> Promise | None:
    """Who promises what comes in. Raises ConfigError where it is a person."""
    if by is None:
        return None
    team = team_of(by, people)
    if team is None:
        raise ConfigError(f"--by {by}: a promise is a team's; name the team or forum")
    return Promise(team, day)


def written(taken: Taken, folder: Path, profile: str, zone: str) -> dict[Path, str]:
    """The files that come of it, whole. Raises ConfigError where Tierline would refuse them."""
    settings = {"timezone": zone, "sources": taken.sources}
    own = {"profile": profile, "title": "Objectives of services", "targets": taken.targets}
    _right(taken, own)
    head = _HEAD.format(file=folder / SETTINGS)
    return {
        folder / SETTINGS: head + as_yaml([settings]),
        folder / TARGETS / f"{profile}.yaml": _TARGETS_HEAD.format(profile=profile) + as_yaml([own]),
    }


def _right(taken: Taken, own: dict[str, Any]) -> None:
    """Raises ConfigError for what the source or the targets would refuse."""
    from collectors.sources.prometheus import PrometheusSettings

    try:
        for settings in taken.sources.values():
            told = {name: value for name, value in settings.items() if name != "type"}
            PrometheusSettings.model_validate(told)
        Profile.model_validate(own)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise ConfigError(f"openslo: {place}: {fault['msg'].removeprefix('Value error, ')}") from None


def save(files: Mapping[Path, str], replace: bool) -> None:
    """Writes them all, or none: a file that is there stays unless ``replace``. Raises ConfigError."""
    there = [str(path) for path in files if path.exists()]
    if there and not replace:
        raise ConfigError(f"{', '.join(there)}: is there already; name another place, or say --replace")
    for path, text in files.items():
        write(path, text)

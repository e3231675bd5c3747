"""The decisions/ folder: corrections, exclusions, notes and sign-offs, in YAML files under git beside tierline.yaml.

Corrections and exclusions are told as facts of the source "decisions" and taken back when they no longer stand there;
notes and sign-offs stay in the files and are handed to the ways out. Either all of the folder is right, or every
error is told at once and nothing of it counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from collectors.people import team_of
from slo.errors import ConfigError
from slo.facts import KINDS, Fact
from slo.windows import parse_window
from tierline.config import DECISIONS, Config
from tierline.config.watched import Watched
from tierline.decisions.decided import Correct, Decided, Decision, Exclude, Note, SignOff
from tierline.decisions.deciding import Entry, fact_of, problems_of, problems_within
from tierline.settings.problems import Problem, SettingsError, of_validation, path_text
from tierline.settings.yamlfile import Document, Place, read

if TYPE_CHECKING:
    from slo.store import Store

SUFFIXES = (".yaml", ".yml")
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Calendar windows are the same whenever they are asked for."""
LISTS = ("corrections", "exclusions", "notes", "sign_offs")
_NAMES: dict[type[Decision], str] = {Correct: "correction", Exclude: "exclusion", Note: "note", SignOff: "sign-off"}
_PLACED = re.compile(r"(.+?):(\d+): (.+)", re.DOTALL)


@dataclass(frozen=True)
class Decisions:
    """All that is decided."""

    entries: tuple[Entry, ...] = field(default=())

    def of(self, kind: type[Decision]) -> list[Entry]:
        return [entry for entry in self.entries if isinstance(entry.decision, kind)]

    def in_words(self) -> str:
        """How many there are of each: 2 corrections, 1 exclusion."""
        counts = [(len(self.of(kind)), name) for kind, name in _NAMES.items()]
        told = [f"{count} {name if count == 1 else name + 's'}" for count, name in counts if count]
        return ", ".join(told) or "nothing is decided yet"

    def facts(self) -> list[Fact]:
        """Corrections and exclusions, as facts of the source "decisions"."""
        return [fact_of(entry) for entry in (*self.of(Correct), *self.of(Exclude))]

    def told(self, zone: ZoneInfo) -> dict[str, list[dict[str, Any]]]:
        """What the ways out show: ``notes`` and ``sign_offs``."""
        return {"notes": self.notes(zone), "sign_offs": self.sign_offs()}

    def notes(self, zone: ZoneInfo) -> list[dict[str, Any]]:
        """Notes as plain data, with the instants between which they hold."""
        told = []
        for entry in self.of(Note):
            note = _plain(entry)
            window = parse_window(note["period"], BEGINNING, zone)
            told.append(note | {"start": window.start.isoformat(), "end": window.end.isoformat()})
        return told

    def sign_offs(self) -> list[dict[str, Any]]:
        """Sign-offs as plain data, with what was agreed: an exclusion with its span and reason, or a KPI's target."""
        excluded = {one.ref: one for entry in self.of(Exclude) if isinstance(one := entry.decision, Exclude)}
        told = []
        for entry in self.of(SignOff):
            plain = _plain(entry)
            agreed = excluded.get(plain["exclusion"]) if plain["exclusion"] else None
            told.append(plain | {"agreed": None if agreed is None else agreed.model_dump(mode="json", exclude={"by"})})
        return told


def _plain(entry: Entry) -> dict[str, Any]:
    return entry.decision.model_dump(mode="json") | {"by": entry.team}


def folder(config: Config) -> Path | None:
    """The folder the settings name, else ``decisions`` beside them where there is one."""
    if config.path is None:
        return None
    named = config.settings.decisions
    found = config.path.parent / (named or DECISIONS)
    return found if named or found.is_dir() else None


def files(place: Path) -> list[Path]:
    """The YAML files of a folder and of those in it, by name."""
    return sorted(path for path in place.rglob("*") if path.suffix in SUFFIXES and path.is_file())


def load(config: Config) -> Decisions:
    """What the folder says; nothing where there is none. Raises SettingsError with every problem at once."""
    place = folder(config)
    if place is None:
        return Decisions()
    if not place.is_dir():
        remedy = "make it, or correct `decisions`"
        raise SettingsError([Problem(str(config.path), 0, "decisions", f"{place} is no folder", remedy)])
    problems: list[Problem] = []
    entries = [entry for path in files(place) for entry in _file(path, config.settings.people, problems)]
    problems += problems_within(entries, whole=not problems)
    if problems:
        raise SettingsError(problems)
    return Decisions(tuple(entries))


def _file(path: Path, people: Mapping[str, str], problems: list[Problem]) -> Iterator[Entry]:
    """The decisions of a file. What is wrong with it goes into ``problems``."""
    try:
        document = read(path)
    except ConfigError as error:
        problems.append(_unread(path, str(error)))
        return
    problems += [_twice(document, place) for place in document.repeated]
    try:
        decided = Decided.model_validate(document.data)
    except ValidationError as error:
        problems += of_validation(error, Decided, document)
        return
    for name in LISTS:
        for number, decision in enumerate(getattr(decided, name)):
            team = team_of(decision.by, people)
            entry = Entry(decision, document, (name, number), team or "")
            problems += problems_of(entry, people)
            yield entry


def _unread(path: Path, error: str) -> Problem:
    placed = _PLACED.fullmatch(error)
    said = placed[3] if placed else error.removeprefix(f"{path}: ").split("; name another file")[0]
    head, _, remedy = said.partition("; ")
    return Problem(str(path), int(placed[2]) if placed else 1, "the file", head, remedy)


def _twice(document: Document, place: Place) -> Problem:
    return Problem(document.name, document.line(place), path_text(place), "stands twice", "keep one of them")


def tell(store: Store, decisions: Decisions) -> int:
    """Brings the store to what is decided; the number of facts that changed."""
    wanted = decisions.facts()
    kept = {(fact.kind_of_fact, fact.id) for fact in wanted}
    stored = [fact for kind in ("correction", "exclusion") for fact in store.read(kind, {"source": DECISIONS})]
    gone = [fact for fact in stored if (fact.kind_of_fact, fact.id) not in kept]
    taken_back = [KINDS[fact.kind_of_fact](source=DECISIONS, id=fact.id, deleted=True) for fact in gone]
    counts = store.upsert([*wanted, *taken_back])
    return counts.stored + counts.superseded


def without_target(store: Store, decisions: Decisions) -> list[Problem]:
    """Corrections of facts that the store doesn't hold: perhaps a slip, perhaps only not collected yet."""
    found = []
    for entry in decisions.of(Correct):
        decision = entry.decision
        assert isinstance(decision, Correct)
        where = {"id": decision.id} | ({"source": decision.source} if decision.source else {})
        if not store.read(decision.fact, where, limit=1):
            told = f" of {decision.source}" if decision.source else ""
            remedy = "copy it from `tierline explain`; it counts as soon as the fact comes"
            found.append(entry.problem(f"no {decision.fact}{told} has the id {decision.id!r} so far", remedy, "id"))
    return found


class Watch:
    """The folder read again whenever a file in it has changed. A fault in it is said once, and what was good stays."""

    def __init__(self, config: Config, say: Callable[[str], None]) -> None:
        self.config = config
        self._folder = Watched("decisions", lambda: folder(config), files, lambda: load(config), say)

    def told(self) -> dict[str, list[dict[str, Any]]]:
        """Notes and sign-offs of the last good decisions."""
        return (self._folder.read() or Decisions()).told(ZoneInfo(self.config.settings.timezone))

    def tell(self, store: Store) -> int:
        """Brings the store to the last good decisions; the number of facts that changed."""
        decisions = self._folder.read() if self.config.path is not None else None
        return 0 if decisions is None else tell(store, decisions)

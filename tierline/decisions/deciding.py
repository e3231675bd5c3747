"""One decision, where it stands, the fact it is told as, and what may be wrong with it or with several together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from collectors.people import teams_only
from slo.errors import FactError
from slo.facts import Correction, Exclusion, Fact
from slo.store.overlay import sound
from tierline.config import DECISIONS
from tierline.decisions.decided import Correct, Decision, Exclude, SignOff
from tierline.settings.problems import Problem, did_you_mean, path_text
from tierline.settings.yamlfile import Document, Place


@dataclass(frozen=True)
class Entry:
    """One decision and where it stands."""

    decision: Decision
    document: Document
    place: Place
    team: str
    """Who decided, as it is stored and shown."""

    @property
    def where(self) -> str:
        return f"{self.document.name}:{self.document.line(self.place)}"

    @property
    def digest(self) -> str:
        """The same for the same words, wherever they stand: a file may be split, sorted and renamed."""
        text = json.dumps(self.decision.model_dump(mode="json"), sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def problem(self, message: str, remedy: str, *inner: str) -> Problem:
        place = (*self.place, *inner)
        return Problem(self.document.name, self.document.line(place), path_text(place), message, remedy)


def fact_of(entry: Entry) -> Fact:
    """The correction or exclusion, as a fact of the source "decisions"."""
    decision = entry.decision
    if isinstance(decision, Correct):
        return Correction(
            source=DECISIONS, id=f"{decision.fact}/{decision.id}/{entry.digest}", target_fact=decision.fact,
            target_source=decision.source, target_id=decision.id, set=dict(decision.set), reason=decision.reason,
            by=entry.team, ref=decision.ref, at=decision.at,
        )  # fmt: skip
    assert isinstance(decision, Exclude)
    return Exclusion(
        source=DECISIONS, id=f"{decision.start:%Y-%m-%d}/{decision.reason}/{entry.digest}",
        assets=decision.assets, team=decision.team, tier=decision.tier, kpis=_listed(decision.kpis),
        start=decision.start, end=decision.end, reason=decision.reason, by=entry.team, ref=decision.ref,
    )  # fmt: skip


def _listed(words: Iterable[str] | None) -> list[str] | None:
    return None if words is None else list(words)


def problems_of(entry: Entry, people: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with one decision, beyond its form."""
    yield from _persons(entry, people)
    yield from _unfit(entry)


def problems_within(entries: list[Entry], whole: bool = True) -> Iterator[Problem]:
    """What is wrong with several together. Not ``whole``: some cannot be read, and what is missed may stand there."""
    yield from _alike(entries)
    yield from _contradictions(entries)
    yield from _overlaps(entries)
    if whole:
        yield from _unheard(entries)


def _persons(entry: Entry, people: Mapping[str, str]) -> Iterator[Problem]:
    """Nothing about individuals is stored: who decided is a team, and so is an owner put right."""
    remedy = "write the team, or add the person under `people:` of tierline.yaml"
    if not entry.team:
        yield entry.problem(f"{entry.decision.by!r} is a person whom no team is known for", remedy, "by")
    if isinstance(entry.decision, Correct):
        for name, value in teams_only(entry.decision.set, people).items():
            if value is None and entry.decision.set[name] is not None:
                yield entry.problem(f"{entry.decision.set[name]!r} is a person", remedy, "set", name)


def _unfit(entry: Entry) -> list[Problem]:
    """What the store would refuse of a correction: a field that its kind hasn't, a value that can't be one."""
    found: list[Problem] = []

    def refuse(fact: Fact, error: FactError) -> None:
        said = str(error).partition(": ")[2]
        name, _, rest = said.removeprefix("set.").partition(": ")
        message, _, remedy = rest.partition("; ")
        found.append(entry.problem(message, remedy, "set", name))

    if isinstance(entry.decision, Correct):
        sound([fact_of(entry)], refuse)
    return found


def _alike(entries: list[Entry]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        before = first.setdefault((type(entry.decision).__name__, entry.digest), entry)
        if before is not entry:
            yield entry.problem(f"stands in {before.where}, too", "keep one of them")


def _contradictions(entries: list[Entry]) -> Iterator[Problem]:
    """Two corrections of one field, of which nobody can say which is the later."""
    corrections = [(entry, one) for entry in entries if isinstance(one := entry.decision, Correct)]
    for (before, one), (entry, two) in combinations(corrections, 2):
        same = (one.fact, one.id) == (two.fact, two.id) and (
            None in (one.source, two.source) or one.source == two.source
        )
        fields = [name for name in two.set if name in one.set and one.set[name] != two.set[name]]
        if same and fields and (one.at is None or two.at is None or one.at == two.at):
            yield entry.problem(f"{before.where} says another {fields[0]}", "keep one, or give both their `at`", "set")


def _overlaps(entries: list[Entry]) -> Iterator[Problem]:
    """Two exclusions of the same things at one moment: under which reason would it be kept apart?"""
    exclusions = [(entry, one) for entry in entries if isinstance(one := entry.decision, Exclude)]
    for (before, one), (entry, two) in combinations(exclusions, 2):
        kpis = one.kpis is None or two.kpis is None or set(one.kpis) & set(two.kpis)
        if one.scope == two.scope and kpis and one.start < two.end and two.start < one.end:
            message = f"overlaps {before.where}, which lasts {one.start.isoformat()} to {one.end.isoformat()}"
            if before.digest != entry.digest:
                yield entry.problem(message, "let one end where the other starts, or keep one", "start")


def _unheard(entries: list[Entry]) -> Iterator[Problem]:
    """Sign-offs of an exclusion that nobody decided."""
    refs = [entry.decision.ref for entry in entries if isinstance(entry.decision, Exclude) and entry.decision.ref]
    for entry in entries:
        decision = entry.decision
        if isinstance(decision, SignOff) and decision.exclusion is not None and decision.exclusion not in refs:
            message = f"no exclusion has the ref {decision.exclusion!r}"
            yield entry.problem(message, did_you_mean(decision.exclusion, refs, "there are"), "exclusion")

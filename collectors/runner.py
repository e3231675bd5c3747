"""Runs a source: watermark -> fetch -> parse -> upsert -> run record.

Each period is stored before the bookmark moves past it, and storing twice changes nothing: a pass killed at any
moment is continued by the next one. One source failing never stops another.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from collectors.apart import PROBLEM
from collectors.base import Enumerated, Raw, Source
from collectors.coverage import kinds_observed, stretched
from collectors.intake import Intake, SetAside
from collectors.newest import Newest
from collectors.plan import Bookmark, Step, steps, utc
from collectors.registers import Register, as_collected
from collectors.secrets import star_settings, starred
from collectors.totals import Totals, adding_up
from slo.errors import ConfigError, StoreError, TierlineError
from slo.facts import Fact

BATCH = 2_000
"""Facts a write transaction."""
Plan = Callable[[Source, Bookmark, datetime, datetime | None, bool], Iterable[Step]]
"""Which periods a pass reads, and in which order."""
_ASIDES = 200
"""Set-aside records kept of one pass; the rest is counted."""


@dataclass(frozen=True)
class Progress:
    """Where a pass is: the period being read, how far back it will go, and the facts stored so far."""

    source: str
    start: datetime
    end: datetime
    floor: datetime
    facts: int


@dataclass
class RunRecord:
    """What a pass did. ``facts``: told and new or changed; ``unchanged``: told again as known."""

    source: str
    started: datetime
    ended: datetime | None = None
    ok: bool = True
    facts: int = 0
    unchanged: int = 0
    set_aside: int = 0
    error: str | None = None
    unseen: tuple[str, ...] = ()
    """Why parts of the source could not be read, where the rest was."""


class Runner:
    """Collects sources into a store. ``people`` maps a person (e-mail address or login) to a team."""

    def __init__(
        self,
        store: Any,
        sources: Sequence[Source],
        now: Callable[[], datetime],
        *,
        people: Mapping[str, str] | None = None,
        plan: Plan = steps,
    ) -> None:
        self.store = store
        self.sources = {source.name: source for source in sources}
        self.now = now
        self.people = dict(people or {})
        self.plan = plan
        for source in sources:
            star_settings(source.settings)

    def collect(
        self,
        source: Source | str,
        since: datetime | None = None,
        full: bool = False,
        progress: Callable[[Progress], None] | None = None,
    ) -> RunRecord:
        """One pass over one source; its errors end up in the record. Raises ConfigError for an unknown name and
        StoreError where the store fails.

        ``since``: history is read again back to it. ``full``: back to ``history_days``, and a listing is believed even
        where most of what was known is missing from it."""
        found = self._source(source)
        record = RunRecord(found.name, utc(self.now()))
        work = _Pass(self.store, found, self.people, record, progress)
        try:
            with adding_up() as work.totals:
                work.run(self.plan, None if since is None else utc(since), full)
        except StoreError:
            raise
        except TierlineError as error:
            _fail(record, starred(error))
        except Exception as error:
            what = f"{type(error).__name__}: {starred(error)}"
            _fail(record, f"{found.name}: {what}. That is a fault of the collector {found.plugin!r}.")
        self._finish(record, work.intake.aside, work)
        return record

    def collect_all(
        self, names: Iterable[str] | None = None, since: datetime | None = None, full: bool = False,
        progress: Callable[[Progress], None] | None = None,
    ) -> list[RunRecord]:  # fmt: skip
        """One pass over each source (all of them by default), in the order of the config."""
        return [self.collect(self._source(name), since, full, progress) for name in names or self.sources]

    def push(self, source: Source | str, records: Iterable[Mapping[str, Any]]) -> RunRecord:
        """Stores what a webhook handed in: interchange objects without ``source``."""
        found = self._source(source)
        record = RunRecord(found.name, utc(self.now()))
        work = _Pass(self.store, found, self.people, record, None)
        whole = (found.made_whole(dict(item), as_collected(self.store, found.name, item)) for item in records)
        work.put(fact for item in whole if item is not None for fact in work.intake.record(item, "webhook"))
        work.put(work.register.versions(latest=True))
        self._finish(record, work.intake.aside)
        return record

    def _source(self, source: Source | str) -> Source:
        if isinstance(source, Source):
            return source
        if source not in self.sources:
            known = ", ".join(self.sources) or "none"
            raise ConfigError(f"source {source!r} is not configured; expected one of {known}")
        return self.sources[source]

    def _finish(self, record: RunRecord, aside: list[SetAside], work: _Pass | None = None) -> None:
        """``work``: the pass to be kept; what a webhook handed in is none."""
        record.ended, record.set_aside = utc(self.now()), len(aside)
        unseen = [item.error for item in aside if item.place == f"{record.source}: {PROBLEM}"]
        record.unseen = tuple(dict.fromkeys(unseen))
        for item in aside[:_ASIDES]:
            self.store.set_aside(record.source, item.place, item.record, item.error, record.started)
        if work is not None:
            self.store.add_source_run(
                record.source, record.started, record.ended, record.ok, record.facts, record.set_aside, record.error,
                told=work.totals.told, taken=work.totals.taken(record.set_aside), lag=work.newest.behind(record.ended),
            )  # fmt: skip


def _fail(record: RunRecord, error: str) -> None:
    record.ok, record.error = False, error


class _Pass:
    """One pass over one source."""

    def __init__(
        self, store: Any, source: Source, people: Mapping[str, str], record: RunRecord,
        progress: Callable[[Progress], None] | None,
    ) -> None:  # fmt: skip
        self.store, self.source, self.record, self.progress = store, source, record, progress
        self.at = record.started
        self.state: dict[str, Any] = store.source_state(source.name)
        self.mark = Bookmark.read(self.state)
        self.register = Register(store, source.name, self.at, listed_before=self.mark.listed)
        self.intake = Intake(source, people, self.register, self.at)
        self.listed = self.mark.listed
        self.full = False
        self.totals = Totals()
        self.newest = Newest(self.state.get("newest"), self.at)

    def run(self, steps_of: Plan, since: datetime | None, full: bool) -> None:
        """Every step of the plan; each is stored before the next is fetched."""
        self.full = full
        plan = list(steps_of(self.source, self.mark, self.at, since, full))
        for step in plan:
            self._tell_progress(step, plan[-1])
            doubts = self._step(step)
            self._remember(step)
            if doubts:
                raise doubts

    def _step(self, step: Step) -> TierlineError | None:
        """Fetches and stores one period. A listing that is not believed is an error after everything else is stored."""
        self.source.memory = copy.deepcopy(self.state.get("memory") or {})
        self._listed: list[Enumerated] = []
        self.put(self._taken(step))
        self.put(self.register.versions(latest=step.period.latest))
        doubts = None
        for listing in self._listed:
            try:
                self.put(self.register.gone(listing.kind, listing.ids, guarded=not self.full))
            except TierlineError as error:
                doubts = error
            else:
                self.listed = self.listed or listing.kind == "asset"
        self.put(self._observed(step))
        return doubts

    def _taken(self, step: Step) -> Iterator[Fact]:
        for item in self.source.fetch(step.period):
            if isinstance(item, Raw):
                yield from self.intake.take(item)
            else:
                self._listed.append(item)

    def _observed(self, step: Step) -> list[Fact]:
        told = self.store.read("coverage", {"source": self.source.name})
        kinds = kinds_observed(self.source.tells, type(self.source).tells)
        return stretched(told, self.source.name, kinds, *step.observed)

    def put(self, facts: Iterable[Fact]) -> None:
        """Stores facts as they come, a batch at a time."""
        stream = iter(facts)
        while batch := list(islice(stream, BATCH)):
            counts = self.store.upsert(batch, self.intake.refuse)
            self.newest.look(batch)
            self.record.facts += counts.stored
            self.record.unchanged += counts.unchanged

    def _remember(self, step: Step) -> None:
        """Moves the bookmark, now that the period is stored."""
        after = {**step.after.state(), "listed": self.listed, "memory": self.source.memory}
        after |= self.newest.state()
        with self.store.write() as tx:
            tx.set_source_state(self.source.name, after)
        self.state = after

    def _tell_progress(self, step: Step, last: Step) -> None:
        if self.progress:
            period = step.period
            self.progress(Progress(self.source.name, period.start, period.end, last.period.start, self.record.facts))

"""The reporting day: drafts to the domains, then the period is closed and its report goes out. Nothing is sent twice:
what is sent is remembered in the store before it is sent."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dashboards.report.letter import Letter
from slo.errors import SourceError, TierlineError
from tierline.logs import log
from tierline.notify.daily import page_of
from tierline.notify.faults import Refused, again
from tierline.reports.days import Days, due
from tierline.reports.memory import Done, begin, remember, remembered
from tierline.reports.ways import Parcel, Way, Ways, slug

if TYPE_CHECKING:
    from dashboards.reading.reader import Snapshot
    from slo.engine import Engine
    from slo.store import Store
    from tierline.config import Config

READ = timedelta(minutes=10)
"""After a start the sources are given so long to be read; one that stays behind holds nothing up."""
BY = "the reporting day"


class Work:
    """What the reporting day has others do; a test has its own."""

    def is_closed(self, engine: Engine, period: str) -> bool:
        from slo.ledger.book import Ledger

        return Ledger(engine.store, engine.platform.timezone).closed(period) is not None

    def close(self, engine: Engine, config: Config, period: str, now: datetime) -> None:
        from tierline.reports.closing import close

        # What is still disputed is closed with its disputes listed: the day does not wait.
        close(engine, config, period, BY, now, despite_disputes=True)

    def report(self, engine: Engine, config: Config, period: str, now: datetime) -> dict[str, Any]:
        from tierline.reports.reporting import document

        return document(engine, config, period, {}, now)

    def draft(self, engine: Engine, config: Config, period: str, domain: str, now: datetime) -> dict[str, Any]:
        from tierline.reports.reporting import fresh

        return fresh(engine, config, period, {"domain": domain}, now)

    def domains(self, engine: Engine, now: datetime) -> list[str]:
        from slo.engine import scopes

        view = engine.results(None, now, refresh=False).view
        return [scope["domain"] for scope in scopes(view) if "domain" in scope]


@dataclass(frozen=True)
class Task:
    """One thing to do once. ``repeatable``: doing it twice does no harm."""

    name: str
    title: str
    work: Callable[[], object]
    repeatable: bool = False


class Reporting:
    """Does what is due. ``engine`` hands out the present one, ``snapshot`` what is shown now."""

    def __init__(
        self, store: Store, config: Config, engine: Callable[[], Engine], ways: Ways,
        snapshot: Callable[[], Snapshot], now: Callable[[], datetime], work: Work | None = None,
    ) -> None:  # fmt: skip
        self.store, self.config, self.engine, self.ways = store, config, engine, ways
        self.snapshot, self.now, self.work = snapshot, now, work or Work()
        self.settings, self.platform = config.settings.report, config.to_platform()
        self.began = now()
        self._finished: set[str] = set()

    def tick(self) -> None:
        """Does what is due; a failure is remembered, said once, and tried again later. Raises StoreError."""
        moment = self.now()
        memory = begin(self.store, moment)
        if not self._is_ready(moment):
            return
        for days in due(self.settings, self.platform, datetime.fromisoformat(memory.since), moment):
            period = days.window.name
            if moment >= days.report:
                self._once_done(f"{period} report", partial(self._reported, period, moment))
            elif days.draft is not None and moment >= days.draft:
                self._once_done(f"{period} draft", partial(self._drafted, days, moment))

    def _once_done(self, what: str, work: Callable[[], bool]) -> None:
        """Looks no more where nothing is left to do: a look comes every few seconds."""
        if what not in self._finished and work():
            self._finished.add(what)

    def _reported(self, period: str, moment: datetime) -> bool:
        return self._closed(period, moment) and self._do(self._of_report(period, moment), moment)

    def _drafted(self, days: Days, moment: datetime) -> bool:
        return self._do(self._of_drafts(days, moment), moment)

    def send(self, period: str, moment: datetime) -> Iterator[tuple[str, TierlineError | None]]:
        """Sends a period's report by every way, whatever was sent before: each way's title, and what went wrong."""
        for task in self._of_report(period, moment):
            yield task.title, self._try(task, moment)

    def _is_ready(self, moment: datetime) -> bool:
        """Something was evaluated, and after a start every source was read, or has had its time."""
        snapshot = self.snapshot()
        if snapshot.as_of is None:
            return False
        return moment >= self.began + READ or not any(one.get("awaited") for one in snapshot.sources)

    def _closed(self, period: str, moment: datetime) -> bool:
        """Whether the period is closed; closes it where that is to be done."""
        engine = self.engine()
        if self.work.is_closed(engine, period):
            return True
        task = Task(
            f"{period} close", "the ledger",
            lambda: self.work.close(engine, self.config, period, moment), repeatable=True,
        )  # fmt: skip
        self._do(iter([task]), moment)
        return self.work.is_closed(engine, period)

    def _of_report(self, period: str, moment: datetime) -> Iterator[Task]:
        found = self.ways.of_report()
        if not found:
            return
        make = _once(lambda: self._parcel(self.work.report(self.engine(), self.config, period, moment), period, moment))
        for way in found:
            yield _task(f"{period} report", way, make)

    def _of_drafts(self, days: Days, moment: datetime) -> Iterator[Task]:
        period = days.window.name
        for domain in self.work.domains(self.engine(), moment):
            make = _once(partial(self._draft, days, domain, moment))
            for way in self.ways.of_draft(domain):
                yield _task(f"{period} draft", way, make)
        if (post := self.ways.post) is not None:
            told = (f"Drafts of {period} are ready", [f"Closed on {self._words(days.report)}; until then disputed by "
                    f"`{_dispute(period, 'DOMAIN')}`"], self._page())  # fmt: skip
            yield Task(f"{period} draft post", post.title, lambda: post.announce(*told))

    def _parcel(self, document: dict[str, Any], period: str, moment: datetime) -> Parcel:
        return Parcel(Letter(document, self._page()), f"tierline-{period}", self.settings.formats, moment)

    def _draft(self, days: Days, domain: str, moment: datetime) -> Parcel:
        period = days.window.name
        document = self.work.draft(self.engine(), self.config, period, domain, moment)
        letter = Letter(document, self._page(), self._words(days.report), _dispute(period, domain))
        return Parcel(letter, f"draft-{period}-{slug(domain)}", self.settings.formats, moment)

    def _page(self) -> str:
        return f"{(self.settings.page or page_of(self.config)).rstrip('/')}/reports"

    def _words(self, moment: datetime) -> str:
        local = moment.astimezone(ZoneInfo(self.config.settings.timezone))
        return f"{local.day} {local:%B %Y, %H:%M} {local.tzname()}"

    def _do(self, tasks: Iterator[Task], moment: datetime) -> bool:
        """The tasks that are open, each by itself; whether none is left to be tried again."""
        left = False
        for task in tasks:
            memory = begin(self.store, moment)
            before = memory.tasks.get(task.name)
            if not memory.is_open(task.name, moment, task.repeatable):
                left |= before is not None and bool(before.again)
                continue
            error = self._try(task, moment)
            left |= error is not None and bool(again(error, moment))
            if error is None:
                log.info("%s: done, %s", task.name, task.title)
            elif before is None or str(error) != before.error:
                log.error("%s: %s", task.name, error)
        return not left

    def _try(self, task: Task, moment: datetime) -> TierlineError | None:
        at = moment.isoformat()
        remember(self.store, task.name, Done("sending", at))
        error = _failure(task)
        done = Done("sent", at) if error is None else Done("failed", at, str(error), again(error, moment))
        remember(self.store, task.name, done)
        return error


def _failure(task: Task) -> TierlineError | None:
    """Does the task; what went wrong. After a fault that nobody foresaw it may have arrived: only what may be done
    twice is tried again."""
    try:
        task.work()
    except TierlineError as error:
        return error
    except Exception as error:
        said = f"{task.title}: unexpected {type(error).__name__}"  # its text may quote a secret
        period = task.name.split(" ", 1)[0]
        more = f"{said}; look whether it arrived, else send it by `tierline report {period} --send`"
        return Refused(said) if task.repeatable else SourceError(more)
    return None


def _task(what: str, way: Way, make: Callable[[], Parcel]) -> Task:
    repeatable = way.key.startswith("folder")
    return Task(f"{what} {way.key}", way.title, lambda: way.deliver(make()), repeatable)


def _once(make: Callable[[], Parcel]) -> Callable[[], Parcel]:
    """Makes the parcel when the first way asks for it, and hands the same to the others."""
    kept: list[Parcel] = []

    def parcel() -> Parcel:
        if not kept:
            kept.append(make())
        return kept[0]

    return parcel


def _dispute(period: str, domain: str) -> str:
    return f'tierline dispute {period} KPI --domain {shlex.quote(domain)} --text "why"'


def standing(store: Store, ways: Ways) -> list[dict[str, Any]]:
    """One dict a way out of reports, as the snapshot's receivers: how the newest one stands."""
    memory = remembered(store)
    tasks = memory.tasks if memory else {}
    told = []
    for way in ways.of_report():
        mine = [done for name, done in tasks.items() if name.split(" ", 1)[1] == f"report {way.key}"]
        last = mine[-1] if mine else Done("nothing sent yet", "")
        told.append({"name": "report", "title": way.title, "ok": last.state != "failed", "state": last.state,
                     "at": last.at or None, "error": last.error})  # fmt: skip
    return told

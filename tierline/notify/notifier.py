"""Tells one receiver what has changed, each change once: what it knows is remembered in the store, before it is sent.

There is no queue. A message is what differs between what the receiver knows and what has held long enough, so what
piles up while it is away becomes one message, and what was over before it came back is not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dashboards import notice
from dashboards.reading import scope
from slo.errors import RetriableError, SourceError
from tierline.logs import log
from tierline.notify import ending, observing
from tierline.notify.awaiting import awaited
from tierline.notify.blocks import notice_blocks
from tierline.notify.faults import Refused, asked, delivered
from tierline.notify.lagging import Lag
from tierline.notify.memory import Memory, remember, remembered
from tierline.notify.message import Message
from tierline.notify.observing import ALERT, BUDGET, GONE, WHOLE, Change
from tierline.notify.owing import Owed

if TYPE_CHECKING:
    from dashboards.reading.reader import Snapshot
    from slo.store import Store
    from tierline.config import Config
    from tierline.notify.outlets import Outlet
    from tierline.settings.notify import Notify

FIRST_AGAIN, LAST_AGAIN = timedelta(minutes=1), timedelta(minutes=15)
"""How long a receiver that was not there is left alone: doubled each time, at most the second."""
FRESH = timedelta(minutes=10)
"""So long after a start the sources are given to be read."""


class Notifier:
    """One receiver. ``snapshot`` hands out what is shown now, ``page`` is where people open it."""

    def __init__(
        self, store: Store, config: Config, settings: Notify, outlet: Outlet, snapshot: Callable[[], Snapshot],
        now: Callable[[], datetime], page: str,
    ) -> None:  # fmt: skip
        self.store, self.config, self.settings, self.outlet = store, config, settings, outlet
        self.snapshot, self.now, self.page = snapshot, now, page
        self.began = now()
        self.platform = config.to_platform()
        self.lag = Lag(settings, self.platform.alerting, self.began)
        self._went = Owed[Memory](lambda went: remember(store, settings.name, went))

    def tick(self) -> None:
        """Looks at the newest evaluation, and tells what has changed. A failure is remembered, said once, and tried
        again later. Raises StoreError."""
        moment, snapshot, memory = self.now(), self.snapshot(), self._remembered()
        ready = self._is_ready(snapshot, moment, memory)
        memory = self._looked(snapshot, memory, moment) if ready else memory
        self.lag.look(snapshot, moment)
        memory = self._unended(memory)
        found = self._changes(memory) if ready else []
        if memory.began:
            lag = self.lag.change()
            if lag is not None and lag.key not in memory.told:
                snapshot, found = self.lag.shown(snapshot), [*(one for one in found if one.key != lag.key), lag]
        elif not ready:
            return
        if (found or not memory.began) and (not memory.again or _may_try(memory, moment)):
            self._tell(snapshot, memory, found, moment)

    def _remembered(self) -> Memory:
        return self._went.settled(remembered(self.store, self.settings.name))

    def _is_ready(self, snapshot: Snapshot, moment: datetime, memory: Memory) -> bool:
        """Something new can be said: an evaluation, or the time to try again; and what is shown is whole."""
        as_of = snapshot.watch.get("as_of")
        if as_of is None or not (_newer(as_of, memory) or (as_of == memory.as_of and _may_try(memory, moment))):
            return False
        return moment >= self.began + FRESH or not any(one.get("awaited") for one in snapshot.sources)

    def _looked(self, snapshot: Snapshot, memory: Memory, moment: datetime) -> Memory:
        as_of = str(snapshot.watch["as_of"])
        if not _newer(as_of, memory):
            return memory
        since = memory.since or moment.isoformat()
        waits = []
        if "changes" in self.settings.what:
            waits = awaited(self.store, self.config, datetime.fromisoformat(since), moment)
        # What was evaluated just before the last of it was stored has not seen it.
        whole = not waits and not memory.waits
        seen = observing.observed(snapshot, self.settings, memory.seen, memory.told, memory.about)
        told = observing.known(seen, memory.told) if whole else memory.told
        kept = observing.kept(seen, told)
        looked = replace(memory, as_of=as_of, seen=kept, told=told, waits=waits, whole=whole, since=since)
        remember(self.store, self.settings.name, looked)
        return looked

    def _unended(self, memory: Memory) -> Memory:
        seen = self.lag.unended(memory.seen, memory.told, memory.as_of)
        if seen is not memory.seen:
            memory = replace(memory, seen=seen)
            remember(self.store, self.settings.name, memory)
        return memory

    def _changes(self, memory: Memory) -> list[Change]:
        if memory.began:
            found = observing.changes(memory.seen, memory.told, memory.as_of, self.settings.after)
            return [one for one in found if memory.whole or one.kind == ALERT]
        alerts = [(key, one) for key, one in memory.seen.items() if key.startswith(ALERT)]
        return [Change(key, GONE, one.value, one.since) for key, one in alerts if one.value != GONE]

    def _tell(self, snapshot: Snapshot, memory: Memory, found: Sequence[Change], moment: datetime) -> None:
        message = self._message(snapshot, memory, found, moment)
        trying = replace(
            self._knowing(snapshot, memory, found), state="sending", at=moment.isoformat(), error="", tries=0, again="",
            began=True,
        )  # fmt: skip
        remember(self.store, self.settings.name, trying)
        try:
            delivered(self.outlet, message)
        except (RetriableError, Refused) as error:
            # It did not arrive, so what it would have told is not known there: the next message tells it.
            self._failed(memory, error, moment)
        except SourceError as error:
            log.error("notify %s: %s", self.settings.name, error)
            self._went.write(replace(trying, state="failed", error=str(error)))
        else:
            self._went.write(replace(trying, state="sent"))
            log.info("notify %s: sent to %s: %s", self.settings.name, self.outlet.title, message.title)

    def _failed(self, memory: Memory, error: SourceError, moment: datetime) -> None:
        if str(error) != memory.error:
            log.error("notify %s: %s", self.settings.name, error)
        wait = min(FIRST_AGAIN * 2 ** min(memory.tries, 8), LAST_AGAIN)
        failed = replace(
            memory, state="failed", at=moment.isoformat(), error=str(error), tries=memory.tries + 1,
            again=(moment + max(wait, asked(error))).isoformat(),
        )  # fmt: skip
        self._went.write(failed)

    def _knowing(self, snapshot: Snapshot, memory: Memory, found: Sequence[Change]) -> Memory:
        """The memory once the changes are told."""
        over = {one.key for one in found if one.now == GONE}
        told = {key: value for key, value in memory.told.items() if key not in over}
        told |= {one.key: one.now for one in found if one.now != GONE}
        alerts, slos = _alerts(snapshot), _slos(snapshot)
        fresh = {one.key: alerts[one.name] for one in found if one.kind == ALERT and one.now != GONE}
        about = {key: one for key, one in memory.about.items() if key not in over}
        about |= {key: notice.remembered(one, slos.get(one["slo"])) for key, one in fresh.items()}
        return replace(memory, told=told, about=about, seen=observing.kept(memory.seen, told))

    def _message(self, snapshot: Snapshot, memory: Memory, found: Sequence[Change], moment: datetime) -> Message:
        lines = list(self._lines(snapshot, memory, found))
        data = notice.compose(lines, memory.as_of, self.page, not memory.began)
        text = notice.text(data, self.config.settings.timezone)
        kind = "changes" if memory.began else "baseline"
        changes = [{key: value for key, value in one.items() if key != "mark"} for one in data["changes"]]
        told = {"receiver": self.settings.name, "as_of": memory.as_of, "page": self.page, "changes": changes}
        blocks = notice_blocks(data, self.config.settings.timezone)
        return Message(data["title"], text, blocks, kind, told, moment)

    def _lines(self, snapshot: Snapshot, memory: Memory, found: Sequence[Change]) -> Iterator[notice.Line]:
        alerts, slos = _alerts(snapshot), _slos(snapshot)
        statuses = {
            observing.status_key(kpi, narrowed): result
            for narrowed in observing.scopes(self.settings)
            for kpi, result in scope.find(snapshot, scope.DEFAULT_WINDOW, narrowed).items()
        }
        for one in found:
            if one.kind == ALERT and one.now == GONE:
                was = memory.about[one.key]
                yield notice.resolved(was, one.since, ending.unwatched(was, snapshot.watch, self.platform))
            elif one.kind == ALERT:
                alert, zone = alerts[one.name], self.config.settings.timezone
                yield notice.opened(alert, slos.get(alert["slo"]), one.was, zone)
            elif one.kind == BUDGET:
                yield notice.of_budget(slos[one.name], _mark(one.was), _mark(one.now))
            else:
                yield notice.of_status(statuses[one.key], one.was, one.now)


def _newer(as_of: str, memory: Memory) -> bool:
    return not memory.as_of or datetime.fromisoformat(as_of) > datetime.fromisoformat(memory.as_of)


def _may_try(memory: Memory, moment: datetime) -> bool:
    """What failed may be tried again."""
    return bool(memory.again) and moment >= datetime.fromisoformat(memory.again)


def _mark(value: str) -> float | None:
    return None if value == WHOLE else float(value)


def _alerts(snapshot: Snapshot) -> dict[str, Mapping[str, Any]]:
    return {one["key"]: one for one in snapshot.watch["alerts"]}


def _slos(snapshot: Snapshot) -> dict[str, Mapping[str, Any]]:
    return {one["slo"]: one for one in snapshot.watch["slos"]}

"""Tells one receiver what has changed, each change once: what it knows is remembered in the store, before it is sent.

There is no queue. A message is what differs between what the receiver knows and what has held long enough, so what
piles up while it is away becomes one message, and what was over before it came back is not in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collectors.plan import Bookmark
from dashboards import notice
from dashboards.reading import scope
from slo.errors import RetriableError, SourceError
from tierline.logs import log
from tierline.notify import lagging, observing
from tierline.notify.blocks import notice_blocks
from tierline.notify.faults import Refused, asked, delivered
from tierline.notify.message import Message
from tierline.notify.observing import ALERT, BUDGET, GONE, WHOLE, Change, Held

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
TOLD_OF = timedelta(days=28)
"""Days of history that changes of budgets and verdicts are counted from: while they are read, every status moves."""
PATIENCE = timedelta(days=1)
"""So long they wait for it: reading it takes minutes, or hours where a source limits how often it is asked. What has
not come in a day is stuck, and the other sources' changes are worth more."""


@dataclass(frozen=True)
class Memory:
    """What is remembered of a receiver. ``told``: thing -> the value it knows; ``about``: what to say of its open
    alerts once they are over."""

    as_of: str = ""
    """The last evaluation that was looked at; "" before the first."""
    seen: Mapping[str, Held] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    state: str = ""
    """sending, sent or failed; what was left at sending may have arrived."""
    at: str = ""
    error: str = ""
    tries: int = 0
    again: str = ""
    """Not before this moment is it tried again."""
    began: bool = False
    """It knows how things stood at first."""
    waits: Sequence[str] = ()
    """The sources whose history changes of budgets and verdicts wait for, ``since`` when."""
    since: str = ""


def remembered(store: Store, name: str) -> Memory:
    """What is remembered of the receiver of this name."""
    told = json.loads(store.meta(f"notify {name}") or "{}")
    seen = {key: Held(*one) for key, one in told.get("seen", {}).items()}
    return Memory(**{**told, "seen": seen})


def remember(store: Store, name: str, memory: Memory) -> None:
    with store.write() as tx:
        tx.set_meta(f"notify {name}", json.dumps(asdict(memory)))


class Notifier:
    """One receiver. ``snapshot`` hands out what is shown now, ``page`` is where people open it."""

    def __init__(
        self, store: Store, config: Config, settings: Notify, outlet: Outlet, snapshot: Callable[[], Snapshot],
        now: Callable[[], datetime], page: str,
    ) -> None:  # fmt: skip
        self.store, self.config, self.settings, self.outlet = store, config, settings, outlet
        self.snapshot, self.now, self.page = snapshot, now, page
        self.began, self.alerting = now(), config.to_platform().alerting

    def tick(self) -> None:
        """Looks at the newest evaluation, and tells what has changed. A failure is remembered, said once, and tried
        again later. Raises StoreError."""
        moment, snapshot, memory = self.now(), self.snapshot(), remembered(self.store, self.settings.name)
        ready = self._is_ready(snapshot, moment, memory)
        memory = self._looked(snapshot, memory, moment) if ready else memory
        found = self._changes(memory) if ready else []
        if memory.began:
            snapshot, lag = lagging.found(snapshot, self.settings, self.alerting, self.began, moment)
            found += [lag] if lag is not None and lag.key not in memory.told else []
        elif not ready:
            return
        if (found or not memory.began) and (not memory.again or _may_try(memory, moment)):
            self._tell(snapshot, memory, found, moment)

    def _is_ready(self, snapshot: Snapshot, moment: datetime, memory: Memory) -> bool:
        """Something new can be said: an evaluation, or the time to try again; and what is shown is whole."""
        as_of = snapshot.watch.get("as_of")
        if as_of is None or not (_newer(as_of, memory) or (as_of == memory.as_of and _may_try(memory, moment))):
            return False
        return moment >= self.began + FRESH or not any(one.get("awaited") for one in snapshot.sources)

    def _awaited(self, memory: Memory, moment: datetime) -> list[str]:
        """The sources whose history is still waited for; none any more once there was nothing to wait for."""
        if "changes" not in self.settings.what:
            return []
        if memory.as_of and (not memory.waits or moment >= datetime.fromisoformat(memory.since) + PATIENCE):
            return []
        return [one.name for one in self.config.configured if not self._is_read(one)]

    def _is_read(self, source: Any) -> bool:
        """The source's history of the days that are told of is stored; one that never answered holds nothing up."""
        mark = Bookmark.read(self.store.source_state(source.name))
        if not source.plugin.has_history or mark.began is None or mark.reached is None:
            return True
        days = min(timedelta(days=source.settings.history_days), TOLD_OF)
        return mark.reached <= mark.began - days

    def _looked(self, snapshot: Snapshot, memory: Memory, moment: datetime) -> Memory:
        as_of = str(snapshot.watch["as_of"])
        if not _newer(as_of, memory):
            return memory
        seen = observing.observed(snapshot, self.settings, memory.seen, memory.told)
        # While history is read, what is known of budgets and verdicts begins anew with each look.
        told = observing.known(seen, observing.of_alerts(memory.told) if memory.waits else memory.told)
        looked = replace(
            memory, as_of=as_of, seen=observing.kept(seen, told), told=told, waits=self._awaited(memory, moment),
            since=memory.since or moment.isoformat(),
        )  # fmt: skip
        remember(self.store, self.settings.name, looked)
        return looked

    def _changes(self, memory: Memory) -> list[Change]:
        if memory.began:
            return observing.changes(memory.seen, memory.told, memory.as_of, self.settings.after)
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
            remember(self.store, self.settings.name, replace(trying, state="failed", error=str(error)))
        else:
            remember(self.store, self.settings.name, replace(trying, state="sent"))
            log.info("notify %s: sent to %s: %s", self.settings.name, self.outlet.title, message.title)

    def _failed(self, memory: Memory, error: SourceError, moment: datetime) -> None:
        if str(error) != memory.error:
            log.error("notify %s: %s", self.settings.name, error)
        wait = min(FIRST_AGAIN * 2 ** min(memory.tries, 8), LAST_AGAIN)
        failed = replace(
            memory, state="failed", at=moment.isoformat(), error=str(error), tries=memory.tries + 1,
            again=(moment + max(wait, asked(error))).isoformat(),
        )  # fmt: skip
        remember(self.store, self.settings.name, failed)

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
                yield notice.resolved(memory.about[one.key], one.since)
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

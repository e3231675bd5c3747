"""The digest once a day, and never twice: what was sent is remembered in the store, before it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dashboards.digest import compose, statuses, text
from dashboards.wording import alerts
from slo.calendars import at_local, day_of, is_business_day
from slo.errors import SourceError
from tierline.logs import log
from tierline.notify.blocks import blocks
from tierline.notify.faults import again, delivered
from tierline.notify.message import Message
from tierline.notify.owing import Owed
from tierline.settings.out import Digest

if TYPE_CHECKING:
    from dashboards.reading.reader import Snapshot
    from slo.store import Store
    from tierline.config import Config
    from tierline.notify.outlets import Outlet

KEY = "digest"
"""Under which the last one of `digest:` is remembered; a receiver's has its name behind it."""
PATIENCE = timedelta(hours=1)
"""So long a fresh evaluation is waited for, from the digest's time or the process's start on."""
FRESH = timedelta(minutes=10)
"""An older evaluation is not of now; and so long after a start the sources are given to be read."""


@dataclass(frozen=True)
class Memory:
    """What is remembered of the last digest. ``statuses`` are those it told, ``previous`` those of the one before."""

    day: str = ""
    state: str = ""
    """sending, sent or failed; one that was left at sending may have arrived."""
    at: str = ""
    error: str = ""
    again: str = ""
    """Not before this moment is a failed one tried again."""
    statuses: Mapping[str, str] = field(default_factory=dict)
    previous: Mapping[str, str] = field(default_factory=dict)

    def before(self, day: date) -> Mapping[str, str] | None:
        """The statuses that a digest of the day compares with; None where there was none."""
        return (self.previous if self.day == day.isoformat() else self.statuses) or None


def remembered(store: Store, key: str = KEY) -> Memory:
    """The last digest."""
    told = store.meta(key)
    return Memory(**json.loads(told)) if told else Memory()


def remember(store: Store, memory: Memory, key: str = KEY) -> None:
    with store.write() as tx:
        tx.set_meta(key, json.dumps(asdict(memory)))


def drawn(digest: Mapping[str, Any], zone: str, at: datetime, day: str) -> Message:
    """The digest of a local day as a message."""
    return Message(digest["title"], text(digest, zone), blocks(digest, zone), "digest", digest, at, day)


def page_of(config: Config) -> str:
    """Where people open the page."""
    web, digest = config.settings.web, config.settings.digest
    return (digest.page if digest else None) or f"http://{web.host}:{web.port}"


def composed(store: Store, config: Config, snapshot: Snapshot, now: datetime, key: str = KEY) -> dict[str, Any]:
    """The digest of this moment, as data. ``key``: under which the one that it is compared with is remembered."""
    day = day_of(now, config.to_platform().timezone)
    blind = alerts.lag(snapshot, now, config.to_platform().alerting)
    return compose(snapshot, remembered(store, key).before(day), page_of(config), blind)


class Daily:
    """Sends the digest when it is due. ``snapshot`` hands out what is shown now; ``key``: under which it remembers."""

    def __init__(
        self, store: Store, config: Config, outlet: Outlet, snapshot: Callable[[], Snapshot],
        now: Callable[[], datetime], key: str = KEY,
    ) -> None:  # fmt: skip
        self.store, self.config, self.outlet, self.snapshot, self.now = store, config, outlet, snapshot, now
        self.key = key
        self.platform = config.to_platform()
        self.began = now()
        self._went = Owed[Memory](lambda went: remember(store, went, key))

    def tick(self) -> None:
        """Sends where it is time; a failure is remembered, said once, and tried again later. Raises StoreError."""
        moment, memory = self.now(), self._went.settled(remembered(self.store, self.key))
        if not self._is_due(moment, memory):
            return
        try:
            self.send(moment)
            log.info("%s: sent to %s", self.key, self.outlet.title)
        except SourceError as error:
            if str(error) != memory.error:
                log.error("%s: %s", self.key, error)

    def send(self, moment: datetime) -> dict[str, Any]:
        """Sends the digest of the moment and remembers it; what was sent. Raises what the receiver raises."""
        settings, memory = self.config.settings, remembered(self.store, self.key)
        snapshot, day = self.snapshot(), day_of(moment, self.platform.timezone)
        blind = alerts.lag(snapshot, moment, self.config.to_platform().alerting)
        digest = compose(snapshot, memory.before(day), page_of(self.config), blind)
        trying = replace(
            memory, day=day.isoformat(), state="sending", at=moment.isoformat(), error="", again="",
            statuses=statuses(snapshot), previous=memory.before(day) or {},
        )  # fmt: skip
        remember(self.store, trying, self.key)
        try:
            delivered(self.outlet, drawn(digest, settings.timezone, moment, trying.day))
        except SourceError as error:
            # What was not told stands for nothing: the next one compares with the one before.
            lost = replace(trying, state="failed", error=str(error), again=again(error, moment))
            self._went.write(replace(lost, statuses=trying.previous))
            raise
        self._went.write(replace(trying, state="sent"))
        return digest

    def _is_due(self, moment: datetime, memory: Memory) -> bool:
        """Its time has come today, a fresh evaluation is there, and it was not sent yet."""
        settings = self.config.settings.digest or Digest()
        day = day_of(moment, self.platform.timezone)
        if settings.days == "business" and not is_business_day(day, self.platform.holidays):
            return False
        due = at_local(datetime.combine(day, settings.at), self.platform.timezone)
        if moment < due or not (self._is_fresh(moment, due) or moment >= max(due, self.began) + PATIENCE):
            return False
        if memory.day != day.isoformat():
            return True
        return bool(memory.again) and moment >= datetime.fromisoformat(memory.again)

    def _is_fresh(self, moment: datetime, due: datetime) -> bool:
        """What is shown is of now; just after a start also: every source has been read."""
        snapshot = self.snapshot()
        if snapshot.as_of is None or snapshot.as_of < max(due, moment - FRESH):
            return False
        return moment >= self.began + FRESH or not any(one.get("awaited") for one in snapshot.sources)

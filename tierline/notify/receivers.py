"""Who is told what by the settings: each receiver's digest and changes, each with an outlet and a memory of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tierline.notify import daily, memory, notifier
from tierline.notify.outlets import Outlet, outlet, slack_outlet

if TYPE_CHECKING:
    from dashboards.reading.reader import Snapshot
    from slo.store import Store
    from tierline.config import Config
    from tierline.settings.notify import Notify


@dataclass(frozen=True)
class Task:
    """What one receiver is told. ``name``: "digest", "digest chat" or "notify chat", also what it is remembered by."""

    name: str
    outlet: Outlet
    changes: Notify | None = None
    """The receiver's settings where it is told of changes; None: of the digest."""

    def ticking(
        self, store: Store, config: Config, snapshot: Callable[[], Snapshot], now: Callable[[], datetime]
    ) -> Callable[[], None]:
        """What looks whether there is something to tell, and tells it."""
        if self.changes is None:
            return daily.Daily(store, config, self.outlet, snapshot, now, self.name).tick
        page = self.changes.page or daily.page_of(config)
        return notifier.Notifier(store, config, self.changes, self.outlet, snapshot, now, page).tick

    def standing(self, store: Store) -> dict[str, Any]:
        """How the last message went, for the page: name, title, ok, state, at, error."""
        last: daily.Memory | memory.Memory
        if self.changes is None:
            last = daily.remembered(store, self.name)
        else:
            last = memory.remembered(store, self.changes.name)
        waits = [] if isinstance(last, daily.Memory) or not last.waits else [_waits(last)]
        return {
            "name": self.name, "title": self.outlet.title, "ok": last.state != "failed",
            "state": "; ".join([last.state or "nothing sent yet", *waits]), "at": last.at or None, "error": last.error,
        }  # fmt: skip


def _waits(last: memory.Memory) -> str:
    return f"changes wait for the history of {' and '.join(last.waits)}"


def tasks(config: Config) -> list[Task]:
    """The digest of ``digest:``, then what each receiver of ``notify:`` asks for."""
    return list(_tasks(config))


def _tasks(config: Config) -> Iterator[Task]:
    settings = config.settings
    if settings.digest is not None and settings.digest.named:
        yield Task(daily.KEY, slack_outlet(settings.digest))
    for one in settings.notify:
        way = outlet(one)
        if "digest" in one.what:
            yield Task(f"{daily.KEY} {one.name}", way)
        if set(one.what) - {"digest"}:
            yield Task(f"notify {one.name}", way, one)


def named(settings: Sequence[Notify], name: str | None) -> list[Notify]:
    """The receivers of a name; all of them without one."""
    return [one for one in settings if name in (None, one.name)]

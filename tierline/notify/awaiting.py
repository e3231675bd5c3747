"""Whose history changes of budgets and verdicts wait for: while it is read, every status moves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collectors.plan import Bookmark

if TYPE_CHECKING:
    from slo.store import Store
    from tierline.config import Config

TOLD_OF = timedelta(days=28)
"""Days of history that changes of budgets and verdicts are counted from."""
PATIENCE = timedelta(days=1)
"""So long they wait for it: reading it takes minutes, or hours where a source limits how often it is asked. What has
not come in a day is stuck, and the other sources' changes are worth more."""


def awaited(store: Store, config: Config, since: datetime, moment: datetime) -> list[str]:
    """The sources whose history is waited for. ``since``: the receiver's first look; the patience with a source that is
    added later begins with its first pass."""
    return [one.name for one in config.configured if _is_awaited(one, store, since, moment)]


def _is_awaited(source: Any, store: Store, since: datetime, moment: datetime) -> bool:
    """Its history of the days that are told of is not stored yet; one that never answered holds nothing up."""
    mark = Bookmark.read(store.source_state(source.name))
    if not source.plugin.has_history or mark.began is None or mark.reached is None:
        return False
    days = min(timedelta(days=source.settings.history_days), TOLD_OF)
    return mark.reached > mark.began - days and moment < max(since, mark.began) + PATIENCE

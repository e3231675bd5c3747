"""The alert of an evaluation that has died: it cannot say so itself, so the one who sends does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from slo.alerting.alerts import of_lag
from tierline.notify import observing
from tierline.notify.observing import ALERT, GONE, Change

if TYPE_CHECKING:
    from dashboards.reading.reader import Snapshot
    from slo.platform import Alerting
    from tierline.settings.notify import Notify


def found(
    snapshot: Snapshot, settings: Notify, alerting: Alerting, began: datetime, moment: datetime
) -> tuple[Snapshot, Change | None]:
    """The change that the evaluation lags behind, where the receiver is told of that, and the snapshot with its alert.
    ``began``: the process's start, after which it is given as long to evaluate: what the store holds is of before."""
    as_of = snapshot.watch.get("as_of")
    if as_of is None or "alerts" not in settings.what:
        return snapshot, None
    newest = datetime.fromisoformat(as_of)
    alert = next((one.told({}) for one in of_lag(newest, moment, alerting)), None)
    if alert is None or not any(of_lag(max(newest, began), moment, alerting)) or not observing.is_mine(alert, settings):
        return snapshot, None
    return _with(snapshot, alert), Change(f"{ALERT} {alert['key']}", GONE, alert["severity"], alert["since"])


def _with(snapshot: Snapshot, alert: Mapping[str, Any]) -> Snapshot:
    return replace(snapshot, watch={**snapshot.watch, "alerts": [*snapshot.watch["alerts"], alert]})

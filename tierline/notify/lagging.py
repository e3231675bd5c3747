"""The alert of an evaluation that has died: it cannot say so itself, so the one who sends does, by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from slo.alerting.alerts import of_lag
from slo.alerting.blind import LAG
from tierline.notify import observing
from tierline.notify.observing import ALERT, GONE, Change, Held

if TYPE_CHECKING:
    from dashboards.reading.reader import Snapshot
    from slo.platform import Alerting
    from tierline.settings.notify import Notify


class Lag:
    """What one receiver is told of it. ``began``: the process's start, after which the evaluation is given as long as
    otherwise: what the store holds is of before."""

    def __init__(self, settings: Notify, alerting: Alerting, began: datetime) -> None:
        self.settings, self.alerting, self.began = settings, alerting, began
        self.alert: Mapping[str, Any] | None = None
        """As of the last look; None where nothing lags, or the receiver is not told of it."""
        self.held = timedelta(0)
        """For how long every look has found it so."""
        self._first: datetime | None = None
        self._last = began

    @property
    def key(self) -> str:
        return f"{ALERT} {self.alert['key']}" if self.alert else ""

    def look(self, snapshot: Snapshot, moment: datetime) -> None:
        """Whether the newest evaluation lags behind at this moment."""
        self.alert, as_of = None, snapshot.watch.get("as_of")
        if as_of is not None and "alerts" in self.settings.what:
            newest = datetime.fromisoformat(as_of)
            found = next((one.told({}) for one in of_lag(newest, moment, self.alerting)), None)
            self.alert = found if found and observing.is_mine(found, self.settings) else None
            lags = self.alert is not None and any(of_lag(max(newest, self.began), moment, self.alerting))
            # Who has slept, or did not lead meanwhile, looks before there is an evaluation: it begins anew.
            first = self._first if moment - self._last <= LAG else None
            self._first = (first or moment) if lags else None
        self._last = moment
        self.held = moment - self._first if self._first else timedelta(0)

    def unended(self, seen: Mapping[str, Held], told: Mapping[str, str], as_of: str) -> Mapping[str, Held]:
        """What was seen, where what has been told goes on: it is over only after evaluations between which none lagged
        behind, or slow ones would open and end it in turn."""
        if self.key in told and self.key in seen and seen[self.key].value == GONE:
            return {**seen, self.key: Held(told[self.key], as_of, 1)}
        return seen

    def change(self) -> Change | None:
        """That it has lagged for as long as every change must hold."""
        if self.alert is None or self._first is None or self.held < self.settings.after:
            return None
        return Change(self.key, GONE, self.alert["severity"], self.alert["since"])

    def shown(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the alert."""
        return replace(snapshot, watch={**snapshot.watch, "alerts": [*snapshot.watch["alerts"], self.alert]})

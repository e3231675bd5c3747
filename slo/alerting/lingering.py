"""A rate that wavers about its limit is one alert: what was told burns on until it has not fired for ``keep``
(config/burn_windows.yaml), as the replay that chose the policies has it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slo.alerting import saying
from slo.alerting.alerts import BURNING, Alert, Told


def lingering(
    before: Mapping[str, Told], burning: Collection[str], shown: Mapping[str, Told], keep: timedelta, now: datetime,
    zone: ZoneInfo,
) -> Iterator[Alert]:  # fmt: skip
    """Alerts of budgets that do not fire any more, and fired at most ``keep`` ago. ``before``: key -> the alert of the
    last watch; ``burning``: the objectives that fire; ``shown``: objective -> its figures now."""
    for told in before.values():
        slo = told["slo"]
        if told["alert"] != BURNING or "why" in told or slo in burning or slo not in shown:
            continue
        fired = datetime.fromisoformat(told["fired"])
        if fired + keep > now:
            yield Alert(
                BURNING, told["cause"], told["severity"], told["team"], told["tier"], told["domain"],
                datetime.fromisoformat(told["since"]), saying.of_wavering(shown[slo], fired, zone), told["page"],
                slo=slo, fired=fired,
            )  # fmt: skip

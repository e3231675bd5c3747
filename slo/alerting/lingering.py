"""A rate that wavers about its limit is one alert: what was told burns on until it has not fired for ``keep``
(config/burn_windows.yaml), as the replay that chose the policies has it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slo.alerting import saying
from slo.alerting.alerts import BURNING, Alert, Told, explained


def lingering(
    before: Mapping[str, Told], burning: Collection[str], causes: Collection[str], shown: Mapping[str, Told],
    keep: timedelta, now: datetime, zone: ZoneInfo,
) -> Iterator[Alert]:  # fmt: skip
    """Alerts of budgets that do not fire any more, and fired at most ``keep`` ago; what another alert told stays told
    by that. ``before``: key -> the alert of the last watch; ``burning``: the objectives that fire; ``causes``: the keys
    of the alerts of causes; ``shown``: objective -> its figures now."""
    for one in before.values():
        slo, told = one["slo"], one.get("told")
        if one["alert"] != BURNING or ("why" in one and told is None) or slo in burning or slo not in shown:
            continue
        fired = datetime.fromisoformat(one["fired"])
        if fired + keep > now:
            alert = Alert(
                BURNING, one["cause"], one["severity"], one["team"], one["tier"], one["domain"],
                datetime.fromisoformat(one["since"]), saying.of_wavering(shown[slo], fired, zone), one["page"],
                slo=slo, fired=fired,
            )  # fmt: skip
            yield alert if told is None else _told(alert, told, told["by"] in causes)


def _told(alert: Alert, told: Told, on: bool) -> Alert:
    """By another, which is still on or over."""
    why, at = explained(told["by"], on), datetime.fromisoformat(told["at"])
    return replace(alert, why=why, told_by=told["by"], told_at=at)

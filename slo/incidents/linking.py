"""Which assets an incident was about, where it names a service only: those with a failed run or check, near the time at
which it was noticed, whose team owns the service.

Near is ``BACK`` before to ``AHEAD`` after: monitors tell of a failure within minutes, and a freshness monitor that runs
by the hour within two; somebody who calls may be quicker than the run's end. What was good again by the time is not it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from slo.facts import Incident
from slo.incidents.onset import BACK as LONGEST_RUN
from slo.incidents.onset import Onset, Sign, check_sign, run_sign, signs_of, standing
from slo.view import View

BACK = timedelta(hours=2)
AHEAD = timedelta(minutes=15)


def is_service(view: View, asset: str) -> bool:
    """Whether the asset is a service of a pager: it says who was woken, not what was hurt."""
    return bool(view.history(asset).get("kind", view.as_of) == "service")


def services_of(view: View, assets: Iterable[str] | None) -> list[str]:
    """The services among an incident's assets, where it names nothing else."""
    named = list(assets or ())
    return named if all(is_service(view, asset) for asset in named) else []


def failing(view: View, at: datetime) -> list[Onset]:
    """Every asset with a failed run or check near an instant that was not good again by then, the nearest first."""
    start, end = at - BACK, at + AHEAD
    runs = view.read("run", {"state": ["failed", "missed"], "placed_at": (start - LONGEST_RUN, end)})
    checks = view.read("check_result", {"outcome": ["fail", "error"], "placed_at": (start, end)})
    told = [*filter(None, map(run_sign, runs)), *filter(None, map(check_sign, checks))]
    bad = [sign for sign in told if start <= sign.at < end]
    before = {sign.asset for sign in bad if sign.at <= at}
    good = [sign for sign in signs_of(view, before, start, end) if sign.bad is None and sign.at <= at]
    signs: list[Sign] = sorted([*bad, *good], key=lambda sign: (sign.at, sign.bad is None))
    found = [Onset(sign.at, sign.asset, sign.bad) for sign in standing(signs) if sign.bad is not None]
    return sorted(found, key=lambda onset: (abs(onset.at - at), onset.asset))


def linked(view: View, incident: Incident, services: Iterable[str], at: datetime) -> list[Onset]:
    """The failing assets of the teams that own the services; of these only those that the title names, if any."""
    teams = {team for service in services if (team := view.dims(service, at).team) is not None}
    if not teams:
        return []
    found = [
        onset for onset in failing(view, at)
        if view.dims(onset.asset, at).team in teams and not is_service(view, onset.asset)
    ]  # fmt: skip
    named = [onset for onset in found if _named(onset.asset, incident.title or "")]
    return named or found


def _named(asset: str, title: str) -> bool:
    """Whether a title holds the last part of the asset's name as a word: orders_hourly of prod/orders_hourly."""
    last = re.split(r"[/.]", asset)[-1]
    return len(last) > 2 and re.search(rf"(?<![\w-]){re.escape(last)}(?![\w-])", title, re.IGNORECASE) is not None


def standing_for(view: View, services: Iterable[str], at: datetime) -> list[str]:
    """The assets that the services' map says they stand for; patterns are filled with the assets there are."""
    words = [word for service in services for word in view.history(service).get("components", at) or ()]
    names = {name for name in view.asset_names for word in words if fnmatchcase(name, word)}
    exact = {word for word in words if not set(word) & set("*?[")}
    return sorted(names | exact)

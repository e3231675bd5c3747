"""The report of a period: the engine's results for it and its tiers, drawn by the report room."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from dashboards import monthly
from slo.engine import Engine, Query
from slo.errors import ConfigError
from slo.windows import parse_window
from tierline.config import Config
from tierline.decisions import Watch
from tierline.standing import standings

TIERS = (None, 0, 1, 2, 3)


def render(engine: Engine, config: Config, period: str, scope: dict[str, Any], form: str, now: datetime) -> str:
    """The report's text: ``form`` is html or json. ``scope``: team, domain, profile."""
    profile = scope["profile"]
    if parse_window(period, now, config.to_platform().timezone).start > now:
        raise ConfigError(f"{period}: has not begun yet; name a period that has")
    whole = Query(window=period, team=scope["team"], domain=scope["domain"], profile=profile)
    kpis = [kpi["id"] for kpi in engine.kpis()]
    results = [one for tier in TIERS for one in engine.show_all(kpis, replace(whole, tier=tier), now)]
    asked = {"period": period, "scope": {"tier": None, "team": scope["team"], "domain": scope["domain"]}}
    meta = {
        **asked,
        "as_of": results[0]["as_of"],
        "timezone": config.settings.timezone,
        "profile": profile,
        "view": config.settings.profile,
        "decided": Watch(config, lambda _: None).told(),  # what is wrong there was said when the engine was opened
        "coverage": standings(monthly.whole(results, asked), config, engine.store),
    }
    if form == "json":
        return json.dumps({**meta, "results": monthly.whole(results, meta)}, ensure_ascii=False, indent=2) + "\n"
    return monthly.render(results, meta)

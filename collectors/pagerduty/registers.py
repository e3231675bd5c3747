"""PagerDuty's registers: services as assets, maintenance windows as what is left out of good and bad."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from collectors.pagerduty.facts import text
from collectors.pagerduty.settings import PagerDutySettings
from slo.interchange import instant

Record = dict[str, Any]


def service_fact(record: Record, name: str, asset: str, settings: PagerDutySettings) -> Record:
    """A service as an asset: its team and tier by the settings, else PagerDuty's own team."""
    told = settings.service({"id": record.get("id"), "summary": name})
    teams = [team.get("summary") for team in record.get("teams") or ()]
    team = told.team if told and told.team else next(iter(teams), None)
    return {
        "fact": "asset", "id": asset, "asset": asset, "kind": "service", "team": team, "owner": team,
        "tier": told.tier if told else None, "components": list(told.assets) or None if told else None,
        "description": record.get("description"), "url": record.get("html_url"),
    }  # fmt: skip


def window_facts(
    window: Record, named: Callable[[str], str], settings: PagerDutySettings, scope: frozenset[str]
) -> Iterator[Record]:
    """The exclusions of a maintenance window: one for each asset that its services stand for, else each service."""
    for service in window.get("services") or ():
        if service["id"] not in scope:
            continue
        told = settings.service(service)
        for number, asset in enumerate((told and told.assets) or (named(service["summary"]),)):
            yield {
                "fact": "exclusion", "id": f"{window['id']}/{service['id']}" + (f"/{number}" if number else ""),
                "assets": asset, "start": text(instant(window["start_time"])),
                "end": text(instant(window["end_time"])), "reason": "maintenance", "ref": window.get("description"),
                "url": window.get("html_url"),
            }  # fmt: skip

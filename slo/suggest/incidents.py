"""What a pager's services stand for: team, tier and asset of the incidents that no rule could lay on one."""

from __future__ import annotations

from slo.incidents.unmapped import Unmapped, unmapped
from slo.suggest import Given, Row, Suggestion
from slo.view import View


class Incidents(Suggestion):
    name = "incidents"
    columns = ("source", "service", "incidents", "first", "last", "team", "tier", "class", "asset", "reason")
    title = "What a pager's services stand for"
    connect = (
        "Every incident names an asset, or a service with a team and a tier; without a pager, connect one "
        "(`tierline plugins` lists them)."
    )
    use = (
        "Correct team and tier, then `tierline assets apply {file}`; or write them under `services:` of the source in "
        "tierline.yaml, where a class may stand, too."
    )

    def rows(self, given: Given) -> list[Row]:
        return [_row(one, given.view) for one in unmapped(given.view)]


def _row(one: Unmapped, view: View) -> Row:
    return {
        "source": one.source, "service": one.service.partition("/")[2] if one.service else None,
        "incidents": one.incidents, "first": view.day(one.first).isoformat(), "last": view.day(one.last).isoformat(),
        "team": one.team, "tier": one.tier, "class": None, "asset": one.asset, "reason": one.reason,
    }  # fmt: skip

"""What the demo platform has promised: the lines of the platform view, and a few more rows. The rest stands beside its
published range."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import yaml

from slo.targets import PLATFORM, load_targets

TEAM, FORUM = "core-data", "architecture forum"
MORE: Mapping[str, tuple[int, ...]] = {"staff_platform": (1, 5, 12, 15), "associate_platform": (3,)}
"""Rows outside the view: dataset SLA, recurrence, query time and alert precision; acknowledgement."""
OF_FORUM = ("change_failure_rate", "deployment_frequency", "unit_cost", "paved_road_adoption")
"""KPIs whose targets the forum has adopted; the others are the team's."""


def adopted(since: date) -> dict[str, list[dict[str, object]]]:
    """Profile -> its rows that are adopted, as a target file writes them."""
    targets = load_targets()
    view = targets.lines[PLATFORM]
    told: dict[str, list[dict[str, object]]] = {}
    for one in targets.in_force():
        if one.key in view or one.row in MORE.get(one.profile, ()):
            by = FORUM if one.kpi in OF_FORUM else TEAM
            told.setdefault(one.profile, []).append({"row": one.row, "adopted": since, "adopted_by": by})
    return told


def write_targets(folder: Path, since: date) -> None:
    """One file a profile, as `tierline adopt` would have made them."""
    folder.mkdir(parents=True, exist_ok=True)
    for profile, rows in adopted(since).items():
        text = yaml.safe_dump({"profile": profile, "targets": rows}, sort_keys=False)
        (folder / f"{profile}.yaml").write_text(text, encoding="utf-8")

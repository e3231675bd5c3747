"""Assets, their changes and their reasons as rows for people and records for machines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from slo.lineage.impact import Impact
from slo.reasons import ALWAYS, Reason
from slo.view import View
from tierline.assets.applying import Change


def listed(view: View) -> list[dict[str, Any]]:
    """Every asset that exists, what most rests on first."""
    impact = Impact(view)
    return [_asset(view, name, weight.words(), weight.score) for name, weight in impact.ranked()]


def _asset(view: View, name: str, words: list[str], score: int) -> dict[str, Any]:
    history, t = view.history(name), view.as_of
    dims, told = history.dims(t), history.told(t)
    return {
        "asset": name, "kind": history.get("kind", t), "tier": dims.tier,
        "tier_source": told["tier"].source if "tier" in told else None, "team": dims.team, "domain": dims.domain,
        "owner": history.get("owner", t), "rests_on_it": words, "score": score,
    }  # fmt: skip


def shown(value: Any) -> str:
    """A field's value as people read it: lists with commas, freshness as a sentence."""
    if isinstance(value, dict):
        return _freshness(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _moment(value) if isinstance(value, datetime) else str(value)


def _freshness(value: dict[str, Any]) -> str:
    if "max_age_seconds" in value:
        hours = value["max_age_seconds"] / 3600
        return f"at most {hours:g} h old" if hours >= 1 else f"at most {hours * 60:g} min old"
    days = value.get("cron") or value.get("days") or "daily"
    return f"by {value.get('deadline')} {days}" + (f", {value['tz']}" if value.get("tz") else "")


def _moment(t: datetime | None) -> str:
    return ALWAYS if t is None else f"{t:%Y-%m-%d %H:%M}"


def why_rows(reasons: Iterable[Reason]) -> list[list[Any]]:
    """One row a field; what lost as ``3 (airflow)``."""
    return [
        [one.field, shown(one.value), one.source, one.rule, _moment(one.since), _lost(one)] for one in reasons
    ]  # fmt: skip


def _lost(reason: Reason) -> str:
    """Tellings of another value; who agrees has lost nothing."""
    others = [one for one in reason.lost if one["value"] != reason.value]
    return ", ".join(f"{shown(one['value'])} ({one['source']})" for one in others)


def change_record(change: Change) -> dict[str, Any]:
    """A change as JSON shows it."""
    before = change.before
    return {
        "asset": change.asset, "field": change.field, "value": change.value,
        "was": before.value if before else None, "was_source": before.source if before else None,
        "since": change.since or ALWAYS, "idle": change.idle,
    }  # fmt: skip


def change_row(change: Change) -> list[Any]:
    """A change as a line of the table."""
    before = change.before
    value = "taken back" if change.value is None else shown(change.value)
    note = "tierline.yaml goes before: no effect" if change.idle else ""
    was = [shown(before.value), before.source] if before else [None, None]
    return [change.asset, change.field, *was, value, _moment(change.since), note]

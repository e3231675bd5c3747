"""Security alerts of GitHub as findings. Pure. Of an alert only times, words and severity are kept, never a secret's
value, a line of code or who dismissed it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from collectors.github.api import instant

Record = dict[str, Any]
_LEVELS = ("critical", "high", "medium", "low")
_RULE_LEVELS = {"error": "high", "warning": "medium", "note": "low"}
"""What code scanning says of a rule that is no security rule."""
_NOTHING_THERE = {"inaccurate", "not_used", "false positive", "false_positive", "used in tests", "used_in_tests"}
"""Reasons that say there was no finding; the others say that it stays as it is."""
_DONE = {"revoked", "fix_started"}


def alert_of(record: Record, kind: str) -> Record:
    """What is kept of an alert."""
    closed = next(filter(None, (record.get(name) for name in _CLOSED)), None)
    return {
        "number": record["number"], "kind": kind, "url": record.get("html_url"), "title": _title(record, kind),
        "created_at": record["created_at"], "closed_at": closed, "state": record["state"],
        "reason": record.get("dismissed_reason") or record.get("resolution"), "severity": _severity(record, kind),
    }  # fmt: skip


_CLOSED = ("fixed_at", "dismissed_at", "auto_dismissed_at", "resolved_at")


def finding(alert: Record, repository: str, days: Mapping[Any, float], team: str | None, asset: str | None) -> Record:
    """The work item of an alert. ``days``: severity -> days within which it is due."""
    opened = instant(alert["created_at"])
    closed = instant(alert["closed_at"]) if alert["closed_at"] and alert["state"] != "open" else None
    within = days.get(alert["severity"] or "")
    return {
        "fact": "work_item", "kind": "finding", "id": f"{repository}/{alert['kind']}/{alert['number']}",
        "title": alert["title"], "opened_at": opened, "closed_at": closed,
        "outcome": _outcome(alert) if closed else None, "severity": alert["severity"],
        "due_at": opened + timedelta(days=within) if within is not None else None,
        "team": team, "asset": asset, "url": alert["url"],
    }  # fmt: skip


def _outcome(alert: Record) -> str:
    reason = str(alert["reason"] or "")
    if alert["state"] == "fixed" or reason in _DONE:
        return "done"
    return "withdrawn" if alert["state"] == "auto_dismissed" or reason in _NOTHING_THERE else "refused"


def _severity(record: Record, kind: str) -> str | None:
    """A secret that lies open is critical; GitHub itself gives it no severity."""
    if kind == "secret_scanning":
        return "critical"
    if kind == "dependabot":
        told = (record.get("security_advisory") or {}).get("severity")
    else:
        rule = record.get("rule") or {}
        told = rule.get("security_severity_level") or _RULE_LEVELS.get(str(rule.get("severity")))
    return told if told in _LEVELS else None


def _title(record: Record, kind: str) -> str:
    if kind == "secret_scanning":
        return str(record.get("secret_type_display_name") or record.get("secret_type") or "secret")
    told = (record.get("security_advisory") or {}).get("summary") if kind == "dependabot" else None
    rule = record.get("rule") or {}
    return str(told or rule.get("description") or rule.get("id") or kind)

"""Causes in plain words, without figures that need rounding and without times: pages say these in the reader's way."""

from __future__ import annotations

from typing import Any

from slo.ledger.causes import Cause

NOUNS = {
    "run": ("run", "runs"), "dataset_update": ("update", "updates"), "check_result": ("check result", "check results"),
    "incident": ("incident", "incidents"), "alert": ("alert", "alerts"), "change": ("change", "changes"),
    "work_item": ("work item", "work items"), "meter": ("meter reading", "meter readings"),
    "distribution": ("reading of times", "readings of times"), "edge": ("lineage edge", "lineage edges"),
    "survey_answer": ("survey answer", "survey answers"), "entry": ("entry", "entries"),
    "figure": ("figure", "figures"), "exclusion": ("exclusion", "exclusions"), "alias": ("rename", "renames"),
    "asset": ("telling of an asset", "tellings of assets"),
    "coverage": ("stretch of watching", "stretches of watching"),
}  # fmt: skip
PHRASES = {
    "late fact": "came after the period was closed", "retold": "told again with other content",
    "deletion": "taken back by the source", "correction": "corrected", "came due": "told ahead, and due since",
    "exclusion": "told or withdrawn", "rename": "told or withdrawn", "asset": "told or changed",
    "coverage": "told or changed",
}  # fmt: skip
OTHERS = {
    "settings": "the settings that it rests on have changed (time zone, calendar, currency, grace or the like)",
    "settled": "it was published as provisional; its sources have settled or caught up since, and nothing of it came",
    "not found": "no cause was found in the change log",
}


def sentence(cause: Cause) -> str:
    """What a group of changes was: "3 runs of airflow: came after the period was closed"."""
    singular, plural = NOUNS.get(cause["kind"], (cause["kind"], cause["kind"]))
    count = cause["facts"]
    told = f"{count} {singular if count == 1 else plural} of {cause['source']}: {PHRASES[cause['what']]}"
    return told + _why(cause)


def _why(cause: Cause) -> str:
    """The reasons that corrections and exclusions give, where they give any."""
    reasons = []
    for one in cause["named"]:
        correction, changed = one.get("correction"), one["changed"]
        if correction is not None:
            reasons.append("a correction was withdrawn" if correction["withdrawn"] else correction["reason"])
        elif cause["what"] == "exclusion":
            reasons.append(next((word for word in reversed(changed.get("reason", [])) if word), None))
        elif cause["what"] == "rename":
            old, new = (next((n for n in reversed(changed.get(k, [])) if n), "?") for k in ("old", "new"))
            reasons.append(f"{old} is {new}")
    told = list(dict.fromkeys(reason for reason in reasons if reason))
    return f" ({'; '.join(told)})" if told else ""


def other(what: str, text: str | None = None) -> Cause:
    """A cause that is no fact: a definition, a setting, a target, the clock, or none that is known."""
    return {
        "what": what, "text": text or OTHERS[what], "kind": None, "source": None, "facts": 0, "compared": False,
        "first_at": None, "last_at": None, "first_arrived": None, "last_arrived": None, "named": [],
    }  # fmt: skip


def of_target(was: dict[str, Any] | None, now: dict[str, Any] | None) -> str:
    """How a target in force differs from the one that the line was judged by."""
    one = now or was
    assert one is not None  # one of the two is there
    name = f"target {one['profile']} {one['row']} ({one['text']})"
    if was is None:
        return f"{name} binds now, and did not when the period was closed"
    if now is None:
        return f"{name} bound when the period was closed, and does not now"
    if was["adopted"] != now["adopted"]:
        since = f"adopted from {now['adopted']} on" if now["adopted"] else "no longer adopted"
        return f"{name} is now {since}"
    return f"{name} has another version"

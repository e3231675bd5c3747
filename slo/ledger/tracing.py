"""What made a reported line another: the changes that reached it since, in its own scope, and what it was judged by."""

from __future__ import annotations

from typing import Any

from slo.kpi import Kpi
from slo.ledger.causes import Cause, summed
from slo.ledger.lines import Line, is_provisional
from slo.ledger.saying import of_target, other, sentence
from slo.ledger.scopes import scope_of
from slo.register import RegisterKpi
from slo.results import Results
from slo.view import View
from slo.windows import Window, parse_window

DIMENSIONS = {"tier", "team", "domain", "environment"}


def causes_of(results: Results, kpi: Kpi, reported: Line, now: Line, period: int, moved: bool) -> list[Cause]:
    """Causes of a line that differs, the weightiest first; one that says so where none is known. ``moved``: its value,
    not its verdicts alone."""
    view = results.view
    window = parse_window(reported["result"]["window"]["name"], view.as_of, view.platform.timezone)
    groups = [group for _, _, group in view.store.ledger.causes(period, kpi.id)]
    fitting = [group for group in groups if _fits(view, window, group, scope_of(reported["scope"]))]
    facts = _told(_telling(kpi, fitting, moved))
    found = facts + _judged_otherwise(kpi, reported, now)
    if not found:
        found = [other("settled" if is_provisional(reported) and not is_provisional(now) else "not found")]
    return found


def _telling(kpi: Kpi, groups: list[Cause], moved: bool) -> list[Cause]:
    """Of the groups that reach a line those that can have moved it: what a value is compared with moves verdicts alone,
    unless the KPI compares; words said anew of an asset move registers alone."""
    direct = [group for group in groups if not group["compared"]]
    kept = direct if moved and direct and not kpi.reread else groups
    if isinstance(kpi, RegisterKpi):
        return kept
    weighty = [group for group in kept if group["what"] != "asset" or any(one["changed"] for one in group["named"])]
    return weighty or kept


def _told(groups: list[Cause]) -> list[Cause]:
    """Groups of all assets as one, with its sentence."""
    merged: dict[tuple[Any, ...], list[Cause]] = {}
    for group in groups:
        key = (group["compared"], group["what"], group["kind"], group["source"])
        merged.setdefault(key, []).append(group)
    found = []
    for (compared, what, kind, source), members in merged.items():
        cause = {"what": what, "kind": kind, "source": source, "compared": compared, **summed(members)}
        found.append({**cause, "text": sentence(cause)})
    return sorted(found, key=lambda one: (one["compared"], -one["facts"], one["what"], one["kind"], one["source"]))


def _fits(view: View, window: Window, group: Cause, scope: dict[str, Any]) -> bool:
    """Whether a group's facts may count in a scope; what names no asset and no team may count in any."""
    if all(value is None for value in scope.values()) or group["kind"] == "coverage":
        return True
    if group["kind"] == "asset" and any(DIMENSIONS & set(one["changed"]) for one in group["named"]):
        return True
    if not group["assets"] and group["team"] is None:
        return True
    if scope["team"] is not None and group["team"] == scope["team"]:
        return True
    return any(_was_in(view, window, asset, scope) for asset in group["assets"])


def _was_in(view: View, window: Window, asset: str, scope: dict[str, Any]) -> bool:
    history = view.history(asset)
    dims = (history.dims(start) for start, _ in history.segments(window.start, window.end))
    return any(all(value in (None, getattr(one, name)) for name, value in scope.items()) for one in dims)


def _judged_otherwise(kpi: Kpi, reported: Line, now: Line) -> list[Cause]:
    """A definition, settings or targets that are not those of the closing."""
    was, found = reported["versions"], now["versions"]
    told = []
    if was["definition"] != found["definition"]:
        versions = f"version {was['definition']['version']}, now {found['definition']['version']}"
        told.append(other("definition", f"the definition of {kpi.title} has changed: {versions}"))
    elif was["settings"] != found["settings"]:
        told.append(other("settings"))
    before = {(one["profile"], one["row"]): one for one in was["targets"]}
    after = {(one["profile"], one["row"]): one for one in found["targets"]}
    for key in sorted({*before, *after}):
        one, another = before.get(key), after.get(key)
        if one is None or another is None or one["digest"] != another["digest"]:
            told.append(other("target", of_target(one, another)))
    return told

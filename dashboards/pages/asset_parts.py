"""The panels of an asset's story: its runs, landings, checks, incidents, neighbours, fields and gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards.pages import naming
from dashboards.parts import awaited, cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask

Told = Mapping[str, Any]
_STATES = {"success": "met", "failed": "missed", "missed": "missed", "running": "provisional"}
_OUTCOMES = {"pass": "met", "fail": "missed", "error": "missed"}
FILLED_BY = {
    "owner": "CODEOWNERS, the catalogue, an owner in the orchestrator, or `owner` in tierline.yaml",
    "tier": "`tierline suggest tiers` proposes one; `tierline assets apply` takes the sheet",
    "team": "CODEOWNERS, the catalogue, or `team` in tierline.yaml",
    "domain": "the catalogue, or a rule with `domain` in tierline.yaml",
    "description": "dbt's schema.yml, the warehouse's comment, or the catalogue",
    "tags": "dbt, the orchestrator, or the catalogue",
    "classification": "the catalogue, or the warehouse's tags",
    "schedule": "the orchestrator's schedule, or `schedule` in tierline.yaml",
    "freshness": "`tierline suggest freshness` proposes a deadline or maximum age from its history",
    "tested": "dbt's tests, or whatever tells check results",
    "lineage": "dbt's manifest, OpenLineage, or the orchestrator's datasets",
}
"""Field -> what would fill it."""


def pairs(found: Sequence[tuple[str, Any]]) -> html.Dl:
    """Terms and what is said of each; empty ones are left out."""
    return html.Dl([html.Div([html.Dt(term), html.Dd(said)]) for term, said in found if said], className="told")


def runs(told: Told, ask: Ask, zone: ZoneInfo) -> html.Section | None:
    found, now = told["runs"], told["as_of"]
    if not found["rows"]:
        return None
    rows = [
        [_run_state(one), cards.stamp(one["due"] or one["started"], zone, now), _span(one["waited"]),
         _span(one["seconds"]), one["trigger"] or "", fmt.count(one["tries"]) if one["tries"] else fmt.NOTHING,
         html.Span([_run_name(one["id"]), naming.out(one["url"], one["source"])], className="named")]
        for one in found["rows"]
    ]  # fmt: skip
    table = cards.table(
        ("state", "due", "waited", "took", "trigger", "tries", "run"), rows, right=(2, 3, 5), caption="runs"
    )
    body = [table, _pages(told, found["more"], ask)]
    return cards.panel("Runs", body, className="flush", note=_shown(told, found), take="runs")


def _run_name(key: str) -> html.Span:
    """The last part of a run's id, the whole on hover."""
    return html.Span(naming.shortened(key.rpartition("/")[2] or key, 48), title=key)


def _run_state(one: Told) -> html.Span:
    key = _STATES.get(one["state"] or "", "no target")
    word = {"success": "succeeded"}.get(one["state"], one["state"] or "not told")
    return cards.badge(key, word=word)


def _span(seconds: float | None) -> html.Td:
    return html.Td(fmt.NOTHING) if seconds is None else cards.figure_cell(fmt.duration(seconds), seconds)


def _shown(told: Told, found: Told) -> str:
    first = told["page"] * 50
    return f"{fmt.count(first + 1)} to {fmt.count(first + len(found['rows']))}, the newest first"


def _pages(told: Told, more: bool, ask: Ask) -> html.P | None:
    """Back to newer ones, on to older ones."""
    base, page = awaited.asset_link(told["asset"], ask), told["page"]
    newer = dcc.Link("newer", href=scope.extended(base, page=page - 1 or None)) if page else None
    older = dcc.Link("older", href=scope.extended(base, page=page + 1)) if more else None
    links = [one for one in (newer, older) if one is not None]
    return html.P([part for one in links for part in (one, " ")], className="paging") if links else None


def updates(told: Told, ask: Ask, zone: ZoneInfo) -> html.Details | None:
    found, now = told["updates"], told["as_of"]
    if not found["rows"]:
        return None
    rows = [
        [cards.stamp(one["at"], zone, now), cards.stamp(one["through"], zone, now) if one["through"] else fmt.NOTHING,
         "backfill" if one["backfill"] else "", html.Span([one["source"], naming.out(one["url"], one["source"])])]
        for one in found["rows"]
    ]  # fmt: skip
    table = cards.table(("landed", "data reaches to", "kind", "told by"), rows, caption="landings")
    body = [table, _pages(told, found["more"], ask) if not told["runs"]["rows"] else None]
    panel = cards.panel("Landings", body, className="flush", note=_shown(told, found), take="landings")
    newest = cards.moment(found["rows"][0]["at"], zone, now)
    return html.Details(
        [html.Summary(f"{fmt.plural(len(rows), 'landing')}, the last {newest}"), panel], className="unfolding"
    )


def checks(told: Told, ask: Ask, zone: ZoneInfo) -> html.Section | None:
    if not told["checks"]:
        return None
    rows = [
        [cards.badge(_OUTCOMES.get(one["outcome"], "no data"), word=one["outcome"]), cards.name(one["check"] or ""),
         one["type"] or "", one["severity"] or "", fmt.count(one["passed"]), fmt.count(one["failed"]),
         html.Span([cards.stamp(one["at"], zone, told["as_of"]), naming.out(one["url"], None)])]
        for one in told["checks"]
    ]  # fmt: skip
    heads = ("last", "check", "type", "severity", "passed", "failed", "at")
    table = cards.table(heads, rows, right=(4, 5), caption="checks")
    return cards.panel("Checks", table, className="flush", note=scope.period(ask.window), take="checks")


def incidents(told: Told, ask: Ask, zone: ZoneInfo) -> html.Section | None:
    if not told["incidents"]:
        return None
    now = told["as_of"]
    rows = [
        [naming.incident(one, ask), fmt.count(one["severity"]) if one["severity"] else fmt.NOTHING,
         cards.stamp(one["began"], zone, now),
         cards.stamp(one["restored"], zone, now) if one["restored"] else "still open",
         _lasted(one, now), cards.name(one["cause"] or "not told")]
        for one in told["incidents"]
    ]  # fmt: skip
    heads = ("incident", "severity", "began", "restored", "lasted", "cause")
    table = cards.table(heads, rows, right=(1, 4), caption="incidents")
    return cards.panel("Incidents", table, className="flush", note="open ones, and the last 90 days", take="incidents")


def _lasted(one: Told, now: datetime) -> html.Td:
    return _span(((one["restored"] or now) - one["began"]).total_seconds())


def around(told: Told, ask: Ask) -> html.Section | None:
    """Two levels up and two down, as lists."""
    sides = [("upstream", "fed by"), ("downstream", "feeds")]
    columns = [_side(word, told[side], ask) for side, word in sides if told[side][0]["of"]]
    if not columns:
        return None
    return cards.panel("Around it", html.Div(columns, className="around"), note="two levels of its lineage")


def _side(word: str, levels: Sequence[Told], ask: Ask) -> html.Div:
    near, far = levels
    by: dict[str, list[Told]] = {}
    for one in far["rows"]:
        by.setdefault(one["by"], []).append(one)
    items = [html.Li([_neighbour(one, ask), _further(by.get(one["asset"], []), ask)]) for one in near["rows"]]
    hidden = near["of"] - len(near["rows"])
    if hidden:
        items.append(html.Li(f"and {fmt.count(hidden)} more", className="note"))
    beyond = far["of"] - len(far["rows"])
    more = html.P(f"{fmt.count(beyond)} more one step further", className="note") if beyond else None
    return html.Div([html.H3(f"{word} {fmt.count(near['of'])}"), html.Ul(items), more])


def _further(found: Sequence[Told], ask: Ask) -> html.Ul | None:
    return html.Ul([html.Li(_neighbour(one, ask)) for one in found]) if found else None


def _neighbour(one: Told, ask: Ask) -> html.Span:
    tier = "" if one["tier"] is None else f", tier {one['tier']}"
    return html.Span([naming.briefly([one["asset"]], ask), html.Span(f" {one['kind'] or ''}{tier}", className="note")])


def gaps(told: Told) -> html.Section | None:
    """What nobody told of it, and what would fill it."""
    if not told["gaps"]:
        return cards.panel("Not told", html.P("Whatever is asked of its kind is told.", className="calm"))
    rows = [[said_of(field).removeprefix("the "), filling(field)] for field in told["gaps"]]
    table = cards.table(("missing", "what would fill it"), rows, caption="not told")
    return cards.panel(f"Not told: {fmt.count(len(rows))}", table, className="flush", take="not-told")


def said_of(field: str) -> str:
    """What a field holds, in words: the owner, the lineage, a deadline or maximum age."""
    named = {"freshness": "a deadline or maximum age", "tested": "a test", "tags": "a tag"}
    return named.get(field, f"the {_words(field)}")


def filling(field: str) -> list[Any]:
    """The advice with its commands and settings set as code."""
    return [html.Code(part) if place % 2 else part for place, part in enumerate(FILLED_BY[field].split("`"))]


def _words(field: str) -> str:
    return field.replace("_", " ")


def fields(told: Told, zone: ZoneInfo) -> html.Section:
    """Each field with its value, who says so by which rule, since when, and who says otherwise."""
    rows = [
        [_words(one["field"]), cards.name(_said(one)), one["source"], one["rule"], _since(one["since"], zone),
         cards.name(_otherwise(one))]
        for one in told["fields"]
    ]  # fmt: skip
    table = cards.table(("field", "value", "told by", "by which rule", "since", "others say"), rows, caption="fields")
    return cards.panel("What it is, and who says so", table, className="flush", take="fields")


def _said(one: Told) -> str:
    """A field's value; a threshold as the promise it is."""
    if one["field"] != "freshness":
        return _value(one["value"], one["field"])
    zone = f" ({one['value']['tz']})" if one["value"].get("tz") else ""
    return awaited.rule({"rule": one["value"]}) + zone


def _otherwise(one: Told) -> str:
    """What other sources say, where it is something else."""
    others = [other for other in one["lost"] if other["value"] != one["value"]]
    return "; ".join(f"{_value(other['value'], one['field'])} ({other['source']})" for other in others)


def _since(when: Any, zone: ZoneInfo) -> Any:
    return cards.stamp(when, zone) if isinstance(when, datetime) else "always"


def _value(value: Any, field: str) -> str:
    if field.endswith("_objective") and isinstance(value, float):
        return fmt.share(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {one}" for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return naming.shortened(str(value), 200)

"""The report of a period: one HTML file that stands alone, typeset for A4, drawn from results alone.

It names teams and assets, never a person: no fact and no owner goes into it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from dashboards import answering, benchmarks, changes, decided, scope, sentences, svg, ticks, words
from dashboards import format as fmt
from slo.setup import line

Result = Mapping[str, Any]
Meta = Mapping[str, Any]
WIDE = (640, 104)
SMALL = (150, 44)


def fingerprint(results: Sequence[Result], meta: Meta) -> str:
    """SHA-256 of what the report was drawn from: two reports with one hash say the same."""
    text = json.dumps([dict(meta), [dict(one) for one in results]], sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def whole(results: Sequence[Result], meta: Meta) -> list[Result]:
    """The report's own results: its period and scope, in order of family."""
    wanted = {key: value for key, value in (meta.get("scope") or {}).items() if value is not None}
    own = [one for one in results if one["window"]["name"] == meta["period"] and scope.of(one) == wanted]
    order = {family: place for place, family in enumerate(scope.FAMILIES)}
    return sorted(own, key=lambda one: order.get(one["family"], len(order)))


def tiers_of(result: Result, results: Sequence[Result]) -> list[Result]:
    """The same KPI tier by tier, where the report's scope is not itself a tier and a tier has a value."""
    wanted = scope.of(result)
    found = [
        one
        for one in results
        if one["kpi"] == result["kpi"]
        and one["window"]["name"] == result["window"]["name"]
        and one["value"] is not None
        and "tier" in scope.of(one)
        and {key: value for key, value in scope.of(one).items() if key != "tier"} == wanted
    ]
    return [] if "tier" in wanted else sorted(found, key=lambda one: one["scope"]["tier"])


def summary(own: Sequence[Result], profile: str | None) -> dict[str, list[str]]:
    """Sentences by verdict: missed, kept at the minimum, kept, beside what is published, and not to be judged."""
    told: dict[str, list[str]] = {"missed": [], "near": [], "met": [], "published": [], "open": []}
    for one in own:
        status = scope.profile_status(one, profile)
        if status in ("missed", "near", "met", "published"):
            told[status].append(sentences.brief(one, profile))
        elif status != "no target":
            told["open"].append(f"{one['title']}: {fmt.status(status).word}")
    return told


def title(own: Sequence[Result], meta: Meta) -> str:
    """The report in one sentence."""
    verdicts = [scope.profile_status(one, meta.get("profile")) for one in own]
    judged = sum(verdict in ("met", "near", "missed") for verdict in verdicts)
    kept = judged - verdicts.count("missed")
    who = words.subject(meta.get("scope") or {})
    when = words.sentence(scope.period(meta["period"]))
    if not judged and "published" in verdicts:
        return f"{when} nothing was promised of {who}; the published ranges stand beside its figures"
    if not judged:
        return f"{when} no promise of {who} could be judged"
    return f"{when} {who} kept {kept} of {fmt.plural(judged, 'judged promise')}"


def _tables(own: Sequence[Result], view: str | None, profile: str | None) -> list[tuple[str, list[Result]]]:
    """The view's KPIs first; what it leaves out under a heading of its own."""
    inside, others = scope.split(own, view, profile)
    return [pair for pair in (("", inside), ("Outside this view", others)) if pair[1]]


def _asked(own: Sequence[Result], profile: str | None) -> str:
    """Beside a report that somebody asked to be judged by a profile: how much of it nobody has adopted."""
    if profile is None:
        return ""
    told = [entry for one in own for entry in scope.targets(one, profile)]
    open_ones = sum(1 for entry in told if not entry.get("adopted"))
    return (
        f"{fmt.count(open_ones)} of its {fmt.plural(len(told), 'target')} {benchmarks.UNADOPTED}." if open_ones else ""
    )


def chart(result: Result, profile: str | None) -> Markup:
    """The KPI day by day as inline SVG: round marks at the side, first and last day below."""
    targets = scope.bound(result, profile)
    span = svg.bounds(result["series"], targets)
    if span is None:
        return Markup('<p class="none">no day has a value</p>')
    width, height = WIDE
    frame = svg.Frame(width, height, *span)
    inner = svg.drawing(result["series"], targets, width=width, height=height, scale=span, colour="currentColor")
    around = "".join(_marks(result, frame)) + "".join(_days(result, frame))
    room = f"-64 -4 {width + 74} {height + 24}"
    return Markup(
        f'<svg viewBox="{room}" width="{width + 74}" height="{height + 24}" aria-hidden="true">{around}{inner}</svg>'
    )


def _marks(result: Result, frame: svg.Frame) -> Iterator[str]:
    """Faint lines at round values, each with its figure at the left."""
    for mark in ticks.marks(frame.low, frame.high, result["unit"], most=4):
        y = frame.y(mark)
        yield f'<line class="grid" x1="0" x2="{frame.width}" y1="{y}" y2="{y}"/>'
        yield f'<text x="-8" y="{y + 3.5}" text-anchor="end">{escape(fmt.mark(mark, result))}</text>'


def _days(result: Result, frame: svg.Frame) -> Iterator[str]:
    ends = ((0, "start", 0), (frame.width, "end", -1))
    for x, anchor, place in ends:
        day = date.fromisoformat(result["series"][place]["day"])
        yield f'<text x="{x}" y="{frame.height + 14}" text-anchor="{anchor}">{day.day} {day:%b}</text>'


def small_multiples(tiers: Sequence[Result]) -> list[tuple[str, str, Markup]]:
    """(name, value, chart) a tier, all on one scale."""
    drawn = [pair for one in tiers if (pair := svg.bounds(one["series"]))]
    if len(tiers) < 2 or not drawn:
        return []
    low, high = min(pair[0] for pair in drawn), max(pair[1] for pair in drawn)
    inside = (low, high if high > low else low + 1.0)
    return [(f"tier {one['scope']['tier']}", _sized(one), _small(one, inside)) for one in tiers]


def _sized(result: Result) -> str:
    """The value; of a mean with how many stand behind it."""
    n = f" ({fmt.size(result)})" if result.get("mean") is not None else ""
    return fmt.value(result) + n


def _small(result: Result, span: tuple[float, float]) -> Markup:
    return Markup(svg.spark(result["series"], width=SMALL[0], height=SMALL[1], colour="currentColor", scale=span))


def _section(result: Result, results: Sequence[Result], profile: str | None, said: decided.Decided) -> dict[str, Any]:
    return {
        "result": result,
        "sentence": sentences.full(result, profile),
        "chart": chart(result, profile),
        "tiers": small_multiples(tiers_of(result, results)),
        "caveats": list(result.get("caveats") or ()),
        "decided": decided.beside(said, result),
    }


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("dashboards", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        fmt=fmt,
        answering=answering,
        benchmarks=benchmarks,
        changes=changes,
        scope=scope,
        sentences=sentences,
        words=words,
    )
    return made


def render(results: Sequence[Result], meta: Meta) -> str:
    """The report as one self-contained HTML document.

    ``meta``: period (a window's name, "2026-10"), as_of (aware datetime or ISO text), timezone (IANA name), and
    optionally scope {tier, team, domain}, profile (the one asked for), view (the settings' own), decided (notes,
    sign_offs), coverage (slo/setup.py). ``results`` may hold more than the period; what fits is taken. A KPI that is
    not set up is left out, and counted in one line.
    """
    own = [one for one in whole(results, meta) if one["status"] != "not set up"]
    profile = meta.get("profile")
    as_of = meta["as_of"] if isinstance(meta["as_of"], datetime) else datetime.fromisoformat(meta["as_of"])
    local = as_of.astimezone(ZoneInfo(meta["timezone"]))
    grouped = [
        (family, [_section(one, results, profile, meta.get("decided") or {}) for one in members])
        for family, members in groupby(own, key=lambda one: one["family"])
    ]
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            title=title(own, meta),
            own=own,
            tables=_tables(own, meta.get("view"), profile),
            told=summary(own, profile),
            families=grouped,
            profile=profile,
            asked=_asked(own, profile),
            as_of=f"{local.day} {local:%B %Y, %H:%M} {local.tzname()}",
            zone=meta["timezone"],
            period=meta["period"],
            noted=decided.of_period(meta.get("decided") or {}, own[0]["window"]) if own else [],
            measured=line(meta.get("coverage") or ()) if meta.get("coverage") else "",
            provisional=any(one["status"] == "provisional" for one in own),
            hash=fingerprint(results, meta),
        )
    )

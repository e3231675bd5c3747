"""A family's page: each of its KPIs with twelve months' trend, tiers, drivers, budgets and what spent them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from dashboards import format as fmt
from dashboards.reading import scope
from dashboards.report import figures
from dashboards.report.incidents import happened
from dashboards.report.shape import Budget, Card, Chart, DriverLine, Drivers, Family, Figure, Point, Said, Term, Tier
from dashboards.report.told import Told
from dashboards.wording import answering, decided, drivers, sentences, words
from dashboards.wording.caveats import gathered
from slo.calendars import DAY
from slo.shelf import shelf
from slo.windows import Kind, calendar_window, parse_window

Result = Mapping[str, Any]
GROUPS = 4
"""Lines of a table of drivers, the rest as one more."""


def families(told: Told) -> list[Family]:
    """A page each, in the families' order."""
    return [
        _family(told, name, list(members)) for name, members in groupby(told.own, key=lambda one: str(one["family"]))
    ]


def _family(told: Told, name: str, members: list[Result]) -> Family:
    shown = [one for one in members if one["value"] is not None or _has_values(told, one)]
    others = [one for one in members if one not in shown]
    return Family(
        name, words.sentence(name), [card(told, one) for one in shown],
        [Term(one["title"], fmt.status(one["status"]).word) for one in others],
        happened(told) if name == "incidents" else None,
    )  # fmt: skip


def _has_values(told: Told, result: Result) -> bool:
    return any(point["value"] is not None for point in told.gathered["over_time"].get(result["kpi"], ()))


def card(told: Told, result: Result) -> Card:
    """One KPI."""
    profile = told.profile
    facts = [text for text in (fmt.size(result), fmt.interval(result), fmt.coverage(result)) if text]
    if result.get("open") and result.get("at_least") is not None:
        facts.append(f"{fmt.plural(result['open'], 'incident')} open, so at least {fmt.of(result, result['at_least'])}")
    bound = scope.bound(result, profile)
    return Card(
        result["kpi"], result["title"], sentences.full(result, profile), figures.value(result),
        figures.status(scope.profile_status(result, profile)), bool(result["provisional"]), facts,
        [Term(*pair) for pair in answering.beside(result)], trend(told, result),
        figures.days(result, bound[0] if bound else None), tiers(told, result), driven(told, result),
        list(budgets(told, result)), gathered(result["caveats"]),
        [Said(*pair) for pair in decided.beside(told.decided, result)],
    )  # fmt: skip


def trend(told: Told, result: Result) -> Chart | None:
    """Twelve periods: of a closed one what was reported, ringed where later facts changed it."""
    moved = {(one["period"], one["kpi"]) for one in told.restatements}
    points = []
    for one in told.gathered["over_time"].get(result["kpi"], ()):
        key = (one["name"], result["kpi"])
        shown = told.reported.get(key, one["value"])
        window = parse_window(one["name"], told.as_of, told.zone)
        label = fmt.month(window.first_day)[:3] if window.kind == "M" else one["name"][5:]
        points.append(
            Point(one["name"], label, shown, figures.of(result, shown).text, bool(one["provisional"]), key in moved,
                  one["floor"])
        )  # fmt: skip
    return figures.chart(result, points, "twelve months" if _by_month(told) else "twelve weeks")


def _by_month(told: Told) -> bool:
    return told.window.kind != "W"


def periods(told_window: Any) -> list[str]:
    """The names of the twelve months (of a week's report: weeks) that end with the period, the oldest first."""
    kind: Kind = "W" if told_window.kind == "W" else "M"
    window = calendar_window(kind, told_window.last_day, told_window.tz)
    found = [window]
    for _ in range(11):
        found.append(calendar_window(kind, found[-1].first_day - DAY, told_window.tz))
    return [one.name for one in reversed(found)]


def tiers(told: Told, result: Result) -> list[Tier]:
    """Its tiers on one scale, where there are several."""
    found = told.gathered["tiers"].get(result["kpi"], ())
    if len(found) < 2:
        return []
    drawn = figures.shared([figures.days(one) for one in found])
    return [
        Tier(one["scope"]["tier"], figures.value(one), Figure(figures.amount(one), fmt.size(one)),
             figures.status(scope.profile_status(one, told.profile)), figures.target(one, told.profile), days)
        for one, days in zip(found, drawn, strict=True)
    ]  # fmt: skip


def driven(told: Told, result: Result) -> Drivers | None:
    """What moved it, by the dimension that says most; None where nothing did, or where it may all be noise."""
    if (result.get("previous") or {}).get("told_from_noise") is False:
        return None
    found = (told.gathered["behind"].get(result["kpi"]) or {}).get("drivers")
    if not found or not found["dimensions"] or not found["change"]:
        return None
    table = drivers.table(found["dimensions"][0], result, most=GROUPS)
    if len(table.lines) < 2:
        return None
    lines = [
        DriverLine(line.name, line.value, Figure(line.bars[0], table.written(line.mix)),
                   Figure(line.bars[1], table.written(line.rate)), Figure(sum(line.bars), table.written(line.total)))
        for line in table.lines
    ]  # fmt: skip
    mix, rate = (sum(line.bars[side] for line in table.lines) for side in (0, 1))
    totals = [(mix, table.mix), (rate, table.rate), (mix + rate, table.mix + table.rate)]
    sums = DriverLine("together", "", *(Figure(exact, table.written(steps)) for exact, steps in totals))
    caution = drivers.caution(found, result)
    sentence = " ".join(filter(None, (drivers.sentence(found, result), caution)))
    return Drivers(sentence, table.by, table.unit, table.weighed, [*lines, sums])


def budgets(told: Told, result: Result) -> Iterator[Budget]:
    """Of each promise that allows a share of bad ones: what is left, and which assets spent most."""
    for entry in promised(told, result):
        shown = scope.told(entry)
        budget = shown.get("budget") or entry.get("budget")
        if budget is not None:
            narrow = scope.narrower(entry, result)
            left = fmt.budget_left(budget)
            yield Budget(
                fmt.target(shown, result), ", ".join(f"{key} {value}" for key, value in narrow.items()),
                left, None if left is None else 1 - left, fmt.budget(budget),
                [] if narrow else spenders(told, result),
            )  # fmt: skip


def promised(told: Told, result: Result) -> list[Mapping[str, Any]]:
    """The targets that somebody adopted, or that were asked for by their profile."""
    if told.profile is None and result.get("standing") != "adopted":
        return []
    return [one for one in scope.targets(result, told.profile) if told.profile is not None or one.get("adopted")]


def spenders(told: Told, result: Result) -> list[Term]:
    """Assets with the most bad ones, largest first; none where each has but one of many."""
    spent = (told.gathered["behind"].get(result["kpi"]) or {}).get("spent")
    if not spent or not spent["bad"]:
        return []
    say = fmt.duration if fmt.in_seconds(result) else fmt.count
    named = [one for one in spent["assets"] if one["bad"] > 1 or spent["bad"] <= len(spent["assets"])]
    return [
        Term(
            one["asset"],
            f"{say(one['bad'])} of {_bad(result, spent['bad'], say)} ({fmt.percent(one['share'])})",
            one["share"],
        )
        for one in named
    ]


def _bad(result: Result, amount: float, say: Any) -> str:
    """230 failures; of time: 48 days 3 h."""
    if fmt.in_seconds(result):
        return str(say(amount))
    noun = shelf()[result["kpi"]].nouns[1]
    return fmt.plural(amount, noun, _many(noun))


def _many(noun: str) -> str:
    """alerts that needed nothing; datasets below its objective: the noun takes the s, not its last word."""
    for within in (" that ", " below "):
        head, found, tail = noun.partition(within)
        if found:
            return f"{head}s{within}{tail}"
    return f"{noun}s"

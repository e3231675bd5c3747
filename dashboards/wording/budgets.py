"""Error budgets in words: what was promised and spent, how fast it goes, when it has gone. Figures, no adjectives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dashboards import format as fmt
from dashboards.reading import scope
from dashboards.wording import words
from slo.budgets.pace import PRESENT
from slo.shelf import shelf

Budget = Mapping[str, Any]
"""What slo/stories/budgets.py tells of one."""


def target(one: Budget) -> str:
    """≥ 99.5 %; < 10 %, days 60; ≥ 95 %, tier 1; ≥ 98 %, prom/web: with what tells it from the KPI's other promises."""
    told = [fmt.target(one, one), *of_what(one)]
    return ", ".join(told)


def of_what(one: Budget) -> list[str]:
    """The tier, the asset and the parameters it speaks of, where they are its own."""
    tier, asset = one["scope"].get("tier"), one["scope"].get("asset")
    shown = "-".join(map(str, tier)) if isinstance(tier, (list, tuple)) else tier
    kpi = shelf().get(one["kpi"])
    usual = kpi.defaults if kpi is not None else {}
    own = [f"{name.replace('_', ' ')} {value}" for name, value in one["params"].items() if value != usual.get(name)]
    return [*([f"tier {shown}"] if shown is not None else []), *([asset] if asset else []), *own]


def many(one: str) -> str:
    """The plural of a noun: alerts that needed nothing, datasets below their objective, failures."""
    head, _, rest = one.partition(" that ")
    if rest:
        return f"{head}s that {rest}"
    head, _, rest = one.partition(" below its ")
    return f"{head}s below their {rest}" if rest else f"{one}s"


def amount(one: Budget, figure: float, bad: bool = True) -> str:
    """So many of what the budget counts: 69 failures, 13,831 runs; a span where it counts time."""
    if one["seconds"]:
        return fmt.duration(figure)
    noun = one["nouns"][1 if bad else 0]
    return fmt.plural(figure, noun, many(noun))


def spent(one: Budget) -> str:
    """191 failures of 13,831 runs; 6 recurring incidents of 18; 2 days of 28 days."""
    total = one["good"] + one["bad"]
    if not one["seconds"] and one["nouns"][1].endswith(one["nouns"][0]):
        return f"{amount(one, one['bad'])} of {fmt.count(total)}"
    return f"{amount(one, one['bad'])} of {amount(one, total, bad=False)}"


def allowed(one: Budget) -> str:
    """69.2 allowed."""
    figure = one["allowed_events"]
    return f"{fmt.duration(figure) if one['seconds'] else fmt.count(figure)} allowed"


def left(one: Budget) -> str:
    """What is left of the whole window's budget: 46.6 %; 2.76 times spent; 1 too many where none is allowed."""
    share = one["whole"]["remaining"]
    if share is None:
        return f"{amount(one, one['bad'])} where none is allowed" if one["bad"] else "untouched"
    return fmt.percent(share) if share >= 0 else f"{fmt.number(1 - share)} times spent"


def when(one: Budget, zone: ZoneInfo) -> str:
    """When it has gone: overspent on 3 Nov; 24 Nov 14:00; not before the window ends."""
    ahead = _ahead(one)
    if one["outlook"] == "spent":
        return f"overspent since {fmt.day_short(date.fromisoformat(one['ran_out']))}" if one["ran_out"] else "overspent"
    if one["outlook"] == "runs out":
        return fmt.moment(one["runs_out"].astimezone(zone))
    said = {"lasts": ahead, "over": "the window has ended", "unknown": f"nothing counted in the last {PRESENT} days"}
    return said[one["outlook"]]


def _ahead(one: Budget) -> str:
    name = one["window"]["name"]
    return f"not within {name[:-1]} days" if name.endswith("d") else "not before the window ends"


def burn(one: Budget) -> float | None:
    """The present burn, over PRESENT days; None where nothing was counted in them."""
    found: float | None = next(line["rate"] for line in one["burn"] if line["lookback"] == f"{PRESENT}d")
    return found


def rate(figure: float | None) -> str:
    """1.71 ×: so many times the pace at which the budget would last."""
    return fmt.NOTHING if figure is None else f"{fmt.number(figure)} ×"


def worth(line: Mapping[str, Any], one: Budget) -> str:
    """What fires a lookback: 14.4 ×; 2 failures; both, where both must hold."""
    counted = [] if line["min_bad"] is None else [amount(one, line["min_bad"])]
    return " and ".join([*([] if line["factor"] is None else [rate(line["factor"])]), *counted])


def adopted(one: Budget) -> str:
    """core-data, since 1 January 2025; of what nobody adopted: by which profile it is judged."""
    if one["adopted"] is None:
        return f"not adopted; judged as {words.profile(one['profile'])} publishes it"
    since = fmt.day(date.fromisoformat(one["adopted"]))
    return f"{one['adopted_by'] or 'adopted'}, since {since}"


def low_volume(one: Budget) -> str:
    """One failure is 333 % of this budget."""
    if not one["low_volume"] or one["one_failure"] is None:
        return ""
    return f"One {one['nouns'][1]} is {fmt.percent(one['one_failure'])} of this budget."


def title(one: Budget, zone: ZoneInfo) -> str:
    """The objective's page in a sentence: what went of how much, what is allowed, and what becomes of it."""
    who = "" if not scope.of(one) else f" of {words.subject(scope.of(one))}"
    where = scope.period(one["window"]["name"])
    promise = f"target {target({**one, 'scope': {}})}"
    return f"{one['title']}{who} {where}: {spent(one)}, {allowed(one)} ({promise}); {_becomes(one, zone)}"


def _becomes(one: Budget, zone: ZoneInfo) -> str:
    said = {
        "spent": f"the budget is {when(one, zone)}",
        "runs out": f"at the present burn the rest has gone by {when(one, zone)}",
        "lasts": f"{left(one)} is left, at the present burn {_ahead(one).replace('not', 'gone not', 1)}",
        "over": f"{left(one)} was left at the end",
        "unknown": f"{left(one)} is left",
    }
    return said[one["outlook"]]


def summary(found: Sequence[Budget], window: str) -> str:
    """The list's title: 2 of 9 error budgets were overspent in the last 28 days; 1 more runs out before they end."""
    if not found:
        return f"No error budget stands {scope.period(window)}"
    over = sum(one["outlook"] == "spent" or (one["whole"]["remaining"] or 0) < 0 for one in found)
    out = sum(one["outlook"] == "runs out" for one in found)
    gone = f"{fmt.count(over)} of {fmt.plural(len(found), 'error budget')} {'is' if over == 1 else 'are'} overspent"
    said = gone if over else f"None of {fmt.plural(len(found), 'error budget')} is overspent"
    more = f"; {fmt.count(out)} more {'runs' if out == 1 else 'run'} out at the present burn" if out else ""
    return f"{said} {scope.period(window)}{more}"


def length(span: timedelta) -> str:
    """A lookback: 5 min, 1 h, 3 days."""
    seconds = span.total_seconds()
    for size, word in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if seconds % size == 0:
            return fmt.plural(seconds / size, word, f"{word}s" if word == "day" else word)
    return fmt.duration(seconds)

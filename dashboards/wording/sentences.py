"""Titles that the data wrote: one sentence a result, with value, scope, window and target. No adjectives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards import format as fmt
from dashboards.reading import scope
from dashboards.wording import benchmarks, words
from slo.shelf import shelf

Result = Mapping[str, Any]

_DEFAULT = "{title} of {whose_plain} was {value} {when}"


def _sentence(result: Result) -> str:
    """The KPI's own; one without is said by its title."""
    kpi = shelf().get(result["kpi"])
    return (kpi.sentence if kpi is not None else "") or _DEFAULT


def who(result: Result) -> str:
    """The scope as the subject of a sentence."""
    parts = scope.of(result)
    if not parts:
        return "The platform"
    names = {"tier": "Tier {}", "team": "Team {}", "domain": "Domain {}", "asset": "{}"}
    return ", ".join(names[key].format(value) for key, value in parts.items())


def _genitive(name: str) -> str:
    return name + ("'" if name.endswith("s") else "'s")


def _inside(name: str) -> str:
    return name[0].lower() + name[1:] if name.startswith(("The ", "Tier ", "Team ", "Domain ")) else name


def _fill(template: str, result: Result) -> str:
    subject = who(result)
    return template.format(
        who=subject,
        whose=_genitive(_inside(subject)),
        whose_cap=_genitive(subject),
        whose_plain=_inside(subject),
        value=fmt.value(result),
        times=fmt.value(result).replace(" a ", " times a "),
        when=scope.period(result["window"]["name"]),
        title=result["title"],
    )


_EMPTY = {
    "not set up": "{title} is not set up: no connected source tells what it needs",
    "no data": "{title} of {whose_plain} has no data {when}",
}


def sentence(result: Result) -> str:
    """What happened, without the target: Tier 1 kept 99.2 % of its scheduled runs in October 2026."""
    if result.get("value") is None:
        open_ones = _open(result)
        return open_ones or _fill(_EMPTY.get(result["status"], _EMPTY["no data"]), result)
    text = _fill(_sentence(result), result)
    return words.sentence(text) + _behind(result)


def _behind(result: Result) -> str:
    """A mean or a median is never said without how many stand behind it: (n 4)."""
    return f" ({fmt.size(result)})" if result.get("mean") is not None else ""


def _open(result: Result) -> str:
    """MTTR with nothing restored: the open incidents are the news."""
    if not result.get("open") or result.get("at_least") is None:
        return ""
    least = fmt.of(result, result["at_least"])
    return _fill("{who} restored no incident {when}; " + f"{fmt.count(result['open'])} open, at least {least}", result)


def promise(result: Result, profile: str | None = None) -> str:
    """The target that the headline stands on: target ≥ 99.5 %; where nobody has adopted one, the published range."""
    if scope.is_benchmark(result, profile):
        return benchmarks.sentence(result)
    entry = scope.headline(result, profile)
    return f"target {target(entry, result)}" if entry else ""


def target(entry: Mapping[str, Any], result: Result) -> str:
    """What was promised, and for whom where that is less than the result: < 60 min for tier 1 (95 min there)."""
    said = fmt.target(entry, result)
    narrow = scope.narrower(entry, result)
    if not narrow:
        return said
    same = entry.get("value") in (None, result.get("value"))
    there = "" if same else f" ({fmt.of(result, entry['value'])} there)"
    return f"{said} for {', '.join(f'{key} {value}' for key, value in narrow.items())}{there}"


def full(result: Result, profile: str | None = None) -> str:
    """Sentence and target: Tier 1 kept 99.2 % of its scheduled runs in October 2026; target ≥ 99.5 %."""
    said = promise(result, profile)
    return sentence(result) + (f"; {said}" if said and result["status"] != "not set up" else "")


def brief(result: Result, profile: str | None = None) -> str:
    """The attention's sentence without its window, for a page that names it once."""
    when = f" {scope.period(result['window']['name'])}"
    return attention(result, profile).replace(when, "", 1)


def attention(result: Result, profile: str | None = None) -> str:
    """The full sentence with what the miss has cost of the error budget."""
    if scope.is_benchmark(result, profile):
        return full(result, profile)
    entry = scope.headline(result, profile)
    if scope.profile_status(result, profile) in ("met", "near", "provisional"):
        entry = lowest_budget(result, profile) or entry
    spent = fmt.budget((entry or {}).get("budget"))
    said = f"; target {target(entry, result)}" if entry else ""
    return sentence(result) + said + (f"; {spent}" if spent else "")


def lowest_budget(result: Result, profile: str | None) -> Mapping[str, Any] | None:
    """The target whose error budget is the emptiest; None where no budget stands on any, or nobody has adopted one."""
    own = [] if scope.is_benchmark(result, profile) else scope.targets(result, profile)
    left = [(share, one) for one in own if (share := fmt.budget_left(one.get("budget"))) is not None]
    return min(left, key=lambda pair: pair[0], default=(None, None))[1]

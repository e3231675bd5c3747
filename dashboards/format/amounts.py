"""Amounts in a KPI's own unit, its targets and what stands beside its value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dashboards.format import locale
from dashboards.format.clock import business_days, duration
from dashboards.format.numerals import NOTHING, count, number, percent, plural, points, relative, share, trimmed
from slo.shelf import shelf

Result = Mapping[str, Any]


def money(value: float, currency: str, against: Iterable[float] = ()) -> str:
    """An amount in its currency: USD 4.52, USD 1,240."""
    return locale.priced(currency, number(value, against))


_STEPS = ("B", "kB", "MB", "GB", "TB", "PB")


def stored(amount: float) -> str:
    """Bytes in the largest unit of thousands that leaves a figure before the point: 84.0 TB; a TB is 10^12 bytes."""
    step = 0
    while abs(amount) >= 1000 and step + 1 < len(_STEPS):
        amount, step = amount / 1000, step + 1
    return f"{number(amount)} {_STEPS[step]}"


_RATES = {"per_week": "a week", "per_month": "a month", "hours_per_week": "h a week"}


def amount(
    value: float | None, unit: str, *, against: Iterable[float] = (), signed: bool = False, currency: str = "USD"
) -> str:
    """A value in its KPI's unit; None is "no data"."""
    if value is None:
        return "no data"
    if unit == "ratio":
        return percent(value, against, signed)
    if unit == "seconds":
        return duration(value, against)
    if unit == "business_days":
        return business_days(value, against)
    if unit in _RATES:
        return f"{number(value, against)} {_RATES[unit]}"
    if unit.startswith("currency_per_"):
        short = unit.removeprefix("currency_per_").replace("terabyte", "TB")
        return f"{money(value, currency, against)} per {short}"
    return count(value) if unit == "count" else number(value, against)


def is_signed(result: Result) -> bool:
    """Whether the value is itself a change (job_runtime, growth against forecast)."""
    return result.get("measure") in ("Change", "Levels") and result.get("unit") == "ratio"


def bounds(result: Result) -> list[float]:
    """The target figures that stand in the value's own unit, so that rounding never crosses one."""
    own = ("at_least", "at_most", "above", "below", "zero")
    found = (
        target.get(name)
        for target in result.get("targets") or ()
        for name in ("floor", "stretch")
        if target.get("form") in own
    )
    return sorted({figure for figure in found if figure is not None})


def of(result: Result, figure: float | None) -> str:
    """Any figure of the result's KPI (a day's value, a bound of its interval), in its unit."""
    return _among(result, figure, bounds(result))


def apart(result: Result, figure: float | None, other: float | None) -> str:
    """One of two figures of the KPI, with as many digits as tell it from the other: 95.16 % beside 95.2 %."""
    if figure is None or other is None:
        return of(result, figure)
    return _among(result, figure, [*bounds(result), other, (figure + other) / 2])


def _among(result: Result, figure: float | None, against: Iterable[float]) -> str:
    currency = result.get("currency") or "USD"
    told = amount(figure, result["unit"], against=against, signed=is_signed(result), currency=currency)
    return told if figure is None else f"{told} {_scale(result)}".rstrip()


def _scale(result: Result) -> str:
    """What a score is counted on, by the parameters it was asked with: of 10, of 5, NPS."""
    told = (result.get("params") or {}).get("scale") if result["unit"] == "score" else None
    return "" if told is None else "NPS" if told == "nps" else f"of {told}"


def value(result: Result) -> str:
    """The result's value with its unit; "no data" where there is none."""
    return of(result, result.get("value"))


def unit_words(result: Result) -> str:
    """The unit, where ``compact`` leaves it to the row's name: / week; USD per TB."""
    unit = result["unit"]
    if unit.startswith("currency_per_"):
        short = unit.removeprefix("currency_per_").replace("terabyte", "TB")
        return f"{result.get('currency') or 'USD'} per {short}"
    return "business days" if unit == "business_days" else _RATES.get(unit, "").replace("a ", "/ ") or _scale(result)


def compact(result: Result) -> str:
    """The value for a narrow column whose row names the unit: 14.0; 4.3 min."""
    return compact_of(result, result.get("value"))


def compact_of(result: Result, figure: float | None) -> str:
    """Any figure of the result's KPI, as ``compact`` shows its value."""
    if figure is not None and result["unit"] == "seconds" and 60 <= figure < 600:
        return f"{number(figure / 60, (bound / 60 for bound in bounds(result)), significant=2)} min"
    if figure is None or not unit_words(result):
        return of(result, figure)
    return number(figure, bounds(result))


def exact(result: Result) -> str:
    """The unrounded value, for hover."""
    figure = result.get("value")
    if figure is None:
        return "no data"
    return f"{locale.spell(repr(figure))} {result['unit'].replace('_', ' ')}" + exact_parts(result)


def exact_parts(result: Result) -> str:
    if result.get("good") is not None:
        return locale.spell(f" ({result['good']:,} good, {result['bad']:,} bad)")
    if result.get("numerator") is not None:
        return locale.spell(f" ({result['numerator']:,} / {result['denominator']:,})")
    return ""


def asked(result: Result, entry: Mapping[str, Any]) -> Result:
    """The result with the parameters of one target beside it, which may count on another scale."""
    return {**result, "params": entry["params"]} if entry.get("params") else result


_FORMS = {"at_least": "≥ ", "at_most": "≤ ", "above": "> ", "below": "< "}


def promised(figure: float, result: Result) -> str:
    """A target's figure in its KPI's unit, as short as it is exact."""
    unit = result["unit"]
    if unit == "ratio":
        return share(figure, 4)
    if unit == "seconds" and abs(figure) < 60:
        return f"{trimmed(figure)} s"
    if unit in ("seconds", "business_days"):
        return amount(figure, unit)
    return f"{trimmed(figure)} {_RATES.get(unit, '') or _scale(result)}".rstrip()


def target(entry: Mapping[str, Any], result: Result) -> str:
    """What was promised, short enough for a table: ≥ 99.5 %, < 60 min; the published text where it is no bound."""
    form, floor, result = entry.get("form"), entry.get("floor"), asked(result, entry)
    if form in _FORMS and floor is not None:
        return _FORMS[form] + promised(floor, result)
    if form == "agreed":
        return "not agreed"
    if form == "within" and entry.get("lo") is not None and entry.get("hi") is not None:
        return f"{promised(entry['lo'], result)} to {promised(entry['hi'], result)}"
    return "none" if form == "zero" else str(entry.get("text") or NOTHING)


def mark(figure: float, result: Result) -> str:
    """A mark on a chart's axis, in as few characters as are true."""
    if result["unit"] == "ratio":
        return share(figure, 3)
    return duration(figure) if result["unit"] == "seconds" else trimmed(figure, 3)


def in_seconds(result: Result) -> bool:
    """Whether good and bad are seconds, not events."""
    kpi = shelf().get(result.get("kpi", ""))
    return kpi is not None and kpi.seconds


def size(result: Result) -> str:
    """How much stands behind the value: 802 runs would need the KPI's words, so: n 800, or 28 days observed."""
    if result.get("good") is not None:
        total = result["good"] + result["bad"]
        if in_seconds(result):
            return f"{duration(total)} judged"
        return f"n {count(total)}"
    if result.get("measure") == "Quotient" and result.get("denominator") is not None:
        return f"of {_amount_of_units(result['denominator'], result['unit'])}"
    for key in ("n", "denominator", "sum"):
        if result.get(key) is not None:
            return f"n {count(result[key])}"
    return ""


def _amount_of_units(amount: float, unit: str) -> str:
    """What a quotient divides by: 800 TB, 12 queries; of a ratio of amounts the bare amount."""
    name = unit.removeprefix("currency_per_") if unit.startswith("currency_per_") else ""
    if not name or name == "terabyte":
        return f"{count(amount)} TB" if name else count(amount)
    return plural(amount, name, "queries" if name == "query" else None)


def interval(result: Result) -> str:
    """The 95 % interval: 97.0 to 99.1 %."""
    pair = result.get("interval")
    if not pair or pair[0] is None:
        return ""
    low, high = of(result, pair[0]), of(result, pair[1])
    sign = locale.current().percent
    return f"{low.removesuffix(sign) if high.endswith(sign) else low} to {high}"


def coverage(result: Result) -> str:
    seen = result.get("coverage")
    return "" if seen is None else f"{percent(seen)} observed"


def change(now: Result, before: float | None) -> str:
    """The signed change of the value against ``before``, in points, in the unit, or in percent."""
    figure = now.get("value")
    if figure is None or before is None:
        return ""
    if now["unit"] == "ratio":
        return points(figure - before)
    if before == 0:
        return "" if figure else "unchanged"
    return relative(figure / before - 1)


def budget_left(entry: Mapping[str, Any] | None) -> float | None:
    """The share of an error budget that is left: of the whole window's, also while a calendar window runs. None where
    there is no budget, or nothing is allowed."""
    left: float | None = ((entry or {}).get("whole") or entry or {}).get("remaining")
    return left


def budget(entry: Mapping[str, Any] | None) -> str:
    """What is left of an error budget: 39.0 % of budget left; budget spent 1.50 times."""
    if not entry:
        return ""
    left = budget_left(entry)
    if left is None:
        over = -(entry.get("remaining_events") or 0)
        return f"{count(over)} bad where none is allowed" if over > 0 else ""
    if left >= 0:
        return f"{percent(left)} of budget left"
    return f"budget spent {number(1 - left)} times"

"""The only rounding of the product: numbers as a person says them, and statuses as shape, word and colour class.

Every rounding keeps three promises: never 100 % when one failed, never 0 % when one succeeded, and never on the other
side of a target than the exact value stands. Values come in the KPI's own unit (ratios 0..1, spans in seconds).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from dashboards.status import STATUSES, Status, rank, status
from slo.shelf import shelf

Result = Mapping[str, Any]

__all__ = [
    "STATUSES", "Status", "amount", "bounds", "budget", "business_days", "change", "compact", "compact_of",
    "count", "coverage", "duration", "exact", "in_seconds", "interval", "is_signed", "mark", "money", "number", "of",
    "percent", "plural", "points", "promised", "rank", "relative", "size", "status", "target", "trimmed",
    "unit_words", "value",
]  # fmt: skip
NOTHING = "–"
MINUS = "−"


def _side(number: float, bound: float) -> int:
    return (number > bound) - (number < bound)


def _honest(exact: float, shown: float, bounds: Iterable[float]) -> bool:
    """True when the rounded number stands where the exact one stands, bound by bound."""
    return all(_side(exact, bound) == _side(shown, bound) for bound in bounds)


def _decimals(number: float, significant: int) -> int:
    """Decimals that show ``number`` with so many significant digits."""
    if number == 0:
        return 0
    return max(0, significant - 1 - math.floor(math.log10(abs(number))))


def _sign(text: str, signed: bool = False) -> str:
    if text.startswith("-"):
        return MINUS + text[1:]
    return "+" + text if signed and text.strip("0.,") else text


def number(value: float, against: Iterable[float] = (), significant: int = 3, most: int = 6) -> str:
    """A bare number with three significant digits, more where fewer would cross a bound."""
    bounds = [*against, 0.0]
    for digits in range(significant, most + 1):
        text = f"{value:,.{_decimals(value, digits)}f}"
        if _honest(value, float(text.replace(",", "")), bounds):
            break
    return _sign(text)


def trimmed(value: float, most: int = 6) -> str:
    """A promised figure (a target), as short as it is exact: 99.5, 10, 0.05."""
    text = f"{value:,.{most}f}".rstrip("0").rstrip(".")
    return _sign(text)


def percent(value: float, against: Iterable[float] = (), signed: bool = False) -> str:
    """A ratio as a percentage: 98.8 %, 99.98 %, 0.123 %. 100 % and 0 % are said of exactly 1 and 0 alone.

    ``against`` holds target ratios: 0.99496 against 0.995 is 99.496 %, not 99.5 %.
    """
    if value in (0.0, 1.0) and not (signed and value):
        return f"{value:.0%}".replace("%", " %")
    bounds = [0.0, *(100 * bound for bound in against)] + ([] if signed else [100.0])
    exact = 100 * value
    first = min(_decimals(exact, 2 if signed else 3), 4)
    for decimals in range(first, 5):
        text = f"{exact:,.{decimals}f}"
        if _honest(exact, float(text.replace(",", "")), bounds):
            return f"{_sign(text, signed)} %"
    return _beyond(exact, text, signed)


def _beyond(exact: float, text: str, signed: bool) -> str:
    """Four decimals are not enough: say on which side it stands rather than print more digits."""
    shown = float(text.replace(",", ""))
    if shown == 100.0 and not signed:
        return "> 99.9999 %" if exact < shown else "> 100 %"
    if shown == 0.0:
        return f"{'<' if exact > 0 else '>'} {_sign('0.0001' if exact > 0 else '-0.0001', signed)} %"
    return f"{'>' if exact > shown else '<'} {_sign(text, signed)} %"


def points(change: float) -> str:
    """A change of a ratio in percentage points: +0.3 points."""
    text = f"{100 * change:.{min(_decimals(100 * change, 2), 2)}f}"
    return "unchanged" if not text.strip("-0.") else f"{_sign(text, True)} points"


def relative(change: float) -> str:
    """A relative change with two significant digits: +0.3 %, −12 %."""
    text = f"{100 * change:.{min(_decimals(100 * change, 2), 1)}f}"
    return "unchanged" if not text.strip("-0.") else f"{_sign(text, True)} %"


def count(value: float) -> str:
    """A number of things: 4,812."""
    return _sign(f"{value:,.0f}") if value == int(value) else number(value)


def plural(value: float, one: str, many: str | None = None) -> str:
    return f"{count(value)} {one if value == 1 else many or one + 's'}"


def _clock(seconds: float, step: int) -> tuple[float, str]:
    """The span to whole ``step`` seconds, in its two largest units."""
    whole = math.floor(seconds / step + 0.5) * step
    minutes, rest = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if whole < 7200:
        return whole, f"{minutes} min" + (f" {rest} s" if rest else "")
    if hours < 48:
        return whole, f"{hours} h" + (f" {minute:02d}" if minute else "") + (f" min {rest} s" if rest else "")
    tail = f" {hour} h" if hour else ""
    return whole, f"{days} days{tail}" + (f" {minute:02d}" if minute or rest else "")


def _steps(seconds: float) -> tuple[int, ...]:
    if seconds < 600:
        return (1,)
    return (60, 1) if seconds < 48 * 3600 else (3600, 60, 1)


def duration(seconds: float, against: Iterable[float] = ()) -> str:
    """A span as a person says it: 850 ms, 4.52 s, 4 min 30 s, 45 min, 3 h 20, 2 days 4 h."""
    if seconds < 0:
        return MINUS + duration(-seconds)
    if seconds == 0:
        return "0 s"
    if seconds < 1:
        return f"{number(1000 * seconds, (1000 * bound for bound in against))} ms"
    if seconds < 59.95:
        return f"{number(seconds, against)} s"
    bounds = list(against)
    for step in _steps(seconds):
        shown, text = _clock(seconds, step)
        if _honest(seconds, shown, bounds):
            return text
    return f"{'>' if seconds > shown else '<'} {text}"


def business_days(days: float, against: Iterable[float] = ()) -> str:
    text = number(days, against, significant=2) if days else "0"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} business {'day' if text == '1' else 'days'}"


def money(value: float, currency: str, against: Iterable[float] = ()) -> str:
    """An amount in its currency: USD 4.52, USD 1,240."""
    return f"{currency} {number(value, against)}"


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
    currency = result.get("currency") or "USD"
    return amount(figure, result["unit"], against=bounds(result), signed=is_signed(result), currency=currency)


def value(result: Result) -> str:
    """The result's value with its unit; "no data" where there is none."""
    return of(result, result.get("value"))


def unit_words(result: Result) -> str:
    """The unit, where ``compact`` leaves it to the row's name: / week; USD per TB."""
    unit = result["unit"]
    if unit.startswith("currency_per_"):
        short = unit.removeprefix("currency_per_").replace("terabyte", "TB")
        return f"{result.get('currency') or 'USD'} per {short}"
    return "business days" if unit == "business_days" else _RATES.get(unit, "").replace("a ", "/ ")


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
    return f"{figure!r} {result['unit'].replace('_', ' ')}" + exact_parts(result)


def exact_parts(result: Result) -> str:
    if result.get("good") is not None:
        return f" ({result['good']:,} good, {result['bad']:,} bad)"
    if result.get("numerator") is not None:
        return f" ({result['numerator']:,} / {result['denominator']:,})"
    return ""


_FORMS = {"at_least": "≥ ", "at_most": "≤ ", "above": "> ", "below": "< "}


def promised(figure: float, result: Result) -> str:
    """A target's figure in its KPI's unit, as short as it is exact."""
    unit = result["unit"]
    if unit == "ratio":
        return f"{trimmed(100 * figure, 4)} %"
    if unit == "seconds" and abs(figure) < 60:
        return f"{trimmed(figure)} s"
    if unit in ("seconds", "business_days"):
        return amount(figure, unit)
    return f"{trimmed(figure)} {_RATES.get(unit, '')}".rstrip()


def target(entry: Mapping[str, Any], result: Result) -> str:
    """What was promised, short enough for a table: ≥ 99.5 %, < 60 min; the published text where it is no bound."""
    form, floor = entry.get("form"), entry.get("floor")
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
        return f"{trimmed(100 * figure, 3)} %"
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
    return f"{low.removesuffix(' %') if high.endswith(' %') else low} to {high}"


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


def budget(entry: Mapping[str, Any] | None) -> str:
    """What is left of an error budget: 39.0 % of budget left; budget spent 1.50 times."""
    if not entry:
        return ""
    if entry.get("remaining") is None:
        over = -(entry.get("remaining_events") or 0)
        return f"{count(over)} bad where none is allowed" if over > 0 else ""
    left = entry["remaining"]
    if left >= 0:
        return f"{percent(left)} of budget left"
    return f"budget spent {number(entry['spent'])} times"

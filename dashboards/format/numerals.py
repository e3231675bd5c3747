"""Bare numbers, shares and changes, rounded as the package promises and written as the reader's locale does.

Rounding is worked out on English text; the locale is the last step, so that both give the same figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from dashboards.format import locale

NOTHING = "–"
MINUS = "−"


def _side(number: float, bound: float) -> int:
    return (number > bound) - (number < bound)


def honest(exact: float, shown: float, bounds: Iterable[float]) -> bool:
    """True when the rounded number stands where the exact one stands, bound by bound."""
    return all(_side(exact, bound) == _side(shown, bound) for bound in bounds)


def _decimals(number: float, significant: int) -> int:
    """Decimals that show ``number`` with so many significant digits."""
    if number == 0:
        return 0
    return max(0, significant - 1 - math.floor(math.log10(abs(number))))


def sign(text: str, signed: bool = False) -> str:
    if text.startswith("-"):
        return MINUS + text[1:]
    return "+" + text if signed and text.strip("0.,") else text


def english(value: float, against: Iterable[float] = (), significant: int = 3, most: int = 6) -> str:
    """A bare number with three significant digits, more where fewer would cross a bound."""
    bounds = [*against, 0.0]
    for digits in range(significant, most + 1):
        text = f"{value:,.{_decimals(value, digits)}f}"
        if honest(value, float(text.replace(",", "")), bounds):
            break
    return sign(text)


def number(value: float, against: Iterable[float] = (), significant: int = 3, most: int = 6) -> str:
    """``english``, written as the reader does."""
    return locale.spell(english(value, against, significant, most))


def trimmed(value: float, most: int = 6) -> str:
    """A promised figure (a target), as short as it is exact: 99.5, 10, 0.05."""
    return locale.spell(sign(_trimmed(value, most)))


def _trimmed(value: float, most: int) -> str:
    return f"{value:,.{most}f}".rstrip("0").rstrip(".")


def percent(value: float, against: Iterable[float] = (), signed: bool = False) -> str:
    """A ratio as a percentage: 98.8 %, 99.98 %, 0.123 %. 100 % and 0 % are said of exactly 1 and 0 alone.

    ``against`` holds target ratios: 0.99496 against 0.995 is 99.496 %, not 99.5 %.
    """
    return locale.percent(_percent(value, against, signed))


def _percent(value: float, against: Iterable[float], signed: bool) -> str:
    if value in (0.0, 1.0) and not (signed and value):
        return f"{value:.0%}".replace("%", " %")
    bounds = [0.0, *(100 * bound for bound in against)] + ([] if signed else [100.0])
    exact = 100 * value
    first = min(_decimals(exact, 2 if signed else 3), 4)
    for decimals in range(first, 5):
        text = f"{exact:,.{decimals}f}"
        if honest(exact, float(text.replace(",", "")), bounds):
            return f"{sign(text, signed)} %"
    return _beyond(exact, text, signed)


def _beyond(exact: float, text: str, signed: bool) -> str:
    """Four decimals are not enough: say on which side it stands rather than print more digits."""
    shown = float(text.replace(",", ""))
    if shown == 100.0 and not signed:
        return "> 99.9999 %" if exact < shown else "> 100 %"
    if shown == 0.0:
        return f"{'<' if exact > 0 else '>'} {sign('0.0001' if exact > 0 else '-0.0001', signed)} %"
    return f"{'>' if exact > shown else '<'} {sign(text, signed)} %"


def share(value: float, most: int = 4) -> str:
    """A promised share, as short as it is exact: 99.5 %."""
    return locale.percent(f"{sign(_trimmed(100 * value, most))} %")


def points(change: float) -> str:
    """A change of a ratio in percentage points: +0.3 points."""
    text = f"{100 * change:.{min(_decimals(100 * change, 2), 2)}f}"
    return "unchanged" if not text.strip("-0.") else f"{locale.spell(sign(text, True))} points"


def relative(change: float) -> str:
    """A relative change with two significant digits: +0.3 %, −12 %."""
    text = f"{100 * change:.{min(_decimals(100 * change, 2), 1)}f}"
    return "unchanged" if not text.strip("-0.") else locale.percent(f"{sign(text, True)} %")


def count(value: float) -> str:
    """A number of things: 4,812."""
    return locale.spell(sign(f"{value:,.0f}")) if value == int(value) else number(value)


def plural(value: float, one: str, many: str | None = None) -> str:
    return f"{count(value)} {one if value == 1 else many or one + 's'}"

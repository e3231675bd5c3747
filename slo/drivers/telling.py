"""The drivers of a KPI's change against the window before, as one dict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from slo.drivers.amounts import UNPARTED, Parting
from slo.drivers.effects import NOUGHT, Amount, Effect, effects
from slo.drivers.groups import NONE, SEVERAL
from slo.drivers.parts import Parts
from slo.errors import ConfigError
from slo.measure.state import number
from slo.windows import Window

DIMENSIONS = ("asset", "team", "domain", "tier")
"""The finest first: of dimensions that tell the same, the one that names the place speaks first."""
NAMELESS = (NONE, SEVERAL, UNPARTED)
MOST = 12
"""Groups told one by one; the others are one line."""


def drivers(parts: Parts, by: str | None = None) -> dict[str, Any]:
    """What moved the value: ``dimensions`` (all, or ``by`` alone), those of the largest rate effects first, each with
    lines that add up to ``change``. Where there is nothing to compare, ``missing`` says why.

    Raises ConfigError for a dimension that is none.
    """
    if by is not None and by not in DIMENSIONS:
        raise ConfigError(f"by: {by!r} is no dimension; write one of {', '.join(sorted(DIMENSIONS))}")
    told: dict[str, Any] = {
        "window": _place(parts.windows[0]), "figure": "value", "before": None, "now": None, "change": None,
        "missing": _missing(parts), "dimensions": [],
    }  # fmt: skip
    if told["missing"] is not None:
        return told
    pairs = {name: parts.by(name) for name in ([by] if by else DIMENSIONS)}
    before, now = next(iter(pairs.values()))
    told |= {"figure": now.figure, "before": _value(before.whole), "now": _value(now.whole)}
    told["change"] = number((now.whole.value or NOUGHT) - (before.whole.value or NOUGHT))
    found = sorted(((name, *pair) for name, pair in pairs.items()), key=lambda one: _loudest(_effects(*one[1:])))
    scale = parts.asked.kpi.scale
    return told | {"dimensions": [_dimension(*one, scale) for one in found]}


def _place(window: Window) -> dict[str, str]:
    zone = window.tz
    start, end = window.start.astimezone(zone), window.end.astimezone(zone)
    return {"name": window.name, "start": start.isoformat(), "end": end.isoformat()}


def _missing(parts: Parts) -> str | None:
    """Why nothing can be compared; None where both windows have a value."""
    before, now = parts.values
    if not parts.asked.set_up:
        return "not set up: no source tells what this KPI needs"
    if now is None:
        return "no value in this window"
    first, last = parts.windows[0].first_day, parts.windows[0].last_day
    return f"no value in the window before ({first} to {last}) to compare with" if before is None else None


def _effects(before: Parting, now: Parting) -> list[Effect]:
    return effects(before.amounts, now.amounts, now.additive)


def _loudest(found: Sequence[Effect]) -> tuple[bool, Fraction]:
    """A dimension of one group says nothing; else the largest rate effect of a single group that has a name speaks
    first."""
    named = (one for one in found if one.key not in NAMELESS)
    return len(found) < 2, -max((abs(one.rate) for one in named), default=NOUGHT)


def _dimension(by: str, before: Parting, now: Parting, scale: int) -> dict[str, Any]:
    found = _effects(before, now)
    rest = found[MOST:] if len(found) > MOST + 1 else []
    lines = [_line(one, before, now, scale) for one in found[: len(found) - len(rest)]]
    return {"by": by, **_sums(found), "lines": lines, "rest": {"groups": len(rest), **_sums(rest)} if rest else None}


def _sums(found: Sequence[Effect]) -> dict[str, Any]:
    return {
        "mix": _sum(one.mix for one in found), "rate": _sum(one.rate for one in found),
        "total": _sum(one.total for one in found),
    }  # fmt: skip


def _sum(parts: Iterable[Fraction]) -> int | float:
    return number(sum(parts, NOUGHT))


def _line(effect: Effect, before: Parting, now: Parting, scale: int) -> dict[str, Any]:
    first, last = effect.weights
    return {
        "key": effect.key, "mix": number(effect.mix), "rate": number(effect.rate), "total": number(effect.total),
        "before": _side(effect.before, before.shown.get(effect.key), first, scale),
        "now": _side(effect.now, now.shown.get(effect.key), last, scale),
    }  # fmt: skip


def _side(amount: Amount, shown: float | None, share: Fraction | None, scale: int) -> dict[str, Any]:
    """A group in one window: its own value, what it is made of, its weight in the whole."""
    return {"value": shown, **made_of(amount, scale), "weight": None if share is None else number(share)}


def made_of(amount: Amount, scale: int) -> dict[str, Any]:
    """Numerator and denominator as they are shown (microseconds as seconds); a sum has no denominator."""
    if amount.bottom is None:
        return {"numerator": number(amount.top), "denominator": None}
    return {"numerator": number(amount.top / scale), "denominator": number(amount.bottom / scale)}


def _value(amount: Amount) -> int | float | None:
    return None if amount.value is None else number(amount.value)

"""What adopting a target means at this platform's volume, in sentences: one failure of 840 fails the month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashboards import format as fmt
from slo.measure import Ratio
from slo.promises.meaning import Meaning

_PERIODS = {"D": "day", "W": "week", "M": "month", "Q": "quarter", "H": "half-year", "Y": "year"}
_SAID = {"met": "met", "near": "met (minimum)", "missed": "missed"}


def sentences(told: Meaning) -> list[str]:
    """The last whole window under it, then what it allows."""
    return [_window(told), *_allowed(told)]


def period(length: str) -> str:
    """A target's window in words: month; window of 28 days."""
    return _PERIODS.get(length) or f"window of {length.removesuffix('d')} days"


def _period(told: Meaning) -> str:
    return period(told.window.name if told.window.rolling else told.window.kind)


def _result(told: Meaning, **more: Any) -> dict[str, Any]:
    """What the formats ask of a result."""
    kpi = told.kpi
    return {"kpi": kpi.id, "unit": kpi.unit, "measure": kpi.measure.title(), "targets": [told.told], **more}


def _window(told: Meaning) -> str:
    """2026-10: 99.2 % of 1,204 runs, which misses it."""
    value, status = told.told["value"], told.told["status"]
    where = f"{told.window.name}{_where(told)}"
    if value is None:
        return f"{where}: {status}"
    how = _SAID.get(status, status)
    shown = _figure(told, value)
    behind = f" of {_things(told, told.total)}" if told.total is not None else _n(told)
    return f"{where}: {shown}{behind}; {how}"


def _figure(told: Meaning, value: float) -> str:
    """The value in the KPI's unit; another figure of it (a count, a share) as a number."""
    return fmt.number(value) if told.clause.figure else fmt.of(_result(told), value)


def _where(told: Meaning) -> str:
    tiers, asset = told.clause.tiers, told.clause.asset
    return (f", tier {'-'.join(map(str, tiers))}" if tiers else "") + (f", {asset}" if asset else "")


def _n(told: Meaning) -> str:
    if told.kpi.seconds or not told.told["n"] or told.clause.figure:
        return ""
    return f" (n {fmt.count(told.told['n'])})"


def _noun(told: Meaning) -> str:
    return told.kpi.nouns[0]


def _things(told: Meaning, number: float) -> str:
    return fmt.plural(number, _noun(told))


def _bad(told: Meaning, number: float) -> str:
    one = told.kpi.nouns[1]
    head, space, rest = one.partition(" that " if " that " in one else " below ")
    return f"{fmt.count(number)} {one if number == 1 else f'{head}s{space}{rest}'}"


def _allowed(told: Meaning) -> Iterator[str]:
    """What may go wrong before it is missed."""
    if told.clause.form == "zero":
        yield f"one fails the {_period(told)}"
    elif told.total:
        yield _events(told, told.total)
    elif told.kpi.seconds and told.share is not None and told.told["n"]:
        yield _time(told, told.share)


def _time(told: Meaning, share: Any) -> str:
    seen = told.told["n"]
    spent, may = seen * (1 - told.told["value"]), float(share * round(seen))
    return f"of {fmt.duration(seen)} observed {fmt.duration(may)} may be bad; {fmt.duration(spent)} were"


def _events(told: Meaning, total: int) -> str:
    whole, first = _period(told), told.fails_at
    if first == 1 and told.one_failure is not None and told.one_failure > 1:
        pace = f"at {fmt.number(total / told.window.days, significant=2)} {_noun(told)}s a day"
        much = pace if told.kpi.measure is Ratio else f"of {_things(told, total)}"
        budget = fmt.number(float(told.allowed or 0), significant=2)
        share = fmt.percent(float(told.one_failure))
        noun = told.kpi.nouns[1]
        floor = fmt.promised(told.clause.floor or 0.0, _result(told))
        return f"{much} {floor} allows {budget} {noun}s in a {whole}: one {noun} is {share} of the budget"
    if first == 1:
        return f"{_bad(told, 1).replace('1 ', 'one ', 1)} of {fmt.count(total)} fails the {whole}"
    most = (first or 1) - 1
    return f"{_bad(told, most)} of {fmt.count(total)} may be in a {whole}, one more fails it; there were {told.bad}"

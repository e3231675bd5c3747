"""PromQL of an OpenSLO indicator, put so that it speaks of one step (``$step``) of a source of type prometheus.

OpenSLO does not say what a query counts over. Read here: a query with a range counts over it (``{{.window}}`` and the
like stand for any), one without gives a counter's standing, or a gauge's value at a moment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

STEP = "$step"
_SAMPLES = "its value counts as so many events at every moment of the source's resolution"
_RESETS = "the increase of the whole figure; a reset of one of its series counts as one of all"
_TEMPLATE = re.compile(r"\{\{\s*\.?\s*[wW]indow\s*\}\}|\$\{?(?:window|__rate_interval|__interval|__range)\}?", re.ASCII)
_RANGE = re.compile(r"\[\s*([0-9][0-9a-z]*)\s*(?=[\]:])")
_LABELS = r"""\{(?:[^{}"'`]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)*\}"""
_SELECTOR = rf"(?:[a-zA-Z_:][a-zA-Z0-9_:]*\s*(?:{_LABELS})?|{_LABELS})"
_BY = r"(?:by|without)\s*\([^()]*\)"
_PLAIN = re.compile(_SELECTOR)
_SUM = re.compile(rf"sum\s*(?:{_BY}\s*)?\(\s*(?P<selector>{_SELECTOR})\s*\)(?:\s*{_BY})?")
_RATE = re.compile(r"\b(i?)rate(?=\s*\()")
SIGNS = {"lte": "<=", "lt": "<", "gte": ">=", "gt": ">"}


@dataclass(frozen=True)
class Query:
    """An expression for one step."""

    text: str
    step: str | None = None
    """The one range that the query names, such as 5m; None: any step will do."""
    ranged: bool = False
    """Whether the query itself speaks of a stretch of time."""
    changed: str = ""
    """What is read otherwise than it is written; "" nothing."""


def spanned(text: str) -> Query | None:
    """A query whose range is the step; None where it names several."""
    told = _TEMPLATE.sub(STEP, text.strip())
    named = sorted(set(_RANGE.findall(told)))
    if not named:
        return Query(told, ranged=STEP in told)
    if len(named) > 1 or STEP in told:
        return None
    return Query(_RANGE.sub(f"[{STEP}", told), named[0], ranged=True)


def simple(text: str) -> bool:
    """Whether its events are counted series by series: it has a range, or is a selector or the sum over one."""
    found = spanned(text)
    return found is not None and (found.ranged or _plain(found.text) is not None)


def events(text: str, counter: bool, by_series: bool) -> Query | None:
    """How many events a step has; None where the query names several ranges. Good and total are both counted
    ``by_series`` or neither is, so that they are read at the same moments and good is never the greater."""
    found = spanned(text)
    if found is None:
        return None
    if found.ranged:
        rates = _RATE.search(found.text)
        told = _RATE.sub("increase", found.text)
        return Query(f"sum({told})", found.step, True, "a rate is counted as its increase" if rates else "")
    selector = _plain(found.text) if by_series else None
    if not counter:
        return Query(f"sum(sum_over_time(({found.text})[{STEP}:]))", changed=_SAMPLES)
    if selector:
        return Query(f"sum(increase({selector}[{STEP}]))")
    return Query(f"sum(increase(({found.text})[{STEP}:]))", changed=_RESETS)


def _plain(text: str) -> str | None:
    """The selector of a query that is one, or the sum over one: a counter's resets are seen before the sum only."""
    if _PLAIN.fullmatch(text):
        return text
    found = _SUM.fullmatch(text)
    return found["selector"].strip() if found else None


def good_of_bad(bad: str, total: str) -> str:
    """Good events from bad and all; where all are there, an absent series of bad ones means none."""
    return f"({total}) - (({bad}) or vector(0))"


def good_share(good: str, total: str) -> str:
    """The good share of a step; no figure (NaN) where nothing happened."""
    return f"({good}) / ({total})"


def share_of_bad(bad: str, total: str) -> str:
    """The good share of a step by its bad events; no figure (NaN) where nothing happened."""
    return f"1 - (({bad}) or vector(0)) / ({total})"


def keeps(text: str, op: str, value: Any) -> str:
    """1 where a figure keeps its bound and 0 where not, at every moment that has one (NaN is no figure)."""
    return f"(({text}) >= -Inf) {SIGNS[op]} bool {value}"


def share_of_time(text: str, op: str, value: Any) -> str:
    """The share of a step's moments at which a figure keeps its bound."""
    return f"avg_over_time(({keeps(text, op, value)})[{STEP}:])"


def moments(text: str, op: str, value: Any) -> tuple[str, str]:
    """A step's moments at which a figure keeps its bound, and all that have one."""
    good = f"sum(sum_over_time(({keeps(text, op, value)})[{STEP}:]))"
    return good, f"sum(count_over_time((({text}) >= -Inf)[{STEP}:]))"


def mean(text: str) -> str:
    """The mean of a figure over a step."""
    return f"avg_over_time(({text})[{STEP}:])"

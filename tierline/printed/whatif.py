"""A what-if on a terminal: every window as it is and as it would have been, and in how many the target is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from dashboards import format as shown
from dashboards.wording import words
from tierline.tables import pairs, table

Told = Mapping[str, Any]
WOULD = {"met": "would be met", "near": "would be met (minimum)", "missed": "would be missed"}
"""A target that nobody has adopted was not promised: it can't have been missed."""


def lines(told: Told) -> Iterator[str]:
    as_of = datetime.fromisoformat(told["as_of"])
    yield f"{told['title']} of {words.subject(told['scope'])}, as of {as_of:%Y-%m-%d %H:%M}"
    yield ""
    yield pairs([("supposed" if not place else "", text) for place, text in enumerate(told["supposed"])])
    yield ""
    heads = ("window", "as is", "", "supposed", "")
    rows = [
        [one["window"]["name"], *_side(told, one["as_is"]), *_side(told, one["what_if"])] for one in told["windows"]
    ]
    yield table(heads, rows, right=(1, 3))
    yield ""
    yield told["sentence"]
    if not any(one["differs"] for one in told["windows"]):
        yield "Nothing of these windows would differ."


def _side(told: Told, side: Told) -> tuple[str, str]:
    status = shown.status(side["status"])
    word = WOULD.get(side["status"], status.word) if side["standing"] == "published" else status.word
    return _value(told, side, side["value"]), f"{status.shape} {word}"


def _value(told: Told, side: Told, figure: float | None) -> str:
    """The value, never rounded over the bound it is judged by."""
    return shown.of({**told, "targets": [side["target"]] if side["target"] else []}, figure)


def said(told: Told) -> list[str]:
    """What is supposed of the target: ≥ 99 % instead of ≥ 99.5 % (staff dataops, row 2, tier 1)."""
    pair = next(
        ((one["as_is"]["target"], one["what_if"]["target"]) for one in told["windows"] if one["what_if"]["target"]),
        None,
    )
    if pair is None:
        return []
    old, new = pair
    tier = (new["scope"] or {}).get("tier")
    whose = f"{words.profile(new['profile'])}, row {new['row']}" + ("" if tier is None else f", tier {tier}")
    return [f"target {_range(new, told)} instead of {_range(old, told)} ({whose})"]


def _range(target: Told, told: Told) -> str:
    stretch = target["stretch"]
    beyond = "" if stretch is None else f", stretch {shown.target({**target, 'floor': stretch}, told)}"
    return shown.target(target, told) + beyond


def sentence(told: Told) -> str:
    """The target would have been met in 5 of 6 months (as is: 3)."""
    kept, count = told["kept"], told["kept"]["of"]
    months = all(len(one["window"]["name"]) == 7 and one["window"]["name"][5:].isdigit() for one in told["windows"])
    what = shown.plural(count, "month" if months else "window")
    left = count - kept["decided"]
    undecided = f" {shown.count(left)} of them {'has' if left == 1 else 'have'} no verdict." if left else ""
    return f"The target would have been met in {kept['what_if']} of {what} (as is: {kept['as_is']}).{undecided}"

"""The report's document as lists of one kind of line each: what a workbook's sheets hold. Numbers stay exact, moments
stand as the platform's own clock showed them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from dashboards.report.sealing import Document

Number = Callable[..., Any]
"""Makes a cell of a number and its unit: ``(value, unit, moved=False)``."""
Rows = list[list[Any]]
PARTS = (
    "good", "bad", "unknown", "excluded", "numerator", "denominator", "n", "mean", "median", "p90", "p95", "sum",
)  # fmt: skip
_AS_VALUE = {"mean", "median", "p90", "p95"}


def tables(d: Document, number: Number) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    """(name, heads, rows) a list, those without a line left out but for the first."""
    for name, heads, rows in (
        ("Figures", _FIGURES, _figures(d, number)), ("Promises", _PROMISES, _promises(d, number)),
        ("Trend", _TREND, _trend(d, number)), ("Tiers", _TIERS, _tiers(d, number)),
        ("Drivers", _DRIVERS, _drivers(d, number)), ("Budgets", _BUDGETS, _budgets(d, number)),
        ("Incidents", _INCIDENTS, _incidents(d, number)), ("Restated", _RESTATED, _restated(d, number)),
        ("Left out", _EXCLUDED, _excluded(d)), ("Coverage", _COVERAGE, _coverage(d)),
        ("Definitions", _DEFINITIONS, _definitions(d)),
    ):  # fmt: skip
        if rows or name == "Figures":
            yield name, heads, rows


_FIGURES = (
    "KPI", "title", "family", "value", "unit", "as shown", "n", "target", "verdict", "observed", "before", "change",
    "provisional", *(name for name in PARTS if name != "n"),
)  # fmt: skip


def _rows(d: Document) -> Iterator[dict[str, Any]]:
    for group in d["table"]:
        yield from group["rows"]


def units(d: Document) -> dict[str, str]:
    """KPI -> its unit."""
    return {row["kpi"]: row["unit"] for row in _rows(d)}


def _figures(d: Document, number: Number) -> Rows:
    return [
        [
            one["kpi"], one["title"], one["family"], number(one["value"]["value"], one["unit"]),
            one["unit_words"] or one["unit"], one["value"]["text"], number(one["n"]["value"], "whole"), one["target"],
            one["status"]["word"], number(one["coverage"]["value"], "ratio"),
            number(one["before"]["value"], one["unit"]), number(one["change"]["value"], one["unit"], True),
            "yes" if one["provisional"] else "no",
            *(_part(one, name, number) for name in PARTS if name != "n"),
        ]
        for one in _rows(d)
    ]  # fmt: skip


def _part(row: Mapping[str, Any], name: str, number: Number) -> Any:
    return number(row["parts"].get(name), row["unit"] if name in _AS_VALUE else "")


_PROMISES = ("KPI", "title", "of", "target", "value", "unit", "as shown", "n", "counted", "as felt", "ours alone")


def _promises(d: Document, number: Number) -> Rows:
    unit = units(d)
    return [
        [
            one["kpi"], one["title"], one["scope"], one["target"],
            number(one["value"]["value"], unit.get(one["kpi"], "")), unit.get(one["kpi"], ""), one["value"]["text"],
            number(one["n"]["value"], "whole"), one["status"]["word"], one["felt"]["word"], one["ours"]["word"],
        ]
        for one in d["promises"]
    ]  # fmt: skip


_TREND = ("KPI", "title", "period", "value", "unit", "target", "provisional", "restated")


def _cards(d: Document) -> Iterator[tuple[dict[str, Any], str]]:
    unit = units(d)
    for family in d["families"]:
        for card in family["cards"]:
            yield card, unit.get(card["kpi"], "")


def _trend(d: Document, number: Number) -> Rows:
    return [
        [
            card["kpi"], card["title"], point["name"], number(point["value"], unit), unit,
            number(point["target"], unit), "yes" if point["provisional"] else "no",
            "yes" if point["restated"] else "no",
        ]
        for card, unit in _cards(d)
        for point in (card["trend"] or {"points": ()})["points"]
    ]  # fmt: skip


_TIERS = ("KPI", "title", "tier", "value", "unit", "as shown", "n", "target", "verdict")


def _tiers(d: Document, number: Number) -> Rows:
    return [
        [
            card["kpi"], card["title"], number(one["tier"], "whole"), number(one["value"]["value"], unit), unit,
            one["value"]["text"], number(one["n"]["value"], "whole"), one["target"], one["status"]["word"],
        ]
        for card, unit in _cards(d)
        for one in card["tiers"]
    ]  # fmt: skip


_DRIVERS = ("KPI", "title", "by", "group", "now, and before", "in", "its share", "its own value", "together")


def _drivers(d: Document, number: Number) -> Rows:
    return [
        [
            card["kpi"], card["title"], told["by"], one["name"], one["value"], told["unit"],
            *(number(one[name]["value"], "", True) for name in ("mix", "rate", "total")),
        ]
        for card, _ in _cards(d)
        if (told := card["drivers"])
        for one in told["lines"]
    ]  # fmt: skip


_BUDGETS = ("KPI", "title", "target", "of", "remaining", "spent", "in words", "what spent it")


def _budgets(d: Document, number: Number) -> Rows:
    return [
        [
            card["kpi"], card["title"], one["target"], one["scope"], number(one["remaining"], "ratio"),
            number(one["spent"], "ratio"), one["text"],
            "\n".join(f"{each['term']}: {each['text']}" for each in one["spenders"]),
        ]
        for card, _ in _cards(d)
        for one in card["budgets"]
    ]  # fmt: skip


def _clock(moment: str) -> datetime:
    """A workbook's times know no zone."""
    return datetime.fromisoformat(moment).replace(tzinfo=None, microsecond=0)


_INCIDENTS = ("since", "what", "seconds", "open", "severity", "class", "whose", "on")


def _incidents(d: Document, number: Number) -> Rows:
    return [
        [
            _clock(one["started"]), one["title"], number(one["lasted"]["value"], "seconds"),
            "yes" if one["is_open"] else "no", number(one["severity"], "whole"), one["klass"], one["responsible"],
            ", ".join(one["assets"]),
        ]
        for family in d["families"]
        if family["happened"]
        for one in family["happened"]["incidents"]
    ]  # fmt: skip


_RESTATED = ("period", "KPI", "title", "of", "reported", "now", "unit", "difference", "why")


def _restated(d: Document, number: Number) -> Rows:
    unit = units(d)
    since = d["closed"]["since"] if d["closed"] else ()
    return [
        [
            one["period"], one["kpi"], one["title"], one["scope"],
            number(one["reported"]["value"], unit.get(one["kpi"], "")),
            number(one["now"]["value"], unit.get(one["kpi"], "")), unit.get(one["kpi"], ""), one["difference"],
            "\n".join(one["causes"]),
        ]
        for one in (*since, *d["restated"])
    ]  # fmt: skip


_EXCLUDED = ("reason", "what", "from", "to", "agreed by", "where", "in words", "what it took")


def _excluded(d: Document) -> Rows:
    return [
        [
            one["reason"], each["what"], each["start"], each["end"], each["by"], each["ref"], each["text"],
            "\n".join(f"{term['term']}: {term['text']}" for term in one["amounts"]),
        ]
        for one in d["excluded"]
        for each in one["agreements"]
    ]  # fmt: skip


_COVERAGE = ("KPI", "title", "state", "what would measure it")


def _coverage(d: Document) -> Rows:
    return [[one["kpi"], one["title"], one["state"], one["why"]] for one in d["coverage"]["rows"]]


_DEFINITIONS = ("KPI", "title", "version", "definition", "formula", "not counted", "targets")


def _definitions(d: Document) -> Rows:
    return [
        [
            one["kpi"], one["title"], str(one["version"]), one["definition"], one["formula"], one["not_counted"],
            "\n".join(target["said"] for target in one["targets"]),
        ]
        for one in d["definitions"]
    ]  # fmt: skip

"""The tables that an export writes: their columns, with type and meaning, and how a row is read off a result."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from dashboards import format as fmt

Row = Mapping[str, Any]
Kind = Literal["text", "int", "real", "time", "date", "bool"]
SCOPE = ("tier", "team", "domain", "asset")


@dataclass(frozen=True)
class Column:
    """``key``: a part of the row's identity, never null."""

    name: str
    kind: Kind
    what: str
    read: Callable[[Row], Any]
    key: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table. ``part``: the columns that say what an export replaces when it comes again."""

    name: str
    what: str
    columns: tuple[Column, ...]
    part: tuple[str, ...]

    def rows(self, told: Iterable[Row]) -> list[dict[str, Any]]:
        """A dict a row, values of the columns' own types, None where there is none."""
        return [{one.name: _typed(one.kind, one.read(row)) for one in self.columns} for row in told]


def _typed(kind: Kind, value: Any) -> Any:
    """The value as the column's type. Times become aware datetimes; whatever is no scalar becomes JSON."""
    if value is None:
        return None
    if kind == "time":
        return value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if kind == "date":
        return value if isinstance(value, date) else date.fromisoformat(value)
    if kind == "text":
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return {"int": int, "real": float, "bool": bool}[kind](value)


def scope_text(scope: Mapping[str, Any]) -> str:
    """``all``, ``tier=1``, ``team=finance``: the scope as one word, for a key."""
    told = [f"{name}={scope[name]}" for name in SCOPE if scope.get(name) is not None]
    return ",".join(told) or "all"


def _at(*path: str) -> Callable[[Row], Any]:
    """Reads a value some levels down; None where a level is missing."""

    def read(row: Row) -> Any:
        value: Any = row
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    return read


def _of_list(name: str, place: int) -> Callable[[Row], Any]:
    return lambda row: row[name][place] if row.get(name) else None


def _lines(name: str) -> Callable[[Row], Any]:
    return lambda row: "\n".join(row.get(name) or ())


def _plain(name: str, kind: Kind, what: str, key: bool = False) -> Column:
    return Column(name, kind, what, _at(name), key)


_WHERE = (
    Column("scope", "text", "What it speaks of: `all`, `tier=1`, `team=finance`, `domain=orders`.",
           lambda row: scope_text(row["scope"]), key=True),
    Column("tier", "int", "The scope's tier, 0 to 3.", _at("scope", "tier")),
    Column("team", "text", "The scope's team.", _at("scope", "team")),
    Column("domain", "text", "The scope's domain.", _at("scope", "domain")),
)  # fmt: skip
_WINDOW = (
    Column("window", "text", "The window's name: `28d`, `2026-10`.", _at("window", "name"), key=True),
    Column("window_start", "time", "Its first instant.", _at("window", "start"), key=True),
    Column("window_end", "time", "The instant after its last.", _at("window", "end"), key=True),
    _plain("as_of", "time", "The moment up to which facts were counted."),
)
_KPI = (
    _plain("kpi", "text", "The KPI's id, as `tierline kpis` lists it.", key=True),
    _plain("title", "text", "Its title."),
    _plain("family", "text", "Its family: reliability, incidents, quality ..."),
    _plain("measure", "text", "Ratio, Quotient, Samples, Count, Register, Distinct, Change, Share or Score."),
    _plain("unit", "text", "The value's unit: `ratio` is 0 to 1, `seconds`, `business_days`, `currency` ..."),
    _plain("currency", "text", "The currency, where the unit is one."),
    _plain("better", "text", "`up` or `down`."),
)
_FIGURES = (
    _plain("value", "real", "The value, unrounded; null: no data."),
    _plain("status", "text", "met, near, missed, no data, too few, provisional, not set up, no target."),
    _plain("standing", "text", "`adopted`: judged by adopted targets; `published`: by published ranges alone."),
    _plain("provisional", "bool", "Window or sources have not settled."),
    *(
        _plain(name, "real", what)
        for name, what in (
            ("good", "Events, or seconds, that were good."),
            ("bad", "Those that were bad."),
            ("unknown", "Those that nobody observed."),
            ("excluded", "Those left out by agreement or by blame."),
            ("numerator", "A quotient's numerator."),
            ("denominator", "A quotient's denominator."),
            ("sum", "A count's sum."),
        )
    ),
    _plain("n", "int", "How many samples."),
    *(_plain(name, "real", f"The samples' {name}.") for name in ("mean", "median", "p90", "p95")),
    _plain("at_least", "real", "MTTR with incidents still open: at least so much."),
    _plain("coverage", "real", "Share of what should be observed that was, 0 to 1."),
    Column("interval_low", "real", "The 95 % interval's lower end.", _of_list("interval", 0)),
    Column("interval_high", "real", "Its upper end.", _of_list("interval", 1)),
    Column("as_felt", "real", "The value as consumers felt it.", _at("as_felt", "value")),
    Column("ours", "real", "The value of what the platform itself answers for.", _at("ours", "value")),
    Column("excluded_share", "real", "Share left out by agreement.", _at("excluded_share", "share")),
    Column("caveats", "text", "What the reader should know, a line each.", _lines("caveats")),
    Column("params", "text", "The KPI's own choices, as JSON.", _at("params")),
)

RESULTS = Sheet(
    "results", "One row a KPI, scope and window.", (*_KPI, *_WINDOW, *_WHERE, *_FIGURES),
    ("window", "window_start", "window_end"),
)  # fmt: skip

_TARGET = (
    Column("profile", "text", "The profile that holds the target.", _at("target", "profile"), key=True),
    Column("row", "int", "Its row there.", _at("target", "row"), key=True),
    Column("text", "text", "The target in words.", _at("target", "text")),
    Column("form", "text", "at_least, at_most, above, below, within, trend, stable, zero, agreed.",
           _at("target", "form")),
    Column("floor", "real", "The minimum, in the KPI's unit.", _at("target", "floor")),
    Column("stretch", "real", "What meets it fully, where that is more.", _at("target", "stretch")),
    Column("judged_scope", "text", "What the verdict speaks of: the target's own scope.",
           lambda row: scope_text(row["target"].get("scope") or {})),
    Column("judged_params", "text", "The choices that the target names, as JSON.", _at("target", "params")),
    Column("value", "real", "The value that was judged.", _at("target", "value")),
    Column("n", "int", "What it stands on.", _at("target", "n")),
    Column("status", "text", "The verdict.", _at("target", "status")),
    Column("note", "text", "Why there is no verdict.", _at("target", "note")),
    Column("adopted", "date", "Since when it is adopted; null: published only.", _at("target", "adopted")),
    Column("adopted_by", "text", "The team that adopted it.", _at("target", "adopted_by")),
    Column("change", "real", "A trend's change against its baseline.", _at("target", "change")),
    Column("budget_allowed", "real", "Error budget: the allowed share.", _at("target", "budget", "allowed")),
    Column("budget_remaining", "real", "What is left of the whole window's, 1 at first; may be negative.",
           lambda row: fmt.budget_left(row["target"].get("budget"))),
    Column("burn_rate", "real", "Bad share over allowed share.", _at("target", "budget", "burn_rate")),
)  # fmt: skip
TARGETS = Sheet(
    "targets", "One row a target, scope and window: the verdict.", (_KPI[0], *_WINDOW, *_WHERE, *_TARGET),
    RESULTS.part,
)  # fmt: skip

_PERIOD = _plain("period", "text", "The closed period: `2026-10`.", key=True)
PERIODS = Sheet(
    "periods",
    "One row a closed period.",
    (
        _PERIOD,
        _plain("kind", "text", "M, W, Q or H: a month, a week, a quarter, half a year."),
        _plain("start", "time", "Its first instant."),
        _plain("end", "time", "The instant after its last."),
        _plain("as_of", "time", "The moment up to which facts were counted when it was closed."),
        _plain("closed_at", "time", "When it was closed."),
        _plain("hash", "text", "SHA-256 of what was reported."),
        _plain("provisional_lines", "int", "Lines that were reported as provisional."),
        _plain("restatements", "int", "Lines of the whole that differ now from what was reported."),
        _plain("settled", "int", "Lines reported as provisional that have settled since."),
        Column("open_disputes", "int", "Disputes that nobody has settled.", lambda row: len(row.get("disputes") or ())),
    ),
    ("period",),
)
LINES = Sheet(
    "period_lines", "One row a closed period, KPI and scope: what was reported.",
    (_PERIOD, _plain("closed_at", "time", "When it was closed."), _plain("hash", "text", "The period's SHA-256."),
     *_KPI, *(one for one in _WINDOW if not one.key), *_WHERE, *_FIGURES,
     Column("versions", "text", "Versions of definition and targets, as JSON.", _at("versions"))),
    ("period",),
)  # fmt: skip
RESTATED = Sheet(
    "restatements", "One row a line of a closed period that differs now.",
    (_PERIOD, _KPI[0], *_WHERE, _plain("how", "text", "`restated` by facts or decisions; `settled` by the clock."),
     Column("reported_value", "real", "The value that was reported.", _at("reported", "value")),
     Column("reported_status", "text", "Its status.", _at("reported", "status")),
     Column("now_value", "real", "The value as it stands now.", _at("now", "value")),
     Column("now_status", "text", "Its status.", _at("now", "status")),
     _plain("difference", "real", "The present value less the reported one."),
     Column("causes", "text", "Why, a line a cause.", lambda row: "\n".join(one["text"] for one in row["causes"])),
     Column("causes_json", "text", "The causes with facts, sources and times, as JSON.", _at("causes")),
     _plain("first_seen", "time", "When it first differed."),
     _plain("seen", "time", "When it took its present value.")),
    ("period",),
)  # fmt: skip

SHEETS = (RESULTS, TARGETS, PERIODS, LINES, RESTATED)


def verdicts(results: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """A result and one of its targets each, as the sheet of targets reads them."""
    for one in results:
        for target in one.get("targets") or ():
            yield {**one, "target": target}

"""What moved a number since the window before: groups with their mix and rate, as bars and figures that add up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards import figures
from dashboards.parts import cards
from dashboards.wording import drivers, words

Told = Mapping[str, Any]
Result = Mapping[str, Any]


def panel(told: Told, result: Result) -> html.Section:
    """The dimension that says most stands open, the others fold out below it."""
    if told["missing"] is not None:
        reason = "not set up" in told["missing"]
        steps = [] if reason else ["A longer window, or a later one, may have something to compare with."]
        return cards.panel("What moved it", cards.empty(drivers.empty(told), *steps))
    caution = drivers.caution(told, result)
    said = [html.P(drivers.sentence(told, result)), html.P(caution, className="note") if caution else None]
    first, *others = [drivers.table(one, result) for one in told["dimensions"]]
    chart = _waterfall(told, first, result)
    folded = [html.Details([html.Summary(f"by {one.by}"), _table(one)]) for one in others if len(one.lines) > 1]
    note = drivers.MEANING if first.weighed else None
    return cards.panel(
        "What moved it", [*said, *chart, _table(first, not chart), *folded], note=note, className="moved"
    )


def _waterfall(told: Told, first: drivers.Table, result: Result) -> list[Any]:
    """The way from the value before to the value now, where anything moved."""
    if not told["change"]:
        return []
    steps = "; ".join(f"{line.name} {first.written(line.total)}" for line in first.lines)
    return [cards.chart(figures.waterfall(told, first, result), steps, f"{result['kpi']}-moved")]


def _table(found: drivers.Table, barred: bool = True) -> Any:
    """Weight, value, the bar, mix, rate and both; the last line is their sum. No bars beside a chart of them."""
    weighed = found.weighed
    heads = [f"by {found.by}", *(["weight"] if weighed else []), "value", *([""] if barred else [])]
    heads += [*(["mix", "rate"] if weighed else []), found.unit or "change"]
    furthest = max((_reach(line) for line in found.lines), default=0.0)
    body = [
        [
            line.name,
            *([line.weight] if weighed else []),
            line.value,
            *([_bar(line, furthest)] if barred else []),
            *_figures(found, line),
        ]
        for line in found.lines
    ]
    whole = drivers.Line("all", "", "", found.mix, found.rate, (0.0, 0.0))
    sums = [html.B(figure) for figure in _figures(found, whole)]
    body.append([html.B("all"), *([""] if weighed else []), "", *([""] if barred else []), *sums])
    ends = [place for place in range(1, len(heads)) if heads[place]]
    table = cards.table(heads, body, right=ends, caption=f"what moved it, by {found.by}")
    return html.Div(table, className="weighed" if weighed else "")


def _figures(found: drivers.Table, line: drivers.Line) -> list[str]:
    both = [found.written(line.mix), found.written(line.rate)] if found.weighed else []
    return [*both, found.written(line.total)]


def _reach(line: drivers.Line) -> float:
    """How far a line's bars go to one side."""
    return max(sum(part for part in line.bars if part > 0), -sum(part for part in line.bars if part < 0))


def _bar(line: drivers.Line, furthest: float) -> html.Div:
    """Mix (light) and rate (dark) from the middle, each to its own side; one after the other where both go one way."""
    spans, ends = [], {True: 0.0, False: 0.0}
    for kind, part in zip(("mix", "rate"), line.bars, strict=True):
        size = 50 * abs(part) / furthest if furthest else 0.0
        begin = 50 + ends[True] if part > 0 else 50 - ends[False] - size
        ends[part > 0] += size
        if size:
            spans.append(html.Span(className=kind, style={"left": f"{begin:.2f}%", "width": f"{size:.2f}%"}))
    return html.Div(spans, className="effects", **words.aria(hidden="true"))

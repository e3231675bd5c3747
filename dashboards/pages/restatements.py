"""What closed periods said of a KPI, where it is another now: reported, now, the difference, and what came since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards import format as fmt
from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader
from slo.stories.ledger import restated

Result = Mapping[str, Any]


def panel(reader: Reader, result: Result, ask: Ask) -> html.Section | None:
    """A line a period that is not as it was reported; None where all are."""
    found = reader.tell(restated, ask, kpi=result["kpi"])
    if not found:
        return None
    rows = [
        [
            scope.period(one["period"]).removeprefix("in "),
            _side(one["reported"], one["now"], result),
            _side(one["now"], one["reported"], result),
            cards.figure_cell(_difference(one, result), one["difference"]),
            [html.Div(text) for text in _why(one)],
        ]
        for one in found
    ]
    heads = ("period", "reported", "now", "difference", "why")
    table = cards.table(heads, rows, right=(1, 2, 3), caption="restated periods")
    return cards.panel(
        "Restated",
        table,
        className="flush",
        note="closed periods that are another now",
        take=f"{result['kpi']}-restated",
    )


def _side(told: Mapping[str, Any], other: Mapping[str, Any], result: Result) -> html.Td:
    status = told["status"]
    shown = fmt.apart(result, told["value"], other["value"])
    return cards.figure_cell([shown, " ", cards.badge(status, say=False)] if status else shown, told["value"])


def _difference(one: Mapping[str, Any], result: Result) -> str:
    before, now = one["reported"]["value"], one["now"]["value"]
    if before is None or now is None:
        return fmt.NOTHING
    return fmt.change({**result, "value": now}, before)


def _why(one: Mapping[str, Any]) -> list[str]:
    verdicts = [
        f"{target['text']}: {target['reported'] or 'no verdict'}, now {target['now'] or 'no verdict'}"
        for target in one["targets"]
    ]
    return [*(cause["text"] for cause in one["causes"]), *verdicts]

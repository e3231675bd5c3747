"""``tierline coverage``: what is measured, and what it would take to measure the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from tierline.commands import Door, config_option, format_option, now, print_json
from tierline.tables import table


@click.command("coverage", short_help="What is measured, and what would give the rest.")
@click.option("--window", default="28d", show_default=True, help="In which window a value must be.")
@format_option
@config_option
@click.pass_obj
def command(door: Door, window: str, form: str) -> None:
    """Each KPI by whether it is measured, could be with what is connected, or needs another source, and which."""
    from slo.engine import Query
    from tierline.coverage import standings

    with door.engine() as engine:
        names = [kpi["id"] for kpi in engine.kpis()]
        results = engine.show_all(names, Query(window=window), now())
        found = standings(results, door.config, engine.store)
    if form == "json":
        print_json(found)
    else:
        _print(found)


def _print(found: list[dict[str, Any]]) -> None:
    from slo.evidence.coverage import STATES, line

    click.echo(f"{line(found)}\n")
    order = sorted(found, key=lambda one: STATES.index(one["state"]))
    rows = [row for one in order for row in _rows(one)]
    click.echo(table(("KPI", "", "what is missing", "what would give it"), rows, wrap=True))


def _rows(one: dict[str, Any]) -> Iterator[list[str | None]]:
    """One line a KPI and group of evidence."""
    from dashboards.wording.evidence import group

    first: tuple[str | None, str | None] = (one["kpi"], one["state"])
    if not one["missing"]:
        yield [*first, one["why"] or None, None]
    for place, gap in enumerate(one["missing"]):
        gives = ", ".join(gap["here"] or gap["kinds"]) or "tierline facts import"
        yield [*(("", "") if place else first), group(gap["evidence"]), gives]

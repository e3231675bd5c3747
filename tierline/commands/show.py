"""``tierline show``: KPIs as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from slo.errors import ConfigError
from tierline.asking import query, query_options
from tierline.commands import Door, now, print_json
from tierline.tables import table

if TYPE_CHECKING:
    from slo.engine import Engine, Query


@click.command("show", short_help="KPIs as they stand.")
@click.argument("kpis", nargs=-1, metavar="[KPI]...")
@click.option("--all", "every", is_flag=True, help="Every KPI.")
@query_options
@click.pass_obj
def command(door: Door, /, kpis: tuple[str, ...], every: bool, form: str, **asked: Any) -> None:
    """KPIs as they stand: value, status, targets. With --all or several KPIs, JSON is a list."""
    if every == bool(kpis):
        raise ConfigError("show: name the KPIs, or say --all; `tierline kpis` lists them")
    with door.engine() as engine:
        results = _results(engine, _names(engine, kpis), query(asked))
    if form == "json":
        print_json(results if every or len(results) > 1 else results[0])
    else:
        print_results(results, asked.get("profile"))


def _names(engine: Engine, kpis: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(kpis)) or [kpi["id"] for kpi in engine.kpis()]


def _results(engine: Engine, names: list[str], asked: Query) -> list[dict[str, Any]]:
    return engine.show_all(names, asked, now())


def print_results(results: list[dict[str, Any]], profile: str | None = None) -> None:
    """The results as a table, each with the target that gave its status, or with what is published where nobody has
    adopted one; their window above it, caveats below. ``profile``: the one that was asked for."""
    from dashboards import format as shown
    from dashboards.reading import scope
    from dashboards.wording import answering, changes, promises

    rows = []
    for one in results:
        status = shown.status(scope.profile_status(one, profile))
        target = promises.target(one, profile)
        verdict = f"{status.shape} {status.word}"
        rows.append([one["kpi"], shown.value(one), shown.size(one), changes.said(one), verdict, target])
    window = results[0]["window"]
    click.echo(f"{window['name']}: {window['start']} to {window['end']}, as of {results[0]['as_of']}\n")
    click.echo(table(("KPI", "value", "", "change", "status", "target"), rows, right=(1, 3)))
    for one in results:
        for term, text in answering.beside(one):
            click.echo(f"\n{one['kpi']}: {term}: {text}")
        for caveat in one["caveats"]:
            click.echo(f"\n{one['kpi']}: {caveat}")

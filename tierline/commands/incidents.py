"""``tierline incidents``: pages of a pager that no rule could lay on an asset, with a proposal each."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tierline.commands import Door, config_option, format_option, now, print_json, say
from tierline.tables import table

if TYPE_CHECKING:
    from slo.incidents.unmapped import Unmapped
    from slo.view import View

COLUMNS = ("source", "service", "incidents", "first", "last", "team", "tier", "class", "asset", "reason")


@click.group("incidents", short_help="Incidents that no asset could be found for.")
@config_option
def command() -> None:
    """Incidents, and the assets they were about."""


@command.command("unmapped", short_help="Those incidents by service, each with a proposal and its reason.")
@click.option("--out", metavar="FILE.csv", type=click.Path(dir_okay=False), help="Write them as CSV, to edit.")
@format_option
@config_option
@click.pass_obj
def unmapped_(door: Door, out: str | None, form: str) -> None:
    """Incidents that name no asset after all rules, by the service that was paged.

    Each comes with a proposal: the asset that failed around them most often, its team and tier. What is right goes
    under `services:` of the source in tierline.yaml, as `<service>: {team: ..., tier: ...}`.
    """
    with door.engine() as engine:
        found = rows(engine.results(None, now()).view)
    if out is not None:
        write_csv(Path(out), found)
        say(f"{out}: {len(found)} services with {sum(row['incidents'] for row in found)} incidents")
    elif form == "json":
        print_json({"incidents": sum(row["incidents"] for row in found), "services": found})
    else:
        _print(found)


def rows(view: View) -> list[dict[str, Any]]:
    """One row a service, most incidents first; ``tierline suggest incidents`` shows the same."""
    from slo.incidents.unmapped import unmapped

    return [_row(one, view) for one in unmapped(view)]


def _row(one: Unmapped, view: View) -> dict[str, Any]:
    zone = view.platform.timezone
    service = one.service.partition("/")[2] if one.service else None
    return {
        "source": one.source, "service": service, "incidents": one.incidents,
        "first": one.first.astimezone(zone).date().isoformat(), "last": one.last.astimezone(zone).date().isoformat(),
        "team": one.team, "tier": one.tier, "class": None, "asset": one.asset, "reason": one.reason,
    }  # fmt: skip


def write_csv(path: Path, found: list[dict[str, Any]]) -> None:
    """The rows with a header, to be opened in a spreadsheet: no cell of somebody else's text is a formula there."""
    from dashboards.format.cells import cell

    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows({name: cell(row[name]) for name in COLUMNS} for row in found)


def _print(found: list[dict[str, Any]]) -> None:
    if not found:
        click.echo("Every incident names an asset, or a service with a team and a tier.")
        return
    shown = ("source", "service", "incidents", "last", "team", "tier", "asset", "reason")
    click.echo(table(shown, [[row[name] for name in shown] for row in found], right=(2, 5)))
    total = sum(row["incidents"] for row in found)
    click.echo(f"\n{total} incidents of {len(found)} services. Say what a service stands for in tierline.yaml:\n")
    first = found[0]
    click.echo(f"  sources:\n    {first['source']}:\n      services:")
    click.echo(f"        {first['service']}: {{team: {first['team'] or '...'}, tier: {_or_dots(first['tier'])}}}")


def _or_dots(value: Any) -> str:
    return "..." if value is None else str(value)

"""``tierline export``: results and closed periods as Parquet, CSV or tables of a database."""

from __future__ import annotations

import os

import click

from slo.errors import ConfigError
from tierline.commands import Door, config_option, format_option, now, print_json
from tierline.tables import table


@click.command("export", short_help="Results and closed periods to Parquet, CSV or a database.")
@click.option("--out", metavar="FILE|URL", required=True, help="x.parquet, x.csv, or a database's SQLAlchemy URL.")
@click.option("--period", help="This period alone, and what was reported of it: 2026-10, 2026-W44, 2026-Q4.")
@click.option("--window", "windows", multiple=True, help="This window instead of the usual five; repeatable.")
@click.option("--kpi", "kpis", multiple=True, help="This KPI alone; repeatable.")
@click.option("--closed", is_flag=True, help="Only closed periods, as they were reported.")
@click.option("--prefix", default="tierline_", show_default=True, help="A database's tables begin with it.")
@format_option
@config_option
@click.pass_obj
def command(
    door: Door, out: str, period: str | None, windows: tuple[str, ...], kpis: tuple[str, ...], closed: bool,
    prefix: str, form: str,
) -> None:  # fmt: skip
    """Writes one row a KPI, scope and window, one a target with its verdict, and closed periods with the lines that
    were reported and what of them was restated since.

    A file holds the first table, the others stand beside it: x.parquet, x.targets.parquet, x.periods.parquet ... In a
    database each is a table, made where it is missing; the same export twice does not double a row, and no other table
    is touched. A URL with a password is a secret: write env:NAME. docs/export.md explains every column.
    """
    from tierline.exporting import Wanted, gather, place, write

    if windows and (period or closed):
        raise ConfigError("--window: goes with neither --period nor --closed; a period is its own window")
    to = place(out, os.environ)
    wanted = Wanted(windows, period, tuple(dict.fromkeys(kpis)), closed)
    with door.engine() as engine:
        tables, periods = gather(engine, wanted, now())
    told = {str(name): rows for name, rows in write(to, prefix, tables, wanted.kpis, periods).items()}
    if form == "json":
        print_json(told)
    else:
        click.echo(table(("written", "rows"), [[name, f"{rows:,}"] for name, rows in told.items()], right=(1,)))

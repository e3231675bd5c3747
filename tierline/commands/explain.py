"""``tierline explain``: the formula and the facts behind a number, and what moved it."""

from __future__ import annotations

from typing import Any

import click

from tierline.asking import query, query_options
from tierline.commands import Door, now, print_json

DIMENSIONS = ("tier", "team", "domain", "asset")


@click.command("explain", short_help="The formula and the facts behind a number.")
@click.argument("kpi")
@click.option(
    "--by", type=click.Choice(DIMENSIONS), help="What moved it, by this dimension; without, by the one that says most."
)
@query_options
@click.pass_obj
def command(door: Door, /, kpi: str, by: str | None, form: str, **asked: Any) -> None:
    """The formula in words and figures, what was left out and why, by which definition and target it was judged, what
    moved it since the window before, and the facts behind it, worst first."""
    profile = asked["profile"]
    with door.engine() as engine:
        told = engine.explain(kpi, query(asked), now(), by=by)
    if form == "json":
        print_json(told)
    else:
        from tierline.printed.explanation import lines

        for line in lines(told, profile):
            click.echo(line)

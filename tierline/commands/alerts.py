"""``tierline alerts``: what fires now, since when, whose it is, which budget it eats, what is silenced and why."""

from __future__ import annotations

import click

from tierline.commands import Door, config_option, format_option, now, print_json


@click.command("alerts", short_help="What fires now, and what is silenced and why.")
@format_option
@config_option
@click.pass_obj
def command(door: Door, form: str) -> None:
    """What somebody is told of now: late data, failing runs, burning budgets, sources that are not seen. One alert a
    cause, with the team that must act and the budget it eats; below it what is silenced, and why."""
    from tierline.alerting import shown

    with door.engine() as engine:
        watch, zone = engine.watch(now()), engine.platform.timezone
    if form == "json":
        print_json(watch)
    else:
        click.echo(shown(watch, zone))

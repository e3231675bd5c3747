"""``tierline alerts``: what fires now, since when, whose it is, which budget it eats, what is silenced and why; and
what alerts would have done over one's own history."""

from __future__ import annotations

import click

from slo.errors import ConfigError
from tierline.commands import Door, config_option, format_option, now, print_json


@click.command("alerts", short_help="What fires now, and what is silenced and why.")
@click.option("--replay", is_flag=True, help="What alerts would have done over stored history.")
@click.option("--window", metavar="W", help="The history that is replayed: 90d, 365d, 2026-10.  [default: 90d]")
@click.option("--slo", metavar="ID", help="Replay this objective only, as the JSON of `tierline alerts` names it.")
@click.option("--policy", metavar="NAME", help="Replay this policy only, of config/burn_windows.yaml.")
@format_option
@config_option
@click.pass_obj
def command(door: Door, replay: bool, window: str | None, slo: str | None, policy: str | None, form: str) -> None:
    """What somebody is told of now: late data, failing runs, burning budgets, sources that are not seen. One alert a
    cause, with the team that must act and the budget it eats; below it what is silenced, and why.

    With --replay, what the alerts on budgets would have done: how often each policy would have fired, how many of
    these met an incident, how late, and how long until it was quiet again."""
    if replay:
        _replay(door, window or "90d", slo, policy, form)
        return
    for name, value in (("window", window), ("slo", slo), ("policy", policy)):
        if value is not None:
            raise ConfigError(f"--{name}: {value!r} says what is replayed; add --replay, or leave it out")
    from tierline.printed.alerts import shown

    with door.engine() as engine:
        watch, zone = engine.watch(now()), engine.platform.timezone
    if form == "json":
        print_json(watch)
    else:
        click.echo(shown(watch, zone))


def _replay(door: Door, window: str, slo: str | None, policy: str | None, form: str) -> None:
    from tierline.printed.replay import lines, replayed

    with door.engine() as engine:
        told = replayed(engine, window, now(), slo, policy)
    if form == "json":
        print_json(told)
    else:
        for line in lines(told):
            click.echo(line)

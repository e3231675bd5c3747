"""``tierline whatif``: past months under another target, tier, calendar or threshold."""

from __future__ import annotations

from typing import Any

import click

from slo.errors import ConfigError
from tierline.asking import query, scope_options
from tierline.commands import Door, now, print_json

CHANGES = (
    "floor", "stretch", "tier_of", "freshness", "objective", "grace", "settle_deployment", "timezone", "holidays",
    "support_hours",
)  # fmt: skip


@click.command("whatif", short_help="Past months under another target, tier, calendar or threshold.")
@click.argument("kpi")
@click.option(
    "--months", type=click.IntRange(1, 60), default=6, show_default=True, help="The last so many whole months."
)
@click.option(
    "--window", "windows", multiple=True, metavar="W", help="These windows instead; may be said several times."
)
@click.option("--floor", metavar="BOUND", help="The target's floor, in the KPI's unit: 0.99, 99%, 2h.")
@click.option("--stretch", metavar="BOUND", help="The target's stretch.")
@click.option("--tier-of", multiple=True, metavar="GLOB=TIER", help="These assets are of this tier, as 'shop/*=1'.")
@click.option(
    "--freshness",
    multiple=True,
    metavar="GLOB=AGE",
    help="Their data is at most this old (3600, 2h), or there by 07:00.",
)
@click.option("--objective", multiple=True, metavar="GLOB=SHARE", help="Their own objective, as 0.99.")
@click.option("--grace", metavar="SPAN", help="How late a run may start before its slot is missed: 600, 10m.")
@click.option("--settle-deployment", metavar="SPAN", help="After how long without failure a deployment is good: 48h.")
@click.option("--timezone", metavar="ZONE", help="The platform's time zone.")
@click.option("--holidays", multiple=True, metavar="DAYS", help="A date, a country (DE, DE-BE) or a file of dates.")
@click.option("--support-hours", metavar="HOURS", help="When acknowledgements are expected: 'mon-fri 09:00-17:00'.")
@scope_options
@click.pass_obj
def command(door: Door, /, kpi: str, form: str, months: int, windows: tuple[str, ...], **asked: Any) -> None:
    """Past whole months as they are and as they would have been, worked out in memory: nothing is stored.

    At least one change: a target's bounds, a tier rule, a threshold, the calendar.
    """
    from slo.shelf import get_kpi
    from tierline.supposing import supposed

    changes = {name: asked.pop(name) for name in CHANGES}
    what, words = supposed(get_kpi(kpi), changes)
    if len(set(windows)) < len(windows):
        raise ConfigError("--window: a window is named twice; name each once")
    with door.engine() as engine:
        told = engine.what_if(kpi, query(asked), what, now(), windows, months)
    _print(told, words, form)


def _print(told: dict[str, Any], words: list[str], form: str) -> None:
    from tierline.printed.whatif import lines, said, sentence

    told = {**told, "supposed": [*said(told), *words], "sentence": sentence(told)}
    if form == "json":
        print_json(told)
    else:
        for line in lines(told):
            click.echo(line)

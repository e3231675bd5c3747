"""``tierline demo``: a believable platform of a year, collected by the real collectors, shown at once."""

from __future__ import annotations

import click

from tierline.commands import config_option


@click.command("demo", short_help="A year of a believable platform, to look at. Needs no set-up.")
@click.option("--days", type=click.IntRange(7, 366), default=366, show_default=True, help="How much history.")
@config_option
def command(days: int) -> None:
    """A year of a believable platform, spoken in the vendors' own API shapes on loopback, collected by the real
    collectors and shown at once. Needs no network and no settings; TIERLINE_PORT changes the port."""
    from tierline.demo.demonstrating import demonstrate

    demonstrate(days)

"""``tierline collect``: one pass over the sources."""

from __future__ import annotations

from datetime import datetime

import click

from tierline.commands import Door, Instant, config_option, format_option, print_json, say
from tierline.tables import table


@click.command("collect", short_help="Read the sources once.")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--since", type=Instant(), metavar="TIME", help="Read again from this time on, as 2026-10-01T00:00:00Z.")
@click.option("--full", is_flag=True, help="Read the whole history again.")
@format_option
@config_option
@click.pass_obj
def command(door: Door, sources: tuple[str, ...], since: datetime | None, full: bool, form: str) -> int:
    """Read the sources once: the newest day first, then backwards. One failing never stops the others (exit code 1)."""
    from tierline.collecting import chosen, collect_all

    names = chosen(door.config, sources)
    with door.store() as store:
        records = collect_all(store, door.config, names, since, full, say)
    if form == "json":
        print_json(records)
    elif not records:
        say("no sources yet: add one under `sources:` in the settings; `tierline plugins` lists what can be read")
    else:
        columns = ("source", "state", "facts", "set_aside", "seconds", "error")
        rows = [[one[column] for column in columns] for one in records]
        click.echo(table(("source", "", "facts", "set aside", "seconds", "error"), rows, right=(2, 3, 4), wrap=True))
    return 0 if all(one["ok"] and not one["set_aside"] for one in records) else 1

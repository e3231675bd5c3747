"""``tierline close``: a period is published, and stays as it was."""

from __future__ import annotations

from typing import Any

import click

from tierline.commands import Door, config_option, format_option, now, print_json, say


@click.command("close", short_help="Publish a period: what it says stays as it was.")
@click.argument("period")
@click.option("--by", metavar="TEAM", default="data platform", show_default=True, help="The team that closes it.")
@click.option("--despite-disputes", is_flag=True, help="Though lines are disputed: they are listed in it.")
@click.option("--dry-run", is_flag=True, help="Say what would be stored; store nothing.")
@format_option
@config_option
@click.pass_obj
def command(door: Door, /, period: str, by: str, despite_disputes: bool, dry_run: bool, form: str) -> None:
    """Close PERIOD (2026-10, 2026-W44, 2026-Q4, 2026-H2) once it has ended.

    Every KPI of the whole, each tier, team and domain is kept with its verdicts, the versions they rest on, the notes
    and the reports, under one hash. It is never rewritten: facts that come later, corrections and exclusions are
    listed as restatements. Lines whose sources have not settled go in marked provisional.
    """
    from tierline.reports import closing

    with door.engine() as engine:
        if dry_run:
            found = closing.preview(engine, period, now())
        else:
            found = closing.close(engine, door.config, period, by, now(), despite_disputes=despite_disputes)
    if form == "json":
        print_json(found)
    elif dry_run:
        click.echo(f"{found['name']}: {found['lines']} lines of {len(found['scopes'])} scopes, as of {found['as_of']}.")
    else:
        click.echo(f"{found['name']} is closed, as of {found['as_of']}, by {found['by']}.\nhash  {found['hash']}")
    _warn(found)


def _warn(found: dict[str, Any]) -> None:
    """What whoever closes should know: what is not settled, what is disputed."""
    if found["provisional"]:
        say(f"provisional, since their sources have not settled or are behind: {', '.join(found['provisional'])}")
    for one in found["disputes"]:
        say(f"disputed: {one['kpi']}: {one['text']}")

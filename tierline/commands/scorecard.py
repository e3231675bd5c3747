"""``tierline scorecard``: a profile's card, each row in the last whole window of its own cadence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from tierline.commands import Door, Instant, config_option, format_option, now, print_json
from tierline.tables import table

Line = Mapping[str, Any]


@click.command("scorecard", short_help="A profile's card: promised, measured, met.")
@click.argument("profile", required=False)
@click.option("--window", help="One window for every row: 28d, 2026-10, 2026-Q4.  [default: each row's own cadence]")
@click.option("--as-of", type=Instant(), metavar="TIME", help="As it stood then, as 2026-10-01T00:00:00Z.")
@click.option("--tier", type=click.IntRange(0, 3), help="Exactly this tier.")
@click.option("--team", help="One team.")
@click.option("--domain", help="One domain.")
@format_option
@config_option
@click.pass_obj
def command(
    door: Door, /, profile: str | None, window: str | None, as_of: datetime | None, form: str, **scope: Any
) -> None:
    """The card of PROFILE, every row in the last whole day, week, month, quarter or half-year, as it is published.

    Without PROFILE it is the platform view (or the settings' `profile`): what is adopted has its status, the rest
    stands beside its published range. With PROFILE every row is judged as published.
    """
    from slo.engine import Query

    with door.engine() as engine:
        card = engine.scorecard(profile, Query(as_of=as_of, **scope), window, now())
    if form == "json":
        print_json(card)
    else:
        _print(card)


def _print(card: Mapping[str, Any]) -> None:
    from dashboards.wording.scorecards import groups, head, tally

    click.echo(f"{head(card)}\n{tally(card['summary'])}\n")
    for title, lines in groups(card["lines"]):
        click.echo(f"{title}\n")
        click.echo(table(("KPI", "window", "value", "n", "status", "target"), _rows(lines), right=(2, 3), wrap=True))
        click.echo("")
    for line in card["lines"]:
        for caveat in line["caveats"]:
            click.echo(f"{line['title']}: {caveat}")


def _rows(lines: Sequence[Line]) -> list[list[str | None]]:
    from dashboards.wording.scorecards import row

    return [row(line) for line in lines]

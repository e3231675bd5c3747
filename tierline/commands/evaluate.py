"""``tierline evaluate``: refresh the states, judge, store the results."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import click

from tierline.commands import Door, Instant, config_option, format_option, now, print_json
from tierline.tables import table


@click.command("evaluate", short_help="Refresh, judge, store the results.")
@click.option("--as-of", type=Instant(), metavar="TIME", help="As it stood then, as 2026-10-01T00:00:00Z.")
@format_option
@config_option
@click.pass_obj
def command(door: Door, as_of: datetime | None, form: str) -> None:
    """Refresh what new facts have made stale, judge every KPI and store the results."""
    with door.engine() as engine:
        results = engine.evaluate(as_of or now())
    whole = [one for one in results if all(value is None for value in one["scope"].values())]
    if form == "json":
        print_json(results)
        return
    from dashboards.format.verdicts import status
    from dashboards.reading import scope

    shown = (scope.profile_status(one, None) for one in whole if one["window"]["name"] == "28d")
    statuses = Counter(status(key).word for key in shown)
    click.echo(f"{len(results)} results stored, of {len({one['kpi'] for one in results})} KPIs. The last 28 days:\n")
    click.echo(table(("status", "KPIs"), sorted(statuses.items()), right=(1,)))

"""``tierline history``: past days for Prometheus."""

from __future__ import annotations

from datetime import date, datetime

import click

from slo.errors import ConfigError
from tierline.commands import Door, config_option, now, say

DAYS = click.DateTime(["%Y-%m-%d"])


@click.command("history", short_help="Past days for Prometheus, as OpenMetrics.")
@click.option("--openmetrics", is_flag=True, help="Write OpenMetrics with timestamps; there is no other form.")
@click.option("--since", type=DAYS, metavar="DAY", help="The first day, as 2025-11-01; a year before the last one.")
@click.option("--until", type=DAYS, metavar="DAY", help="The last day; yesterday where absent.")
@click.option("--step", type=click.Choice(["1d", "1h"]), default="1d", show_default=True, help="Between two samples.")
@click.option("--window", "windows", multiple=True, default=("1d", "7d", "28d"), show_default=True,
              help="A rolling window; repeatable.")  # fmt: skip
@click.option("--by", "cuts", multiple=True, type=click.Choice(["tier", "team", "domain"]),
              help="Its parts, too, beside the whole platform; repeatable.")  # fmt: skip
@click.option("--kpi", "kpis", multiple=True, help="This KPI alone; repeatable.")
@click.option(
    "--label", "labels", multiple=True, metavar="NAME=VALUE", help="A label of every series, as job=tierline."
)
@config_option
@click.pass_obj
def command(
    door: Door, openmetrics: bool, since: datetime | None, until: datetime | None, step: str, windows: tuple[str, ...],
    cuts: tuple[str, ...], kpis: tuple[str, ...], labels: tuple[str, ...],
) -> None:  # fmt: skip
    """Writes past days to stdout: of every day one sample a series, at the day's end, as /metrics names it.

    \b
    tierline history --openmetrics --since 2025-11-01 > history.om
    promtool tsdb create-blocks-from openmetrics --max-block-duration=720h history.om DATA_FOLDER

    DATA_FOLDER is that of Prometheus (--storage.tsdb.path); it finds the blocks within a minute, and deletes what is
    older than --storage.tsdb.retention.time. Without --max-block-duration promtool takes minutes a year.

    A past day is shown as it is known now: what was resolved or told since is counted in its day. `tierline show
    --as-of` shows it as of then. Windows are rolling and end with the day. --step 1h repeats a day's value every hour
    until the next day ends; with 1d ask Prometheus for last_over_time(...[1d]).
    """
    if not openmetrics:
        raise ConfigError("history: say --openmetrics; there is no other form")
    from dashboards.metrics.history import STEPS, Manner
    from tierline.history import Wanted, write

    moment = now()
    wanted = Wanted(_day(since), _day(until), windows, cuts, kpis)
    manner = Manner(moment, STEPS[step], _labels(labels))
    with door.engine() as engine:
        told = write(engine, wanted, manner, lambda text: click.echo(text, nl=False))
    say(told)


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _labels(pairs: tuple[str, ...]) -> dict[str, str]:
    """``name=value`` pairs, as Prometheus allows names. Raises ConfigError."""
    import re

    found = {}
    for text in pairs:
        name, equals, value = text.partition("=")
        if not equals or not re.fullmatch(r"[a-zA-Z_]\w*", name, re.ASCII) or name.startswith("__"):
            raise ConfigError(f"--label: {text!r}: write name=value, as job=tierline")
        found[name] = value
    return found

"""``tierline dispute``: a domain disputes a figure before the period is closed."""

from __future__ import annotations

from typing import Any

import click

from slo.errors import ConfigError
from tierline.commands import Door, config_option, format_option, now, print_json
from tierline.tables import table


@click.command("dispute", short_help="Dispute a figure of a period, or settle that.")
@click.argument("period")
@click.argument("kpi", required=False)
@click.option("--domain", metavar="DOMAIN", help="The domain that disputes it.")
@click.option("--text", metavar="TEXT", help="What is wrong with the figure.")
@click.option("--by", metavar="TEAM", help="The team that disputes it; never a person.")
@click.option("--settle", "how", metavar="TEXT", help="How it was settled.")
@click.option("--number", type=click.IntRange(min=1), help="With --settle: this one of several.")
@format_option
@config_option
@click.pass_obj
def command(
    door: Door, /, period: str, kpi: str | None, domain: str | None, text: str | None, by: str | None, how: str | None,
    number: int | None, form: str,
) -> None:  # fmt: skip
    """Dispute KPI in PERIOD, settle it with --settle, or list what is disputed.

    Open disputes stand in the report and keep `tierline close` from closing the period unless it is told to.
    """
    from slo.ledger.book import Ledger
    from slo.ledger.closing import window_of
    from tierline.reports import closing

    if kpi is None and (text or how):
        raise ConfigError(f"dispute: say which KPI, as `tierline dispute {period} mttr --domain sales --text ...`")
    if kpi is not None and (text is None) == (how is None):
        raise ConfigError(f"dispute {kpi}: say either --text (what is wrong) or --settle (how it was settled)")
    with door.engine() as engine:
        if kpi is not None and text is not None:
            found = [closing.dispute(engine, door.config, period, kpi, text, now(), domain, by)]
        elif kpi is not None and how is not None:
            found = closing.settle(engine, period, kpi, how, now(), domain, number)
        else:
            window = window_of(engine, period, now())
            found = Ledger(engine.store, engine.platform.timezone).disputes(window.name)
    print_json(found) if form == "json" else click.echo(rows(found))


def rows(found: list[dict[str, Any]]) -> str:
    """Disputes as a table."""
    cells = [
        (one["id"], one["kpi"], one["domain"] or "–", one["opened_at"][:10], one["settlement"] or "open", one["text"])
        for one in found
    ]
    return table(("number", "KPI", "domain", "since", "settled", "what is wrong"), cells, right=(0,), wrap=True)

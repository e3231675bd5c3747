"""``tierline kpis``: the catalogue with its targets."""

from __future__ import annotations

import click

from tierline.commands import config_option, format_option, print_json
from tierline.tables import table


@click.command("kpis", short_help="The catalogue with its targets.")
@format_option
@config_option
def command(form: str) -> None:
    """The catalogue: what each KPI means and the published targets it is judged against. Needs no settings."""
    from tierline.catalogue import kpis as catalogue

    kpis = catalogue()
    if form == "json":
        print_json(kpis)
        return
    rows = [[kpi["id"], kpi["family"], kpi["measure"], kpi["unit"], len(kpi["targets"])] for kpi in kpis]
    click.echo(table(("KPI", "family", "measure", "unit", "targets"), rows, right=(4,)))

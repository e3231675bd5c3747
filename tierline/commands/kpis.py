"""``tierline kpis``: the catalogue with its targets."""

from __future__ import annotations

import click

from tierline.commands import Door, config_option, format_option, print_json
from tierline.tables import table


@click.command("kpis", short_help="The catalogue with its targets.")
@format_option
@config_option
@click.pass_obj
def command(door: Door, form: str) -> None:
    """The catalogue: what each KPI means and the published targets it is judged against. Needs no settings; where
    there are some, KPIs of your own stand in it too."""
    from tierline.catalogue import kpis as catalogue
    from tierline.config import find

    if find(door.config_file) is not None:
        assert door.config  # reading it puts your own on the shelf
    kpis = catalogue()
    if form == "json":
        print_json(kpis)
        return
    rows = [[kpi["id"], kpi["family"], kpi["measure"], kpi["unit"], len(kpi["targets"])] for kpi in kpis]
    click.echo(table(("KPI", "family", "measure", "unit", "targets"), rows, right=(4,)))

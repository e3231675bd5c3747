"""``tierline kpis``: the catalogue with its targets."""

from __future__ import annotations

from typing import Any

import click

from tierline.commands import Door, config_option, format_option, print_json
from tierline.tables import table


@click.command("kpis", short_help="The catalogue with its targets.")
@format_option
@config_option
@click.pass_obj
def command(door: Door, form: str) -> None:
    """The catalogue: what each KPI means and the published targets it is judged against. Needs no settings; where
    there are some, KPIs and targets of your own stand in it too, and who adopted what."""
    kpis = _catalogue(door)
    if form == "json":
        print_json(kpis)
        return
    click.echo(
        table(("KPI", "family", "lens", "unit", "targets", "published range"), [_row(kpi) for kpi in kpis], right=(4,))
    )
    targets = [target for kpi in kpis for target in kpi["targets"]]
    counts = [
        len(targets),
        sum(target["published"] for target in targets),
        sum(bool(one["adopted"]) for one in targets),
    ]
    click.echo("\n{} KPIs; {} targets, {} of them published, {} adopted.".format(len(kpis), *counts))
    click.echo("`tierline scorecard PROFILE` shows a profile's rows, `tierline explain KPI` what a KPI means.")


def _catalogue(door: Door) -> list[dict[str, Any]]:
    from tierline.catalogue import kpis
    from tierline.config import find
    from tierline.targets.promised import load

    return kpis() if find(door.config_file) is None else kpis(load(door.config))


def _row(kpi: dict[str, Any]) -> list[str | int | None]:
    from dashboards.wording.benchmarks import of_catalogue

    return [kpi["id"], kpi["family"], kpi["lens"], kpi["unit"], len(kpi["targets"]), of_catalogue(kpi)]

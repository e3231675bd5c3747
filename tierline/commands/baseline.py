"""``tierline baseline``: first targets from history; ``baseline freeze`` fixes what a trend is measured from."""

from __future__ import annotations

from datetime import datetime

import click

from tierline.commands import Door, Instant, config_option, format_option, now, print_json
from tierline.tables import table

PROPOSE = "propose"


class _Group(click.Group):
    """``tierline baseline mttr`` is short for ``tierline baseline propose mttr``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "-h", "--help"):
            args = [PROPOSE, *args]
        return super().parse_args(ctx, args)


@click.group("baseline", cls=_Group, short_help="First targets from history; freezing what a trend starts from.")
def command() -> None:
    """First targets from history: the hardest floor that three of four past months have kept, beside the published row,
    and how to raise it. `tierline baseline [KPI]...` is short for `tierline baseline propose`.

    Nothing is decided by it: `tierline adopt` does that.
    """


@command.command(PROPOSE, short_help="The floor that three of four past months have kept.")
@click.argument("kpis", nargs=-1, metavar="[KPI]...")
@click.option("--months", type=click.IntRange(3, 36), default=6, show_default=True, help="Whole months to look back.")
@click.option("--as-of", type=Instant(), metavar="TIME", help="As it stood then, as 2026-10-01T00:00:00Z.")
@click.option("--tier", type=click.IntRange(0, 3), help="Exactly this tier.")
@click.option("--team", help="One team.")
@click.option("--domain", help="One domain.")
@click.option("--profile", help="The profile whose row is proposed; else the default view's, else the first.")
@format_option
@config_option
@click.pass_obj
def propose(
    door: Door, /, kpis: tuple[str, ...], months: int, as_of: datetime | None, form: str, **scope: object
) -> None:
    """First targets of the KPIs (none named: of all) from the last whole months.

    The floor is the hardest that three of four months kept, rounded to the easier side, and no harder than what is
    published. Months without data, with too small a sample or seen under 95 % don't count, and are said.
    """
    from tierline import firsts

    with door.engine() as engine:
        names = list(dict.fromkeys(kpis)) or list(engine.shelf)
        windows, found = firsts.proposals(engine, names, months, as_of, now(), **scope)
    if form == "json":
        print_json(firsts.as_json(windows, found))
        return
    click.echo(f"First targets from {windows[0]} to {windows[-1]}. Nothing is decided by them.\n")
    lines = list(firsts.rows(found))
    if lines:
        click.echo(table(firsts.HEADS, lines, wrap=True))
        click.echo(f"\n{firsts.RULE}")
    without = [f"{one.result['kpi']}: {said}" for one in found if (said := firsts.why(one))]
    if without:
        click.echo("\nNo floor yet:\n  " + "\n  ".join(without))
    adopt = [line for one in found if (line := firsts.adopting(one))]
    if adopt:
        click.echo("\nTo adopt one:\n  " + "\n  ".join(adopt))

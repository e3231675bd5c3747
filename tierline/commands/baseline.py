"""``tierline baseline``: first targets from history; ``baseline freeze`` fixes what a trend is measured from."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from slo.errors import ConfigError
from tierline.commands import Door, Instant, config_option, format_option, now, print_json, say
from tierline.tables import table

if TYPE_CHECKING:
    from tierline.targets.freezing import Frozen

PROPOSE = "propose"


class _Group(click.Group):
    """``tierline baseline mttr`` is short for ``tierline baseline propose mttr``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not set(self.commands).intersection(args) and args[:1] not in (["-h"], ["--help"]):
            args = [PROPOSE, *args]
        return super().parse_args(ctx, args)


@click.group("baseline", cls=_Group, short_help="First targets from history; freezing what a trend starts from.")
@config_option
def command() -> None:
    """First targets from history: the hardest floor that three of four past months have kept, beside the published row,
    and how to raise it. `tierline baseline [KPI]...` is short for `tierline baseline propose`.

    Proposing decides nothing: `tierline adopt` does that.
    """


@command.command(PROPOSE, short_help="The floor that three of four past months have kept.")
@click.argument("kpis", nargs=-1, metavar="[KPI]...")
@click.option("--months", type=click.IntRange(3, 36), default=6, show_default=True, help="Whole months to look back.")
@click.option("--as-of", type=Instant(), metavar="TIME", help="As it stood then, as 2026-10-01T00:00:00Z.")
@click.option("--tier", type=click.IntRange(0, 3), help="Exactly this tier.")
@click.option("--team", help="One team.")
@click.option("--domain", help="One domain.")
@click.option("--profile", help="The profile whose row is proposed; else the default view's, else the first.")
@click.option("--by", default="TEAM", metavar="TEAM", help="The team or forum that adopts, for the lines that do it.")
@format_option
@config_option
@click.pass_obj
def propose(
    door: Door, /, kpis: tuple[str, ...], months: int, as_of: datetime | None, by: str, form: str, **scope: object
) -> None:
    """First targets of the KPIs (none named: of all) from the last whole months.

    The floor is the hardest that three of four months kept, rounded to the easier side, and no harder than what is
    published. Months without data, with too small a sample or seen under 95 % don't count, and are said.
    """
    from tierline.targets import firsts

    with door.engine() as engine:
        names = list(dict.fromkeys(kpis)) or list(engine.shelf)
        windows, found = firsts.proposals(engine, names, months, as_of, now(), **scope)
    if form == "json":
        print_json(firsts.as_json(windows, found, by))
        return
    click.echo(f"First targets from {windows[0]} to {windows[-1]}. Nothing is decided by them.\n")
    lines = list(firsts.rows(found))
    if lines:
        click.echo(f"{table(firsts.HEADS, lines, wrap=True)}\n\n{firsts.RULE}\n")
    without = [f"{one.result['kpi']}: {said}" for one in found if (said := firsts.why(one))]
    if without:
        click.echo("No floor yet:\n  " + "\n  ".join(without) + "\n")
    adopt = [line for one in found if (line := firsts.adopting(one, by))]
    if adopt:
        click.echo("To adopt one:\n  " + "\n  ".join(adopt))


@command.command("freeze", short_help="Fix the figure that a trend is measured from.")
@click.argument("kpi")
@click.option("--window", metavar="WINDOW", help="Measure it over this whole window.  [the row's last whole one]")
@click.option("--value", metavar="FIGURE", help="A figure that you know, instead of a measured one: 5400, 90m, 12%.")
@click.option("--source", metavar="TEXT", help="Where that figure comes from, as a report or a page.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The date of that figure.  [today]")
@click.option("--profile", help="The profile whose row is meant; else every row that asks for a frozen figure.")
@click.option("--row", type=click.IntRange(min=1), metavar="N", help="Its row; then any trend may be meant.")
@click.option("--as-of", type=Instant(), metavar="TIME", help="Measured as it stood then.")
@click.option("--dry-run", is_flag=True, help="Say the figure; write nothing.")
@format_option
@config_option
@click.pass_obj
def freeze(
    door: Door, /, kpi: str, window: str | None, value: str | None, source: str | None, day: datetime | None,
    profile: str | None, row: int | None, as_of: datetime | None, dry_run: bool, form: str,
) -> None:  # fmt: skip
    """Fix what the trends of KPI are measured from: "reduce by 30 %" of what? The figure is stored in the row of your
    own target file (targets/ beside the settings), so that facts told later don't move it.
    """
    from tierline.targets import freezing

    if (value is None) != (source is None) or (value is not None and window is not None):
        raise ConfigError("baseline freeze: say --value with --source, or --window, or neither")
    with door.engine() as engine:
        targets = freezing.chosen(engine.targets, kpi, profile, row)
        named = row is not None
        if value is None or source is None:
            frozen = freezing.measured(engine.results(as_of, now()), targets, window, named)
        else:
            told = day.date() if day else now().astimezone(engine.platform.timezone).date()
            frozen = freezing.imported(targets, value, source, told, named)
        for target in targets:
            own = [one for one in frozen if one.target is target]
            path, text = freezing.file_with(door.config, own, engine.targets)
            if not dry_run:
                freezing.write(path, text)
            _say(own, str(path), dry_run, form)


def _say(frozen: list[Frozen], path: str, dry_run: bool, form: str) -> None:
    """What was frozen for one row, and where it stands now."""
    for one in frozen:
        told = one.baseline
        if form == "json":
            print_json({"profile": one.target.profile, "row": one.target.row, **told.model_dump(mode="json")})
            continue
        whence = f"measured over {told.window}, n {told.n:g}" if told.window else f"{told.source}, {told.day}"
        click.echo(f"{one.target.profile} {one.target.row}, {one.target.text}: {told.value:.10g} ({whence})")
    say(f"  {'not written' if dry_run else 'written'}: {path}")

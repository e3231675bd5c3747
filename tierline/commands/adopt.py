"""``tierline adopt``: targets that this platform promises, in its own file."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from slo.errors import ConfigError
from tierline.commands import Door, config_option, format_option, now, print_json, say
from tierline.tables import table

if TYPE_CHECKING:
    from slo.engine import Engine
    from slo.promises.target import Target
    from slo.targets import Targets
    from tierline.targets.adopting import Wish


@click.command("adopt", short_help="Promise a published target, or take it back.")
@click.argument("profile", required=False)
@click.argument("rows", nargs=-1, type=click.IntRange(min=1), metavar="[ROW]...")
@click.option("--by", metavar="TEAM", help="The team or forum that promises it; never a person.")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="From this day on.  [today]")
@click.option("--floor", metavar="FIGURE", help="A floor of your own: 0.99 or 99%, 600 or 10m.")
@click.option("--stretch", metavar="FIGURE", help="The ambitious end that goes with it.")
@click.option("--withdraw", is_flag=True, help="Take the promise back from that day on.")
@click.option("--dry-run", is_flag=True, help="Say what it means; write nothing.")
@click.option("--list", "listed", is_flag=True, help="What is adopted, by whom, since when.")
@format_option
@config_option
@click.pass_obj
def command(
    door: Door, /, profile: str | None, rows: tuple[int, ...], by: str | None, since: datetime | None,
    floor: str | None, stretch: str | None, withdraw: bool, dry_run: bool, listed: bool, form: str,
) -> None:  # fmt: skip
    """Adopt rows of PROFILE (`tierline scorecard PROFILE` shows them): from that day on they are promised, and judged.
    What was before stays as it was. It says what a target means at this platform's volume.

    The promise stands in the folder targets/ beside the settings, one file a profile, to be kept under version control.
    """
    if listed:
        _list(door, form)
        return
    if profile is None or not rows or by is None:
        raise ConfigError("adopt: say PROFILE, ROW and --by TEAM, as `tierline adopt platform 1 --by data-platform`")
    from tierline.targets.adopting import Wish

    day = since.date() if since else door.today()
    wish = Wish(by, day, floor, stretch, withdraw)
    with door.engine() as engine:
        for row in rows:
            _adopt(door, engine, _row(engine.targets, profile, row), wish, dry_run)


def _row(targets: Targets, profile: str, row: int) -> Target:
    from tierline.targets.adopting import find

    return find(targets, profile, row)


def _adopt(door: Door, engine: Engine, target: Target, wish: Wish, dry_run: bool) -> None:
    from tierline.targets.adopting import laid, version, write

    told = version(target, wish, door.config.settings.people)
    path, text, targets = laid(door.config, target, told)
    after = next(one for one in targets.in_force(max(wish.since, door.today())) if one.key == target.key)
    click.echo(f"{target.profile} row {target.row}, {target.metric or target.kpi}: {target.text or target.form}")
    for line in _told(engine, after, told, wish):
        click.echo(f"  {line}")
    if dry_run:
        say(f"  not written: {path}\n")
        return
    write(path, text)
    engine.targets = targets
    say(f"  written: {path}\n")


def _told(engine: Engine, after: Target, told: dict[str, Any], wish: Wish) -> list[str]:
    from dashboards.wording.benchmarks import day_words
    from dashboards.wording.meanings import period, sentences

    day = day_words(wish.since)
    if wish.withdraw:
        return [f"withdrawn by {told['withdrawn_by']}, from {day} on: its published range is a benchmark again"]
    found = [f"adopted by {told['adopted_by']}, from {day} on; judged by the {period(after.window)}"]
    return found + [sentence for meaning in engine.meanings(after, now()) for sentence in sentences(meaning)]


def _list(door: Door, form: str) -> None:
    """What is adopted today, or will be."""
    from tierline.targets.promised import load

    targets = load(door.config)
    adopted = [one for one in targets.in_force() if one.adopted is not None]
    if form == "json":
        fields = {"profile", "row", "kpi", "text", "adopted", "adopted_by", "valid_from", "window"}
        print_json([one.model_dump(mode="json", include=fields) for one in adopted])
    elif not adopted:
        click.echo("Nothing is adopted yet. `tierline scorecard` shows what could be; `tierline adopt` promises it.")
    else:
        rows = [[one.profile, one.row, one.kpi, one.adopted_by, str(one.adopted), one.text] for one in adopted]
        click.echo(table(("profile", "row", "KPI", "by", "since", "published"), rows, right=(1,), wrap=True))

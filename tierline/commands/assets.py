"""``tierline assets``: what there is and what is not tiered yet, why a field holds what it holds, and a filled-in
spreadsheet applied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slo.errors import ConfigError
from tierline.commands import Door, config_option, format_option, now, print_json, say
from tierline.tables import pairs, table

if TYPE_CHECKING:
    from slo.view import View
    from tierline.assets.filled_in import FilledIn
    from tierline.assets.naming import Known

UNTIERED = "not tiered yet"


@contextmanager
def viewed(door: Door) -> Iterator[View]:
    """Everything as it is now, with what the settings say and what follows from it."""
    from slo.derive import derive
    from slo.view import View

    with door.engine() as engine:
        moment = now()
        derive(View(engine.store, engine.platform, moment))
        yield View(engine.store, engine.platform, moment)


def known(door: Door, view: View) -> Known:
    """The assets a person may mean."""
    from tierline.assets import declared

    return declared.known(view.store, door.config.settings, view.store.read("asset", order_by="id"))  # type: ignore[arg-type]


@click.group("assets", short_help="What is tiered and whose it is; apply a filled-in sheet; why.")
@config_option
def command() -> None:
    """What is tiered and whose it is: list it, apply a filled-in spreadsheet, ask why."""


@command.command("list", short_help="Every asset, what most rests on first.")
@click.option("--untiered", is_flag=True, help="Only those that are not tiered yet.")
@format_option
@config_option
@click.pass_obj
def list_(door: Door, untiered: bool, form: str) -> None:
    """Every asset with tier, team and what rests on it, the heaviest first."""
    from tierline.assets.listing import listed

    with viewed(door) as view:
        rows = listed(view)
    shown = [row for row in rows if row["tier"] is None] if untiered else rows
    if form == "json":
        print_json(shown)
        return
    open_ = sum(1 for row in rows if row["tier"] is None)
    click.echo(
        f"{open_:,} of {len(rows):,} assets are {UNTIERED}" + ("." if not open_ else "; `tierline suggest tiers`.")
    )
    if shown:
        heads = ("asset", "kind", "tier", "by", "team", "what rests on it", "points")
        click.echo("\n" + table(heads, [_cells(row) for row in shown], right=(6,)))


def _cells(row: dict[str, Any]) -> list[Any]:
    tier = UNTIERED if row["tier"] is None else str(row["tier"])
    return [
        row["asset"],
        row["kind"],
        tier,
        row["tier_source"],
        row["team"],
        ", ".join(row["rests_on_it"]),
        row["score"],
    ]


@command.command("why", short_help="Why an asset's fields hold what they hold.")
@click.argument("name")
@format_option
@config_option
@click.pass_obj
def why(door: Door, name: str, form: str) -> None:
    """Each field of the asset NAME: value, source, rule, since when, and the tellings that lost."""
    from tierline.assets.why import Why

    with viewed(door) as view:
        names = known(door, view)
        found = names.find(view.canonical(name) or name)
        if len(found) != 1:
            raise ConfigError(names.unclear(name))
        reasons = Why(view, door.config).reasons(found[0])
    if form == "json":
        print_json({"asset": found[0], "fields": [reason.record() for reason in reasons]})
        return
    from tierline.assets.listing import why_rows

    click.echo(f"{found[0]}\n")
    click.echo(table(("field", "value", "source", "rule", "since", "lost"), why_rows(reasons)))
    if not any(reason.field == "tier" for reason in reasons):
        click.echo(f"\nIt is {UNTIERED}: nobody says its tier.")


class _Since(click.ParamType[Any]):
    """``beginning``, or a day."""

    name = "beginning|DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from datetime import date

        if value == "beginning":
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            return self.fail(f"{value!r}: write `beginning`, or a day such as 2026-10-01", param, ctx)


@command.command("apply", short_help="Apply a filled-in CSV or Excel file.")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--since", type=_Since(), metavar="beginning|DATE",
              help="From when it holds; `beginning`: it always was so.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@format_option
@config_option
@click.pass_obj
def apply(door: Door, file: str, since: Any, dry_run: bool, form: str) -> int:
    """Apply what stands in FILE: columns asset, tier, owner, team, domain, max_age or deadline with days, objective.

    An empty cell says nothing; `-` takes back what was applied. Without --since a change counts from now; a tier, team
    or domain that was empty counts for the whole past. A bad line is reported with its number and set aside.
    """
    from tierline.assets import applying, filled_in

    with viewed(door) as view:
        start = _start(since, view)
        read = filled_in.read(Path(file), known(door, view))
        filled = read.by_asset()
        facts = applying.versions(view, filled, start)
        changes = applying.changes(view, filled, facts, start)
        if not dry_run:
            view.store.upsert(facts)
    _report(read, changes, dry_run, form)
    _remind(door)
    return 1 if read.problems else 0


def _start(since: Any, view: View) -> datetime | None:
    """The instant from which on it holds; None: the beginning."""
    if since == "beginning":
        return None
    return view.as_of if since is None else min(view.start_of(since), view.as_of)


def _report(read: FilledIn, changes: list[Any], dry_run: bool, form: str) -> None:
    from tierline.assets.listing import change_record, change_row

    for problem in (*read.warnings, *read.problems):
        say(str(problem))
    counts = {"lines": len(read.lines), "assets": len({one.asset for one in changes}), "changes": len(changes)}
    counts |= {"left_open": read.empty, "set_aside": len(read.problems)}
    if form == "json":
        print_json({**counts, "dry_run": dry_run, "changed": [change_record(one) for one in changes]})
        return
    if changes:
        heads = ("asset", "field", "was", "by", "would be" if dry_run else "is", "since", "")
        click.echo(table(heads, [change_row(one) for one in changes]) + "\n")
    click.echo(pairs([(name.replace("_", " "), f"{value:>6,}") for name, value in counts.items()]))
    if dry_run:
        click.echo("\nNothing was changed: without --dry-run it is applied.")


def _remind(door: Door) -> None:
    """Names of the critical file that mean nothing yet."""
    from tierline.opening import warnings

    for problem in warnings(door.config):
        say(f"warning: {problem}")

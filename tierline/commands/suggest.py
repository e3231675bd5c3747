"""``tierline suggest``: proposals ranked by evidence, as a table or as a sheet to edit and apply."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slo.errors import ConfigError, TierlineError
from tierline.commands import Door, config_option, format_option, now, print_json, say
from tierline.tables import table

if TYPE_CHECKING:
    from slo.engine import Engine
    from slo.suggest import Given, Suggestion

KINDS = ("tiers", "owners", "freshness", "incidents", "targets")
SHOWN = 40
"""Rows of the table; the sheet holds all."""


@click.command("suggest", short_help="Proposals for tiers, owners, freshness, incidents, targets.")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--out", metavar="FILE.csv", type=click.Path(dir_okay=False), help="Write them as CSV, to edit.")
@format_option
@config_option
@click.pass_obj
def command(door: Door, kind: str, out: str | None, form: str) -> None:
    """Proposals of one KIND from what is known already, the best evidence first, each with its reason.

    Nothing is decided by it. Edit the sheet: a line you delete, or a cell you empty, is rejected; `tierline assets
    apply` takes what then stands in it.
    """
    from slo.suggest import shelf

    suggestion = shelf()[kind]
    if out is not None:
        _writable(Path(out))
    with door.engine() as engine:
        rows = suggestion.rows(_given(engine))
    if out is not None:
        _write(Path(out), suggestion, rows)
    elif form == "json":
        print_json(rows)
    else:
        _print(suggestion, rows)


def _given(engine: Engine) -> Given:
    """What suggestions look at; months are only worked out where they are asked for."""
    from slo.derive import derive
    from slo.engine import Query
    from slo.suggest import Given
    from slo.view import View
    from tierline.assets.codeowned import CodeOwned, files

    moment = now()
    derive(View(engine.store, engine.platform, moment))
    return Given(
        View(engine.store, engine.platform, moment),
        CodeOwned(files(engine.store)),
        lambda kpis, window: engine.show_all(list(kpis), Query(window=window), moment),
    )


def _writable(path: Path) -> None:
    """Raises ConfigError where it would be no CSV by its name, or where somebody's edits would be lost."""
    if path.suffix.lower() != ".csv":
        raise ConfigError(f"--out {path}: write a name that ends in .csv; a spreadsheet opens it")
    if path.is_file() and path.stat().st_size:
        raise ConfigError(f"--out {path}: is there already, and may be edited; name another file, or delete it first")


def _write(path: Path, suggestion: Suggestion, rows: list[dict[str, Any]]) -> None:
    from dashboards.format.cells import cell

    try:
        with path.open("w", newline="", encoding="utf-8-sig") as file:  # with its mark: so Excel reads UTF-8
            writer = csv.DictWriter(file, suggestion.columns)
            writer.writeheader()
            writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    except OSError as error:
        raise TierlineError(f"{path}: cannot be written: {error.strerror}; name another file with --out") from None
    say(f"{path}: {len(rows):,} proposals. " + (suggestion.use.format(file=path) if rows else suggestion.connect))


def _print(suggestion: Suggestion, rows: list[dict[str, Any]]) -> None:
    if not rows:
        click.echo(suggestion.connect)
        return
    numbers = [at for at, name in enumerate(suggestion.columns) if name in ("evidence", "incidents")]
    cells = [[_text(row[name]) for name in suggestion.columns] for row in rows[:SHOWN]]
    click.echo(f"{suggestion.title}: {len(rows):,} proposals. Nothing is decided by them.\n")
    click.echo(table(suggestion.columns, cells, right=numbers))
    more = f"{len(rows) - SHOWN:,} more: " if len(rows) > SHOWN else ""
    click.echo(
        f"\n{more}`tierline suggest {suggestion.name} --out {suggestion.name}.csv` writes all as a sheet to edit."
    )


def _text(value: Any) -> Any:
    from tierline.assets.listing import shown

    return None if value is None else shown(value)

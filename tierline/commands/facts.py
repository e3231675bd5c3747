"""``tierline facts import`` and ``tierline facts export``: the vocabulary as JSON Lines, in and out."""

from __future__ import annotations

import click

from tierline.commands import Door, config_option, format_option, now, print_json, say
from tierline.tables import pairs


@click.group("facts", short_help="Facts as JSON Lines, in and out.")
@config_option
def command() -> None:
    """Facts as JSON Lines, in and out."""


@command.command("import", short_help="Take facts from a file of JSON Lines.")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@format_option
@config_option
@click.pass_obj
def import_(door: Door, file: str, form: str) -> int:
    """Take facts from FILE, one JSON object a line; `-` reads stdin.

    A bad line is reported with its number and set aside; the good ones go in, and the exit code is 1.
    """
    from tierline.jsonlines import Reading, opened

    with opened(file) as stream, door.store() as store:
        reading = Reading(stream, "stdin" if file == "-" else file, say)
        counts = store.upsert(reading, reading.refused)
        for place, record, error in reading.bad:
            store.set_aside("import", place, record, error, now())
    told = {"lines": reading.lines, "stored": counts.stored, "superseded": counts.superseded}
    told |= {"unchanged": counts.unchanged, "set_aside": reading.set_aside}
    if form == "json":
        print_json(told)
    else:
        click.echo(pairs([(name.replace("_", " "), f"{value:>9,}") for name, value in told.items()]))
    return 1 if reading.set_aside else 0


@command.command("export", short_help="Write facts of one kind as JSON Lines.")
@click.argument("kind")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@config_option
@click.pass_obj
def export(door: Door, kind: str, file: str) -> None:
    """Write every fact of KIND (`run`, `incident` ..., or `all`) to FILE; `-`, the default, is stdout.

    What a correction lays over a fact is not written into it: the correction is a fact of its own.
    """
    from tierline.jsonlines import kinds_of, lines, written

    kinds = kinds_of(kind)
    with door.store() as store, written(file) as stream:
        for line in lines(store, kinds):
            stream.write(line + "\n")

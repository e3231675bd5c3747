"""``tierline openslo``: promises as OpenSLO v1, and OpenSLO v1 as sources and targets."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from slo.errors import ConfigError
from tierline.commands import Door, config_option, format_option, now, print_json, say
from tierline.tables import table

if TYPE_CHECKING:
    from dashboards.openslo.losses import Loss
    from dashboards.openslo.taking import Taken

PROMETHEUS = "http://prometheus:9090"


@click.group("openslo", short_help="Promises as OpenSLO v1, and OpenSLO v1 as sources and targets.")
@config_option
def command() -> None:
    """What either side cannot say is listed as a loss: file, document, path, value, and what was done instead
    (docs/openslo.md)."""


@command.command("out", short_help="Every adopted floor of a ratio as an SLO.")
@click.option("--out", metavar="FILE", help="Write the documents here.  [stdout; the losses then go to stderr]")
@click.option("--url", default=PROMETHEUS, show_default=True, help="The Prometheus that scrapes Tierline.")
@click.option("--notify", metavar="KIND", help="Also write the target that alerts go to: slack, email, web-hook.")
@click.option("--replace", is_flag=True, help="Overwrite a file that is there.")
@format_option
@config_option
@click.pass_obj
def give_out(door: Door, /, out: str | None, url: str, notify: str | None, replace: bool, form: str) -> None:
    """Every Ratio KPI with an adopted floor as an OpenSLO v1 SLO over Tierline's own metrics. Exit code 0, whatever the
    format could not say."""
    from dashboards.openslo.giving import lookbacks
    from dashboards.openslo.writing import Way
    from slo.alerting.watch import remembered
    from tierline.openslo import give, save
    from tierline.targets.promised import load

    platform = door.config.to_platform()
    with door.store() as store:
        found = lookbacks(remembered(store))
    way = Way(url, str(platform.timezone), platform.alerting.team, notify, out or "-")
    given = give(load(door.config), door.today(), way, found)
    if out is None:
        click.echo(given.text, nl=False)
    elif given.count:
        save({Path(out): given.text}, replace)
    _report(given.losses, form, err=out is None, more={"documents": given.count})
    if not given.count:
        say("nothing is adopted that bounds a share: `tierline adopt` promises a target")
    elif out is not None:
        say(f"written: {out}, {given.count} documents")


@command.command("in", short_help="SLOs over Prometheus as a source and targets, to be read before they count.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--out", metavar="FOLDER", help="Write tierline.yaml and targets/<profile>.yaml into this folder.")
@click.option("--check", is_flag=True, help="Write nothing; tell what would come of it, and what is lost.")
@click.option("--profile", default="openslo", show_default=True, help="The profile of the targets.")
@click.option("--by", metavar="TEAM", help="The team or forum that promises them, from today on; else nobody does.")
@click.option(
    "--tier", type=click.IntRange(0, 3), metavar="0..3", help="The services' tier; an SLO's label comes first."
)
@click.option("--timezone", "zone", metavar="ZONE", help="The platform's.  [the settings', else UTC]")
@click.option("--replace", is_flag=True, help="Overwrite files that are there.")
@format_option
@config_option
@click.pass_obj
def take_in(
    door: Door, /, files: tuple[str, ...], out: str | None, check: bool, profile: str, by: str | None,
    tier: int | None, zone: str | None, replace: bool, form: str,
) -> int:  # fmt: skip
    """Reads OpenSLO v1 (ratio and time-slice objectives over Prometheus) from FILEs; - is stdin. Exit code 1 where
    something was refused; all else is taken."""
    from dashboards.openslo.losses import refused
    from dashboards.openslo.taking import Tiers, take
    from slo.platform import Platform
    from tierline.openslo import promise, save, written

    if (out is None) == (not check):
        raise ConfigError("openslo in: say either --out FOLDER or --check")
    known = _settled(door)
    platform = known.to_platform() if known else Platform()
    zone = _zone(zone) if zone else str(platform.timezone)
    promised = promise(by, now().astimezone(platform.timezone).date(), known.settings.people if known else {})
    tiers = Tiers(tier, platform.alerting.tiers)
    taken = take([(name, _text(name)) for name in files], zone, promised, tiers)
    made = written(taken, Path(out or "."), profile, zone) if taken.targets else {}
    if made and out is not None:
        save(made, replace)
    _taken(taken, form)
    for path in made if out is not None else ():
        say(f"written: {path}")
    return 1 if refused(taken.losses) else 0


def _taken(taken: Taken, form: str) -> None:
    if form == "json":
        _report(taken.losses, form, more={"sources": taken.sources, "targets": taken.targets})
        return
    rows = [[one["row"], one["clauses"][0]["asset"], one["text"], one["window"]] for one in taken.targets]
    if rows:
        click.echo(table(("row", "judged over", "objective", "window"), rows, right=(0,)) + "\n")
    _report(taken.losses, form)


def _report(losses: Sequence[Loss], form: str, err: bool = False, more: dict[str, Any] | None = None) -> None:
    """The losses, as a table or as JSON."""
    if form == "json" and not err:
        print_json({**(more or {}), "losses": [loss.as_record() for loss in losses]})
    elif form == "json":
        import json

        say(json.dumps({**(more or {}), "losses": [loss.as_record() for loss in losses]}, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_lines(losses)), err=err)


def _lines(losses: Sequence[Loss]) -> Iterator[str]:
    """The losses of each document, two lines each; how many there are of each kind last."""
    for (file, document), own in groupby(losses, key=lambda loss: (loss.file, loss.document)):
        yield f"{document} ({file})"
        for loss in own:
            value = f": {loss.value}" if loss.value else ""
            yield f"  {loss.kind:<8}  {loss.path or 'the whole'}{value}"
            yield f"            {loss.instead}"
    counted = Counter(loss.kind for loss in losses)
    said = ", ".join(f"{counted[kind]} {kind}" for kind in ("left out", "changed", "refused") if counted[kind])
    yield f"\nlosses: {said}" if losses else "nothing is lost"


def _settled(door: Door) -> Any:
    """The settings where there are any; without them the files are read all the same."""
    from tierline.config import find

    return door.config if door.config_file is not None or find(None) is not None else None


def _zone(name: str) -> str:
    from tierline.settings.zones import zone

    try:
        return zone(name)
    except ValueError as error:
        raise ConfigError(f"--timezone {name}: {error}") from None


def _text(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: cannot be read ({error}); check the path and its rights") from None

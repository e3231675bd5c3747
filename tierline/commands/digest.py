"""``tierline digest``: what needs attention, told to the receivers, or only shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from slo.errors import ConfigError, SourceError
from tierline.commands import Door, config_option, format_option, now, print_json, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tierline.config import Config
    from tierline.notify.receivers import Task

TEST = "Tierline's digest comes here."
PAIR = "digest: say either --dry-run (nothing is sent) or --test (one line is)"


@click.command("digest", short_help="What needs attention, sent to its receivers.")
@click.option("--dry-run", is_flag=True, help="Show it; send nothing.")
@click.option("--test", is_flag=True, help="Send one line, to see whether it arrives.")
@format_option
@config_option
@click.pass_obj
def command(door: Door, dry_run: bool, test: bool, form: str) -> None:
    """Which alerts are open, what needs attention, what changed since the last digest, and which sources are behind:
    sent now to where `digest:` and `notify:` in the settings say. It then counts as today's: `tierline serve` sends one
    a day, by itself."""
    from dashboards.digest import text

    if dry_run and test:
        raise ConfigError(PAIR)
    config = door.config
    to = [] if dry_run else _receivers(config)
    if test:
        failed = _tried(to)
        if failed:
            raise failed[0]
        return
    digest = _digest(door, to)
    if form == "json":
        print_json(digest)
    else:
        click.echo(text(digest, config.settings.timezone))


def _tried(to: Sequence[Task]) -> list[SourceError]:
    """One line each; one that fails keeps no other from its own."""
    from tierline.notify.faults import delivered
    from tierline.notify.message import test_line

    failed = []
    for task in to:
        try:
            delivered(task.outlet, test_line(task.name, now(), TEST))
            say(f"sent to {task.outlet.title}")
        except SourceError as error:
            failed.append(error)
    return failed


def _told(config: Config) -> list[Task]:
    """Who is told the digest."""
    from tierline.notify.receivers import tasks

    return [one for one in tasks(config) if one.changes is None]


def _receivers(config: Config) -> list[Task]:
    """Who is told the digest. Raises ConfigError where that is nobody."""
    found = _told(config)
    if not found:
        remedy = "add `digest: {slack: env:SLACK_WEBHOOK_URL}`, or only look with --dry-run"
        raise ConfigError(f"digest: no receiver is configured; {remedy}")
    return found


def _digest(door: Door, to: Sequence[Task]) -> dict[str, Any]:
    """The digest of now, evaluated first; sent where there are receivers. One that fails keeps no other from it."""
    from tierline.decisions import Watch
    from tierline.notify.daily import KEY, Daily, composed
    from tierline.opening import open_engine
    from tierline.serving.snapshots import Snapshots

    with door.store() as store:
        moment = now()
        open_engine(store, door.config, moment).evaluate(moment)
        quiet = Watch(door.config, lambda _: None)  # what is wrong there was said when the engine was opened
        snapshots = Snapshots(store, door.config, now, quiet)
        snapshots.refresh()
        key = next((one.name for one in _told(door.config)), KEY)
        digest, failed = composed(store, door.config, snapshots.holder(), moment, key), []
        for task in to:
            try:
                digest = Daily(store, door.config, task.outlet, snapshots.holder, now, task.name).send(moment)
                say(f"sent to {task.outlet.title}\n")
            except SourceError as error:
                failed.append(error)
        if failed:
            raise failed[0]
        return digest

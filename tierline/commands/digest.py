"""``tierline digest``: what needs attention, told in Slack, or only shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from slo.errors import ConfigError
from tierline.commands import Door, config_option, format_option, now, print_json, say

if TYPE_CHECKING:
    from tierline.config import Config
    from tierline.notify.slack import Receiver

TEST = "Tierline's digest comes here."


@click.command("digest", short_help="What needs attention, sent to Slack.")
@click.option("--dry-run", is_flag=True, help="Show it; send nothing.")
@click.option("--test", is_flag=True, help="Send one line, to see whether it arrives.")
@format_option
@config_option
@click.pass_obj
def command(door: Door, dry_run: bool, test: bool, form: str) -> None:
    """What needs attention, what changed since the last digest, and which sources are behind: sent now to where
    `digest:` in the settings says. It then counts as today's: `tierline serve` sends one a day, by itself."""
    from dashboards.digest import text

    config = door.config
    if test:
        to = _receiver(config)
        to.send(TEST, [])
        say(f"sent to {to.title}")
        return
    digest = _digest(door, None if dry_run else _receiver(config))
    if form == "json":
        print_json(digest)
    else:
        click.echo(text(digest, config.settings.timezone))


def _receiver(config: Config) -> Receiver:
    from tierline.notify.slack import receiver

    if config.settings.digest is None:
        remedy = "add `digest: {slack: env:SLACK_WEBHOOK_URL}`, or only look with --dry-run"
        raise ConfigError(f"digest: no receiver is configured; {remedy}")
    return receiver(config.settings.digest)


def _digest(door: Door, to: Receiver | None) -> dict[str, Any]:
    """The digest of now, evaluated first; sent where there is a receiver."""
    from tierline.decisions import Watch
    from tierline.notify.daily import Daily, composed
    from tierline.opening import open_engine
    from tierline.serving.snapshots import Snapshots

    with door.store() as store:
        moment = now()
        open_engine(store, door.config, moment).evaluate(moment)
        quiet = Watch(door.config, lambda _: None)  # what is wrong there was said when the engine was opened
        snapshots = Snapshots(store, door.config, now, quiet)
        snapshots.refresh()
        if to is None:
            return composed(store, door.config, snapshots.holder(), moment)
        sent = Daily(store, door.config, to, snapshots.holder, now).send(moment)
        say(f"sent to {to.title}\n")
        return sent

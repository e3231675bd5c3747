"""``tierline notify``: who is told what, how the last message went, and one line to try it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from slo.errors import ConfigError, SourceError
from tierline.commands import Door, config_option, format_option, now, print_json, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from tierline.settings.notify import Notify


@click.command("notify", short_help="Who is told of changes, and a line to try it.")
@click.argument("name", required=False)
@click.option("--test", is_flag=True, help="Send one line to NAME, or to every receiver.")
@format_option
@config_option
@click.pass_obj
def command(door: Door, name: str | None, test: bool, form: str) -> int:
    """The receivers of `notify:` in the settings, and how the last message to each went. `tierline serve` tells them,
    by itself."""
    from tierline.notify.receivers import named

    receivers = named(door.config.settings.notify, name)
    if not receivers:
        told = (
            f"no receiver is called {name!r}" if name and door.config.settings.notify else "no receiver is configured"
        )
        raise ConfigError(f"notify: {told}; add `notify: [{{name: chat, slack: env:SLACK_WEBHOOK_URL}}]`")
    return _tried(receivers) if test else _shown(door, name, form)


def _tried(receivers: Sequence[Notify]) -> int:
    """One line each; one that fails keeps no other from its own."""
    from tierline.notify.faults import delivered
    from tierline.notify.message import test_line
    from tierline.notify.outlets import outlet

    failed = 0
    for one in receivers:
        to = outlet(one)
        try:
            delivered(to, test_line(one.name, now()))
            say(f"{one.name}: sent to {to.title}")
        except SourceError as error:
            failed = 1
            say(f"{one.name}: {error}")
    return failed


def _shown(door: Door, name: str | None, form: str) -> int:
    from zoneinfo import ZoneInfo

    from tierline.notify.receivers import tasks
    from tierline.tables import table

    zone = ZoneInfo(door.config.settings.timezone)
    with door.store() as store:
        standing = [one.standing(store) for one in tasks(door.config)]
    found = [one for one in standing if name is None or one["name"].endswith(f" {name}")]
    if form == "json":
        print_json(found)
    else:
        rows = [[one["name"], one["title"], one["state"], _when(one["at"], zone), one["error"]] for one in found]
        click.echo(table(("message", "to", "state", "when", "what it said"), rows, wrap=True))
    return 0


def _when(at: str | None, zone: ZoneInfo) -> str:
    from datetime import datetime

    from dashboards import format as fmt

    return "" if at is None else fmt.moment(datetime.fromisoformat(at).astimezone(zone))

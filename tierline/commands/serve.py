"""``tierline serve``: collectors on schedule, evaluation, page, /metrics and webhooks in one process."""

from __future__ import annotations

import click

from tierline.commands import Door, config_option

ROLES = ("all", "web", "ops", "collect")


@click.command("serve", short_help="Collect on schedule, evaluate, show: all in one process.")
@click.option("--role", type=click.Choice(ROLES), default="all", show_default=True, help="Only this part.")
@config_option
@click.pass_obj
def command(door: Door, role: str) -> int:
    """Collect on schedule, evaluate every minute, serve the page, webhooks and /metrics, until SIGTERM or Ctrl-C."""
    from tierline.service import serve

    return serve(door.config, role)

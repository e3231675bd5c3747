"""``tierline report``: the report of a month, week or quarter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from slo.errors import ConfigError, TierlineError
from tierline.commands import Door, config_option, now, say

ENDINGS = (".html", ".json")


@click.command("report", short_help="The report of a month, week or quarter.")
@click.argument("period")
@click.option("--team", help="One team.")
@click.option("--domain", help="One domain.")
@click.option("--profile", help="The profile whose targets give the status.")
@click.option("--out", metavar="FILE", help="Where to write it: .html or .json.  [default: tierline-PERIOD.html]")
@config_option
@click.pass_obj
def command(door: Door, /, period: str, out: str | None, **scope: Any) -> None:
    """The report of PERIOD: 2026-10, 2026-W44, 2026-Q4."""
    target = out or f"tierline-{period}.html"
    if not target.endswith(ENDINGS):
        raise ConfigError(f"--out {target}: write a name that ends in {' or '.join(ENDINGS)}")
    from tierline.reporting import render

    with door.engine() as engine:
        text = render(engine, door.config, period, scope, target.rpartition(".")[2], now())
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise TierlineError(f"{target}: cannot be written: {error.strerror}; name another file with --out") from None
    say(f"written: {target}")

"""``tierline report``: the report of a month, week or quarter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from slo.errors import ConfigError, TierlineError
from tierline.commands import Door, config_option, now, say

ENDINGS = ("html", "pdf", "xlsx", "json")


@click.command("report", short_help="The report of a month, week or quarter.")
@click.argument("period")
@click.option("--team", help="One team.")
@click.option("--domain", help="One domain.")
@click.option("--profile", help="The profile whose targets give the verdicts.")
@click.option("--restricted", is_flag=True, help="With findings, unprotected datasets and security incidents.")
@click.option(
    "--out", metavar="FILE", help="Where to write it: .html, .pdf, .xlsx or .json.  [default: tierline-PERIOD.html]"
)
@click.option("--send", is_flag=True, help="Send it now to where `report:` in the settings says.")
@config_option
@click.pass_obj
def command(door: Door, /, period: str, out: str | None, restricted: bool, send: bool, **scope: Any) -> int:
    """The report of PERIOD: 2026-10, 2026-W44, 2026-Q4.

    Of a closed period it is the copy that was stored, with what was restated since. `tierline serve` sends it on the
    reporting day by itself.
    """
    if send:
        if out or restricted or any(scope.values()):
            raise ConfigError("--send: sends the default copy of the whole platform; leave the other options out")
        return _send(door, period)
    target = out or f"tierline-{period}.html"
    ending = target.rpartition(".")[2]
    if ending not in ENDINGS:
        raise ConfigError(f"--out {target}: write a name that ends in .html, .pdf, .xlsx or .json")
    from dashboards.report.forms import draw
    from tierline.reports.closing import known_scope
    from tierline.reports.reporting import document

    with door.engine() as engine:
        known_scope(engine, period, scope, now())
        made = document(engine, door.config, period, scope, now(), restricted)
    content = draw(made, ending)
    try:
        Path(target).write_bytes(content)
    except OSError as error:
        raise TierlineError(f"{target}: cannot be written: {error.strerror}; name another file with --out") from None
    say(f"written: {target}")
    return 0


def _send(door: Door, period: str) -> int:
    """Sends it by every way; 1 where one failed."""
    from dashboards.reading.reader import Snapshot
    from tierline.reports.sending import Reporting
    from tierline.reports.ways import ways

    found = ways(door.config)
    if not found.of_report():
        raise ConfigError("--send: nowhere to send it; name a folder, a mail or a channel under `report:`")
    failed = 0
    with door.engine() as engine:
        reporting = Reporting(engine.store, door.config, lambda: engine, found, Snapshot, now)
        for title, error in reporting.send(period, now()):
            say(f"sent: {title}" if error is None else f"error: {title}: {error}")
            failed += error is not None
    return 1 if failed else 0

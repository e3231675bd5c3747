"""``tierline rules``: Prometheus' rules, their unit tests, and a route for Alertmanager."""

from __future__ import annotations

from pathlib import Path

import click

from slo.errors import ConfigError
from tierline.commands import Door, config_option, say


@click.command("rules", short_help="Prometheus recording and alerting rules, with unit tests.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", help="Where to write; stdout without it.")
@click.option("--page", metavar="URL", help="Where people open the dashboard; the settings' own address without it.")
@click.option("--job", metavar="NAME", help="Tierline's scrape job in Prometheus, which the rules are for.")
@click.option("--team", "teams", multiple=True, help="A team with a route of its own; repeatable. All without it.")
@config_option
@click.pass_obj
def command(door: Door, out: Path | None, page: str | None, job: str | None, teams: tuple[str, ...]) -> None:
    """Writes into FOLDER tierline.rules.yaml, tierline.rules.test.yaml and alertmanager.example.yaml. Without --out the
    rules alone go to stdout.

    \b
    promtool check rules tierline.rules.yaml
    promtool test rules tierline.rules.test.yaml

    One job a deployment: all that a job's targets expose is taken for one Tierline, so that two processes of one
    deployment tell an alert once. Production and staging under one job would hide each other's end; give each a job
    and rules of its own (--job). Without --job the rules are for every job, and TierlineDown fires only when none tells
    an evaluation.

    The alerts are tickets until `alerts.paging` is set in tierline.yaml. They quote what Tierline has worked out, and
    none speaks for longer than 10 minutes after the last evaluation: then TierlineEvaluationStale does.
    docs/alerting.md tells what fires when.
    """
    from dashboards.rules import Asked, files
    from dashboards.rules.files import RULES

    team = door.config.settings.alerts.team
    found = files(Asked(_page(door, page), job, teams or _teams(door) if out else (), team))
    if out is None:
        click.echo(found[RULES], nl=False)
        return
    out.mkdir(parents=True, exist_ok=True)
    for name, text in found.items():
        (out / name).write_text(text, encoding="utf-8")
        say(f"written: {out / name}")


def _page(door: Door, told: str | None) -> str:
    from tierline.notify.daily import page_of

    if told is not None and not told.startswith(("http://", "https://")):
        raise ConfigError(f"--page {told!r}: is no address; write https://tierline.example.com")
    return told or page_of(door.config)


def _teams(door: Door) -> tuple[str, ...]:
    """Every team that owns something now."""
    from slo.engine import Query, scopes
    from tierline.commands import now

    with door.engine() as engine:
        told = engine.tell(lambda results, _: scopes(results.view), Query(), now())
    return tuple(scope["team"] for scope in told if "team" in scope)

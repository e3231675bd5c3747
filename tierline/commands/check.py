"""``tierline check``: the whole configuration, every error at once; with ``--connect`` each source is tried too."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from tierline.commands import Door, config_option, format_option, now, print_json, say
from tierline.tables import pairs, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from collectors.base import Source
    from tierline.config import Config


MARKS = {True: "● works", False: "▲ fails"}


@click.command("check", short_help="Check the settings; with --connect also every source.")
@click.option("--connect", is_flag=True, help="Also try each source: a few small, read-only requests.")
@click.option(
    "--schema",
    is_flag=False,
    flag_value="settings",
    type=click.Choice(["settings", "decisions"]),
    metavar="[WHICH]",
    help="Print the JSON Schema of tierline.yaml (or, with `decisions`, of the files in decisions/), and stop.",
)
@format_option
@config_option
@click.pass_obj
def command(door: Door, connect: bool, schema: str | None, form: str) -> int:
    """Check settings, decisions/ and notes/ as a whole: every error at once, with file, line and remedy."""
    if schema:
        from tierline import reference

        print_json(reference.schema() if schema == "settings" else reference.decisions_schema())
        return 0
    config = _valid(door, form)
    if config is None:
        return 2
    from slo.own import broken
    from tierline.opening import warnings
    from tierline.settings.problems import Problem

    findings = _tried(config) if connect else []
    lame = [
        Problem("tierline.kpis", 0, name, str(error), "mend it, or uninstall it") for name, error in broken().items()
    ]
    failed = any(not finding["ok"] for finding in findings) or bool(lame)
    unclear = warnings(config)
    if form == "json":
        told = {
            "ok": not failed,
            "errors": [asdict(problem) for problem in lame],
            "sources": _sources(config),
            "findings": findings,
        }
        print_json({**told, "warnings": [asdict(problem) for problem in unclear]})
    else:
        for problem in unclear:
            say(f"warning: {problem}")
        for problem in lame:
            say(f"error: {problem.message}")
        _print(config, findings, connect)
    return 1 if failed else 0


def _valid(door: Door, form: str) -> Config | None:
    from tierline import decisions
    from tierline.decisions import notes
    from tierline.settings.problems import SettingsError

    try:
        decisions.load(door.config.complete())
        notes.check(door.config)
        return door.config
    except SettingsError as error:
        if form != "json":
            raise
        print_json({"ok": False, "errors": error.as_records(), "sources": [], "findings": [], "warnings": []})
        return None


def _sources(config: Config) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "type": one.plugin.plugin, "environment": one.settings.environment}
        for one in config.configured
    ]


def _tried(config: Config) -> list[dict[str, Any]]:
    found = [finding for source in config.sources(now) for finding in findings_of(source)]
    return found + _told(config)


def _told(config: Config) -> list[dict[str, Any]]:
    """What is known of the receivers of digest, changes and report; no message is sent."""
    from tierline.notify.mail import Mailer
    from tierline.notify.outlets import outlet
    from tierline.notify.slack import receiver

    settings = config.settings
    own = settings.digest if settings.digest and settings.digest.named else None
    asked: list[tuple[str, Any]] = [("digest", receiver(own))] if own else []
    asked += [(f"notify {one.name}", outlet(one)) for one in settings.notify]
    asked += [("report", receiver(settings.report.post))] if settings.report.post else []
    asked += [("report", Mailer(settings.report.mail))] if settings.report.mail else []
    return [_receiving(name, to.title, to.check) for name, to in asked]


def _receiving(name: str, title: str, check: Callable[[], str]) -> dict[str, Any]:
    from slo.errors import TierlineError

    try:
        ok, what = True, f"{title}: {check()}"
    except TierlineError as error:
        ok, what = False, f"{title}: {error}"
    return {"source": name, "ok": ok, "what": what, "remedy": ""}


def findings_of(source: Source) -> list[dict[str, Any]]:
    """What one source says of itself; its failure is a finding, and the next one is tried."""
    from collectors.findings import credentials_first
    from slo.errors import TierlineError

    try:
        found = credentials_first(source.check())
    except (TierlineError, OSError) as error:
        return [{"source": source.name, "ok": False, "what": str(error), "remedy": ""}]
    return [{"source": source.name, "ok": one.ok, "what": one.what, "remedy": one.remedy} for one in found]


def _print(config: Config, findings: list[dict[str, Any]], connect: bool) -> None:
    settings = config.settings
    click.echo(f"{config.path or 'TIERLINE_STORE'}: the settings are right\n")
    listed = f"{len(settings.assets)} assets, {len(settings.rules)} rules"
    if config.critical is not None:
        listed += f", {len(config.critical.names)} critical names"
    click.echo(pairs([("time zone", settings.timezone), ("store", _shown(config)), ("told of", listed)]) + "\n")
    _print_decided(config)
    if not config.configured:
        click.echo("No sources yet: add one under `sources:`; `tierline plugins` lists what can be read.")
        return
    if not connect:
        rows = [list(source.values()) for source in _sources(config)]
        click.echo(table(("source", "type", "environment"), rows))
        return
    rows = [[one["source"], MARKS[one["ok"]], _what(one)] for one in findings]
    click.echo(table(("source", "", "what"), rows, wrap=True))


def _print_decided(config: Config) -> None:
    """What the decisions/ folder holds, where there is one."""
    from tierline import decisions

    place = decisions.folder(config)
    if place is not None:
        click.echo(f"{place}: {decisions.load(config).in_words()}\n")


def _what(finding: dict[str, Any]) -> str:
    return str(finding["what"]) + (f"; {finding['remedy']}" if finding["remedy"] else "")


def _shown(config: Config) -> str:
    from collectors.secrets import starred

    return starred(config.store_url)

"""``tierline init``: a source connected: its rights checked, the settings written, its newest week read and shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from slo.errors import ConfigError
from tierline.commands import Door, config_option, format_option, now, print_json, say

if TYPE_CHECKING:
    from tierline.init.initial import Draft, Wish


@click.command("init", short_help="Connect a source, and see its newest week.")
@click.argument("address", required=False)
@click.option("--type", "kind", metavar="KIND", help="The kind of source, where its address does not tell it.")
@click.option("--name", help="Its name in the settings.  [default: its kind]")
@click.option("--token", metavar="env:NAME", help="The variable that holds its token; never the token itself.")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Any setting of `tierline plugins KIND`.")
@click.option("--timezone", help="The platform's time zone, for a new file.  [default: UTC]")
@click.option("--yes", is_flag=True, help="Ask nothing; go on as long as anything works.")
@click.option("--serve/--no-serve", default=None, help="Serve the page afterwards.  [default: on a terminal]")
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
@format_option
@config_option
@click.pass_obj
def command(
    door: Door, /, address: str | None, kind: str | None, serve: bool | None, no_open: bool, form: str, **asked: Any
) -> int:
    """Connect the source at ADDRESS (a URL, or a folder such as dbt's target): the first one begins tierline.yaml,
    each further one is added to it. Its rights are checked before anything is written. Then its newest week is read,
    and the first numbers are shown. Without arguments it asks."""
    from tierline.init import terminal

    asks = terminal.present() and not asked["yes"]
    made = _drafted(door, _wish(address, kind, asked, asks), asked["timezone"], asks)
    findings = _checked(made, asks, asked["yes"])
    if findings is None:
        return 1
    _write(made)
    told = _first_numbers(made, form)
    if form == "json":
        print_json({"source": made.name, "file": str(made.path), "findings": findings, **told})
    if serve if serve is not None else asks and sys.stdout.isatty():
        return _served(made, no_open or not sys.stdout.isatty())
    if form != "json":
        say(f"\n`tierline serve` reads on, and shows it on http://127.0.0.1:{made.config.settings.web.port}")
    return 0 if told["collected"]["ok"] else 1


def _wish(address: str | None, kind: str | None, asked: dict[str, Any], asks: bool) -> Wish:
    """What is wanted, by flags and, where somebody can be asked, by answers."""
    from tierline.init import terminal
    from tierline.init.initial import Wish
    from tierline.init.wanted import given, plugin_of

    if address is None and kind is None and asks:
        address = terminal.place()
    try:
        plugin, place = plugin_of(address, kind)
    except ConfigError as error:
        if kind is not None or not asks:
            raise
        plugin, place = plugin_of(address, terminal.kind(str(error)))
    say(f"{plugin.title}{f' at {address}' if address else ''}")
    settings = given(plugin, asked["pairs"], asked["token"])
    if asks:
        terminal.complete(plugin, settings, place)
    return Wish(plugin, place, settings, asked["name"])


def _drafted(door: Door, wish: Wish, timezone: str | None, asks: bool) -> Draft:
    """The file as it would be; nothing is written yet. Raises ConfigError naming all that is missing."""
    from tierline.init import terminal
    from tierline.init.initial import draft, lacking, place_of_file
    from tierline.settings import zone
    from tierline.settings.problems import SettingsError

    path = place_of_file(door.config_file)
    if timezone is None and asks and not path.is_file():
        timezone = terminal.timezone()
    try:
        return draft(path, zone(timezone or "UTC"), wish)
    except SettingsError as error:
        raise lacking(error, wish) from None
    except ValueError as error:
        raise ConfigError(f"--timezone {timezone}: {error}") from None


def _checked(made: Draft, asks: bool, yes: bool) -> list[dict[str, Any]] | None:
    """What works with these rights; None where it is not to go on."""
    from tierline.commands.check import MARKS, findings_of
    from tierline.init import terminal

    findings = findings_of(made.source)
    grants = made.configured.plugin.grants
    for one in findings:
        say(f"{MARKS[one['ok']]}  {_brief(one, grants)}")
    lost = [one for one in findings if not one["ok"]]
    if not lost:
        return findings
    say(f"\nRights it needs:\n{grants}\n")
    few = 2 * len(lost) < len(findings)
    if asks and len(lost) < len(findings):
        return findings if terminal.confirmed("Go on with what works?") else None
    if few or (yes and len(lost) < len(findings)):
        say("going on with what works; `tierline check --connect` tells this again")
        return findings
    more = "; with --yes it goes on with what works" if len(lost) < len(findings) else ""
    say(f"nothing was written{more}")
    return None


def _brief(finding: dict[str, Any], grants: str) -> str:
    """A finding without the rights in full: they are said once, below."""
    text = f"{finding['what']}; {finding['remedy']}" if finding["remedy"] else str(finding["what"])
    short = text.replace(f" This needs: {grants}", "").replace(grants, "") if grants else text
    return short.replace(".; ", "; ").strip(" ;")


def _write(made: Draft) -> None:
    from tierline.init.sourcefile import write
    from tierline.settings.yamlfile import parse

    if made.known:
        say(f"\n{made.path} has it already, as {made.name}")
        return
    write(made.path, made.text)
    others = [name for name in parse(made.text, str(made.path)).data["sources"] if name != made.name]
    beside = f", beside {', '.join(others)}" if others else ""
    say(f"\nwritten: {made.path}, with {made.name}{beside}")


def _first_numbers(made: Draft, form: str) -> dict[str, Any]:
    """Reads the newest week, evaluates, and shows what there is."""
    from tierline.collecting import summary
    from tierline.init.initial import collect
    from tierline.opening import open_engine, open_store

    with open_store(made.config.store_url) as store:
        say("\nreading its newest week ...")
        collected = summary(collect(store, made))
        if collected["error"]:
            say(f"error: {collected['error']}")
        say(f"{collected['facts']:,} facts in {collected['seconds']} s")
        results = open_engine(store, made.config, now()).evaluate(now())
    week = [one for one in results if one["window"]["name"] == "7d" and not any(map(_told, one["scope"].values()))]
    if form != "json":
        _print(week)
    return {"collected": collected, "results": [one for one in week if one["value"] is not None]}


def _told(part: Any) -> bool:
    return part is not None


def _print(week: list[dict[str, Any]]) -> None:
    """The KPIs that have a value, as `tierline show` prints them; what compares with the week before waits for it."""
    from tierline.commands.show import print_results

    measured = [one for one in week if one["value"] is not None and one["measure"] != "Change"]
    if measured:
        click.echo()
        print_results(measured)


def _served(made: Draft, quietly: bool) -> int:
    """The page, until Ctrl-C; a browser is opened on it."""
    import webbrowser

    from tierline.service import serve

    return serve(made.config, started=(lambda url: None) if quietly else webbrowser.open)

"""``tierline plugins``: every collector, its settings, the facts it yields, the KPIs that need it."""

from __future__ import annotations

from typing import Any

import click

from slo.errors import ConfigError
from tierline.commands import config_option, format_option, print_json
from tierline.tables import pairs, table


@click.command("plugins", short_help="Every collector: settings, facts, KPIs.")
@click.argument("name", required=False)
@format_option
@config_option
def command(name: str | None, form: str) -> None:
    """Every collector; with NAME one of them: settings, facts, KPIs that need it, rights. Needs no settings."""
    from tierline.catalogue import plugins

    found = plugins()
    if name is not None:
        found = [plugin for plugin in found if plugin["name"] == name] or _unknown(name, found)
    if form == "json":
        print_json(found if name is None else found[0])
    elif name is None:
        rows = [[one["name"], one["family"], len(one["kpis"]), _short(", ".join(one["facts"]))] for one in found]
        click.echo(table(("source", "family", "KPIs", "facts it tells"), rows, right=(2,)))
        click.echo("\n`tierline plugins NAME` tells its settings, rights, and what it was tested against.")
    else:
        _print(found[0])


def _unknown(name: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from tierline.settings.problems import did_you_mean

    known = [plugin["name"] for plugin in found]
    raise ConfigError(f"{name!r} is no source; {did_you_mean(name, known, 'there are')}")


def _print(plugin: dict[str, Any]) -> None:
    rows = [("name", plugin["name"]), ("title", plugin["title"]), ("family", plugin["family"])]
    rows += [("facts", ", ".join(plugin["facts"])), ("KPIs", ", ".join(plugin["kpis"]) or None)]
    click.echo(pairs([*rows, ("tested against", plugin["tested"] or None)]))
    settings = [[one["name"], _kind(one), one["help"]] for one in plugin["settings"]]
    click.echo("\n" + table(("setting", "", "what it is"), settings, wrap=True))
    if plugin["grants"]:
        click.echo(f"\nRights it needs:\n{plugin['grants']}")


def _short(text: str) -> str:
    return text if len(text) <= 70 else text[:67].rsplit(",", 1)[0] + " ..."


def _kind(setting: dict[str, Any]) -> str:
    words = [word for word in ("required", "secret") if setting[word]]
    return ", ".join(words)

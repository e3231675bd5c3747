"""What ``tierline init`` asks on a terminal. Never a secret: only the name of the variable that holds it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel, ValidationError

from collectors import registry
from collectors.base import Source
from slo.errors import ConfigError
from tierline.init.wanted import example, put
from tierline.settings import zone
from tierline.settings.problems import is_secret

USERS = ("username", "user", "email")
"""Settings that belong to a secret and are asked for with it."""


def present() -> bool:
    """Whether somebody sits there and can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def place() -> str:
    """The address or folder of the system."""
    click.echo("What is to be read? A URL such as https://airflow.example.com, or dbt's target folder.", err=True)
    return _ask("address")


def kind(why: str) -> str:
    """The kind of system, where it was not recognised."""
    click.echo(why, err=True)
    chosen: str = click.prompt("kind", type=click.Choice(registry.names()), show_choices=False, err=True)
    return chosen


def timezone() -> str:
    """The platform's zone; this machine's is offered."""
    click.echo("\nA day is a day of the platform's time zone.", err=True)
    return _ask("time zone", default=machine_zone(), check=zone)


def machine_zone() -> str:
    """This machine's zone by name; UTC where it has none."""
    told = os.environ.get("TZ") or str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    try:
        return zone(told) if told else "UTC"
    except ValueError:
        return "UTC"


def confirmed(question: str) -> bool:
    """Yes or no; no where only Enter is pressed."""
    return click.confirm(question, default=False, err=True)


def complete(plugin: type[Source], settings: dict[str, Any], address: dict[str, Any]) -> None:
    """Asks for what a source still needs: its required settings in order, then a way in."""
    model = plugin.Settings
    told = settings | address
    for name, field in model.model_fields.items():
        if field.is_required() and name not in told:
            _put(settings, plugin, name, required=True)
    ways = [name for name in model.model_fields if is_secret(model, (name,)) or name in USERS]
    if any(name in settings for name in ways):
        return
    for name in ways:
        answered = _put(settings, plugin, name, required=False)
        if _is_whole(model, settings | address) and (not answered or is_secret(model, (name,))):
            return


def _put(settings: dict[str, Any], plugin: type[Source], name: str, required: bool) -> bool:
    """Asks for one setting until the answer is one; False where it was left out."""
    field = plugin.Settings.model_fields[name]
    secret = is_secret(plugin.Settings, (name,))
    click.echo(f"\n{field.description or name}", err=True)
    if secret:
        click.echo(f"Name the variable that holds it, such as {example(plugin, name)}; never the value.", err=True)
    while True:
        text = _ask(f"{name}{': variable' if secret else ''}", default=None if required else "")
        if not text:
            return False
        try:
            put(settings, plugin, name, text)
            return True
        except ConfigError as error:
            click.echo(f"error: {error}", err=True)


def _ask(what: str, default: str | None = None, check: Any = str) -> str:
    """One line; ``check`` raises ValueError for what cannot be taken, and it is asked again."""
    while True:
        text: str = click.prompt(what, default=default, show_default=bool(default), err=True).strip()
        try:
            check(text)
            return text
        except ValueError as error:
            click.echo(f"error: {error}", err=True)


def _is_whole(model: type[BaseModel], settings: dict[str, Any]) -> bool:
    try:
        model.model_validate(settings)
    except ValidationError:
        return False
    return True

"""What ``tierline init`` is told of a source, as the section that will stand in tierline.yaml."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from collectors import registry
from collectors.base import Source
from collectors.recognition import is_url, recognise
from slo.errors import ConfigError
from tierline.settings.problems import is_secret
from tierline.settings.yamlfile import parse

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
_USER = re.compile(r"://[^/@\s]+@")
TOKENS = ("token", "api_key", "key", "password")
"""What ``--token`` means: the first of these that a source has as a secret, else its only secret."""


def plugin_of(place: str | None, kind: str | None) -> tuple[type[Source], dict[str, Any]]:
    """The plugin, and the settings that the place stands for. Raises ConfigError where it is not plain."""
    if place is not None and _USER.search(place):
        raise ConfigError("the address holds a user or password; leave them out, and give them as settings (--set)")
    if kind is not None:
        plugin = registry.plugin(kind)
        return plugin, _placed(plugin, place)
    if place is None:
        raise ConfigError("name an address (tierline init https://airflow.example.com), or a kind with --type")
    guesses = recognise(place)
    if not guesses and "://" not in place and not Path(place).exists():
        raise ConfigError(f"{place}: there is no such file or folder; correct it, or write https:// before an address")
    if len(guesses) != 1:
        raise ConfigError(f"{place}: {_unclear([guess.plugin.plugin for guess in guesses])}")
    return guesses[0].plugin, dict(guesses[0].settings)


def _unclear(found: list[str]) -> str:
    if found:
        return f"this may be {' or '.join(found)}; say which with --type"
    return f"no system is recognised here; say which with --type: {', '.join(registry.names())}"


def _placed(plugin: type[Source], place: str | None) -> dict[str, Any]:
    """The settings that a place stands for, where the kind is known."""
    if place is None:
        return {}
    told = plugin.recognises(place)
    if told is not None:
        return dict(told)
    fields = plugin.Settings.model_fields
    field = next((name for name in (("url",) if is_url(place) else ("path", "url")) if name in fields), None)
    if field is None:
        raise ConfigError(f"{plugin.plugin} has no address; leave {place} out (`tierline plugins {plugin.plugin}`)")
    return {field: place.rstrip("/") if field == "url" else place}


def given(
    plugin: type[Source], pairs: Collection[str], token: str | None, environ: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """The settings of ``--set name=value`` (a dotted name goes deeper, values are YAML) and ``--token``."""
    settings: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise ConfigError("--set: write NAME=VALUE, as history_days=30")
        put(settings, plugin, name, value, environ)
    if token is not None:
        put(settings, plugin, token_field(plugin), token, environ)
    return settings


def put(
    settings: dict[str, Any], plugin: type[Source], name: str, text: str, environ: Mapping[str, str] = os.environ
) -> None:
    """Puts one setting in its place; a secret's text is made a reference."""
    model, variable = plugin.Settings, example(plugin, name)
    *above, last = name.split(".")
    inner = settings
    for part in above:
        inner = inner.setdefault(part, {})
    secret = is_secret(model, tuple(name.split(".")))
    value = reference(name, text, environ, variable) if secret else _plain(name, text)
    field = model.model_fields.get(name)
    listed = field is not None and "list[" in repr(field.annotation).replace("typing.", "")
    inner[last] = [value] if listed and isinstance(value, str) else value


def _plain(name: str, text: str) -> Any:
    """A setting's value, as YAML reads it. Raises ConfigError."""
    return parse(f"value: {text}", f"--set {name}").data["value"]


def token_field(plugin: type[Source]) -> str:
    """Which of a source's settings ``--token`` is. Raises ConfigError where it has none, or several."""
    secrets = [name for name in plugin.Settings.model_fields if is_secret(plugin.Settings, (name,))]
    named = [name for name in TOKENS if name in secrets]
    if not named and len(secrets) != 1:
        remedy = f"name its setting with --set NAME=env:VARIABLE ({', '.join(secrets)})" if secrets else "leave it out"
        raise ConfigError(f"--token: {plugin.plugin} has no token; {remedy}")
    return (named or secrets)[0]


def reference(name: str, text: str, environ: Mapping[str, str], variable: str) -> str:
    """``env:NAME`` or ``file:/path`` as it is, the name of a variable that is set as ``env:NAME``. Raises ConfigError
    for anything else, without repeating it: it may be the secret itself. ``variable``: what it could be called."""
    kind, colon, rest = text.partition(":")
    if text in environ and _VARIABLE.fullmatch(text):
        return f"env:{text}"
    if (kind, colon) == ("file", ":") and rest:
        return text
    if (kind, colon) != ("env", ":") or not (rest in environ or _VARIABLE.fullmatch(rest)):
        raise ConfigError(
            f"{name}: expected the name of an environment variable, as env:{variable}, or file:/path. What was given "
            "is not repeated here, as it may be the secret itself: if so, renew it, for your shell's history holds it. "
            f"Put it into a variable first: export {variable}=..."
        )
    if not environ.get(rest):
        raise ConfigError(f"{name}: the environment variable {rest} is not set here; set it first: export {rest}=...")
    return text


def example(plugin: type[Source], name: str) -> str:
    """A variable's name for a setting: AIRFLOW_TOKEN."""
    return re.sub(r"\W+", "_", f"{plugin.plugin}_{name}").upper()

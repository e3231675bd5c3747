"""``tierline init`` step by step: the section of a source, the file it makes, its rights, its newest week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collectors.base import Source
from collectors.runner import Runner, RunRecord
from slo.errors import ConfigError
from tierline.collecting import ProgressLine
from tierline.commands import now
from tierline.config import PLACES, Config, Configured, find, judge
from tierline.init.sourcefile import new_file, with_source
from tierline.init.wanted import example, token_field
from tierline.settings.problems import SettingsError, is_secret
from tierline.settings.yamlfile import parse

if TYPE_CHECKING:
    from slo.store import Store

WEEK = 7
"""Days that the first pass reads; `tierline serve` and `tierline collect` go on from there."""


@dataclass(frozen=True)
class Wish:
    """A source that is to be read. ``address``: the settings that its place stands for."""

    plugin: type[Source]
    address: Mapping[str, Any]
    settings: dict[str, Any]
    name: str | None = None

    def is_at(self, told: Any) -> bool:
        """Whether a section of the file is of the same kind and place."""
        known = isinstance(told, dict) and told.get("type") == self.plugin.plugin
        return known and all(told.get(key) == value for key, value in (self.address or self.settings).items())


@dataclass(frozen=True)
class Draft:
    """A file of settings that is not written yet: where, its text, and what it means. ``name``: the source in it."""

    path: Path
    text: str
    config: Config
    name: str
    known: bool = False
    """The source stood there before."""

    @property
    def source(self) -> Source:
        """The source, ready to ask."""
        one = self.configured
        return one.plugin(one.name, one.settings, now)

    @property
    def configured(self) -> Configured:
        return next(one for one in self.config.configured if one.name == self.name)


def place_of_file(named: str | None) -> Path:
    """The settings that are there, or where they will be."""
    return find(named) or Path(PLACES[0])


def text_of_file(path: Path, timezone: str) -> str:
    """What stands in the file; the beginning of one where there is none. Raises ConfigError."""
    if not path.is_file():
        return new_file(timezone)
    judge(path.read_text(encoding="utf-8"), path)  # what is wrong already is said first
    return path.read_text(encoding="utf-8")


def draft(path: Path, timezone: str, wish: Wish) -> Draft:
    """The settings with this source in them. Raises SettingsError: what is missing or wrong, all at once."""
    text, name, plugin = text_of_file(path, timezone), wish.name, wish.plugin
    section = {"type": plugin.plugin, **wish.address, **wish.settings}
    listed: dict[str, Any] = parse(text, str(path)).data.get("sources") or {}
    there = [key for key, told in listed.items() if wish.is_at(told) and name in (None, key)]
    if there:
        if not _same(listed[there[0]], section):
            remedy = "change it there, or add a second one with --name"
            raise ConfigError(f"{path}: {there[0]} reads this already, with other settings; {remedy}")
        return Draft(path, text, judge(text, path), there[0], known=True)
    chosen = name or _free(plugin.plugin, listed)
    if chosen in listed:
        raise ConfigError(f"--name {chosen}: {path} has a source of that name already; choose another")
    written = with_source(text, chosen, section, str(path))
    return Draft(path, written, judge(written, path), chosen)


def _same(told: Any, section: Mapping[str, Any]) -> bool:
    """Whether the file has the source already: everything that was given stands there."""
    return isinstance(told, dict) and all(told.get(key) == value for key, value in section.items())


def _free(kind: str, listed: Mapping[str, Any]) -> str:
    """The kind as a name, numbered where it is taken."""
    numbered = (f"{kind}-{number}" for number in range(2, len(listed) + 3))
    return kind if kind not in listed else next(name for name in numbered if name not in listed)


def lacking(error: SettingsError, wish: Wish) -> ConfigError:
    """The problems of a new source in the words of the command line: it stands in no file yet."""
    plugin = wish.plugin
    begin = f"sources.{wish.name or plugin.plugin}"
    own = [one for one in error.problems if one.place.startswith(begin)]
    if len(own) < len(error.problems):
        return error
    lines = [f"{one.place.removeprefix(begin).lstrip('.') or plugin.plugin}: {one.message}" for one in own]
    remedies = [_remedy(one.remedy) for one in own]
    said = [line + (f"; {remedy}" if remedy else "") for line, remedy in zip(lines, remedies, strict=True)]
    secrets = [name for name in plugin.Settings.model_fields if is_secret(plugin.Settings, (name,))]
    wrong = {one.place.removeprefix(begin).lstrip(".") for one in own}
    if wrong & {"", *secrets} and not any(name in wish.settings for name in secrets):
        said.append(f"a secret is named, never given: export {example(plugin, secrets[0])}=..., then {_flag(plugin)}")
    return ConfigError("\n".join([*said, f"`tierline plugins {plugin.plugin}` says what each setting is"]))


def _flag(plugin: type[Source]) -> str:
    """How the command line names a source's secret."""
    try:
        return f"--token env:{example(plugin, token_field(plugin))}"
    except ConfigError:
        return "--set SETTING=env:VARIABLE"


def _remedy(text: str) -> str:
    """add `path: ...` (what it is) -> add --set path=... (what it is)."""
    return text.replace("add `", "add --set ", 1).replace(": ...`", "=...", 1)


def collect(store: Store, made: Draft) -> RunRecord:
    """The newest week of the source; what is older comes with the next passes."""
    one = made.configured
    week = one.settings.model_copy(update={"history_days": min(WEEK, one.settings.history_days)})
    source = one.plugin(one.name, week, now)
    line = ProgressLine()
    record = Runner(store, [source], now, people=made.config.settings.people).collect(source, progress=line)
    line.clear()
    return record

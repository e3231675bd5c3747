"""What the commands share: where the settings are, the store and the engine when they are needed, how to print."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from slo.engine import Engine
    from slo.store import Store
    from tierline.config import Config

F = TypeVar("F", bound=Callable[..., Any])


class Door:
    """Opens what a command needs, when it needs it."""

    def __init__(self) -> None:
        self.config_file: str | None = None
        self._config: Config | None = None

    @property
    def config(self) -> Config:
        """The valid settings. Raises ConfigError."""
        if self._config is None:
            from tierline.config import load

            self._config = load(self.config_file)
        return self._config

    def today(self) -> date:
        """The platform's day."""
        return now().astimezone(self.config.to_platform().timezone).date()

    @contextlib.contextmanager
    def store(self) -> Iterator[Store]:
        """The migrated store, closed afterwards."""
        from tierline.opening import open_store

        with open_store(self.config.store_url) as store:
            yield store

    @contextlib.contextmanager
    def engine(self) -> Iterator[Engine]:
        """The engine over the store, with what the file says of assets told."""
        from tierline.opening import open_engine

        with self.store() as store:
            yield open_engine(store, self.config, now())


def now() -> datetime:
    """The clock, read at the door only."""
    return datetime.now(UTC)


def _remember(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.ensure_object(Door).config_file = value


def config_option(function: F) -> F:
    """``--config``, before or after the command's name."""
    return click.option(
        "-c", "--config", metavar="FILE", expose_value=False, callback=_remember, is_eager=True, help="Settings file."
    )(function)


def format_option(function: F) -> F:
    """``--format table|json``."""
    kinds = click.Choice(["table", "json"])
    option = click.option("--format", "form", type=kinds, default="table", show_default=True, help="How to print.")
    return option(function)


class Instant(click.ParamType[datetime]):
    """An ISO 8601 time with its offset; a naive one is refused."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from slo.interchange import instant

        try:
            return instant(value)
        except ValueError as error:
            return self.fail(f"{value!r}: {error}", param, ctx)


def print_json(value: Any) -> None:
    """One JSON value on stdout; numbers as they are, never rounded."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def say(message: str) -> None:
    """A line for people, on stderr: stdout holds results only."""
    click.echo(message, err=True)

"""The options that ``show`` and ``explain`` share, as the engine's query."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tierline.commands import Instant, config_option, format_option

if TYPE_CHECKING:
    from slo.engine import Query

F = TypeVar("F", bound=Callable[..., Any])


def _params(_ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    """``name=value`` pairs; numbers are made numbers."""
    pairs = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{text!r}: write name=value, as days=30", param=param)
        pairs[name] = _plain(value)
    return pairs


def _plain(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text, text)


_OPTIONS = (
    click.option("--window", default="28d", show_default=True, help="7d, 28d, 2026-11, 2026-W47, 2026-Q4, 2026-H2 ..."),
    click.option("--as-of", type=Instant(), metavar="TIME", help="As it stood then, as 2026-10-01T00:00:00Z."),
    click.option("--tier", type=click.IntRange(0, 3), help="Exactly this tier."),
    click.option("--team", help="One team."),
    click.option("--domain", help="One domain."),
    click.option("--asset", help="One asset, by its whole name."),
    click.option("--profile", help="The profile whose targets give the status."),
    click.option(
        "--param", "params", multiple=True, callback=_params, metavar="NAME=VALUE", help="A KPI's own choice."
    ),
    format_option,
    config_option,
)


def query_options(function: F) -> F:
    """Window, moment, scope, profile, parameters, format, settings."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def scope_options(function: F) -> F:
    """The same without the window, for commands that look at several."""
    for option in reversed(_OPTIONS[1:]):
        function = option(function)
    return function


def query(asked: dict[str, Any]) -> Query:
    """The engine's query of the options' values."""
    from slo.engine import Query

    as_of: datetime | None = asked.pop("as_of")
    return Query(as_of=as_of, **asked)

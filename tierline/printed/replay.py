"""``tierline alerts --replay``: what alerts would have done over one's own history, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tierline.tables import table

if TYPE_CHECKING:
    from slo.engine import Engine

Told = Mapping[str, Any]
HEADERS = (
    "fired", "met", "precision", "pages", "met", "incidents met", "of several", "late by", "at worst", "reset after",
    "at worst", "firing",
)  # fmt: skip


def replayed(engine: Engine, window: str, now: datetime, slo: str | None, policy: str | None) -> dict[str, Any]:
    """What slo/alerting/replay tells of a window up to now. Raises ConfigError for an unknown window, slo or policy."""
    from slo.alerting.replay.story import replay
    from slo.engine import Query

    alerting = engine.platform.alerting
    told: dict[str, Any] = engine.tell(replay, Query(window=window), now, alerting=alerting, slo=slo, policy=policy)
    return told


def lines(told: Told) -> Iterator[str]:
    """For people: the policies side by side, each objective under its own, and what was missed."""
    from dashboards import format as fmt

    start, end = (fmt.moment(datetime.fromisoformat(told["window"][edge])) for edge in ("start", "end"))
    if not told["slos"]:
        yield "No objective that alerts are for has counted anything. `tierline adopt` makes promises of targets."
        return
    yield f"What alerts would have done from {start} to {end}, under today's promises.\n"
    yield _table("policy", [(one["policy"], one) for one in told["policies"]])
    for slo in told["slos"]:
        yield f"\n{slo['slo']} ({slo['text']}): {slo['default']}, {slo['why']}"
        yield _table("policy", [(_named(one, slo), one) for one in slo["policies"]])
    yield from _missed(told["policies"][0])
    margin = fmt.duration(told["margin"])
    yield (
        "\nmet: fired while an incident was open, or no later than "
        f"{margin} after, for an asset of it or one that it feeds.\nincidents: those that cost any of the budget. "
        "late by, reset after: from an incident's start and end, in the middle."
    )


def _named(one: Told, slo: Told) -> str:
    return f"{one['policy']} *" if one["policy"] == slo["default"] else one["policy"]


def _table(first: str, rows: list[tuple[str, Told]]) -> str:
    told = [[name, *cells(one)] for name, one in rows]
    return table((first, *HEADERS), told, right=range(1, len(HEADERS) + 1))


def cells(one: Told) -> list[str]:
    """A line of figures, as HEADERS names them."""
    from dashboards import format as fmt

    def span(seconds: float | None) -> str:
        return fmt.NOTHING if seconds is None else fmt.duration(seconds)

    def part(share: float | None) -> str:
        return fmt.NOTHING if share is None else fmt.percent(share)

    late, reset = one["late"], one["reset"]
    return [
        fmt.count(one["fires"]), fmt.count(one["met"]), part(one["precision"]),
        fmt.count(one["pages"]), fmt.count(one["pages_met"]),
        f"{fmt.count(one['incidents_met'])} of {fmt.count(one['incidents'])}",
        f"{fmt.count(one['several_met'])} of {fmt.count(one['several'])}",
        span(late["median"]), span(late["worst"]), span(reset["median"]), span(reset["worst"]),
        part(one["firing_share"]),
    ]  # fmt: skip


def _missed(one: Told) -> Iterator[str]:
    from dashboards import format as fmt

    if one["missed"]:
        yield f"\nIncidents that {one['policy']} would not have met:"
    for incident in one["missed"]:
        yield f"  {fmt.moment(datetime.fromisoformat(incident['started_at']))}  {incident['title']}"

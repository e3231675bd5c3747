"""``tierline ledger``: closed periods, what was reported, what has changed since, and why."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from slo.errors import ConfigError
from tierline.commands import Door, config_option, format_option, now, print_json
from tierline.tables import table

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

VERIFY = "verify"


@click.command("ledger", short_help="What was published, and what has changed since.")
@click.argument("period", required=False)
@click.option("--tier", type=click.IntRange(0, 3), help="One tier.")
@click.option("--team", help="One team.")
@click.option("--domain", help="One domain.")
@format_option
@config_option
@click.pass_obj
def command(door: Door, /, period: str | None, form: str, **scope: Any) -> int:
    """List the periods; or what was published of PERIOD and what has changed since, with its causes; or `verify`: work
    out every closed period's hash anew (exit code 1 where one differs).
    """
    from slo.engine import Query
    from slo.ledger.book import Ledger, need_closed
    from slo.ledger.closing import window_of
    from slo.ledger.scopes import key_of
    from slo.stories.ledger import periods

    if key_of(scope) is None:
        raise ConfigError("ledger: lines are kept by one of --tier, --team, --domain at a time; leave out the others")
    with door.engine() as engine:
        zone = engine.platform.timezone
        if period == VERIFY:
            return _verified(Ledger(engine.store).verify(), form)
        engine.restate(now())
        if period is None:
            found = engine.tell(periods, Query(**scope), now())
            print_json(found) if form == "json" else click.echo(_periods(found, zone))
            return 0
        ledger = Ledger(engine.store, zone)
        head = need_closed(ledger, window_of(engine, period.strip().upper(), now()).name)
        told = {
            **{name: value for name, value in head.items() if name != "judged_by"},
            "lines": ledger.lines(head["name"], scope=scope), "restated": ledger.restatements(head["name"], scope),
        }  # fmt: skip
    print_json(told) if form == "json" else click.echo(_period(told, zone))
    return 0


def _verified(found: list[dict[str, Any]], form: str) -> int:
    """1 where a closed period is not what was stored."""
    if form == "json":
        print_json(found)
    else:
        cells = [(one["period"], one["hash"], "as closed" if one["sound"] else "altered") for one in found]
        click.echo(table(("period", "hash", "found"), cells))
    return 0 if all(one["sound"] for one in found) else 1


def _periods(found: list[dict[str, Any]], zone: ZoneInfo) -> str:
    cells = [
        (
            one["name"], one["state"], _when(one["closed_at"], zone) or "–", one["by"] or "–",
            (one["hash"] or "–")[:12], one["restatements"], len(one["disputes"]),
        )
        for one in found
    ]  # fmt: skip
    headers = ("period", "state", "closed", "by", "hash", "restated", "disputed")
    return table(headers, cells, right=(5, 6))


def _period(told: dict[str, Any], zone: ZoneInfo) -> str:
    """What was reported, then what has changed since."""
    from dashboards import format as fmt
    from dashboards.format.verdicts import status
    from dashboards.reading import scope

    reported = {line["kpi"]: line["result"] for line in told["lines"]}
    moved = {one["kpi"]: one for one in told["restated"]}
    cells = []
    for kpi, result in sorted(reported.items()):
        if result["status"] == "not set up":
            continue
        one = moved.get(kpi)
        now_ = "" if one is None else f"{fmt.of(result, one['now']['value'])} {status(one['now']['status']).word}"
        word = status(scope.profile_status(result, None)).word
        cells.append((kpi, fmt.of(result, result["value"]), word, now_))
    parts = [
        f"{told['name']}, closed {_when(told['closed_at'], zone)} by {told['by']}\nhash {told['hash']}\n",
        table(("KPI", "reported", "status", "now"), cells, right=(1,)),
        *(f"\ndisputed: {one['kpi']}: {one['text']}" for one in told["disputes"]),
        *_causes(told["restated"], zone),
    ]
    return "\n".join(parts)


def _causes(restated: list[dict[str, Any]], zone: ZoneInfo) -> list[str]:
    """Why each line has changed, with the first facts by their ids."""
    said = []
    for one in restated:
        said.append(f"\n{one['kpi']}: {one['how']}, first seen {_when(one['first_seen'], zone)}")
        for cause in one["causes"]:
            said.append(f"  {cause['text']}")
            for fact in cause["named"]:
                said.append(f"    {fact['id']}  of {_told(fact['at'], zone)}, came {_told(fact['arrived'], zone)}")
    return said


def _told(text: str | None, zone: ZoneInfo) -> str:
    return _when(text, zone) or "no time told"


def _when(text: str | None, zone: ZoneInfo) -> str:
    """A moment in the platform's zone, and which that is; empty where there is none."""
    at = text and datetime.fromisoformat(text).astimezone(zone)
    return f"{at:%Y-%m-%d %H:%M} {at.tzname()}" if at else ""

"""The written route in a real Alertmanager: an alert whose severity and tier change is told as one trouble, and its end
reaches everybody who was told that it began."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboards.rules import Asked, files
from dashboards.rules.files import ROUTE
from tests.peers import oncall

pytestmark = pytest.mark.peer
LABELS = {"alertname": "TierlineRunFailing", "job": "tierline", "cause": "etl/p", "team": "core", "tierline": "true"}
TICKET, PAGE = {"severity": "ticket", "tier": "1"}, {"severity": "page", "tier": "0"}
URGENT = {"severity": "ticket", "tier": "0"}
OTHER = {"alertname": "TierlineDatasetLate", "severity": "ticket", "tier": "2"}
"""Of the same cause; once it is told, what was sent before it has been looked at."""
Told = dict[str, list[tuple[str, str, str]]]


def send(alertmanager: str, *alerts: dict[str, str], over: bool = False) -> None:
    """As Prometheus does: begun an hour ago, and over a second ago or not for ten minutes."""
    now = datetime.now(UTC)
    ends = now - timedelta(seconds=1) if over else now + timedelta(minutes=10)
    body = [
        {"labels": LABELS | one, "startsAt": (now - timedelta(hours=1)).isoformat(), "endsAt": ends.isoformat()}
        for one in alerts
    ]
    request = urllib.request.Request(
        f"{alertmanager}/api/v2/alerts", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=10).close()


def told(people: oncall.People) -> Told:
    """Receiver -> (status, severity, tier) of what it was told, in order, each once."""
    found: Told = {}
    for one in people.deliveries:
        labels, mine = one["labels"], found.setdefault(one["receiver"], [])
        line = (one["status"], labels["severity"], labels["tier"])
        mine += [line] if line not in mine else []
    return found


@pytest.mark.parametrize("team", ["core", "web"], ids=["a team of its own route", "one without"])
def test_what_becomes_a_page_is_no_second_trouble_and_is_over_once(
    team: str, run_alertmanager: Callable[..., str], serve: Callable[..., Any], wait_until: Callable[..., None],
    tmp_path: Path,
) -> None:  # fmt: skip
    (tmp_path / ROUTE).write_text(files(Asked("http://127.0.0.1:8050", "tierline", [team]))[ROUTE])
    people, own = oncall.People(), "team-core" if team == "core" else "tickets"
    with serve(people.handler()) as port:
        alertmanager = run_alertmanager(oncall.route(tmp_path / ROUTE, f"http://127.0.0.1:{port}"))
        send(alertmanager, TICKET)
        wait_until(lambda: told(people) == {own: [("firing", "ticket", "1")]}, "the ticket is told")
        for more in (URGENT, PAGE):
            send(alertmanager, more)
            wait_until(lambda one=more: ("firing", *one.values()) in told(people)[own], "the change is told")
        send(alertmanager, TICKET, URGENT, over=True)
        send(alertmanager, OTHER)
        wait_until(lambda: ("firing", "ticket", "2") in told(people)[own], "what came after their end is told")
        send(alertmanager, PAGE, OTHER, over=True)
        wait_until(lambda: told(people).get("pager", [("",)])[-1][0] == "resolved", "the end is told to the pager")
        wait_until(lambda: ("resolved", "page", "0") in told(people)[own], "and where the ticket was told")
    changes = [("firing", "ticket", "1"), ("firing", "ticket", "0"), ("firing", "page", "0"), ("firing", "ticket", "2")]
    assert told(people)["pager"] == [("firing", "page", "0"), ("resolved", "page", "0")]
    assert told(people)[own][:4] == changes
    assert set(told(people)[own][4:]) == {("resolved", "page", "0"), ("resolved", "ticket", "2")}

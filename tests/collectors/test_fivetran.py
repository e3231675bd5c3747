"""Fivetran: syncs are seen by looking twice. Answers made by hand after the vendor's documentation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from collectors.base import Enumerated, Period, Raw
from collectors.sources.fivetran import Fivetran, FivetranSettings
from slo.errors import PermissionMissing

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def source(**settings: Any) -> Fivetran:
    own = FivetranSettings(key=SecretStr("key"), secret=SecretStr("secret"), requests_per_second=1000, **settings)
    return Fivetran("fivetran", own, lambda: START)


class Account:
    """One connection whose state the test changes between looks."""

    def __init__(self, recorded: Any, golden: Callable[[str], Any], fivetran: Fivetran) -> None:
        self.fivetran = fivetran
        self.connection = golden("fivetran/connections_1.json")["data"]["items"][0]
        recorded.answers = {
            "/v1/groups": golden("fivetran/groups.json"),
            "/v1/connections": lambda query: {"data": {"items": [self.connection], "next_cursor": None}},
        }

    def look(self, at: datetime, state: str = "scheduled", **ends: str) -> list[tuple[str, str, str]]:
        """(state, started, ended) of the runs that a look tells, as times of day."""
        self.connection["status"]["sync_state"] = state
        self.connection.update(ends)
        raws = list(self.fivetran.fetch(Period(at - MINUTE, at, incremental=True, latest=True)))
        syncs = [raw for raw in raws if isinstance(raw, Raw) and raw.kind == "sync"]
        runs = [fact for raw in syncs for fact in self.fivetran.parse(raw)]
        assert {run["asset"] for run in runs} <= {"fivetran/Warehouse/salesforce"}
        return [(run["state"], f"{run['started_at']:%H:%M:%S}", run["ended_at"][11:19]) for run in runs]


@pytest.fixture
def account(recorded: Any, golden: Callable[[str], Any]) -> Account:
    return Account(recorded, golden, source())


def test_the_first_look_tells_no_run(account: Account) -> None:
    assert account.look(START) == []
    assert account.look(START + MINUTE) == []


def test_a_sync_began_after_the_last_look_at_which_it_had_not(account: Account) -> None:
    account.look(START)
    assert account.look(START + MINUTE) == []
    assert account.look(START + 2 * MINUTE, "syncing") == []
    assert account.look(START + 3 * MINUTE, "syncing") == []
    ended = "2026-11-20T12:03:20.5Z"
    assert account.look(START + 4 * MINUTE, succeeded_at=ended) == [("success", "12:01:00", "12:03:20")]
    assert account.look(START + 5 * MINUTE) == []


def test_a_failure_and_the_sync_that_made_it_good_between_two_looks(account: Account) -> None:
    account.look(START)
    ends = {"failed_at": "2026-11-20T12:00:20Z", "succeeded_at": "2026-11-20T12:00:50Z"}
    assert account.look(START + MINUTE, **ends) == [
        ("failed", "12:00:00", "12:00:20"), ("success", "12:00:20", "12:00:50"),
    ]  # fmt: skip


def test_what_ended_while_nobody_looked_is_not_told(account: Account) -> None:
    account.look(START)
    assert account.look(START + 4 * MINUTE, succeeded_at="2026-11-20T12:02:00Z") == []
    assert account.look(START + 5 * MINUTE, succeeded_at="2026-11-20T12:04:30Z") == [
        ("success", "12:04:00", "12:04:30")
    ]  # fmt: skip


def test_a_new_connection_s_first_sync_is_told(account: Account) -> None:
    account.look(START)
    made = {"id": "brand_new", "created_at": "2026-11-20T12:00:10Z", "succeeded_at": None, "failed_at": None}
    account.connection = {**account.connection, **made}
    assert account.look(START + MINUTE, succeeded_at="2026-11-20T12:00:40Z") == [("success", "12:00:00", "12:00:40")]


def test_a_connection_that_appears_with_a_past_tells_none_of_it(account: Account) -> None:
    account.look(START)
    account.connection = {**account.connection, "id": "granted_now"}
    assert account.look(START + MINUTE) == []


def test_every_page_is_read_and_listed(recorded: Any, golden: Callable[[str], Any]) -> None:
    recorded.answers = {
        "/v1/groups": golden("fivetran/groups.json"),
        "/v1/connections": lambda query: golden(f"fivetran/connections_{2 if query.get('cursor') else 1}.json"),
    }
    (listing,) = [raw for raw in source().fetch(Period(START, START, latest=True)) if isinstance(raw, Enumerated)]
    assert sorted(listing.ids) == [
        "fivetran/Lab/landing", "fivetran/Lab/salesforce", "fivetran/Lab/shop", "fivetran/Warehouse/salesforce",
        "fivetran/Warehouse/targets.regions",
    ]  # fmt: skip
    assert [query for path, query, _ in recorded.asked if path == "/v1/connections"] == [
        {"limit": "1000"}, {"limit": "1000", "cursor": "bmV4dA"},
    ]  # fmt: skip
    assert recorded.asked[0][2]["Accept"] == "application/json;version=2"
    chosen = source(groups=["g_prod"])
    (listing,) = [raw for raw in chosen.fetch(Period(START, START, latest=True)) if isinstance(raw, Enumerated)]
    assert len(listing.ids) == 2


@pytest.mark.parametrize(("interval", "more", "expected"), [
    (1, {}, ("@every 360m", 21_600.0)), (120, {}, ("@every 360m", 21_600.0)), (121, {}, (None, None)),
    (1, {"schedule_type": "manual"}, (None, None)), (1, {"sync_frequency": None}, (None, None)),
])  # fmt: skip
def test_a_schedule_is_told_only_where_no_sync_can_slip_between_looks(
    account: Account, interval: int, more: dict[str, Any], expected: tuple[str | None, float | None]
) -> None:
    fivetran = source(interval=timedelta(minutes=interval))
    raw = Raw("connection", {**account.connection, **more}, {"asset": "x"})
    (asset,) = fivetran.parse(raw)
    assert (asset["schedule"], asset["grace_seconds"]) == expected


def test_a_refused_key_names_the_permissions(account: Account, recorded: Any) -> None:
    recorded.answers["/v1/connections"] = (403, {"code": "Forbidden"})
    with pytest.raises(PermissionMissing, match='"resource_type": "CONNECTOR", "access_level": "READ"'):
        account.look(START)
    groups, connections = account.fivetran.check()
    assert (groups.ok, groups.what, connections.ok) == (True, "groups: 2 read", False)
    assert "System keys" in connections.remedy

"""PagerDuty: answers after the vendor's OpenAPI description to facts; webhooks signed as PagerDuty signs them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.base import Enumerated, Finding, Period, Raw
from collectors.pagerduty.api import MOST
from collectors.runner import Runner
from collectors.sources.pagerduty import PagerDuty
from slo import interchange
from slo.errors import FactError, PermissionMissing, SourceError
from slo.store import Store

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = "canary-webhook-secret"
LOADS = {"id": "PSVC1", "type": "service_reference", "summary": "Loads"}
WEB = {"id": "PSVC2", "type": "service_reference", "summary": "Web"}
PRIORITIES = [{"id": f"PPRI{n}", "summary": f"P{n}", "name": f"P{n}"} for n in range(1, 8)]
TEXTS = {"details": "late", "more": 1}


def source(**settings: Any) -> PagerDuty:
    told = {
        "url": "https://api.pagerduty.com",
        "token": "canary-key",
        "webhook_secret": SECRET,
        "requests_per_second": 10_000,
        **settings,
    }
    return PagerDuty("pd", PagerDuty.Settings.model_validate(told), lambda: NOW)


def incident(key: str = "PI1", **more: Any) -> dict[str, Any]:
    """An open incident of 10:00 with no priority, as GET /incidents shows it."""
    return {
        "id": key, "type": "incident", "title": "Orders are late", "created_at": "2026-11-20T10:00:00Z",
        "updated_at": "2026-11-20T10:00:00Z", "status": "triggered", "incident_key": "k1", "service": LOADS,
        "last_status_change_at": "2026-11-20T10:00:00Z", "resolved_at": None, "urgency": "high", "priority": None,
        "alert_counts": {"all": 0}, "acknowledgements": [], "teams": [], "resolve_reason": None,
        "html_url": f"https://acme.pagerduty.com/incidents/{key}", **more,
    }  # fmt: skip


def resolved(at: str, **more: Any) -> dict[str, Any]:
    return {"status": "resolved", "resolved_at": at, "updated_at": at, "last_status_change_at": at, **more}


def entry(kind: str, at: str, agent: str = "service_reference") -> dict[str, Any]:
    return {"id": f"{kind}{at}", "type": f"{kind}_log_entry", "created_at": at, "agent": {"type": agent}}


def facts(one: PagerDuty, page: dict[str, Any], *entries: dict[str, Any], **more: Any) -> dict[str, dict[str, Any]]:
    """Kind -> the fact of one page (the last one of its alerts)."""
    raw = Raw("incident", {"incident": page, "entries": list(entries), **more}, {"ranks": {"PPRI1": 0, "PPRI7": 6}})
    return {fact["fact"]: fact for fact in one.parse(raw)}


def alert(at: str = "2026-11-20T10:00:00Z", **more: Any) -> dict[str, Any]:
    return {"id": "PA1", "summary": "load failed", "created_at": at, "status": "triggered", "alert_key": "k", **more}


# Incidents


def test_an_incident_is_detected_when_it_is_created_and_was_about_its_service() -> None:
    told = facts(source(), incident(), entry("trigger", "2026-11-20T10:00:00Z"))["incident"]
    assert told == {
        "fact": "incident", "id": "PI1", "url": "https://acme.pagerduty.com/incidents/PI1",
        "revised_at": "2026-11-20T10:00:00Z", "title": "Orders are late", "detected_at": "2026-11-20T10:00:00Z",
        "acknowledged_at": None, "resolved_at": None, "spans": None, "severity": None, "class": None,
        "assets": ["pd/Loads"], "duplicate_of": None,
    }  # fmt: skip


def test_it_is_acknowledged_at_the_first_acknowledgement_of_its_log() -> None:
    log = [entry("acknowledge", f"2026-11-20T10:{minute}:00Z") for minute in ("20", "05")]
    told = facts(source(), incident(**resolved("2026-11-20T11:00:00Z")), *log)["incident"]
    assert (told["acknowledged_at"], told["resolved_at"]) == ("2026-11-20T10:05:00Z", "2026-11-20T11:00:00Z")


def test_an_open_one_shows_its_acknowledgement_itself() -> None:
    page = incident(status="acknowledged", acknowledgements=[{"at": "2026-11-20T12:03:00+02:00"}])
    assert facts(source(), page)["incident"]["acknowledged_at"] == "2026-11-20T10:03:00Z"


def test_one_that_came_back_has_two_stretches() -> None:
    log = [entry("trigger", "2026-11-20T10:00:00Z"), entry("resolve", "2026-11-20T10:30:00Z"),
           entry("annotate", "2026-11-20T10:40:00Z"), entry("reopen", "2026-11-20T11:00:00Z")]  # fmt: skip
    assert facts(source(), incident(), *log)["incident"]["spans"] == [
        ["2026-11-20T10:00:00Z", "2026-11-20T10:30:00Z"], ["2026-11-20T11:00:00Z", None],
    ]  # fmt: skip
    log.append(entry("resolve", "2026-11-20T11:20:00Z"))
    again = facts(source(), incident(**resolved("2026-11-20T11:20:00Z")), *log)["incident"]["spans"]
    assert again[1] == ["2026-11-20T11:00:00Z", "2026-11-20T11:20:00Z"]


def test_one_that_is_open_though_its_log_ends_with_a_resolution_goes_on_since_its_last_change() -> None:
    log = [entry("trigger", "2026-11-20T10:00:00Z"), entry("resolve", "2026-11-20T10:30:00Z")]
    page = incident(last_status_change_at="2026-11-20T11:10:00Z")
    assert facts(source(), page, *log)["incident"]["spans"][1] == ["2026-11-20T11:10:00Z", None]


def test_one_that_was_resolved_in_the_second_of_its_trigger_did_not_come_back() -> None:
    log = [entry("resolve", "2026-11-20T10:00:00Z"), entry("trigger", "2026-11-20T10:00:00Z")]  # newest first
    assert facts(source(), incident(**resolved("2026-11-20T10:00:00Z")), *log)["incident"]["spans"] is None


def test_a_merged_incident_is_a_duplicate_and_no_alert() -> None:
    reason = {"type": "merge_resolve_reason", "incident": {"id": "PI9", "type": "incident_reference"}}
    told = facts(source(), incident(**resolved("2026-11-20T10:04:00Z", resolve_reason=reason)))
    assert told["incident"]["duplicate_of"] == "PI9"
    assert "alert" not in told


@pytest.mark.parametrize(("priority", "severities", "expected"), [
    ("PPRI1", {}, 1), ("PPRI7", {}, 5), ("PUNKNOWN", {}, None), ("PPRI7", {"p7": 2}, 2), (None, {"high": 3}, 3),
])  # fmt: skip
def test_severity_is_the_priority_s_place_unless_the_settings_say_another(
    priority: str | None, severities: dict[str, int], expected: int | None
) -> None:
    page = incident(priority={"id": priority, "summary": "P7"} if priority else None)
    assert facts(source(severities=severities), page)["incident"]["severity"] == expected


@pytest.mark.parametrize(("choice", "counts"), [
    ({}, True), ({"priorities": ["P1"]}, False), ({"urgencies": ["high"]}, True), ({"services": ["loads"]}, True),
    ({"services": ["PSVC2"]}, False), ({"services": ["Loads"], "urgencies": ["low"]}, False), ({"teams": ["X"]}, False),
])  # fmt: skip
def test_two_lines_say_which_pages_are_data_incidents_and_the_others_are_alerts(
    choice: dict[str, Any], counts: bool
) -> None:
    told = facts(source(incidents=choice), incident(), entry("trigger", "2026-11-20T10:00:00Z"))
    assert ("incident" in told) is counts
    assert told["alert"]["incident"] == ("PI1" if counts else None)


def test_the_map_s_class_holds_where_no_field_says_one() -> None:
    settings = {"services": {"Loads": {"class": "freshness"}}, "fields": {"class": "kind"}}
    custom = [{"name": "kind", "display_name": "Kind", "value": "Correctness"}]
    assert facts(source(**settings), incident())["incident"]["class"] == "freshness"
    assert facts(source(**settings), incident(), custom=custom)["incident"]["class"] == "correctness"


# Fields


def test_fields_are_custom_fields_by_either_name_or_details_of_alerts() -> None:
    one = source(fields={"started_at": "impact_start", "cause": "Root cause", "assets": "meta.tables", "found_by": "f"},
                 values={"found_by": {"Robot": "monitor"}}, asset="dwh/{}")  # fmt: skip
    custom = [
        {"name": "impact_start", "display_name": "x", "value": "2026-11-20T09:15:00+00:00"},
        {"name": "rc", "display_name": "Root cause", "value": "disk-full"}, {"name": "f", "value": "robot"},
    ]  # fmt: skip
    sent = alert(body={"details": json.dumps({"meta": {"tables": "shop.orders, shop.stock"}})})
    told = facts(one, incident(), custom=custom, alerts=[sent])["incident"]
    assert told["started_at"] == "2026-11-20T09:15:00Z"
    assert (told["cause"], told["found_by"]) == ("disk-full", "monitor")
    assert told["assets"] == ["dwh/shop.orders", "dwh/shop.stock"]


@pytest.mark.parametrize(("words", "expected"), [
    ("acknowledged in time: yes, runbook followed: No, review held: n/a",
     {"acknowledged in time": True, "runbook followed": False}),
    ("severity set: true\nreview held: false", {"severity set": True, "review held": False}),
    ("nothing was written down", None),
])  # fmt: skip
def test_the_steps_of_the_process_that_were_met(words: str, expected: dict[str, bool] | None) -> None:
    custom = [{"name": "process", "value": words}]
    assert facts(source(fields={"steps": "process"}), incident(), custom=custom)["incident"].get("steps") == expected


@pytest.mark.parametrize(("told", "value"), [
    ("started_at", "yesterday"), ("started_at", "2026-11-20T09:15:00"), ("class", "wrong"), ("severity", "high"),
])  # fmt: skip
def test_what_cannot_be_read_is_left_out_and_said(told: str, value: str, caplog: pytest.LogCaptureFixture) -> None:
    custom = [{"name": "mine", "value": value}]
    assert facts(source(fields={told: "mine"}), incident(), custom=custom)["incident"].get(told) is None
    assert f"incident PI1: mine: {value!r} is left out" in caplog.text


@pytest.mark.parametrize(("settings", "place"), [
    ({"values": {"class": {"Wrong": "broken"}}}, "'broken' is not one of correctness"), ({"asset": "dwh/"}, "write {}"),
    ({"fields": {"begin": "x"}}, "fields"), ({"services": {"Loads": {"tier": 7}}}, "tier"),
])  # fmt: skip
def test_wrong_settings_are_refused_by_name(settings: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError, match=place):
        source(**settings)


# Alerts


def test_an_alert_is_acknowledged_and_resolved_with_its_incident() -> None:
    page = incident(**resolved("2026-11-20T11:00:00Z"))
    log = [entry("acknowledge", "2026-11-20T10:05:00Z"), entry("acknowledge", "2026-11-20T10:50:00Z")]
    told = facts(source(), page, *log, alerts=[alert(status="resolved")])["alert"]
    assert (told["id"], told["rule"], told["dedup_key"], told["asset"]) == ("PA1", "load failed", "k", "pd/Loads")
    assert (told["acknowledged_at"], told["resolved_at"]) == ("2026-11-20T10:05:00Z", "2026-11-20T11:00:00Z")


def test_an_alert_that_joins_an_acknowledged_incident_is_acknowledged_as_it_arrives() -> None:
    log = [entry("acknowledge", "2026-11-20T10:05:00Z"), entry("acknowledge", "2026-11-20T10:50:00Z")]
    told = facts(source(), incident(), *log, alerts=[alert("2026-11-20T10:20:00Z")])["alert"]
    assert told["acknowledged_at"] == "2026-11-20T10:20:00Z"


def test_an_alert_that_nobody_resolved_is_on_while_its_incident_is() -> None:
    assert facts(source(), incident(), alerts=[alert(status="resolved")])["alert"]["resolved_at"] is None
    own = alert(status="resolved", resolved_at="2026-11-20T10:10:00Z")
    assert facts(source(), incident(), alerts=[own])["alert"]["resolved_at"] == "2026-11-20T10:10:00Z"


def test_its_own_detail_names_the_asset_and_a_person_s_field_the_label() -> None:
    one = source(fields={"assets": "table", "label": "worth"}, values={"label": {"No": "noise"}})
    told = facts(one, incident(), alerts=[alert(body={"details": {"table": "dwh/shop.orders"}})],
                 custom=[{"name": "worth", "value": "No"}])["alert"]  # fmt: skip
    assert (told["asset"], told["label"]) == ("dwh/shop.orders", "noise")


TWO = "[FIRING:2] etl/load tierline (page core 0 true)"


@pytest.mark.parametrize(("label", "summary", "rule"), [
    ("true", TWO, f"Tierline {TWO}"), ("true", "TierlineBlind", "TierlineBlind"), ("true", None, "Tierline alert"),
    ("false", TWO, TWO),
])  # fmt: skip
def test_tierlines_own_alerts_by_way_of_alertmanager_are_told_apart_by_their_label(
    label: str, summary: str | None, rule: str
) -> None:
    """As Alertmanager words it where two alerts share a page: their names are in its details alone."""
    labels = "Labels:\n - alertname = TierlineBlind\n - team = core\n - tierline = {}\nAnnotations:\n - summary = x\n"
    told = {"firing": labels.format(label) * 2, "num_firing": "2", "num_resolved": "0", "resolved": ""}
    one = alert(summary=summary, body={"details": told})
    assert facts(source(), incident(), alerts=[one])["alert"]["rule"] == rule


def test_a_monitor_s_page_without_alerts_is_one_itself_and_a_person_s_is_none() -> None:
    told = facts(source(), incident(), entry("trigger", "2026-11-20T10:00:00Z"))["alert"]
    assert (told["id"], told["dedup_key"], told["rule"]) == ("incident/PI1", "k1", "Orders are late")
    assert "alert" not in facts(source(), incident(), entry("trigger", "2026-11-20T10:00:00Z", "user_reference"))


def test_what_is_no_answer_of_pagerduty_is_set_aside() -> None:
    with pytest.raises(FactError, match="incident PI1: KeyError 'created_at'; is it PagerDuty's API v2"):
        facts(source(), {"id": "PI1"})


# Registers


def test_a_service_is_an_asset_with_the_map_s_team_else_pagerduty_s() -> None:
    one = source(services={"PSVC1": {"tier": 1, "assets": ["dwh/*"]}, "Web": {"team": "web"}})
    teams = [{"id": "PT1", "summary": "Core Data"}]
    (loads,) = one.parse(Raw("service", {"id": "PSVC1", "name": "Loads", "teams": teams, "description": "Nightly"}))
    assert loads == {
        "fact": "asset", "id": "pd/Loads", "asset": "pd/Loads", "kind": "service", "team": "Core Data",
        "owner": "Core Data", "tier": 1, "components": ["dwh/*"], "description": "Nightly", "url": None,
    }  # fmt: skip
    (web,) = one.parse(Raw("service", {"id": "PSVC2", "name": "Web", "teams": teams}))
    assert (web["team"], web["tier"], web["components"]) == ("web", None, None)


def test_maintenance_leaves_out_what_the_service_stands_for() -> None:
    one = source(services={"Loads": {"assets": ["dwh/*", "air/load_*"]}})
    window = {"id": "PM1", "start_time": "2026-11-18T22:00:00-05:00", "end_time": "2026-11-19T00:00:00-05:00",
              "description": "Resize", "services": [LOADS, WEB, {"id": "PSVC9", "summary": "Not ours"}]}  # fmt: skip
    told = list(one.parse(Raw("window", window, {"scope": ["PSVC1", "PSVC2"]})))
    assert [(fact["id"], fact["assets"]) for fact in told] == [
        ("PM1/PSVC1", "dwh/*"), ("PM1/PSVC1/1", "air/load_*"), ("PM1/PSVC2", "pd/Web")
    ]  # fmt: skip
    assert {(fact["start"], fact["end"], fact["reason"], fact["ref"]) for fact in told} == {
        ("2026-11-19T03:00:00Z", "2026-11-19T05:00:00Z", "maintenance", "Resize")
    }


# The API


class Account:
    """An account of PagerDuty as the API shows it, page by page, behind the recorded transport."""

    def __init__(self, recorded: Any) -> None:
        self.recorded = recorded
        self.incidents: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []
        self.size = 100
        answers: dict[str, Callable[[dict[str, str]], Any]] = {
            "/services": lambda q: self.page("services", [{"id": "PSVC1", "name": "Loads", "teams": []}], q),
            "/priorities": lambda q: self.page("priorities", PRIORITIES, q),
            "/maintenance_windows": lambda q: self.page("maintenance_windows", [], q),
            "/incidents": self.listed, "/log_entries": self.logged,
        }  # fmt: skip
        recorded.answers = answers

    def add(self, page: dict[str, Any], *entries: dict[str, Any]) -> None:
        self.incidents.append(page)
        self.entries += [{**one, "id": page["id"] + one["id"], "incident": page} for one in entries]
        own = f"/incidents/{page['id']}"
        self.recorded.answers |= {
            own: lambda q: {"incident": page},
            f"{own}/log_entries": lambda q: self.page("log_entries", self.of(page), q),
        }

    def of(self, page: dict[str, Any]) -> list[dict[str, Any]]:
        return [one for one in self.entries if one["incident"]["id"] == page["id"]]

    def listed(self, query: dict[str, str]) -> Any:
        found = self.incidents
        if "date_range" in query:
            found = [one for one in found if one["status"] != "resolved"]
        return self.page("incidents", within(found, query), query)

    def logged(self, query: dict[str, str]) -> Any:
        return self.page("log_entries", within(self.entries, query), query)

    def page(self, items: str, found: list[dict[str, Any]], query: dict[str, str]) -> Any:
        offset = int(query.get("offset", "0"))
        if offset + int(query["limit"]) > MOST:
            return 400, {"error": {"message": "Invalid Input Provided", "code": 2001}}
        return {items: found[offset : offset + self.size], "more": offset + self.size < len(found), "offset": offset}

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.recorded.asked]


def within(found: list[dict[str, Any]], query: dict[str, str]) -> list[dict[str, Any]]:
    if "since" not in query:
        return found
    start, end = (datetime.fromisoformat(query[name]) for name in ("since", "until"))
    return [one for one in found if start <= datetime.fromisoformat(one["created_at"]) < end]


@pytest.fixture
def account(recorded: Any) -> Account:
    return Account(recorded)


def latest(start: timedelta = timedelta(hours=1)) -> Period:
    return Period(NOW - start, NOW, incremental=True, latest=True)


def pages(one: PagerDuty, period: Period) -> list[Raw]:
    return [raw for raw in one.fetch(period) if isinstance(raw, Raw) and raw.kind in ("incident", "withdrawn")]


def test_the_key_and_the_version_stand_in_the_headers(account: Account) -> None:
    list(source().fetch(latest()))
    headers = account.recorded.asked[0][2]
    assert headers["Authorization"] == "Token token=canary-key"
    assert headers["Accept"] == "application/vnd.pagerduty+json;version=2"
    list(source(token="pdus+canary-oauth").fetch(latest()))
    assert account.recorded.asked[-1][2]["Authorization"] == "Bearer pdus+canary-oauth"


def test_a_page_that_came_before_is_read_again_when_the_log_names_it(account: Account) -> None:
    old = incident("POLD", created_at="2026-11-01T00:00:00Z", **resolved("2026-11-20T11:30:00Z"))
    account.add(old, entry("trigger", "2026-11-01T00:00:00Z"), entry("resolve", "2026-11-20T11:30:00Z"))
    (raw,) = pages(source(), latest())
    assert raw.data["incident"]["id"] == "POLD"
    assert [one["type"] for one in raw.data["entries"]] == ["trigger_log_entry", "resolve_log_entry"]
    assert account.paths().count("/incidents/POLD/log_entries") == 1  # the period's log holds a part of it only


def test_nobody_s_name_leaves_the_fetch_or_is_set_aside(account: Account, stores: Callable[[], Store]) -> None:
    who = {"id": "PU1", "type": "user_reference", "summary": "Pat Person"}
    page = incident(
        acknowledgements=[{"at": "2026-11-20T10:05:00Z", "acknowledger": who}],
        assignments=[{"at": "2026-11-20T10:00:00Z", "assignee": who}],
        last_status_change_by=who,
        updated_at="broken",
    )
    account.add(page, entry("trigger", "2026-11-20T10:00:00Z") | {"agent": who})
    assert "Pat" not in repr(pages(source(), latest(timedelta(hours=3))))
    with stores() as store:
        assert Runner(store, [one := source()], lambda: NOW).collect(one).set_aside == 1
        (aside,) = store.set_asides("pd")
        assert "updated_at" in aside["record"] and "Pat" not in aside["record"]


def test_one_that_was_open_is_asked_for_until_it_is_resolved(account: Account) -> None:
    one = source()
    account.add(incident(created_at="2026-11-01T00:00:00Z"))
    assert [raw.data["incident"]["status"] for raw in pages(one, latest())] == ["triggered"]
    account.incidents[0] |= resolved("2026-11-20T11:59:00Z")  # and its log entry is not listed yet
    assert [raw.data["incident"]["status"] for raw in pages(one, latest())] == ["resolved"]
    assert pages(one, latest()) == []
    assert one.memory == {"open": {}}


def test_history_asks_for_what_was_created_in_it_and_for_the_log_of_what_ended_later(account: Account) -> None:
    week = Period(NOW - timedelta(days=7), NOW - timedelta(days=1))
    account.add(incident("PIN", created_at="2026-11-14T00:00:00Z", **resolved("2026-11-14T01:00:00Z")),
                entry("trigger", "2026-11-14T00:00:00Z"), entry("resolve", "2026-11-14T01:00:00Z"))  # fmt: skip
    account.add(incident("POUT", created_at="2026-11-15T00:00:00Z", **resolved("2026-11-20T11:00:00Z")),
                entry("trigger", "2026-11-15T00:00:00Z"), entry("resolve", "2026-11-20T11:00:00Z"))  # fmt: skip
    told = {raw.data["incident"]["id"]: len(raw.data["entries"]) for raw in pages(source(), week)}
    assert told == {"PIN": 2, "POUT": 2}
    assert [path for path in account.paths() if path.endswith("/log_entries")] == [
        "/log_entries",
        "/incidents/POUT/log_entries",
    ]
    assert "/maintenance_windows" not in account.paths()


def test_a_listing_never_reaches_the_cap_and_loses_none(account: Account) -> None:
    """15,000 incidents of four hours are read in windows that the API can list."""
    start = NOW - timedelta(hours=4)
    account.incidents = [
        incident(f"P{n}", created_at=interchange.to_record(_at(start, n))["at"], **resolved("2026-11-20T11:59:00Z"))
        for n in range(15_000)
    ]  # fmt: skip
    from collectors.pagerduty.api import Api

    found = Api(source().settings, None).incidents(start, NOW, [])
    assert len(found) == 15_000 == len({one["id"] for one in found})
    assert max(int(query["offset"]) + 100 for _, query, _ in account.recorded.asked) == MOST


def _at(start: datetime, n: int) -> Any:
    return interchange.parse({"fact": "dataset_update", "source": "x", "id": "y", "asset": "z",
                              "at": start + timedelta(seconds=n * 4 * 3600 // 15_000)})  # fmt: skip


def test_more_in_a_second_than_can_be_listed_is_said(account: Account) -> None:
    told = {"created_at": "2026-11-20T11:59:58Z", **resolved("2026-11-20T11:59:59Z")}
    account.incidents = [incident(f"P{n}", **told) for n in range(MOST + 1)]
    with pytest.raises(SourceError, match=r"more than 10000 entries in the seconds after .*; narrow `scope`"):
        pages(source(), latest(timedelta(seconds=8)))


def test_a_page_that_is_no_data_incident_any_more_is_taken_back(account: Account) -> None:
    one = source(incidents={"urgencies": ["high"]})
    account.add(incident(), entry("trigger", "2026-11-20T11:30:00Z"))
    pages(one, latest())
    account.incidents[0]["urgency"] = "low"
    gone = [fact for raw in pages(one, latest()) if raw.kind == "withdrawn" for fact in one.parse(raw)]
    assert gone == [{"fact": "incident", "id": "PI1", "deleted": True}]


def test_a_plan_without_priorities_has_no_severity(account: Account) -> None:
    account.recorded.answers["/priorities"] = (402, {"error": {"message": "Account does not have the abilities"}})
    account.add(incident(created_at="2026-11-20T11:30:00Z"))
    assert [raw.context["ranks"] for raw in pages(source(), latest())] == [{}]


def test_services_are_enumerated_so_that_one_that_is_gone_is_retired(account: Account) -> None:
    told = [one for one in source().fetch(latest()) if isinstance(one, Enumerated)]
    assert told == [Enumerated("asset", frozenset({"pd/Loads"})), Enumerated("exclusion", frozenset())]


def test_a_scope_is_asked_for_by_id(account: Account) -> None:
    pages(source(scope={"services": ["loads"], "teams": ["PT1"]}), latest())
    asked = {path: query for path, query, _ in account.recorded.asked if "date_range" not in query}
    assert (asked["/incidents"]["service_ids[]"], asked["/incidents"]["team_ids[]"]) == ("PSVC1", "PT1")
    assert asked["/log_entries"]["team_ids[]"] == "PT1"


def test_what_the_key_may_not_read_names_the_scope(account: Account) -> None:
    account.recorded.answers["/log_entries"] = (403, {"error": {"message": "Access denied", "code": 2010}})
    with pytest.raises(PermissionMissing):
        pages(source(), latest())
    found = {one.what.split(":")[0]: one for one in source().check()}
    assert [name for name, one in found.items() if not one.ok] == ["log entries"]
    assert found["log entries"].remedy.endswith(
        "Use a read-only REST API key, or give the OAuth token the scope incidents.read."
    )


def test_check_says_how_many_pages_count_and_which_names_are_wrong(account: Account) -> None:
    account.add(incident(), entry("trigger", "2026-11-20T10:00:00Z"))
    account.recorded.answers["/incidents/PI1/custom_fields/values"] = {
        "custom_fields": [{"name": "root_cause", "display_name": "Root cause", "value": None}]
    }
    one = source(services={"Lods": {}}, fields={"cause": "root_cause", "assets": "table"}, webhook_secret=None)
    found = one.check()
    assert Finding(True, "incidents: 1 of the newest 1 pages of the last week are data incidents; `incidents` in the "
                   "settings narrows them") in found  # fmt: skip
    assert found[0] == Finding(False, "services", "`services` names Lods, which PagerDuty does not have")
    assert Finding(True, "custom fields: 1 found; table: no custom field, looked for in the details of alerts") in found
    assert found[-1].what.startswith("webhook: off;")


@pytest.mark.parametrize(("place", "url"), [
    ("https://api.pagerduty.com", "https://api.pagerduty.com"), ("https://acme.pagerduty.com/incidents", "https://api.pagerduty.com"),
    ("https://acme.eu.pagerduty.com", "https://api.eu.pagerduty.com"), ("https://pagerduty.example", None),
])  # fmt: skip
def test_its_addresses_are_recognised(place: str, url: str | None) -> None:
    assert PagerDuty.recognises(place) == ({"url": url} if url else None)


# Webhooks


def event(kind: str, at: str, **data: Any) -> bytes:
    """One delivery of version 3, as PagerDuty's documentation shows it."""
    shown = {
        "id": "PI1", "type": "incident", "number": 2, "status": "triggered", "incident_key": "k1",
        "created_at": "2026-11-20T10:00:00Z", "title": "Orders are late", "service": LOADS, "priority": None,
        "urgency": "high", "teams": [], "resolve_reason": None,
        "html_url": "https://acme.pagerduty.com/incidents/PI1", **data,
    }  # fmt: skip
    told = {"id": "E1", "event_type": kind, "resource_type": "incident", "occurred_at": at, "agent": None}
    return json.dumps({"event": {**told, "data": shown}}).encode()


def signed(body: bytes, *secrets: str) -> dict[str, str]:
    """The header as PagerDuty makes it: HMAC-SHA256 of the raw body, one for each secret."""
    digests = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets]
    return {"X-Pagerduty-Signature": ",".join(f"v1={digest}" for digest in digests)}


def test_any_signature_of_the_secret_opens(account: Account) -> None:
    body = event("incident.triggered", "2026-11-20T10:00:00.500Z")
    receive = source().routes()["events"]
    for headers in (
        signed(body, SECRET),
        signed(body, "the-old-one", SECRET),
        {"x-pagerduty-signature": signed(body, SECRET)["X-Pagerduty-Signature"]},
    ):
        assert [fact["id"] for fact in receive(body, headers)] == ["PI1"]


def test_a_missing_or_wrong_signature_is_refused() -> None:
    body = event("incident.triggered", "2026-11-20T10:00:00Z")
    good = signed(body, SECRET)["X-Pagerduty-Signature"]
    for value in (
        None,
        "",
        "v1=",
        good.removeprefix("v1="),
        good.replace("v1", "v2"),
        signed(body, "other")["X-Pagerduty-Signature"],
    ):
        with pytest.raises(PermissionError, match="webhook_secret"):
            source().routes()["events"](body, {} if value is None else {"X-PagerDuty-Signature": value})
    with pytest.raises(PermissionError):
        source().routes()["events"](body + b" ", {"X-PagerDuty-Signature": good})


def test_without_a_secret_no_webhook_is_taken() -> None:
    assert source(webhook_secret=None).routes() == {}


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"event": {"event_type": "x"}}', b"\xff"])
def test_what_is_no_delivery_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="version 3"):
        source().routes()["events"](body, signed(body, SECRET))


def test_events_that_tell_nothing_we_keep_are_taken_and_left() -> None:
    for kind, data in (("pagey.ping", {}), ("incident.annotated", {"type": "incident_note"}), ("service.updated", {})):
        body = event(kind, "2026-11-20T10:00:00Z", **data)
        assert source().routes()["events"](body, signed(body, SECRET)) == []


STEPS = [
    event("incident.triggered", "2026-11-20T10:00:00.169Z"),
    event("incident.acknowledged", "2026-11-20T10:05:00.420Z", status="acknowledged"),
    event("incident.resolved", "2026-11-20T10:30:00.010Z", status="resolved"),
    event("incident.reopened", "2026-11-20T11:00:00.333Z", reopened_at="2026-11-20T11:00:00Z"),
    event("incident.resolved", "2026-11-20T11:20:00.900Z", status="resolved", reopened_at="2026-11-20T11:00:00Z"),
]
"""The life of one incident, as its webhooks tell it."""
LOG = [entry("trigger", "2026-11-20T10:00:00Z"), entry("acknowledge", "2026-11-20T10:05:00Z"),
       entry("resolve", "2026-11-20T10:30:00Z"), entry("reopen", "2026-11-20T11:00:00Z"),
       entry("resolve", "2026-11-20T11:20:00Z")]  # fmt: skip
SETTINGS = {"fields": {"cause": "root_cause"}, "severities": {"high": 2}, "services": {"Loads": {"class": "freshness"}}}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pagerduty") / "empty.db"
    with Store(f"sqlite:///{path}") as store:
        store.migrate()
    return path


@pytest.fixture
def stores(tmp_path: Path, template: Path) -> Callable[[], Store]:
    """A fresh store each time."""
    made = iter(range(1000))

    def fresh() -> Store:
        path = tmp_path / f"store{next(made)}.db"
        path.write_bytes(template.read_bytes())
        return Store(f"sqlite:///{path}")

    return fresh


def push(runner: Runner, one: PagerDuty, body: bytes) -> None:
    runner.push(one, one.routes()["events"](body, signed(body, SECRET)))


def stored(store: Store) -> list[dict[str, Any]]:
    return [interchange.to_record(fact) for kind in ("incident", "alert") for fact in store.read(kind)]


def lived(account: Account) -> None:
    """The account after that life, with what a person wrote into it."""
    account.add(incident(**resolved("2026-11-20T11:20:00Z")), *LOG)
    account.recorded.answers["/incidents/PI1/custom_fields/values"] = {
        "custom_fields": [{"name": "root_cause", "value": "disk-full"}]
    }


def test_webhooks_and_the_pass_in_any_order_give_the_facts_of_the_pass_alone(
    account: Account, stores: Callable[[], Store]
) -> None:
    lived(account)
    with stores() as alone:
        Runner(alone, [one := source(**SETTINGS)], lambda: NOW).collect(one)
        expected = stored(alone)
    assert [fact["id"] for fact in expected] == ["PI1", "incident/PI1"]
    for order in _orders():
        with stores() as store:
            runner = Runner(store, [one := source(**SETTINGS)], lambda: NOW)
            for step in order:
                push(runner, one, step) if step else runner.collect(one)
            assert stored(store) == expected


def _orders() -> Iterator[list[bytes | None]]:
    """Some orders of the webhooks, with the pass (None) at every place among them."""
    for order in list(permutations(STEPS))[::40]:
        for place in range(len(order) + 1):
            yield [*order[:place], None, *order[place:]]


def test_webhooks_alone_tell_the_whole_life_at_once(stores: Callable[[], Store]) -> None:
    with stores() as store:
        runner = Runner(store, [one := source(**SETTINGS)], lambda: NOW)
        seen = []
        for step in STEPS:
            push(runner, one, step)
            (fact,) = stored(store)
            seen.append((fact.get("acknowledged_at"), fact.get("resolved_at"), fact.get("spans")))
    first = ["2026-11-20T10:00:00Z", "2026-11-20T10:30:00Z"]
    again = "2026-11-20T11:00:00Z"
    acked = "2026-11-20T10:05:00Z"
    assert seen == [
        (None, None, None), (acked, None, None), (acked, "2026-11-20T10:30:00Z", None),
        (acked, None, [first, [again, None]]),
        (acked, "2026-11-20T11:20:00Z", [first, [again, "2026-11-20T11:20:00Z"]]),
    ]  # fmt: skip
    assert (fact["severity"], fact["class"], fact["assets"]) == (2, "freshness", ["pd/Loads"])


def test_a_webhook_wipes_nothing_that_the_pass_knew(account: Account, stores: Callable[[], Store]) -> None:
    account.add(incident(), LOG[0])
    account.recorded.answers["/incidents/PI1/custom_fields/values"] = {
        "custom_fields": [{"name": "root_cause", "value": "disk-full"}]
    }
    with stores() as store:
        runner = Runner(store, [one := source(**SETTINGS)], lambda: NOW)
        runner.collect(one)
        push(runner, one, STEPS[2])
        fact = next(fact for fact in stored(store) if fact["fact"] == "incident")
    assert (fact["cause"], fact["resolved_at"]) == ("disk-full", "2026-11-20T10:30:00Z")


def test_changed_custom_fields_are_laid_over_a_known_incident_only(stores: Callable[[], Store]) -> None:
    told = {"type": "incident_field_values", "incident": {"id": "PI1", "type": "incident_reference"},
            "custom_fields": [{"name": "root_cause", "value": "late-file"}]}  # fmt: skip
    body = json.dumps({"event": {"event_type": "incident.custom_field_values.updated", "data": told,
                                 "occurred_at": "2026-11-20T10:10:00Z"}}).encode()  # fmt: skip
    with stores() as store:
        runner = Runner(store, [one := source(**SETTINGS)], lambda: NOW)
        push(runner, one, body)
        assert stored(store) == []
        push(runner, one, STEPS[0])
        push(runner, one, body)
        (fact,) = stored(store)
    assert (fact["cause"], fact["title"]) == ("late-file", "Orders are late")

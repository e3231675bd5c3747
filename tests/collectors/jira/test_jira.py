"""Jira against a site of plain lists; what must come out is worked out by hand from each issue's story."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.base import Enumerated, Period, Raw
from collectors.jira.records import instant
from collectors.secrets import starred
from slo.errors import PermissionMissing, SourceError
from tests.collectors.jira.jira_site import ALL, NOW, TOKEN, JiraSite, day, issue, move, source, told

DONE = {"resolution": {"name": "Done"}, "resolutiondate": "2026-11-09T10:00:00.000+0000"}


def course(site: JiraSite, status: str, *moves: dict[str, Any], **fields: Any) -> tuple[Any, ...]:
    """(started, closed, outcome) of one issue."""
    site.issues, site.logs = [issue(1, status, **fields)], {"10001": list(moves)}
    fact = told(source())[0]
    return fact.started_at, fact.closed_at, fact.outcome


def test_work_starts_with_the_first_move_into_progress_and_closes_with_the_last_into_done(site: JiraSite) -> None:
    there = [move(2, "1", "2"), move(3, "2", "4"), move(5, "4", "3")]
    assert course(site, "3", *there, **DONE) == (day(2), day(5), "done")
    again = [*there, move(6, "3", "2"), move(9, "2", "3"), move(10, "3", "5")]  # from done to done is no closing
    assert course(site, "5", *again, **DONE) == (day(2), day(9), "done")
    assert course(site, "5", *reversed(again), **DONE) == (day(2), day(9), "done")
    assert course(site, "2", *again[:4]) == (day(2), None, None)  # reopened
    assert course(site, "1") == (None, None, None)
    assert course(site, "2") == (day(1), None, None)  # made in progress, never moved
    assert course(site, "3", move(5, "1", "3")) == (None, day(5), "done")  # never in progress; no resolution
    assert course(site, "3", **DONE) == (None, day(1), "done")  # made as done
    unknown = [move(2, "1", "77"), move(3, "77", "3")]  # a status that is gone by now
    assert course(site, "3", *unknown) == (None, day(3), "done")


def test_without_a_changelog_that_reaches_back_the_resolution_tells_the_end(site: JiraSite) -> None:
    assert course(site, "3", move(6, "3", "2"), **DONE) == (day(6), day(9), "done")
    no_date = {"resolution": {"name": "Done"}, "updated": "2026-11-08T11:00:00.000+0100"}
    assert course(site, "3", move(6, "3", "2"), **no_date) == (day(6), day(8), "done")


@pytest.mark.parametrize(
    ("resolution", "outcome"),
    [("Done", "done"), ("Won't Do", "refused"), ("duplicate", "withdrawn"), ("Our own word", "done"), (None, "done")],
)
def test_the_resolution_tells_the_outcome(site: JiraSite, resolution: str | None, outcome: str) -> None:
    told_ = {"resolution": resolution and {"name": resolution}}
    assert course(site, "3", move(5, "1", "3"), **told_)[2] == outcome


@pytest.mark.parametrize(
    "word", ["2021-01-25T11:09:27.985+0800", "2021-01-25T03:09:27.985Z", 1611544167985, "2021-01-25T03:09:27.985+00:00"]
)
def test_times_are_understood_with_every_offset_and_as_epoch(word: Any) -> None:
    assert instant(word) == datetime(2021, 1, 25, 3, 9, 27, 985000, tzinfo=UTC)
    assert instant(1492070429) == datetime(2017, 4, 13, 8, 0, 29, tzinfo=UTC)  # the example of Atlassian's description


def test_each_issue_is_the_first_kind_that_fits_it(site: JiraSite) -> None:
    kinds = [
        {"kind": "finding", "labels": ["security"]},
        {"kind": "access_request", "types": ["service request"], "projects": ["SUP"]},
        {"kind": "scoped", "types": ["Task", "Story"]},
    ]
    request = {"issuetype": {"name": "Service Request"}, "project": {"key": "SUP"}}
    site.issues = [
        issue(1, labels=["x", "security"]), issue(2, **request), issue(3), issue(4, issuetype={"name": "Epic"}),
        issue(5, issuetype=request["issuetype"]), issue(6, labels=["Security"]),
    ]  # fmt: skip
    assert [(fact.id, fact.kind) for fact in told(source(kinds=kinds))] == [
        ("10001", "finding"), ("10002", "access_request"), ("10003", "scoped"), ("10006", "scoped")]  # fmt: skip
    bulk = [body for path, body, _ in site.asked if path.endswith("bulkfetch")]
    assert bulk == [
        {"issueIdsOrKeys": ["10001", "10002", "10003", "10006"], "fieldIds": ["status"], "maxResults": 1000}
    ]
    searched = [body.get("nextPageToken") for path, body, _ in site.asked if path.endswith("search/jql")]
    assert searched == [None, "2", "4"]


def test_fields_are_read_by_name_or_id_and_translated(site: JiraSite) -> None:
    site.issues = [
        issue(1, customfield_1={"value": "Core"}, customfield_2=3.0, customfield_6="orders", duedate="2026-11-20"),
        issue(2, customfield_1={"accountId": "1", "displayName": "Pat Person"}, customfield_2=8, priority=None),
        issue(3, customfield_1=[{"name": "Growth"}, {"name": "Core"}], customfield_2=5.0, priority={"name": "p4"}),
    ]
    fields = {
        "team": {"field": "data TEAM", "values": {"core": "core-data", "*": "other"}},
        "size": {"field": "customfield_2", "values": {"3": "small", "5": "medium"}},
        "asset": {"field": "Dataset", "template": "snowflake://acme/{}"},
        "complexity": "Dataset",
    }
    facts = told(source(fields=fields, timezone="Europe/Berlin"))
    assert [(fact.team, fact.size, fact.priority, fact.asset, fact.complexity) for fact in facts] == [
        ("core-data", "small", "P2", "snowflake://acme/orders", None), (None, None, None, None, None),
        ("core-data", "medium", "P4", None, None)]  # fmt: skip
    assert [fact.due_at for fact in facts] == [day(20, 23), None, None]  # the end of the 20th in Berlin
    assert (facts[0].title, facts[0].url) == ("Issue 1", "https://acme.atlassian.net/browse/DATA-1")
    assert facts[0].opened_at == day(1)


def test_a_service_level_makes_it_due(site: JiraSite) -> None:
    def cycle(at: datetime) -> dict[str, Any]:
        return {"breachTime": {"epochMillis": int(at.timestamp() * 1000), "iso8601": "x"}, "breached": False}

    site.issues = [
        issue(1, customfield_3={"completedCycles": [cycle(day(3))], "ongoingCycle": cycle(day(4))}),
        issue(2, customfield_3={"completedCycles": [cycle(day(3)), cycle(day(5))]}, duedate="2026-11-30"),
        issue(3, customfield_3={"completedCycles": []}, duedate="2026-11-06"),
        issue(4, customfield_3={"ongoingCycle": {"paused": True}}),
    ]
    assert [fact.due_at for fact in told(source(sla="Time to resolution"))] == [day(4), day(5), day(7, 0), None]


def test_issues_may_be_incidents_with_spans_where_they_were_reopened(site: JiraSite) -> None:
    kinds = [{"kind": "incident", "types": ["Incident"], "fields": {"asset": "Dataset", "cause": "Data team"}}]
    incident = {"issuetype": {"name": "Incident"}}
    site.issues = [
        issue(1, "3", **incident, customfield_6="orders", customfield_1={"value": "schema change"}),
        issue(2, "2", **incident, priority={"name": "Highest"}),
        issue(3, "3", **incident, resolution={"name": "Duplicate"}),
    ]
    site.logs = {
        "10001": [move(2, "1", "2"), move(3, "2", "3")],
        "10002": [move(2, "1", "3"), move(4, "3", "2"), move(5, "2", "3"), move(6, "3", "2")],
        "10003": [move(2, "1", "3")],
    }
    first, second, third = told(source(kinds=kinds))
    assert (first.detected_at, first.started_at, first.acknowledged_at, first.resolved_at, first.spans) == (
        day(1), None, day(2), day(3), None)  # fmt: skip
    assert (first.severity, first.assets, first.cause) == (2, ["orders"], "schema change")
    assert (second.severity, second.resolved_at) == (1, None)
    spans = [[day(1), day(2)], [day(4), day(5)], [day(6), None]]
    assert [[instant(at) if at else None for at in span] for span in second.spans] == spans
    assert (third.id, third.deleted) == ("10003", True)


def test_time_is_asked_for_in_whole_minutes_before_now(site: JiraSite) -> None:
    jira = source()
    told(jira, Period(NOW - timedelta(minutes=29, seconds=30), NOW, incremental=True, latest=True))
    told(jira, Period(NOW - timedelta(days=2), NOW - timedelta(days=1, seconds=30)))
    told(jira, Period(NOW - timedelta(days=1), NOW, latest=True))  # the first pass: also what nobody touched for months
    asked = [body["jql"] for path, body, _ in site.asked if path.endswith("search/jql") and "id" not in body["fields"]]
    assert asked == [
        '(project = DATA) AND updated >= "-30m" ORDER BY updated ASC, key ASC',
        '(project = DATA) AND updated >= "-2880m" AND updated <= "-1440m" ORDER BY updated ASC, key ASC',
        '(project = DATA) AND (updated >= "-1440m" OR statusCategory != Done) ORDER BY updated ASC, key ASC',
    ]


def test_what_is_gone_or_became_something_else_is_no_longer_listed(site: JiraSite) -> None:
    kinds = [
        {"kind": "incident", "types": ['The "Big" One']},
        {"kind": "scoped", "labels": ["x"], "projects": ["DATA"]},
    ]
    site.listed = {"issuetype in": ["10001", "10002"], "project in": ["10002", "10003"]}
    later = Period(NOW - timedelta(hours=1), NOW, incremental=True, latest=True)
    listed = [item for item in source(kinds=kinds).fetch(later) if isinstance(item, Enumerated)]
    assert {item.kind: item.ids for item in listed} == {"incident": {"10001", "10002"}, "work_item": {"10003"}}
    asked = [body for path, body, _ in site.asked if body.get("fields") == ["id"]]
    assert asked == [
        {"jql": '(project = DATA) AND issuetype in ("The \\"Big\\" One") ORDER BY key ASC', "fields": ["id"],
         "maxResults": 5000},
        {"jql": '(project = DATA) AND project in ("DATA") AND labels in ("x") ORDER BY key ASC', "fields": ["id"],
         "maxResults": 5000},
    ]  # fmt: skip
    assert not any(isinstance(item, Enumerated) for item in source(kinds=kinds).fetch(ALL))


def test_nobodys_name_leaves_the_fetch(site: JiraSite) -> None:
    site.issues, site.logs = [issue(1, reporter={"displayName": "Pat Person"})], {"10001": [move(2, "1", "2")]}
    jira = source()
    raws = [raw for raw in jira.fetch(ALL) if isinstance(raw, Raw)]
    shown = repr([(raw.data, raw.context["histories"]) for raw in raws])
    assert len(raws) == 1
    assert "Pat" not in shown and "pat@" not in shown and "5b10" not in shown


def test_credentials_are_basic_with_an_address_and_bearer_without(site: JiraSite) -> None:
    told(source())
    told(source(email=None, url="https://api.atlassian.com/ex/jira/abc"))
    heads = [headers["Authorization"].split(" ")[0] for _, _, headers in site.asked]
    assert heads == ["Basic"] * 4 + ["Bearer"] * 4
    assert site.asked[-1][0] == "/ex/jira/abc/rest/api/3/search/jql"


def test_a_service_accounts_token_is_renewed_when_it_expires(site: JiraSite) -> None:
    site.tokens, site.expired = ["first-canary", "second-canary"], "first-canary"
    told(source(email=None, token=None, client_id="id", client_secret="secret-canary"))
    (first, second) = [body for path, body, _ in site.asked if path == "/oauth/token"]
    assert first == second == {"grant_type": "client_credentials", "client_id": "id", "client_secret": "secret-canary"}
    assert [headers["Authorization"] for path, _, headers in site.asked if path != "/oauth/token"] == [
        "Bearer first-canary", *["Bearer second-canary"] * 4]  # fmt: skip
    assert starred("first-canary second-canary") == "*** ***"
    site.answers["/oauth/token"] = (200, {"error": "access_denied"})
    with pytest.raises(PermissionMissing, match=r"no access_token in the answer\. Check client_id and client_secret"):
        told(source(email=None, token=None, client_id="id", client_secret="secret-canary"))


def test_check_says_what_works_and_what_to_grant(site: JiraSite) -> None:
    site.issues = [issue(1)]
    jira = source(fields={"team": "Twice"})
    found = jira.check()
    assert [one.ok for one in found] == [True, False, True, True, True]
    assert (
        "Jira has 2 fields called 'Twice'; write the id of the right one: customfield_4, customfield_5" in found[1].what
    )
    assert found[3].what == "about 1 issues of jql"
    site.issues = []
    assert "jql finds no issue: project = DATA" in source().check()[3].what
    site.answers["/rest/api/3/serverInfo"] = (401, {"errorMessages": ["no"]})
    (denied,) = source().check()
    assert not denied.ok and "Browse projects" in denied.remedy and TOKEN not in repr(denied)


def test_errors_name_the_place(site: JiraSite) -> None:
    with pytest.raises(SourceError, match="no field 'Nope' that this account sees"):
        told(source(fields={"team": "Nope"}))
    site.answers["/rest/api/3/search/jql"] = (200, {"total": 3})
    with pytest.raises(SourceError, match=r"expected a list of issues\. Is url a site of Jira Cloud"):
        told(source())
    site.answers["/rest/api/3/search/jql"] = (400, {"errorMessages": ["The value 'X' does not exist."]})
    with pytest.raises(
        SourceError, match=r"'X' does not exist.*Correct `jql`, or the types .* it was asked \(project = DATA\)"
    ):
        told(source())
    site.answers["/rest/api/3/search/jql"] = (403, {})
    with pytest.raises(PermissionMissing, match="Browse projects"):
        told(source())


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"jql": " "}, "Jira refuses a search without one"),
        ({"jql": "project = X order  by created"}, "leave ORDER BY out"),
        ({"token": None}, "give email and token"),
        ({"client_id": "x"}, "client_id and client_secret belong together"),
        ({"client_id": "x", "client_secret": "y"}, "give email and token"),
        ({"fields": {"owner": "Assignee"}}, "'owner' is no field here; expected one of priority, severity"),
        ({"kinds": [{"kind": "scoped", "fields": {"x": "y"}}]}, "'x' is no field here"),
        ({"kinds": []}, "at least 1 item"),
        ({"timezone": "Berlin"}, "is not a time zone"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        source(**settings)


def test_it_tells_only_the_kinds_that_are_set() -> None:
    assert set(source().tells) == {"work_item"}
    assert set(source(kinds=[{"kind": "incident"}]).tells) == {"incident"}
    assert (source().derives, len(source(kinds=[{"kind": "incident"}]).derives)) == ((), 2)
    assert set(source(kinds=[{"kind": "incident"}, {"kind": "action"}]).tells) == {"incident", "work_item"}

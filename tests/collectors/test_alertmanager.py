"""Alertmanager: recorded answers of 0.25.0 (API v2, webhook version 4) to facts."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.base import Period, Raw
from collectors.sources.alertmanager import Alertmanager
from slo import interchange
from slo.errors import FactError, PermissionMissing, SourceError

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
LATE = {
    "fact": "alert", "id": "9b1a8cffecbaedd0/2026-11-21T08:20:51.730000Z", "dedup_key": "9b1a8cffecbaedd0",
    "rule": "DataFreshnessLate", "asset": None, "fired_at": "2026-11-21T08:20:51.730000Z", "resolved_at": None,
    "label": None, "url": "http://monitor:19090/graph?g0.expr=up+%3D%3D+1&g0.tab=1",
    "revised_at": "2026-11-21T08:20:51.732000Z",
}  # fmt: skip


def source(**settings: Any) -> Alertmanager:
    made = Alertmanager.Settings.model_validate({"url": "http://monitor:9093", **settings})
    return Alertmanager("am", made, lambda: NOW)


def latest() -> Period:
    return Period(NOW - timedelta(minutes=1), NOW, incremental=True, latest=True)


def told(one: Alertmanager) -> list[dict[str, Any]]:
    return [fact for raw in one.fetch(latest()) if isinstance(raw, Raw) for fact in one.parse(raw)]


def body(payload: Any) -> bytes:
    return json.dumps(payload).encode()


@pytest.fixture
def alertmanager(recorded: Any, golden: Any) -> Any:
    recorded.answers = {
        "/api/v2/status": golden("alertmanager/status.json"),
        "/api/v2/alerts": golden("alertmanager/alerts.json"),
    }
    return recorded


def test_a_listed_alert_is_open_until_something_says_otherwise(alertmanager: Any) -> None:
    assert told(source()) == [LATE]  # its endsAt, four minutes ahead, is a time-out and no end


def test_a_second_poll_tells_the_same(alertmanager: Any) -> None:
    one = source()
    assert told(one) == told(one) == [LATE]


def test_history_is_never_asked_for(alertmanager: Any) -> None:
    assert list(source().fetch(Period(NOW - timedelta(days=7), NOW))) == []
    assert alertmanager.asked == []


def test_what_a_complete_listing_no_longer_holds_is_resolved_at_that_poll(alertmanager: Any) -> None:
    one = source()
    told(one)
    alertmanager.answers["/api/v2/alerts"] = []
    gone = {**LATE, "resolved_at": "2026-11-21T08:30:00Z", "revised_at": "2026-11-21T08:20:51.732001Z"}
    assert told(one) == [gone]
    assert told(one) == []  # once


def test_memory_is_plain_json_and_carries_over_to_a_new_process(alertmanager: Any) -> None:
    first, second = source(), source()
    told(first)
    second.memory = json.loads(json.dumps(first.memory))
    alertmanager.answers["/api/v2/alerts"] = []
    assert [fact["resolved_at"] for fact in told(second)] == ["2026-11-21T08:30:00Z"]


@pytest.mark.parametrize("failure", [(401, {}), (400, "no"), {"alerts": []}])
def test_a_listing_that_failed_resolves_nothing(alertmanager: Any, failure: Any) -> None:
    one = source()
    told(one)
    before = json.dumps(one.memory)
    alertmanager.answers["/api/v2/alerts"] = failure
    with pytest.raises(SourceError, match="/api/v2/alerts"):
        told(one)
    assert json.dumps(one.memory) == before


def test_an_alertmanager_just_restarted_lists_nothing_yet_and_resolves_nothing(alertmanager: Any) -> None:
    one = source()
    told(one)
    alertmanager.answers["/api/v2/alerts"] = []
    alertmanager.answers["/api/v2/status"]["uptime"] = "2026-11-21T08:29:00.000Z"
    assert told(one) == []
    one.now = lambda: NOW + timedelta(minutes=4)  # five minutes after its start: the listing counts
    assert [fact["resolved_at"] for fact in told(one)] == ["2026-11-21T08:34:00Z"]


def test_other_matchers_are_another_listing(alertmanager: Any) -> None:
    one, narrower = source(), source(matchers=['team="data"'])
    told(one)
    narrower.memory, alertmanager.answers["/api/v2/alerts"] = one.memory, []
    assert told(narrower) == []
    assert alertmanager.asked[-1][1] == {"filter": 'team="data"'}


def test_webhook_and_api_tell_one_alert_under_one_id(alertmanager: Any, golden: Any) -> None:
    one = source()
    [fired] = one.receive(body(golden("alertmanager/webhook_firing.json")), {})
    assert fired == {**LATE, "revised_at": "2026-11-21T08:20:51.730000Z"}
    nanoseconds = golden("alertmanager/webhook_firing.json")
    nanoseconds["alerts"][0]["startsAt"] = "2026-11-21T09:20:51.730999999+01:00"
    assert one.receive(body(nanoseconds), {})[0]["id"] == LATE["id"]


def test_resolved_wins_in_whatever_order_the_tellings_arrive(alertmanager: Any, golden: Any) -> None:
    one = source()
    alertmanager.answers["/api/v2/alerts"] = golden("alertmanager/alerts_stale.json")
    [listed] = told(one)
    alertmanager.answers["/api/v2/alerts"] = []
    [gone] = told(one)
    [fired] = one.receive(body(golden("alertmanager/webhook_stale_firing.json")), {})
    [resolved] = one.receive(body(golden("alertmanager/webhook_stale_resolved.json")), {})
    assert resolved["resolved_at"] == "2026-11-21T08:14:42.891000Z"
    assert {fact["id"] for fact in (listed, gone, fired, resolved)} == {"0a39cc646aeeecc1/2026-11-21T08:14:16.891000Z"}
    revised = [interchange.instant(fact["revised_at"]) for fact in (fired, listed, gone, resolved)]
    assert revised == sorted(set(revised))  # the webhook's own moment last, whenever it comes


def test_every_fact_is_of_the_vocabulary(alertmanager: Any, golden: Any) -> None:
    resolved = source().receive(body(golden("alertmanager/webhook_stale_resolved.json")), {})
    for fact in [*told(source()), *resolved]:
        assert interchange.unknown_fields(fact) == []
        assert interchange.parse({**fact, "source": "am"}).moment == interchange.instant(fact["fired_at"])


def test_the_asset_comes_from_the_labels_or_not_at_all(alertmanager: Any) -> None:
    assert told(source(asset="data/{job}"))[0]["asset"] == "data/self"
    assert told(source(asset="{job}/{dag_id}"))[0]["asset"] is None


def test_a_label_says_whether_it_was_worth_it(alertmanager: Any) -> None:
    alert = alertmanager.answers["/api/v2/alerts"][0]
    for word, label in (("noise", "noise"), ("actionable", "actionable"), ("perhaps", None)):
        alert["annotations"]["tierline_label"] = word
        assert told(source())[0]["label"] == label
    alert["annotations"] = None
    alert["labels"]["verdict"] = "noise"
    assert told(source(label_annotation="verdict"))[0]["label"] == "noise"


@pytest.mark.parametrize(
    ("labels", "rule"),
    [
        ({"alertname": "DatasetLate", "tierline": "true"}, "Tierline DatasetLate"),
        ({"alertname": "TierlineBlind", "tierline": "true"}, "TierlineBlind"),
        ({"alertname": "DatasetLate", "tierline": "false"}, "DatasetLate"),
    ],
)
def test_tierlines_own_alerts_are_told_apart_by_their_rule(
    alertmanager: Any, labels: dict[str, str], rule: str
) -> None:
    alertmanager.answers["/api/v2/alerts"][0]["labels"] |= labels
    assert told(source())[0]["rule"] == rule


def test_a_broken_alert_is_one_error_and_the_others_are_told(alertmanager: Any, golden: Any) -> None:
    good = alertmanager.answers["/api/v2/alerts"][0]
    one, broken = source(), {key: value for key, value in good.items() if key != "startsAt"}
    alertmanager.answers["/api/v2/alerts"] = [broken, good]
    raws = list(one.fetch(latest()))
    with pytest.raises(FactError, match="startsAt"):
        list(one.parse(raws[0]))  # type: ignore[arg-type]
    assert list(one.parse(raws[1])) == [LATE]  # type: ignore[arg-type]
    payload = golden("alertmanager/webhook_firing.json")
    payload["alerts"] = [{"status": "firing"}, *payload["alerts"]]
    assert [fact["id"] for fact in one.receive(body(payload), {})] == [LATE["id"]]


def test_without_generator_url_the_link_leads_to_alertmanager(alertmanager: Any, golden: Any) -> None:
    alertmanager.answers["/api/v2/alerts"][0]["generatorURL"] = ""
    assert told(source())[0]["url"] == "http://monitor:9093/#/alerts"
    payload = golden("alertmanager/webhook_firing.json")
    del payload["alerts"][0]["generatorURL"]
    assert source(url=None).receive(body(payload), {})[0]["url"] == "http://monitor:19093/#/alerts"


BASIC = "Basic " + base64.b64encode(b"am:s3cret").decode()


@pytest.mark.parametrize(
    ("settings", "header", "admitted"),
    [
        ({}, None, True),
        ({"webhook_token": "t0ken"}, "Bearer t0ken", True),
        ({"webhook_token": "t0ken"}, "Bearer t0kem", False),
        ({"webhook_token": "t0ken"}, "t0ken", False),
        ({"webhook_token": "t0ken"}, None, False),
        ({"webhook_token": "t0ken"}, "Bearer tökén", False),
        ({"webhook_username": "am", "webhook_password": "s3cret"}, BASIC, True),
        ({"webhook_username": "am", "webhook_password": "other"}, BASIC, False),
        ({"webhook_token": "t0ken", "webhook_username": "am", "webhook_password": "s3cret"}, BASIC, True),
    ],
)
def test_the_webhook_s_credential(golden: Any, settings: dict[str, str], header: str | None, admitted: bool) -> None:
    hook = source(url=None, **settings).routes()["alerts"]
    headers = {} if header is None else {"authorization": header}
    payload = body(golden("alertmanager/webhook_firing.json"))
    if admitted:
        assert len(hook(payload, headers)) == 1
        return
    with pytest.raises(PermissionError) as refused:
        hook(payload, headers)
    assert "t0ken" not in str(refused.value) and "other" not in str(refused.value)


@pytest.mark.parametrize(
    "sent",
    [b"", b"{", b"[]", b'{"version": "3", "alerts": []}', b'{"version": "4"}', b'{"version": "4", "alerts": [{}]}'],
)
def test_a_body_that_is_no_delivery_is_refused(sent: bytes) -> None:
    with pytest.raises(ValueError, match="webhook payload"):
        source(url=None).receive(sent, {})


def test_alerts_cut_off_a_delivery_are_said(golden: Any, caplog: Any) -> None:
    payload = {**golden("alertmanager/webhook_firing.json"), "truncatedAlerts": 7}
    assert len(source().receive(body(payload), {})) == 1
    assert "cut 7 alerts off" in caplog.text


def test_check_says_what_works_and_what_is_missing(alertmanager: Any) -> None:
    assert [(line.ok, line.what) for line in source().check()] == [
        (True, "webhook: point a webhook_config at /hooks/am/alerts; it asks for no credential"),
        (True, "polling: Alertmanager 0.25.0, 1 alerts now"),
    ]
    alertmanager.answers["/api/v2/alerts"] = (403, {"message": "no"})
    refused = source(webhook_token="t0ken").check()
    assert [line.ok for line in refused] == [True, False]
    assert "GET on /api/v2/alerts" in refused[1].remedy
    assert source(url=None).check()[1].what == "polling: off (no url)"


def test_the_token_goes_along(alertmanager: Any) -> None:
    told(source(token="t0ken"))
    assert {headers["Authorization"] for _, _, headers in alertmanager.asked} == {"Bearer t0ken"}
    alertmanager.answers["/api/v2/alerts"] = (401, "no t0ken")
    with pytest.raises(PermissionMissing) as refused:
        told(source(token="t0ken"))
    assert "t0ken" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong", [{"username": "u"}, {"token": "t", "username": "u", "password": "p"}, {"webhook_username": "u"}]
)
def test_half_a_credential_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=r"belong together|exclude each other"):
        source(**wrong)

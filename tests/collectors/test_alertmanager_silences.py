"""Silences to exclusions: only where they silence whole assets, without anybody's name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.alertmanager.silences import asset_patterns, exclusions, remark
from collectors.base import Period, Raw
from collectors.sources.alertmanager import Alertmanager
from slo.errors import FactError

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
DAG = "airflow-prod/{dag_id}"


def matcher(name: str, value: str, regex: bool = False, **more: Any) -> dict[str, Any]:
    return {"name": name, "value": value, "isRegex": regex, **more}


def patterns(*matchers: dict[str, Any], template: str | None = DAG, beside: tuple[str, ...] = ()) -> list[str]:
    return asset_patterns(matchers, template, beside)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("orders", ["airflow-prod/orders"]),
        ("orders|lines", ["airflow-prod/orders", "airflow-prod/lines"]),
        ("orders_.*", ["airflow-prod/orders_*"]),
        ("orders_.+", ["airflow-prod/orders_?*"]),
        ("shop.orders", ["airflow-prod/shop?orders"]),
        (r"shop\.orders", ["airflow-prod/shop.orders"]),
        ("(orders|lines)", []),
        ("orders[0-9]", []),
        ("orders|", []),
        ("orders{2}", []),
    ],
)
def test_a_regular_expression_as_a_pattern_over_names(value: str, expected: list[str]) -> None:
    assert patterns(matcher("dag_id", value, regex=True)) == expected


def test_words_are_taken_literally() -> None:
    assert patterns(matcher("dag_id", "a[b]*")) == ["airflow-prod/a[[]b][*]"]
    assert patterns(matcher("dag_id", "x"), template="a*/{dag_id}") == ["a[*]/x"]


def test_only_whole_assets() -> None:
    dag, rule = matcher("dag_id", "orders"), matcher("alertname", "Late")
    assert patterns(dag, rule) == []
    assert patterns(dag, matcher("cluster", "eu")) == []
    assert patterns(dag, matcher("cluster", "eu"), beside=("cluster",)) == ["airflow-prod/orders"]
    assert patterns(rule) == []
    assert patterns(dag, template=None) == []
    assert patterns(matcher("dag_id", "orders", isEqual=False)) == []
    assert patterns(matcher("dag_id", "")) == []


def test_several_labels_are_all_needed_and_combined() -> None:
    template = "{cluster}/{dag_id}"
    both = [matcher("cluster", "eu|us", regex=True), matcher("dag_id", "orders")]
    assert patterns(*both, template=template) == ["eu/orders", "us/orders"]
    assert patterns(both[1], template=template) == []


def test_a_comment_without_names() -> None:
    assert remark("OPS-12, ask ann@shop.example or Ann", "ann") == "OPS-12, ask … or …"
    assert remark("", None) is None
    assert remark("annual move", "ann") == "annual move"


def silence(**more: Any) -> dict[str, Any]:
    return {
        "id": "s1", "status": {"state": "active"}, "updatedAt": "2026-11-21T14:00:00Z", "comment": "move",
        "createdBy": "ann", "startsAt": "2026-11-21T14:00:00Z", "endsAt": "2026-11-21T18:00:00Z",
        "matchers": [matcher("dag_id", "orders")], **more,
    }  # fmt: skip


def test_a_silence_that_was_taken_back_before_it_began_is_gone() -> None:
    ended = silence(endsAt="2026-11-21T14:00:00Z")
    assert list(exclusions(ended, DAG, ())) == [
        {"fact": "exclusion", "revised_at": "2026-11-21T14:00:00Z", "id": "s1", "deleted": True}
    ]


def test_a_silence_without_its_times_is_set_aside() -> None:
    broken = silence()
    del broken["endsAt"]
    with pytest.raises(FactError, match="silence: KeyError 'endsAt'; expected matchers, startsAt and endsAt"):
        list(exclusions(broken, DAG, ()))


def source(**settings: Any) -> Alertmanager:
    asked = {"url": "http://monitor:9093", "asset": DAG, **settings}
    return Alertmanager("am", Alertmanager.Settings.model_validate(asked), lambda: NOW)


def told(one: Alertmanager) -> list[dict[str, Any]]:
    period = Period(NOW - timedelta(minutes=1), NOW, incremental=True, latest=True)
    return [fact for raw in one.fetch(period) if isinstance(raw, Raw) for fact in one.parse(raw)]


@pytest.fixture
def alertmanager(recorded: Any, golden: Any) -> Any:
    recorded.answers = {
        "/api/v2/status": golden("alertmanager/status.json"), "/api/v2/alerts": [],
        "/api/v2/silences": golden("alertmanager/silences.json"),
    }  # fmt: skip
    return recorded


def test_no_silence_counts_unless_the_settings_say_so(alertmanager: Any) -> None:
    assert told(source()) == []
    assert "/api/v2/silences" not in [path for path, _, _ in alertmanager.asked]


def test_where_they_do_each_silence_of_a_whole_asset_is_maintenance(alertmanager: Any) -> None:
    found = told(source(silences="maintenance"))
    assert [(fact["assets"], fact["end"]) for fact in found if not fact.get("deleted")] == [
        ("airflow-prod/orders_hourly", "2026-11-21T18:00:00.000Z"),
        ("airflow-prod/orders_*", "2026-11-22T18:00:00.000Z"), ("airflow-prod/lines", "2026-11-22T18:00:00.000Z"),
        ("airflow-prod/lines", "2026-11-21T14:23:49.156Z"),
    ]  # fmt: skip
    assert {fact.get("reason") for fact in found if not fact.get("deleted")} == {"maintenance"}
    assert [fact["id"][:4] for fact in found if fact.get("deleted")] == ["49a3"]


def test_silences_need_an_asset_named_by_labels(alertmanager: Any) -> None:
    for settings in ({"asset": None}, {"asset": "airflow-prod/all"}, {"url": None}):
        with pytest.raises(ValidationError, match="silences are polled and name assets by their labels"):
            source(silences="maintenance", **settings)


def test_check_counts_them_and_names_a_missing_right(alertmanager: Any) -> None:
    findings = source(silences="maintenance").check()
    assert findings[-1].what == "silences: 5 listed, 4 of whole assets"
    alertmanager.answers["/api/v2/silences"] = (403, {"error": "no"})
    denied = source(silences="maintenance").check()[-1]
    assert (denied.ok, "GET on /api/v2/alerts, /api/v2/status and /api/v2/silences" in denied.remedy) == (False, True)


def test_silences_that_may_not_be_seen_stop_no_alert(alertmanager: Any) -> None:
    alertmanager.answers["/api/v2/silences"] = (403, {"error": "no"})
    one = source(silences="maintenance")
    period = Period(NOW - timedelta(minutes=1), NOW, incremental=True, latest=True)
    one.memory |= {"asked": ["http://monitor:9093"], "open": {"a/1": {"fact": "alert", "id": "a/1"}}}
    gone, problem = (raw for raw in one.fetch(period) if isinstance(raw, Raw))
    assert (gone.kind, problem.kind, one.memory["open"]) == ("gone", "problem", {})  # so what ended is told as ended
    assert "/api/v2/silences: HTTP 403" in problem.data and "GET on /api/v2/alerts" in problem.data


def test_check_survives_a_silence_that_cannot_be_read(alertmanager: Any) -> None:
    alertmanager.answers["/api/v2/silences"] = (200, [{"id": "x", "matchers": None}])
    assert source(silences="maintenance").check()[-1].what == "silences: 1 listed, 0 of whole assets"

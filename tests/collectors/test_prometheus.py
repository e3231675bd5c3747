"""Prometheus: recorded answers of 2.42.0 to readings of good and total."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from collectors.base import Enumerated, Period, Raw
from collectors.plan import Bookmark, steps
from collectors.sources.prometheus import Prometheus
from slo import interchange
from slo.errors import PermissionMissing, RetriableError, SourceError

NOW = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)
RANGE = "/api/v1/query_range"
API = {"service": "api", "good": 'sum(increase(ok{x="1"}[$step]))', "total": "sum(increase(all[$step]))"}


def source(now: datetime = NOW, slis: Any = (API,), probes: Any = (), **more: Any) -> Prometheus:
    given = {"url": "http://prom:9090", "slis": list(slis), "probes": list(probes), **more}
    return Prometheus("prom", Prometheus.Settings.model_validate(given), lambda: now)


def newest(start: str, now: datetime = NOW, incremental: bool = True) -> Period:
    return Period(datetime.fromisoformat(start), now, incremental=incremental, latest=True)


def series(points: dict[str, str]) -> list[dict[str, Any]]:
    """One series of a range answer, from time of 2026-11-21 to value."""
    at = {clock: datetime.fromisoformat(f"2026-11-21T{clock}Z").timestamp() for clock in points}
    return [{"metric": {}, "values": [[at[clock], value] for clock, value in points.items()]}]


def answered(good: Any, total: Any, **more: Any) -> Callable[[dict[str, str]], dict[str, Any]]:
    def answer(query: dict[str, str]) -> dict[str, Any]:
        result = good if query["query"].startswith("sum(increase(ok") else total
        return {"status": "success", "data": {"resultType": "matrix", "result": result}, **more}

    return answer


def readings(one: Prometheus, period: Period) -> list[dict[str, Any]]:
    raws = [raw for raw in one.fetch(period) if isinstance(raw, Raw)]
    return [fact for raw in raws for fact in one.parse(raw) if fact["fact"] == "meter"]


def test_a_step_becomes_a_reading_of_good_and_one_of_total(recorded: Any) -> None:
    recorded.answers[RANGE] = answered(series({"09:55:00": "98.5"}), series({"09:55:00": "100"}))
    good, total = readings(source(), newest("2026-11-21T09:50:00Z"))
    link = "http://prom:9090/graph?g0.expr=sum%28increase%28all%5B300s%5D%29%29&g0.tab=0&g0.range_input=1h"
    assert total == {
        "fact": "meter", "id": "api/2026-11-21T09:50:00Z/total", "asset": "prom/api", "meter": "total", "amount": 100.0,
        "at": "2026-11-21T09:50:00Z", "until": "2026-11-21T09:55:00Z", "provisional": None,
        "url": link + "&g0.end_input=2026-11-21+09%3A55%3A00",
    }  # fmt: skip
    assert (good["id"], good["meter"], good["amount"]) == ("api/2026-11-21T09:50:00Z/good", "good", 98.5)
    for fact in (good, total):
        assert interchange.unknown_fields(fact) == []
        assert interchange.parse({**fact, "source": "prom"}).moment == datetime(2026, 11, 21, 9, 50, tzinfo=UTC)


def test_a_recorded_answer_of_a_real_server(recorded: Any, golden: Any) -> None:
    recorded.answers[RANGE] = golden("prometheus/query_range.json")
    told = readings(source(step="5s"), newest("2026-11-21T09:50:00Z"))
    assert [(fact["meter"], fact["at"], fact["amount"]) for fact in told[:4]] == [
        ("good", "2026-11-21T08:20:46Z", 1.0), ("good", "2026-11-21T08:20:51Z", 1.0),
        ("good", "2026-11-21T08:20:56Z", 1.0), ("good", "2026-11-21T08:21:01Z", 1.0),
    ]  # fmt: skip
    assert [fact["meter"] for fact in told[4:]] == ["total"] * 4


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        # a first pass: the steps that begin in it; 09:55-10:00 ended 30 s ago, which is within the lag of two minutes
        (newest("2026-11-20T10:00:30Z", incremental=False), "2026-11-20T10:10:00Z", "2026-11-21T09:55:00Z"),
        # the history before it goes on where it began: nothing twice, nothing left out
        (Period(datetime(2026, 11, 13, 10, 0, 30, tzinfo=UTC), datetime(2026, 11, 20, 10, 0, 30, tzinfo=UTC)),
         "2026-11-13T10:10:00Z", "2026-11-20T10:05:00Z"),
        # a next pass reaches back to the step that the last one, at 09:56, found incomplete: 09:50-09:55
        (newest("2026-11-21T09:54:00Z"), "2026-11-21T09:55:00Z", "2026-11-21T09:55:00Z"),
    ],
)  # fmt: skip
def test_only_complete_steps_each_once(recorded: Any, period: Period, first: str, last: str) -> None:
    recorded.answers[RANGE] = answered([], [])
    assert readings(source(), period) == []
    asked = [query for path, query, _ in recorded.asked if path == RANGE]
    stamps = {"start": datetime.fromisoformat(first), "end": datetime.fromisoformat(last)}
    assert asked == [
        {"query": text, "step": "300", **{name: str(int(at.timestamp())) for name, at in stamps.items()}}
        for text in ('sum(increase(ok{x="1"}[300s]))', "sum(increase(all[300s]))")
    ]


def test_no_complete_step_asks_nothing(recorded: Any) -> None:
    assert readings(source(lag="10m"), newest("2026-11-21T09:59:00Z", incremental=False)) == []
    assert recorded.asked == []


def test_a_longer_lag_reaches_further_back(recorded: Any) -> None:
    recorded.answers[RANGE] = answered([], [])
    readings(source(lag="1h"), newest("2026-11-21T09:55:00Z"))  # the last pass, at 09:57, read up to 08:55
    query = recorded.asked[0][1]
    assert int(query["start"]) <= datetime(2026, 11, 21, 9, 0, tzinfo=UTC).timestamp() == int(query["end"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    gaps=st.lists(st.integers(20, 40_000), min_size=1, max_size=8),
    step=st.sampled_from(["1m", "5m", "7m", "1h"]),
    lag=st.sampled_from(["0s", "2m", "3h"]),
)
def test_whenever_passes_come_no_step_is_left_out(recorded: Any, gaps: list[int], step: str, lag: str) -> None:
    found: set[str] = set()
    recorded.answers[RANGE] = lambda query: {"status": "success", "data": {"result": [{"values": [
        [at, "1"] for at in range(int(query["start"]), int(query["end"]) + 1, int(query["step"]))]}]}}  # fmt: skip
    mark, now = Bookmark(), NOW
    for gap in gaps:
        one = source(now, step=step, lag=lag, history_days=2)
        for part in steps(one, mark, now):
            found |= {fact["at"] for fact in readings(one, part.period)}
            mark = part.after
        now += timedelta(seconds=gap)
    seconds, last = int(one.settings.step.total_seconds()), one.now() - one.settings.lag
    first = -(-int((NOW - timedelta(days=2, hours=25)).timestamp()) // seconds) * seconds
    complete = range(first, int(last.timestamp()) // seconds * seconds, seconds)
    assert found == {datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in complete}


def test_a_gap_nan_and_infinity_are_unknown_and_not_zero(recorded: Any) -> None:
    total = series({"09:30:00": "NaN", "09:35:00": "+Inf", "09:40:00": "0", "09:50:00": "7", "09:55:00": "-1"})
    recorded.answers[RANGE] = answered([], total)
    told = readings(source(), newest("2026-11-21T09:30:00Z"))
    assert [(fact["at"][11:16], fact["amount"]) for fact in told] == [("09:35", 0.0), ("09:45", 7.0)]
    assert {fact["meter"] for fact in told} == {"total"}  # no good of zero is made up


def test_rounding_does_not_make_good_more_than_total_and_nothing_else_is_hidden(recorded: Any) -> None:
    good = series({"09:50:00": "10.000000000000002", "09:55:00": "10.01"})
    recorded.answers[RANGE] = answered(good, series({"09:50:00": "10", "09:55:00": "10"}))
    told = readings(source(), newest("2026-11-21T09:30:00Z"))
    assert [fact["amount"] for fact in told] == [10.0, 10.01, 10.0, 10.0]


def test_long_periods_are_asked_for_in_pieces_of_11000_points(recorded: Any) -> None:
    recorded.answers[RANGE] = answered([], [])
    end = datetime(2026, 11, 21, tzinfo=UTC)
    readings(source(step="10s"), Period(end - timedelta(days=2), end))
    totals = [query for _, query, _ in recorded.asked if query["query"].startswith("sum(increase(all")]
    spans = [(int(query["start"]), int(query["end"])) for query in totals]
    begin = int((end - timedelta(days=2)).timestamp())
    assert spans == [(begin + 10, begin + 110_000), (begin + 110_010, begin + 172_800)]  # 11,000 and 6,280 points


def test_two_series_are_an_error_that_says_how_to_make_them_one(recorded: Any) -> None:
    two = [*series({"09:50:00": "1"}), *series({"09:50:00": "2"})]
    recorded.answers[RANGE] = answered(two, [])
    with pytest.raises(SourceError, match=r"good of api: the expression gives 2 series .* wrap it in sum"):
        readings(source(), newest("2026-11-21T09:30:00Z"))


@pytest.mark.parametrize(
    ("status", "file", "error", "said"),
    [
        (400, "error_bad_query", SourceError, "unexpected end of input inside braces"),
        (422, "error_too_many_points", SourceError, "exceeded maximum resolution"),
        (503, "error_bad_query", RetriableError, "HTTP 503"),
        (401, "error_bad_query", PermissionMissing, "GET on /api/v1/query_range"),
        (200, "error_bad_query", RetriableError, "no success"),
    ],
)
def test_errors_say_what_to_do(
    recorded: Any, golden: Any, status: int, file: str, error: type[SourceError], said: str
) -> None:
    recorded.answers[RANGE] = (status, golden(f"prometheus/{file}.json"))
    with pytest.raises(SourceError, match=said) as raised:
        readings(source(), newest("2026-11-21T09:30:00Z"))
    assert type(raised.value) is error


def test_a_native_histogram_is_no_count(recorded: Any) -> None:
    recorded.answers[RANGE] = answered([{"metric": {}, "histograms": [[1, {}]]}], [])
    with pytest.raises(SourceError, match="histogram_count"):
        readings(source(), newest("2026-11-21T09:30:00Z"))


@pytest.mark.parametrize("sign", [{"warnings": ["a store is down"]}, {"isPartial": True}])
def test_a_partial_answer_is_provisional(recorded: Any, sign: dict[str, Any]) -> None:
    recorded.answers[RANGE] = answered(series({"09:50:00": "1"}), series({"09:50:00": "1"}), **sign)
    assert [fact["provisional"] for fact in readings(source(), newest("2026-11-21T09:30:00Z"))] == [True, True]


def test_services_are_told_when_the_period_is_the_newest(recorded: Any) -> None:
    recorded.answers[RANGE] = answered([], [])
    one = source(
        slis=[{**API, "tier": 1, "team": "web", "critical": True}], probes=[{"service": "p", "selector": "up"}]
    )
    items = list(one.fetch(newest("2026-11-21T09:30:00Z")))
    assert Enumerated("asset", frozenset({"prom/api", "prom/p"})) in items
    told = [fact for raw in items if isinstance(raw, Raw) and raw.kind == "service" for fact in one.parse(raw)]
    assert told[0] == {
        "fact": "asset", "asset": "prom/api", "kind": "service", "tier": 1, "team": "web", "domain": None,
        "owner": None, "description": None, "critical": True,
    }  # fmt: skip
    assert [fact["asset"] for fact in told] == ["prom/api", "prom/p"]
    history = Period(NOW - timedelta(days=2), NOW - timedelta(days=1))
    assert {type(raw) for raw in one.fetch(history)} == {Raw}
    assert {raw.kind for raw in one.fetch(history) if isinstance(raw, Raw)} == {"readings"}


def test_a_probe_counts_samples(recorded: Any) -> None:
    recorded.answers[RANGE] = answered([], [])
    one = source(slis=(), probes=[{"service": "p", "selector": 'up{job="x"}', "step": "1m"}])
    readings(one, newest("2026-11-21T09:50:00Z"))
    assert [query["query"] for _, query, _ in recorded.asked] == [
        'sum(sum_over_time(up{job="x"}[60s]))', 'sum(count_over_time(up{job="x"}[60s]))',
    ]  # fmt: skip


def judged(recorded: Any, points: dict[str, str], **slices: Any) -> list[tuple[str, float, float]]:
    """Start, good and total of the slices that were told."""
    recorded.answers[RANGE] = answered([], series(points))
    one = source(slis=(), slices=[{"service": "queue", "expression": "max_over_time(lag[$step])", **slices}])
    told = readings(one, newest("2026-11-21T09:20:00Z"))
    assert [query["query"] for _, query, _ in recorded.asked] == ["max_over_time(lag[300s])"]
    good, total = ([fact for fact in told if fact["meter"] == meter] for meter in ("good", "total"))
    return [(one["at"][11:16], one["amount"], every["amount"]) for one, every in zip(good, total, strict=True)]


@pytest.mark.parametrize(
    ("op", "good"),
    [("lte", [1, 1, 0, 0, 1]), ("lt", [1, 0, 0, 0, 1]), ("gte", [0, 1, 1, 1, 0]), ("gt", [0, 0, 1, 1, 0])],
)  # fmt: skip
def test_a_slice_is_one_event_that_keeps_its_bound_or_not(recorded: Any, op: str, good: list[float]) -> None:
    """NaN tells nothing; a quantile beyond the last bucket, +Inf, is a figure like any other."""
    points = {"09:25:00": "29.9", "09:30:00": "30", "09:35:00": "30.1", "09:40:00": "NaN", "09:45:00": "+Inf",
              "09:55:00": "-1"}  # fmt: skip
    starts = ("09:20", "09:25", "09:30", "09:40", "09:50")
    assert judged(recorded, points, op=op, value=30) == [
        (at, one, 1) for at, one in zip(starts, good, strict=True)
    ]  # fmt: skip


def test_a_slice_without_a_bound_is_as_good_as_its_share(recorded: Any) -> None:
    points = {"09:25:00": "0.75", "09:30:00": "1.0000000001", "09:35:00": "NaN", "09:40:00": "+Inf", "09:45:00": "1.5"}
    told = judged(recorded, points)
    assert told == [("09:20", 0.75, 1), ("09:25", 1.0, 1), ("09:40", 1.5, 1)]  # 1.5 is told, and refused where judged


def test_a_slice_has_both_op_and_value_or_neither() -> None:
    with pytest.raises(ValidationError, match="op and value belong together"):
        source(slis=(), slices=[{"service": "queue", "expression": "lag", "op": "lte"}])


def test_a_service_stands_once() -> None:
    with pytest.raises(ValidationError, match="api stands there twice"):
        source(slis=[API, API])
    with pytest.raises(ValidationError, match="api stands there twice"):
        source(slices=[{"service": "api", "expression": "lag"}])


def test_check_tries_every_expression(recorded: Any, golden: Any) -> None:
    recorded.answers = {"/api/v1/status/buildinfo": golden("prometheus/buildinfo.json"),
                        "/api/v1/query": golden("prometheus/query.json")}  # fmt: skip
    assert [(line.ok, line.what) for line in source().check()] == [
        (True, "connection: Prometheus 2.42.0+ds"), (True, "api: one series for each expression"),
    ]  # fmt: skip
    recorded.answers["/api/v1/query"]["data"]["result"] = []
    assert [(line.ok, line.what) for line in source().check()][1] == (False, "good of api: no series now")
    recorded.answers["/api/v1/query"] = (400, golden("prometheus/error_bad_query.json"))
    assert "inside braces" in source().check()[1].remedy
    recorded.answers["/api/v1/status/buildinfo"] = (403, {})
    assert [line.ok for line in source().check()] == [False]

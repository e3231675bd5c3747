"""Documents in the ways the project's and Sloth's published examples are written, typed anew."""

from dashboards.openslo.taking import Taken, take

WEB = """
- apiVersion: openslo/v1
  kind: SLO
  metadata: {name: web-availability, displayName: Web is there, labels: {env: [prod], team: [team-a, team-b]}}
  spec:
    description: Search requests that succeed
    service: web
    indicator:
      metadata: {name: web-successful-requests-ratio}
      spec:
        ratioMetric:
          counter: true
          good:
            metricSource: {type: Prometheus, spec: {query: 'sum(http_requests{component="web",code=~"2xx|4xx"})'}}
          total:
            metricSource: {type: Prometheus, spec: {query: 'sum(http_requests{component="web"})'}}
    timeWindow:
      - duration: 1w
        isRolling: false
        calendar: {startTime: 2022-01-01 12:00:00, timeZone: America/New_York}
    budgetingMethod: Timeslices
    objectives:
      - {displayName: Good, op: gt, target: 0.995, timeSliceTarget: 0.95, timeSliceWindow: 1m}
"""
THANOS = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: foo-slo, displayName: Foo SLO}
spec:
  service: foo
  indicator:
    metadata: {name: good}
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            metricSourceRef: thanos
            type: Prometheus
            spec: {query: 'http_requests_total{status_code="200"}', dimensions: [following, another]}
        total:
          metricSource: {metricSourceRef: thanos, type: Prometheus, spec: {query: "http_requests_total{}"}}
  objectives:
    - {displayName: Foo Availability, target: 0.98}
"""
WIFI = """
apiVersion: openslo/v1
kind: SLI
metadata: {name: wifi-client-satisfaction}
spec:
  ratioMetric:
    rawType: success
    raw:
      metricSource:
        metricSourceRef: prometheus
        type: Prometheus
        spec:
          query: |
            1 - (sum(sum_over_time(unhappy_ratio[{{.window}}])) / sum(count_over_time(unhappy_ratio[{{.window}}])))
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: wifi}
spec:
  service: home
  indicatorRef: wifi-client-satisfaction
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Timeslices
  objectives: [{target: 0.95, timeSliceTarget: 0.8, timeSliceWindow: 5m}]
"""
SLOTH = """
apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: sloth-slo-my-service}
spec:
  service: my-service
  objectives:
    - ratioMetrics: {good: {source: prometheus, queryType: promql, query: up}}
      target: 0.999
  timeWindows: [{count: 30, unit: Day}]
"""


def read(text: str) -> Taken:
    return take([("f.yaml", text)], "America/New_York")


def told(found: Taken) -> list[tuple[str, str, str]]:
    return [(one.kind, one.path.rpartition(".")[2], one.value) for one in found.losses]


def test_a_week_of_minutes() -> None:
    found = read(WEB)
    assert found.sources["prometheus"]["slices"] == [
        {
            "service": "web/web-availability", "description": "Search requests that succeed",
            "expression": '(sum(increase(http_requests{component="web",code=~"2xx|4xx"}[$step])))'
            ' / (sum(increase(http_requests{component="web"}[$step])))',
            "op": "gte", "value": 0.95, "step": "1m",
        }
    ]  # fmt: skip
    (target,) = found.targets
    assert (target["metric"], target["text"], target["window"]) == ("Web is there", "Web is there: >= 99.5% Good", "W")
    assert told(found) == [
        ("changed", "startTime", "2022-01-01 12:00:00"),  # a Saturday at noon
        ("changed", "url", ""),
        ("left out", "tier", ""),  # no alert watches its budget
        ("left out", "env", "[prod]"),
        ("left out", "team", "[team-a, team-b]"),
        ("left out", "op", "gt"),
    ]


def test_a_bare_slo_over_thanos() -> None:
    found = read(THANOS)
    assert found.sources["thanos"]["slis"] == [
        {
            "service": "foo/foo-slo", "description": "Foo SLO",
            "good": 'sum(increase(http_requests_total{status_code="200"}[$step]))',
            "total": "sum(increase(http_requests_total{}[$step]))",
        }
    ]  # fmt: skip
    assert [(one["window"], one["clauses"][0]["floor"]) for one in found.targets] == [("28d", 0.98)]
    assert told(found) == [
        ("changed", "timeWindow", ""), ("changed", "url", ""), ("left out", "tier", ""),
        ("left out", "dimensions", "[following, another]"),
    ]  # fmt: skip


def test_a_ratio_that_was_worked_out_before() -> None:
    (entry,) = read(WIFI).sources["prometheus"]["slices"]
    assert entry == {
        "service": "home/wifi",
        "expression": "1 - (sum(sum_over_time(unhappy_ratio[$step])) / sum(count_over_time(unhappy_ratio[$step])))",
        "op": "gte", "value": 0.8, "step": "5m",
    }  # fmt: skip


def test_sloth_s_v1alpha_is_refused_by_its_version() -> None:
    assert told(read(SLOTH)) == [("refused", "apiVersion", "openslo/v1alpha")]

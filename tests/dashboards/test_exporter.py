"""/metrics: names, labels, absences; read back by the client's own parsers and by promtool. The ops listener."""

import gzip
import shutil
import subprocess
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from dashboards.exporter import Exporter, ops_app
from dashboards.metrics import everything
from dashboards.reading.reader import Holder, Snapshot
from tests.dashboards.exposition import parsed

OPEN_METRICS = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75"
PROMETHEUS = OPEN_METRICS + ",text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
"""What Prometheus 2.42 sends."""


@pytest.fixture(scope="module")
def small(fake):
    """Two KPIs, one without data, in two windows, whole and tier 1."""
    results = [
        fake.result(kpi, window, **scope)
        for kpi in ("pipeline_success_rate", "mttr")
        for window in ("28d", "2026-11", "2026-10")
        for scope in ({}, {"tier": 1}, {"tier": 3}, {"tier": 1, "team": "finance"})
    ]
    return Snapshot(
        as_of=fake.AS_OF, evaluated_at=fake.AS_OF, results=results, sources=fake.sources()[:1], facts={"run": 5}
    )


def test_the_exposition_of_one_kpi_word_for_word(fake):
    one = fake.result("mttr", "28d", tier=1)
    text = Exporter(lambda: Snapshot(results=[one]), cap=70).text().decode()
    results, own = text.split("# HELP tierline_build_info")
    assert results == (
        "# HELP dataplatform_tier_mttr_seconds Mean time to restore, by tier: Mean time from an incident's start to "
        "its restoration.\n"
        "# TYPE dataplatform_tier_mttr_seconds gauge\n"
        'dataplatform_tier_mttr_seconds{tier="1",window="28d"} 5700.0\n'
        "# HELP dataplatform_tier_slo_coverage_ratio Share of what was expected that was really observed.\n"
        "# TYPE dataplatform_tier_slo_coverage_ratio gauge\n"
        'dataplatform_tier_slo_coverage_ratio{kpi="mttr",tier="1",window="28d"} 0.998\n'
    )
    assert own.endswith(
        "# HELP tierline_series_cap The most series of results exposed (setting ops.metrics.cap).\n"
        "# TYPE tierline_series_cap gauge\n"
        "tierline_series_cap 70.0\n"
        "# HELP tierline_series_dropped Series left out because of the cap; breakdowns go first.\n"
        "# TYPE tierline_series_dropped gauge\n"
        "tierline_series_dropped 0.0\n"
    )


def test_openmetrics_says_units_and_ends(fake):
    source = {**fake.sources()[0], "passes": {"succeeded": 40, "failed": 2, "facts": 1840}}
    one = Snapshot(results=[fake.result("mttr", "28d", tier=1)], sources=[source])
    text = Exporter(lambda: one).text(OPEN_METRICS).decode()
    assert (
        "# TYPE dataplatform_tier_mttr_seconds gauge\n"
        "# UNIT dataplatform_tier_mttr_seconds seconds\n"
        'dataplatform_tier_mttr_seconds{tier="1",window="28d"} 5700.0\n'
    ) in text
    assert (
        "# TYPE tierline_source_passes counter\n"
        'tierline_source_passes_total{outcome="succeeded",source="airflow-prod"} 40.0\n'
        'tierline_source_passes_total{outcome="failed",source="airflow-prod"} 2.0\n'
    ) in text
    assert "# TYPE tierline_build info\ntierline_build_info{version=" in text
    assert text.count("# EOF") == 1
    assert text.endswith("# EOF\n")


def test_both_formats_say_the_same(reader):
    exporter = Exporter(reader.snapshot)
    plain, opened = parsed(exporter.text()), parsed(exporter.text(PROMETHEUS), open_metrics)
    assert plain == opened
    assert len(plain) > 60


def test_a_value_is_the_result_unrounded_under_its_stable_window(small, fake):
    found = parsed(Exporter(lambda: small).text())
    values = found["dataplatform_pipeline_success_ratio"]
    assert values == {
        (("window", "28d"),): fake.result("pipeline_success_rate")["value"],
        (("window", "month"),): fake.result("pipeline_success_rate", "2026-11")["value"],
        (("window", "previous_month"),): fake.result("pipeline_success_rate", "2026-10")["value"],
    }


def test_no_data_has_no_sample_and_finer_cuts_are_not_exposed(small):
    found = parsed(Exporter(lambda: small).text())
    tiers = found["dataplatform_tier_mttr_seconds"]
    assert {dict(labels)["tier"] for labels in tiers} == {"1"}
    assert not [name for name in found if "team" in name]


def test_verdicts_budgets_and_targets_stand_beside(small, fake):
    found = parsed(Exporter(lambda: small).text())
    row = (("kpi", "pipeline_success_rate"), ("profile", "staff_platform"), ("row", "2"))
    entry = fake.result("pipeline_success_rate")["targets"][0]
    assert found["dataplatform_slo_status"][(*row, ("status", "missed"), ("window", "28d"))] == 1
    assert found["dataplatform_slo_burn_rate"][(*row, ("window", "28d"))] == entry["budget"]["burn_rate"]
    left = found["dataplatform_slo_error_budget_remaining_ratio"][(*row, ("window", "28d"))]
    assert left == entry["budget"]["remaining"] < 0
    goal = (("bound", "floor"), ("profile", "staff_platform"), ("row", "2"), ("tier", ""))
    assert found["dataplatform_target_pipeline_success_ratio"][goal] == 0.995
    status = (("kpi", "mttr"), ("status", "missed"), ("window", "28d"))
    assert found["dataplatform_kpi_status"][status] == 1
    good = found["dataplatform_slo_good"][(("kpi", "pipeline_success_rate"), ("window", "28d"))]
    assert good == fake.result("pipeline_success_rate")["good"]


def test_the_product_tells_of_itself_and_its_sources(small, fake):
    late = fake.AS_OF + timedelta(minutes=10)
    found = parsed(Exporter(lambda: small, now=lambda: late).text())
    source = (("source", "airflow-prod"),)
    assert found["tierline_source_last_success_timestamp_seconds"][source] == fake.AS_OF.timestamp() - 120
    assert found["tierline_source_age_seconds"][source] == 720.0
    assert found["tierline_evaluation_age_seconds"][()] == 600.0
    assert found["tierline_source_last_pass_duration_seconds"][source] == 14.6
    assert found["tierline_source_up"][source] == 1
    assert found["tierline_facts"][(("kind", "run"),)] == 5
    assert found["tierline_as_of_timestamp_seconds"][()] == fake.AS_OF.timestamp()
    assert "tierline_blind" not in found


def test_results_end_when_the_evaluation_is_stale_and_the_product_stays(small, fake):
    watch = {"late": [{"asset": "a", "seconds": 60}]}
    holder = Holder(replace(small, watch=watch))
    clock = [fake.AS_OF + timedelta(minutes=10)]
    exporter = Exporter(holder, now=lambda: clock[0])
    fresh = parsed(exporter.text())
    assert {"dataplatform_mttr_seconds", "dataplatform_dataset_late_seconds"} < set(fresh)
    clock[0] += timedelta(seconds=1)
    for body in (exporter.text(), gzip.decompress(exporter.answer(None, "gzip")[1])):
        stale = parsed(body)
        assert {name for name in fresh if name.startswith("tierline_")} | {"tierline_blind"} == set(stale)
        assert stale["tierline_evaluation_age_seconds"][()] == 601.0
        assert stale["tierline_blind"] == {(("source", ""), ("what", "evaluation")): 1.0}
    holder.replace(replace(small, evaluated_at=clock[0]))
    assert "dataplatform_mttr_seconds" in parsed(exporter.text())


def test_a_source_that_is_blind_is_a_series(fake):
    one = Snapshot(as_of=fake.AS_OF, evaluated_at=fake.AS_OF, sources=fake.sources())
    assert parsed(Exporter(lambda: one).text())["tierline_blind"] == {
        (("source", "costs"), ("what", "failing")): 1.0,
    }


@pytest.mark.parametrize(
    ("blind", "stale"), [(None, 0), ("stale", 1), ("failing", 1), ("incomplete", 0), ("behind", 0)]
)
def test_stale_is_as_the_objective_has_it_and_blind_one_word_a_source(fake, blind, stale):
    source = {**fake.sources()[0], "ok": False, "blind": blind}
    found = parsed(Exporter(lambda: Snapshot(as_of=fake.AS_OF, sources=[source])).text())
    assert found["tierline_source_stale"] == {(("source", "airflow-prod"),): stale}
    assert found["tierline_source_up"] == {(("source", "airflow-prod"),): 0}
    whats = {} if blind is None else {(("source", "airflow-prod"), ("what", blind)): 1.0}
    assert found.get("tierline_blind", {}) == whats


def test_what_nobody_tells_is_blind_until_the_evaluation_itself_is_stale(small, fake):
    spot = {"source": "dataset_update", "what": "unobserved"}
    watched = replace(small, watch={"blind": [spot, spot, {"source": "a", "what": "stale"}]})
    for minutes, own in ((10, ("dataset_update", "unobserved")), (11, ("", "evaluation"))):
        found = parsed(Exporter(lambda: watched, now=lambda m=minutes: fake.AS_OF + timedelta(minutes=m)).text())
        assert found["tierline_blind"] == {(("source", own[0]), ("what", own[1])): 1.0}


def test_labels_are_escaped_and_kept_whole(fake):
    names = ('say "hi"', "back\\slash", "two\nlines", "שלום", "x" * 200, "a,b={c}")
    results = [fake.result("pipeline_success_rate", "28d", team=name) for name in names]
    exporter = Exporter(lambda: Snapshot(results=results))
    for text, parse in ((exporter.text(), plain_text), (exporter.text(OPEN_METRICS), open_metrics)):
        teams = parsed(text, parse)["dataplatform_team_pipeline_success_ratio"]
        assert {dict(labels)["team"] for labels in teams} == set(names)


def by_window(found):
    """The samples of each family of results in each window."""
    told = {}
    for name in (name for name in found if name.startswith("dataplatform_")):
        for labels, value in found[name].items():
            told.setdefault((name, dict(labels).get("window")), {})[labels] = value
    return told


def test_the_cap_is_said_and_leaves_out_breakdowns_whole_never_the_product(reader):
    whole = parsed(Exporter(reader.snapshot, cap=100_000).text())
    of_results = sum(len(found) for name, found in whole.items() if name.startswith("dataplatform_"))
    said = []
    exporter = Exporter(reader.snapshot, cap=900, say=said.append)
    text = exporter.text()
    found = parsed(text)
    given = sum(len(samples) for name, samples in found.items() if name.startswith("dataplatform_"))
    assert given <= 900
    in_a_window = by_window(whole)
    assert all(samples == in_a_window[own] for own, samples in by_window(found).items())
    assert found["tierline_series_dropped"][()] == of_results - given
    assert found["tierline_series_cap"][()] == 900
    assert {name for name in whole if name.startswith("tierline_")} <= set(found)
    assert len(found["dataplatform_pipeline_success_ratio"]) == 5
    assert "dataplatform_team_unit_cost_per_terabyte" not in found
    exporter.text(OPEN_METRICS)
    assert len(said) == 1
    assert f"{of_results - given} series above the cap of 900" in said[0]
    assert 'dataplatform_team_<metric>{window="28d"}' in said[0]
    assert text == Exporter(reader.snapshot, cap=900).text()


def test_a_scrape_renders_a_snapshot_once_and_a_newer_one_afresh(small, monkeypatch):
    holder = Holder(small)
    exporter = Exporter(holder)
    first = exporter.text()
    monkeypatch.setattr(everything, "bundles", None)
    assert exporter.text() == first
    holder.replace(replace(small, facts={"run": 6}))
    moved = exporter.text()
    assert moved == first.replace(b'tierline_facts{kind="run"} 5.0', b'tierline_facts{kind="run"} 6.0') != first
    monkeypatch.undo()
    holder.replace(Snapshot(as_of=small.as_of))
    assert b"dataplatform_mttr" not in exporter.text()


def test_while_a_newer_snapshot_is_written_scrapes_get_the_last_one(small, monkeypatch):
    holder = Holder(small)
    exporter = Exporter(holder)
    first = exporter.text()
    begun, finish = threading.Event(), threading.Event()

    def slow(snapshot):
        begun.set()
        assert finish.wait(5)
        return []

    monkeypatch.setattr(everything, "bundles", slow)
    holder.replace(Snapshot(as_of=small.as_of, evaluated_at=small.as_of))
    writing = threading.Thread(target=exporter.prepare)
    writing.start()
    assert begun.wait(5)
    assert exporter.text() == first
    finish.set()
    writing.join()
    assert b"dataplatform_mttr" not in exporter.text()


def test_while_the_first_results_are_written_a_scrape_waits_for_them(small, monkeypatch):
    """/readyz has said that they are there."""
    holder, write = Holder(), everything.bundles
    exporter = Exporter(holder)
    exporter.prepare()
    begun, finish = threading.Event(), threading.Event()

    def slow(snapshot):
        begun.set()
        assert finish.wait(5)
        return write(snapshot)

    monkeypatch.setattr(everything, "bundles", slow)
    holder.replace(small)
    writing = threading.Thread(target=exporter.prepare)
    writing.start()
    assert begun.wait(5)
    threading.Timer(0.05, finish.set).start()
    assert b"dataplatform_mttr" in exporter.text()
    writing.join()


def test_formats_that_were_asked_for_are_written_ahead(small, monkeypatch):
    holder = Holder(small)
    exporter = Exporter(holder)
    exporter.text(PROMETHEUS)
    holder.replace(replace(small, results=small.results[:1]))
    exporter.prepare()
    monkeypatch.setattr(everything, "bundles", None)
    assert b"# UNIT" in exporter.text(PROMETHEUS)


def test_before_the_first_evaluation_there_is_no_value():
    found = parsed(Exporter(Holder()).text())
    assert set(found) == {"tierline_build_info", "tierline_series_cap", "tierline_series_dropped"}


def ask(app, path, method="GET", **headers):
    told = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, **{f"HTTP_{name}": text for name, text in headers.items()}}
    body = b"".join(app(environ, lambda *line: told.append(line)))
    return told[0][0], dict(told[0][1]), body


def test_the_ops_listener(small):
    app = ops_app(Exporter(lambda: small))
    status, headers, body = ask(app, "/metrics")
    assert (status, headers["Content-Type"]) == ("200 OK", "text/plain; version=0.0.4; charset=utf-8")
    assert int(headers["Content-Length"]) == len(body)
    assert ask(app, "/healthz")[::2] == ("200 OK", b"ok\n")
    assert ask(app, "/readyz")[0] == "200 OK"
    assert ask(app, "/metrics", "HEAD")[2] == b""
    assert ask(app, "/metrics", "POST")[0] == "405 Method Not Allowed"
    assert ask(app, "/secret")[0] == "404 Not Found"


def test_format_and_compression_are_the_scraper_s_choice(small):
    app = ops_app(Exporter(lambda: small))
    _, headers, body = ask(app, "/metrics", ACCEPT=PROMETHEUS)
    assert headers["Content-Type"] == (
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
    )
    assert body.endswith(b"# EOF\n")
    _, headers, packed = ask(app, "/metrics", ACCEPT=PROMETHEUS, ACCEPT_ENCODING="deflate, gzip;q=1.0")
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == body
    assert int(headers["Content-Length"]) == len(packed) < len(body) / 5
    for unreadable in ("application/openmetrics-text;version=new", "text/plain;version=x.1", ";;,="):
        status, headers, _ = ask(app, "/metrics", ACCEPT=unreadable)
        assert (status, headers["Content-Type"]) == ("200 OK", "text/plain; version=0.0.4; charset=utf-8")


def test_it_is_not_ready_before_the_first_evaluation_and_says_why():
    app = ops_app(Exporter(Holder()))
    assert ask(app, "/healthz")[0] == "200 OK"
    assert ask(app, "/readyz")[::2] == (
        "503 Service Unavailable",
        b"no evaluation yet: the sources are being read\n",
    )
    sick = ops_app(Exporter(Holder()), healthy=lambda: "the store cannot be read")
    assert ask(sick, "/healthz")[::2] == ("503 Service Unavailable", b"the store cannot be read\n")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_has_nothing_to_say(reader):
    told = subprocess.run(
        ["promtool", "check", "metrics"], input=Exporter(reader.snapshot).text(), capture_output=True, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, b"", b"")

"""/metrics: names, labels, absences, the cap; read back by the client's own parser and by promtool."""

import shutil
import subprocess
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dashboards import families
from dashboards.exporter import Exporter, ops_app
from dashboards.reading.reader import Holder, Snapshot


def parsed(text):
    """{name: {labels as sorted pairs: value}}"""
    found = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            key = tuple(sorted(sample.labels.items()))
            assert key not in found.setdefault(sample.name, {}), f"{sample.name}{key} is exposed twice"
            found[sample.name][key] = sample.value
    return found


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
    text = Exporter(lambda: Snapshot(results=[one])).text().decode()
    assert text == (
        "# HELP dataplatform_tier_mttr_seconds Mean time to restore, by tier: Mean time from an incident's start to "
        "its restoration.\n"
        "# TYPE dataplatform_tier_mttr_seconds gauge\n"
        'dataplatform_tier_mttr_seconds{tier="1",window="28d"} 5700.0\n'
        "# HELP dataplatform_tier_slo_coverage_ratio Share of what was expected that was really observed.\n"
        "# TYPE dataplatform_tier_slo_coverage_ratio gauge\n"
        'dataplatform_tier_slo_coverage_ratio{kpi="mttr",tier="1",window="28d"} 0.998\n'
        "# HELP tierline_series_cap The most series exposed (setting of the exporter).\n"
        "# TYPE tierline_series_cap gauge\n"
        "tierline_series_cap 4000.0\n"
        "# HELP tierline_series_dropped Series left out because of the cap; breakdowns go first.\n"
        "# TYPE tierline_series_dropped gauge\n"
        "tierline_series_dropped 0.0\n"
    )


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
    assert found["tierline_source_last_pass_duration_seconds"][source] == 14.6
    assert found["tierline_source_up"][source] == 1
    assert found["tierline_facts"][(("kind", "run"),)] == 5
    assert found["tierline_as_of_timestamp_seconds"][()] == fake.AS_OF.timestamp()


def test_counts_do_not_borrow_a_counters_or_histograms_name(reader):
    names = [family.name for family in families.everything(reader.snapshot(), 4000)]
    assert len(names) == len(set(names))
    assert not [name for name in names if name.endswith(("_count", "_total", "_sum", "_bucket", "_info"))]


def test_the_cap_holds_is_said_and_cuts_the_breakdowns_first(reader):
    everything = Exporter(reader.snapshot, cap=100_000).text()
    whole = sum(len(found) for found in parsed(everything).values())
    text = Exporter(reader.snapshot, cap=900).text()
    found = parsed(text)
    assert sum(len(samples) for samples in found.values()) == 900
    assert found["tierline_series_dropped"][()] == whole - 900
    assert found["tierline_series_cap"][()] == 900
    assert len(found["dataplatform_pipeline_success_ratio"]) == 5
    assert "dataplatform_team_unit_cost_per_terabyte" not in found
    assert text == Exporter(reader.snapshot, cap=900).text()


def test_a_scrape_renders_a_snapshot_once_and_a_newer_one_afresh(small, monkeypatch):
    holder = Holder(small)
    exporter = Exporter(holder)
    first = exporter.text()
    monkeypatch.setattr(families, "of", None)
    assert exporter.text() == first
    monkeypatch.undo()
    holder.replace(Snapshot(as_of=small.as_of))
    assert b"dataplatform_mttr" not in exporter.text()


def test_before_the_first_evaluation_there_is_no_value():
    found = parsed(Exporter(Holder()).text())
    assert found == {"tierline_series_cap": {(): 4000.0}, "tierline_series_dropped": {(): 0.0}}


def ask(app, path, method="GET"):
    told = []
    body = b"".join(app({"REQUEST_METHOD": method, "PATH_INFO": path}, lambda *line: told.append(line)))
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

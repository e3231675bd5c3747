"""The pages and the API through Flask's test client; what a reader sees, and what they see when something breaks."""

import csv
import io
import json
from dataclasses import replace

import pytest

from dashboards.app import create_app, draw, explained, narrowed, renewed
from dashboards.format.cells import cell
from dashboards.pages import behind, kpi, overview, sources, targets
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Snapshot
from dashboards.wording.sources import counts
from slo.errors import ConfigError, StoreError
from tests.dashboards.layouts import links, said


@pytest.fixture
def client(reader):
    return create_app(reader).test_client()


def test_every_address_serves_the_app_from_here_alone(client):
    for path in ("/", "/kpi/mttr", "/targets", "/sources"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert b"https://" not in answer.data
        assert b"http://" not in answer.data
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_two_apps_live_in_one_process_each_with_its_own_numbers(fake):
    one = create_app(fake.FakeReader(Snapshot(results=[fake.result("mttr")]))).test_client()
    other = create_app(fake.FakeReader(Snapshot(results=[]))).test_client()
    assert len(one.get("/api/results").json) == 1
    assert other.get("/api/results").json == []
    told = [[callback["output"] for callback in client.get("/_dash-dependencies").json] for client in (one, other)]
    assert told[0] == told[1]
    assert len(set(told[0])) >= 4


def test_the_page_callback_answers_over_http(client):
    body = {
        "output": "..band.children...page.children...seen.data..",
        "outputs": [
            {"id": "band", "property": "children"},
            {"id": "page", "property": "children"},
            {"id": "seen", "property": "data"},
        ],
        "inputs": [
            {"id": "url", "property": "pathname", "value": "/kpi/pipeline_success_rate"},
            {"id": "url", "property": "search", "value": "?tier=1"},
        ],
        "changedPropIds": ["url.pathname"],
    }
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 200
    heading = answer.json["response"]["page"]["children"]["props"]["children"][0]["props"]["children"]
    assert heading == "Tier 1 kept 98.6 % of its scheduled runs in the last 28 days; target ≥ 99.5 %"


def test_the_overview_says_what_the_results_say(reader, fake):
    words = said(overview.render(reader, Ask()))
    assert words.startswith("5 of 12 judged KPIs of the whole platform missed their targets in the last 28 days")
    for tier in range(4):
        shown = fake.result("pipeline_success_rate", tier=tier)
        assert f"{100 * shown['value']:.1f} %" in words
    assert "no data" in words
    assert "Source costs is failing" in words


def test_what_is_not_tiered_yet_is_counted_under_the_tiers(reader, fake):
    untiered = replace(reader.snapshot(), tiering={"assets": 1400, "untiered": 1360})
    words = said(overview.render(fake.FakeReader(untiered), Ask()))
    told = "Not tiered yet: 1,360 of 1,400 assets, counted in the whole and in no tier. tierline suggest tiers "
    assert told in words
    for ask in (Ask(team="finance"), Ask(domain="orders")):
        assert "Not tiered yet" not in said(overview.render(fake.FakeReader(untiered), ask))
    whole = replace(untiered, tiering={"assets": 1400, "untiered": 0})
    assert "Not tiered yet" not in said(overview.render(fake.FakeReader(whole), Ask()))


def test_the_overview_of_a_team_shows_the_team_alone(reader):
    words = said(overview.render(reader, Ask(team="finance")))
    assert "team finance" in words
    assert "tier 0" not in words


def test_an_empty_installation_says_what_to_do_next():
    class Empty:
        def __init__(self, snapshot):
            self.snapshot = lambda: snapshot

    assert "tierline init https://airflow.example.com" in said(overview.render(Empty(Snapshot()), Ask()))
    collecting = Snapshot(sources=[{"name": "a"}])
    assert "fills within minutes" in said(overview.render(Empty(collecting), Ask()))
    assert "tierline init https://airflow.example.com" in said(sources.render(Empty(Snapshot()), Ask()))
    assert "No target applies here." in said(targets.render(Empty(Snapshot()), Ask()))


def test_a_kpi_page_shows_sentence_value_formula_and_facts(reader):
    page = said(kpi.render(reader, Ask(tier=1), "pipeline_success_rate"))
    for piece in ("98.6 %", "missed", "Day by day", "Tier by tier", ">= 99.5% weekly"):
        assert piece in page
    words = said(list(behind.render(reader, Ask(tier=1), "pipeline_success_rate")))
    for piece in ("Why this number?", "good / (good + bad)", "1,104 / (1,104 + 16)", "manual", "source not observed",
                  "worst first", "CSV", "By asset",
                  "as of 09:12 CET", "definition version 1", "What moved it"):  # fmt: skip
        assert piece in words


def test_one_asset_is_not_told_apart_by_asset(reader):
    words = said(list(behind.render(reader, Ask(asset="airflow/orders"), "pipeline_success_rate")))
    assert "Why this number?" in words and "By asset" not in words


def test_a_kpi_that_is_not_there_lists_those_that_are(reader):
    words = said(kpi.render(reader, Ask(), "nonsense"))
    assert "No KPI is called “nonsense”." in words
    assert "Mean time to restore" in words and "Did you mean" not in words
    near = said(kpi.render(reader, Ask(), "mttrr"))
    assert near.index("Did you mean:") < near.index("Mean time to restore") < near.index("All that there are:")


def test_a_fact_links_out_only_to_http():
    assert behind.safe("https://airflow.example/run/1") == "https://airflow.example/run/1"
    assert behind.safe("javascript:alert(1)") is None
    assert behind.safe("data:text/html,x") is None
    assert behind.safe(None) is None


def test_the_targets_page_counts_verdicts_by_profile(reader):
    words = said(targets.render(reader, Ask(profile="lead_platform")))
    assert words.startswith("4 of 4 judged targets of the whole platform were kept in the last 28 days")
    assert "Lead platform" in words
    assert "Staff platform" not in words


def test_the_sources_page_tells_ages_and_errors(reader):
    words = said(sources.render(reader, Ask()))
    assert words.startswith("1 of 7 sources needs a look: costs")
    assert "3 h 10" in words
    assert "403 Forbidden" in words
    assert "'warm'" in words
    assert counts(reader.snapshot().sources) == "6 ok, 1 failing"


def test_a_broken_page_says_so_and_keeps_the_header(fake):
    class Broken(fake.FakeReader):
        def show(self, kpi, ask):
            raise StoreError("store: the disk is full; free some room")

    band, page = draw(Broken(), "/kpi/mttr", "?asset=x")
    assert "store: the disk is full; free some room" in said(page)
    assert "still work" in said(page)
    assert "Tierline" in said(band)


def test_an_explanation_that_fails_leaves_the_number_standing(fake, caplog):
    class Broken(fake.FakeReader):
        def __init__(self, error):
            super().__init__()
            self.error = error

        def explain(self, kpi, ask, limit=500):
            raise self.error

    assert "Tier 1 took 95 min" in said(kpi.render(Broken(StoreError("x")), Ask(tier=1), "mttr"))
    why, assets, facts = explained(Broken(StoreError("store: locked; try again")), "mttr", "")
    assert "store: locked; try again" in said(why)
    assert (assets, facts) == (None, None)
    why, _, _ = explained(Broken(RuntimeError("secret detail")), "mttr", "")
    assert "secret detail" not in said(why)
    assert "the log says why" in said(why)
    assert "secret detail" in caplog.text


def test_a_choice_in_the_header_goes_into_the_address():
    from dash import no_update

    picked = {"window": "7d", "tier": "1", "team": None, "domain": None, "profile": None}
    assert narrowed(picked, "?asset=a%2Fb") == "?window=7d&tier=1&asset=a%2Fb"
    assert narrowed(picked, "?window=7d&tier=1") is no_update
    assert narrowed({**picked, "tier": None, "window": None}, "?window=28d&tier=1") == ""


def test_a_page_left_open_follows_the_evaluations_but_a_kpi_stays(reader, fake):
    from dash import no_update

    seen = str(fake.AS_OF)
    assert renewed(reader, "/", "", seen) == (no_update, no_update, no_update)
    band, page, newest = renewed(reader, "/", "", "earlier")
    assert "Tierline" in said(band)
    assert "judged KPIs" in said(page)
    assert newest == seen
    assert renewed(reader, "/kpi/mttr", "", "earlier")[1] is no_update


def test_the_header_names_as_of_and_its_zone_once(reader):
    band, _ = draw(reader, "/", "")
    assert "as of 09:12 CET, 21 Nov 2026" in said(band)
    assert "6 ok, 1 failing" in said(band)


def test_the_api_gives_the_same_results_unrounded(client, fake):
    assert client.get("/api/kpi/mttr?tier=1").json == fake.result("mttr", tier=1)
    found = client.get("/api/results?window=7d").json
    assert {one["window"]["name"] for one in found} == {"7d"}
    assert client.get("/api/kpi/mttr/explain").json["formula"] == "good / (good + bad)"
    assert client.get("/api/sources").json[0]["last_success"] == "2026-11-21T08:10:00+00:00"


def test_the_csv_holds_the_facts_and_runs_no_formula(client):
    answer = client.get("/api/kpi/pipeline_success_rate/facts.csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert len(rows) == 60
    assert (rows[0]["verdict"], rows[0]["asset"]) == ("bad", "airflow-prod/orders_0")
    assert "pipeline_success_rate.csv" in answer.headers["Content-Disposition"]
    assert [cell(text) for text in ("=1+1", "+x", "@x", "-x", "plain")] == ["'=1+1", "'+x", "'@x", "'-x", "plain"]
    assert cell(-3.5) == "-3.5"
    assert cell(None) == ""


def test_the_api_tells_a_wrong_question_from_a_broken_store(fake):
    class Refusing(fake.FakeReader):
        def show(self, kpi, ask):
            raise ConfigError("window: '9x' is no window; write 28d or 2026-10")

    answer = create_app(Refusing()).test_client().get("/api/kpi/mttr?window=9x")
    assert answer.status_code == 400
    assert json.loads(answer.data) == {"error": "window: '9x' is no window; write 28d or 2026-10"}


def test_links_keep_the_scope(reader):
    page = overview.render(reader, Ask(window="7d", profile="lead_platform"))
    inside = [href for href in links(page) if href.startswith("/kpi/")]
    assert inside and all(scope.parse(href.partition("?")[2]).profile == "lead_platform" for href in inside)

"""The report: one file, the same numbers, nobody's name, the same hash for the same results."""

import re

import pytest

from dashboards import monthly


@pytest.fixture(scope="module")
def meta(fake):
    return {"period": "2026-10", "as_of": fake.AS_OF, "timezone": "Europe/Berlin"}


@pytest.fixture(scope="module")
def page(fake, meta):
    return monthly.render(fake.results(), meta)


def plain(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_title_says_what_was_promised_and_kept(page):
    assert "<h1>In October 2026 the platform kept 7 of 12 judged promises</h1>" in page
    assert "as of 21 November 2026, 09:12 CET (all times Europe/Berlin)" in plain(page)


def test_the_summary_lists_missed_before_kept(page):
    words = plain(page)
    places = [
        words.index(part) for part in ("Promised and missed", "Kept at the minimum", "Kept ●", "Could not be judged")
    ]
    assert places == sorted(places)
    assert "The platform kept 98.7 % of its scheduled runs; target ≥ 99.5 %; budget spent 2.62 times" in words
    assert "Unit cost: no data" in words


def test_the_table_holds_value_n_target_verdict_coverage_and_before(page):
    row = re.search(r'<tr><td class="name">Pipeline success rate</td>.*?</tr>', page, re.S)
    assert row
    cells = [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<td.*?</td>", row[0], re.S)
    ]
    assert cells == [
        "Pipeline success rate",
        "98.7 %",
        "4,960",
        "≥ 99.5 %",
        "▲ missed",
        "99.8 %",
        "98.4 %",
        "+0.30 points",
    ]


def test_it_stands_alone(page):
    assert not re.search(r'(src|href)=["\']?(?!data:)', page)
    assert "url(" not in page
    assert "<script" not in page
    assert "@page { size: A4" in page


def test_charts_are_vectors_with_gaps(page):
    assert page.count("<svg") == 15 + 54  # a trend a KPI; 15 x 4 tiers less the six without data
    assert 'class="grid"' in page
    assert "1 Oct" in page and "31 Oct" in page


def test_every_family_and_definition_is_there(page, fake):
    for family in ("reliability", "incidents", "delivery", "quality", "cost"):
        assert f"<h2>{family}</h2>" in page
    for row in fake.SHELF:
        assert f"<code>{row[0]}</code>" in page


def test_the_hash_is_of_the_results_and_what_was_asked(fake, meta, page):
    results = fake.results()
    assert monthly.fingerprint(results, meta) in page
    assert monthly.render(results, meta) == page
    changed = [dict(one) for one in results]
    changed[0]["value"] = 0.5
    assert monthly.fingerprint(changed, meta) != monthly.fingerprint(results, meta)
    assert monthly.fingerprint(results, {**meta, "profile": "lead_platform"}) != monthly.fingerprint(results, meta)


def test_a_team_and_a_profile_narrow_it(fake, meta):
    page = monthly.render(fake.results(), {**meta, "scope": {"team": "finance"}, "profile": "lead_platform"})
    assert "In October 2026 team finance kept" in page
    assert "judged by the lead platform profile" in page


def test_names_from_outside_are_text_not_markup(fake, meta):
    one = fake.result("mttr", "2026-10") | {"title": "<script>alert(1)</script>", "caveats": ["<b>x</b>"]}
    page = monthly.render([one], meta)
    assert "<script" not in page
    assert "<b>x</b>" not in page


def test_an_empty_period_says_what_to_do(meta):
    page = monthly.render([], meta)
    assert "In October 2026 no promise of the platform could be judged" in page
    assert "tierline evaluate" in page


def test_a_provisional_month_says_so(fake, meta):
    page = monthly.render(fake.results(), {**meta, "period": "2026-11"})
    assert "they may still change" in page


def test_no_data_is_hatched_never_zero(fake, meta):
    page = monthly.render([fake.result("mttr", "2026-10", tier=3)], {**meta, "scope": {"tier": 3}})
    assert "no day has a value" in page
    assert "0 %" not in plain(page).split("Definitions")[0]


def test_without_a_window_before_there_is_a_dash(fake, meta):
    page = monthly.render([fake.result("mttr", "2026-10") | {"previous": None}], meta)
    assert '<td class="r">–</td><td class="r">–</td></tr>' in page

"""Numbers and dates as readers of English, German and Arabic write them; words and everything machine-made stay."""

import json
from datetime import UTC, date, datetime

import pytest

from dashboards import format as fmt
from dashboards.app import create_app
from dashboards.format import locale
from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask

RLI, PDI, LRM = "\u2067", "\u2069", "\u200e"
NOVEMBER = date(2026, 11, 21)
MORNING = datetime(2026, 11, 21, 9, 12, tzinfo=UTC)


def written() -> list[str]:
    return [
        fmt.percent(0.992), fmt.count(4812), fmt.number(-1234.5), fmt.money(4.52, "USD"), fmt.points(0.0025),
        fmt.duration(12000), fmt.duration(4.52), fmt.business_days(2.4), fmt.day(NOVEMBER), fmt.moment(MORNING),
        fmt.month(NOVEMBER), fmt.weekday(NOVEMBER), scope.period("2026-10"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", ["99.2 %", "4,812", "−1,234", "USD 4.52", "+0.25 points", "3 h 20", "4.52 s", "2.4 business days",
                "21 Nov 2026", "21 Nov 09:12", "November 2026", "Saturday 21 November 2026", "in October 2026"]),
        ("de", ["99,2 %", "4.812", "−1.234", "4,52 USD", "+0,25 points", "3 h 20", "4,52 s", "2,4 business days",
                "21. Nov. 2026", "21. Nov. 09:12", "November 2026", "Samstag, 21. November 2026", "in Oktober 2026"]),
        ("ar", ["99.2 %", "4,812", f"{LRM}−1,234", "4.52 USD", f"{LRM}+0.25 points", "3 h 20", "4.52 s",
                "2.4 business days", f"{RLI}21 نوفمبر 2026{PDI}", f"{RLI}21 نوفمبر{PDI} 09:12",
                f"{RLI}نوفمبر 2026{PDI}", f"{RLI}السبت، 21 نوفمبر 2026{PDI}", f"in {RLI}أكتوبر 2026{PDI}"]),
        ("ar-EG", ["٩٩٫٢٪", "٤٬٨١٢", f"{LRM}−١٬٢٣٤", "٤٫٥٢ USD", f"{LRM}+٠٫٢٥ points", "٣ h ٢٠", "٤٫٥٢ s",
                   "٢٫٤ business days", f"{RLI}٢١ نوفمبر ٢٠٢٦{PDI}", f"{RLI}٢١ نوفمبر{PDI} ٠٩:١٢",
                   f"{RLI}نوفمبر ٢٠٢٦{PDI}", f"{RLI}السبت، ٢١ نوفمبر ٢٠٢٦{PDI}", f"in {RLI}أكتوبر ٢٠٢٦{PDI}"]),
    ],
)  # fmt: skip
def test_figures_and_dates_are_written_as_the_reader_does(tag: str, expected: list[str]) -> None:
    with locale.using(tag):
        assert written() == expected
    assert fmt.percent(0.992) == "99.2 %"


def test_rounding_keeps_its_promises_in_every_locale() -> None:
    with locale.using("de"):
        assert fmt.percent(0.99496, [0.995]) == "99,496 %"
        assert fmt.percent(0.9999999) == "> 99,9999 %"
        assert fmt.interval({"unit": "ratio", "interval": [0.97, 0.991], "targets": []}) == "97,0 to 99,1 %"
    with locale.using("ar-EG"):
        assert fmt.interval({"unit": "ratio", "interval": [0.97, 0.991], "targets": []}) == "٩٧٫٠ to ٩٩٫١٪"


def test_groups_of_digits_have_the_sizes_of_the_locale() -> None:
    with locale.using("hi"):
        assert fmt.count(12345678) == "1,23,45,678"
    with locale.using("fr"):
        assert fmt.count(12345678) == "12\u202f345\u202f678"


@pytest.mark.parametrize(
    ("asked", "accepted", "tag"),
    [
        ("ar", "de-AT,de;q=0.9", "ar"),
        (None, "de-AT,de;q=0.9,en;q=0.8", "de-AT"),
        (None, "en;q=0.2,ar;q=0.7", "ar"),
        (None, "de;q=0,ar;q=0.1", "ar"),
        (None, "*, xx-YY;q=1", "en"),
        ("../../de", None, "en"),
        (None, None, "en"),
    ],
)
def test_the_address_goes_before_the_browser_and_english_comes_last(asked, accepted, tag) -> None:
    assert locale.choose(asked, accepted) == tag


def test_every_link_keeps_the_locale_and_no_answer_is_kept_twice_for_it() -> None:
    german = scope.parse("?tier=1&lang=de")
    assert scope.link("/kpi/mttr", german, team="finance") == "/kpi/mttr?tier=1&team=finance&lang=de"
    assert german == Ask(tier=1)
    assert hash(german) == hash(Ask(tier=1))


def _overview(client, search: str, accepted: str) -> str:
    parts = [("band", "children"), ("page", "children"), ("seen", "data")]
    inputs = {"pathname": "/", "search": search}
    body = {
        "output": "..band.children...page.children...seen.data..",
        "outputs": [{"id": name, "property": prop} for name, prop in parts],
        "inputs": [{"id": "url", "property": prop, "value": value} for prop, value in inputs.items()],
        "changedPropIds": ["url.pathname"],
    }
    answer = client.post("/_dash-update-component", json=body, headers={"Accept-Language": accepted})
    return json.dumps(answer.json, ensure_ascii=False)


def test_a_page_follows_the_browser_then_the_address_and_the_api_neither(reader) -> None:
    client = create_app(reader).test_client()
    german, arabic, english = (
        _overview(client, *asked) for asked in (("", "de-AT"), ("?lang=ar-EG", "de"), ("", "xx"))
    )
    assert '"98,6 %"' in german and '"≥ 99,5 %"' in german and '"98.6 %"' not in german
    assert '"٩٨٫٦٪"' in arabic and '"≥ ٩٩٫٥٪"' in arabic and "/kpi/mttr?tier=1&lang=ar-EG" in arabic
    assert '"98.6 %"' in english and '"98,6 %"' not in english
    csv = client.get("/api/kpi/pipeline_success_rate/facts.csv?lang=de", headers={"Accept-Language": "de"}).text
    assert csv == client.get("/api/kpi/pipeline_success_rate/facts.csv").text


def test_a_name_is_set_apart_from_the_line_around_it() -> None:
    assert cards.name("فريق").to_plotly_json() == {
        "props": {"children": "فريق"}, "type": "Bdi", "namespace": "dash_html_components",
    }  # fmt: skip

"""The PDF says what the document says, whatever is called how, and the same twice."""

from __future__ import annotations

import re
import time
from typing import Any

import pypdfium2
import pytest

from dashboards.report import pdf
from dashboards.report import shape as s
from tests.dashboards.report import paper


def pages(body: bytes) -> list[str]:
    """Each page's text, its lines joined, breaks inside words taken out."""
    with pypdfium2.PdfDocument(body) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    return [" ".join(text.replace("\u200b", "").replace("\ufffe", "").split()) for text in texts]


@pytest.fixture(scope="module")
def drawn() -> tuple[dict[str, Any], list[str]]:
    document = paper.document()
    return document, pages(pdf.render(document))


def test_the_first_page_stands_alone(drawn: tuple[dict[str, Any], list[str]]) -> None:
    document, (first, *_) = drawn
    assert document["title"] in first
    for one in document["counts"]:
        assert f"{one['title']} {one['counted']} {one['felt']} {one['ours']}" in first
    for text in (
        "Closed on 6 November 2026.", "2 lines about findings are not in this copy.",
        "▲ Tier 1 kept 97.1 % of its runs; promised are 99 %", "orders_hourly failed 31 of 48 times",
        "Mean time to restore ↑ +12 %: 80 min to 90 min (worse)", "Cost rose by 4 % at 7 % more volume.",
        "We moved orders to the new cluster.", "D1 Agree to 98 % for orders until January",
        "Asked in 2026-09 S1 Buy 3 TB of storage done",
        "Mean time to restore, September 2026: 75 min reported, now 80 min",
        "The vendor was down on 12 October, 08:00 to 11:00 Pipeline success rate: 0.3 % of its runs",
    ):  # fmt: skip
        assert text in first, text


def test_every_page_has_its_number_moment_and_hash(drawn: tuple[dict[str, Any], list[str]]) -> None:
    document, texts = drawn
    for at, text in enumerate(texts, 1):
        assert f"As of 6 November 2026, 08:00 CET, Europe/Berlin. {document['hash'][:12]}" in text
        assert f"{at} / {len(texts)}" in text
    assert document["hash"] in texts[-1].replace(" ", "")


def test_the_pages_behind_hold_the_figures(drawn: tuple[dict[str, Any], list[str]]) -> None:
    _, (_, *behind) = drawn
    table, family, last = (" ".join(behind),) * 3
    assert "Mean time to restore 5421.50% " not in table
    assert "Unit cost USD per TB 1250.00% 4,812 – ● met 98 % – –" in table
    assert "Pipeline success rate tier 1 ≥ 99 % 99.17 % n 4,812 ▲ missed ▲ missed ● met" in table
    assert "Reliability Pipeline success rate was 99.17 % in October 2026" in family
    for text in (
        "tier 3 96.0% ● met",
        "orders 97.1 %, was 99.0 % −0.02 −0.60 −0.62",
        "Spent by orders_hourly (31 of 48 failures)",
        "12 Oct, 08:00 90 min 2 Orders came late orders freshness upstream",
        "full disk, for the third time",
    ):
        assert text in family, text
    assert "Scheduled runs that succeeded, of those due." in last and "version 3" in last


HOSTILE = (
    '#panic("x")',
    '#read("/etc/passwd")',
    "*bold* _under_ $x^2$ `raw` <label> @ref = head",
    "<script>alert(1)</script>", '"quoted" \\ \'single\' {"json": [1]}', "a/" + "b" * 200 + "/c", "#" * 40,
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text_and_never_markup(name: str) -> None:
    """In a heading, a cell, a title, a footer: all that the page is set from."""
    card = paper.card("x", name, sentence=name, caveats=(name,))
    body = pdf.render(
        paper.document(
            title=name,
            scope=s.Asked(name, None, None, name),
            table=[s.Group(name, [paper.row("x", name)])],
            families=[s.Family("x", name, [card], [s.Term(name, name)], None)],
            intro=(name,),
        )
    )
    squeezed = [re.sub(r"\s", "", text) for text in pages(body)]
    wanted = re.sub(r"\s", "", name)
    assert all(wanted in text for text in squeezed)
    with pypdfium2.PdfDocument(body) as document:
        assert document.get_metadata_dict()["Title"].replace("\u200b", "") == name


def test_names_right_to_left_are_drawn() -> None:
    """Arabic and Hebrew come from the fonts that Typst brings: no glyph is missing."""
    texts = pages(pdf.render(paper.document(title="فريق المالية kept 3 of 4", intro=("צוות הנתונים",))))
    assert "kept 3 of 4" in texts[0]
    assert any(ord(letter) in range(0x600, 0x700) or ord(letter) in range(0xFB50, 0xFF00) for letter in texts[0])
    assert any(ord(letter) in range(0x590, 0x600) for letter in texts[0])


def test_a_letter_that_no_font_has_costs_its_own_shape_alone() -> None:
    """Chinese, Japanese, Korean and emoji need a font of the machine's own; without one a box stands in their place."""
    first = pages(pdf.render(paper.document(intro=("数据平台团队 🚀 kept 3 of 4",))))[0]
    assert "kept 3 of 4" in first and "31 30 32" in first


def test_the_same_document_gives_the_same_bytes() -> None:
    document = paper.document()
    first = pdf.render(document)
    time.sleep(0.01)
    assert pdf.render(document) == first
    with pypdfium2.PdfDocument(first) as opened:
        told = opened.get_metadata_dict()
    assert (told["Author"], told["CreationDate"]) == ("Tierline", "D:20261106070000Z")


def test_a_full_month_still_stands_on_one_page() -> None:
    misses = [
        s.Miss("x", "x", f"Promise {at} of the platform was missed: 97.1 % where 99 % are promised",
               ("orders_hourly failed 31 of 48 times since the first of the month", "11 of them behind one source"))
        for at in range(14)
    ]  # fmt: skip
    texts = pages(pdf.render(paper.document(misses=misses)))
    assert "Promise 13" in texts[0] and "All figures" in texts[1]


@pytest.mark.parametrize(("cards", "page"), [(1, 1), (4, 2)])
def test_a_family_takes_a_new_page_only_where_little_of_this_one_is_left(cards: int, page: int) -> None:
    families = [s.Family("reliability", "Reliability", [paper.card("mttr", "Restore")] * cards, [], None),
                s.Family("delivery", "Delivery", [paper.card("mttd", "Detect")], [], None)]  # fmt: skip
    texts = pages(pdf.render(paper.document(families=families)))
    assert "Every promise and its verdict" in texts[1] and "Reliability" in texts[1]
    assert [at for at, text in enumerate(texts) if "Delivery" in text] == [page]


def test_where_no_notes_stand_beside_the_period_page_one_says_so() -> None:
    said = "No notes stand beside this period. What notes/2026-10.md says stands here"
    assert said in pages(pdf.render(paper.document(words=None)))[0]
    team = s.Asked("finance", None, None, "team finance")
    assert said not in pages(pdf.render(paper.document(words=None, scope=team)))[0]

"""The report's HTML in a real browser: page one fits one sheet of A4, a family begins a sheet, a phone scrolls down
alone, and a hostile name does nothing.

Needs Chromium; see test_browser.py.
"""

import pypdfium2
import pytest

from dashboards.report import html, shape
from tests.dashboards.report import paper

pytestmark = pytest.mark.peer
SCRIPT = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
NAMES = (SCRIPT, "a\"'&amp;", "\u202eمخزن", "n" * 200)


@pytest.fixture(scope="module")
def crowded():
    """Nine misses with four causes each, eight changes, five restatements, two paragraphs: more than a page usually
    has; every name is a hostile one."""
    title = "A title that takes some room"
    causes = [f"Most: {name[:60]} 55 of 230 failures (23.9 %); {name[:40]} 22 of 230 failures" for name in NAMES]
    miss = shape.Miss("mttr", title, f"The platform kept 98.4 % of {NAMES[0]}; target ≥ 99.5 %", causes)
    change = paper.report().changes[0]
    words = shape.Words(
        "notes/2026-10.md", ["What the lead says of the month, in a sentence or two. " * 5] * 2,
        [shape.Ask("a", "A second warehouse for the month's end, USD 2,000 a month.")], "2026-09",
        [shape.Ask("b", "Tests for tier 1.", "not answered")],
    )  # fmt: skip
    return paper.document(
        misses=[miss] * 9, changes=[change] * 8, restated=[paper.RESTATED] * 5, words=words, closed=None
    )


@pytest.fixture
def page(browser):
    page = browser.new_page()
    page.errors = []
    page.on("console", lambda line: page.errors.append(line.text))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    page.close()


def shown(page, document, tmp_path, width=1000):
    (tmp_path / "r.html").write_text(html.render(document), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((tmp_path / "r.html").as_uri())
    return page


def test_page_one_fits_its_sheet_and_every_sheet_is_numbered(page, crowded, tmp_path):
    shown(page, crowded, tmp_path).pdf(path=tmp_path / "r.pdf", prefer_css_page_size=True)
    document = pypdfium2.PdfDocument(tmp_path / "r.pdf")
    texts = [sheet.get_textpage().get_text_bounded() for sheet in document]
    assert "Left out by agreement" in texts[0] and "Noted" in texts[0] and "Every promise" not in texts[0]
    firsts = [text.splitlines()[1].strip() for text in texts]  # the foot of a sheet is read first
    assert firsts[1] == "Every promise" and "Reliability" in firsts
    assert [round(side) for side in document[0].get_size()] == [595, 842]
    for number, text in enumerate(texts, 1):
        assert f"{number} / {len(texts)}" in text and crowded["hash"][:12] in text


def test_on_a_phone_it_scrolls_down_alone_and_runs_nothing(page, crowded, tmp_path):
    shown(page, crowded, tmp_path, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("window.hurt") is None and page.errors == []
    assert page.locator("li", has_text="<img src=x onerror").count() > 0

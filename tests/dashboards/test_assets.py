"""The style sheet keeps its promises: contrast AA in light and dark, nothing from elsewhere."""

import re
from itertools import product
from pathlib import Path

import pytest

import dashboards

ASSETS = Path(dashboards.__file__).parent / "assets"
SHEET = (ASSETS / "tierline.css").read_text()
TEXT = ("ink", "soft", "faint", "link", "met", "near", "missed", "provisional", "grey")


def tokens(selector):
    block = re.search(re.escape(selector) + r"\s*\{(.*?)\}", SHEET, re.S)
    assert block
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})", block[1]))


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_right():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("selector", [":root", '[data-mantine-color-scheme="dark"]'])
def test_every_text_colour_reads_on_every_ground(selector):
    found = tokens(selector)
    poor = {
        (text, ground): round(contrast(found[text], found[ground]), 2)
        for text, ground in product(TEXT, ("card", "page", "hatch"))
        if contrast(found[text], found[ground]) < 4.5
    }
    assert poor == {}
    assert contrast(found["missed"], found["missed-wash"]) >= 4.5
    assert contrast(found["ink"], found["missed-wash"]) >= 4.5


def test_sparklines_show_on_both_grounds():
    from dashboards import svg

    for selector in (":root", '[data-mantine-color-scheme="dark"]'):
        assert contrast(svg.LINE, tokens(selector)["card"]) >= 3


def test_nothing_is_fetched_from_elsewhere():
    for asset in filter(Path.is_file, ASSETS.rglob("*")):
        text = re.sub(r"http://www\.w3\.org/(2000/svg|1999/xhtml)", "", asset.read_text())  # names, never fetched
        assert not re.search(r"(https?:)?//[a-z]", re.sub(r"/\*.*?\*/", "", text, flags=re.S)), asset.name
        assert "@import" not in text

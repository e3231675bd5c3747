"""What the web listener adds: compression, caching, the first paint, the security headers."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re

import pytest

from dashboards.app import create_app


@pytest.fixture(scope="module")
def client(reader):
    return create_app(reader).test_client()


def test_the_first_html_shows_the_header_and_an_outline_before_any_script(client) -> None:
    page = client.get("/").text
    assert '<html lang="en" dir="ltr">' in page
    head, body = page.split("<body>")
    first, scripts = body.split("<footer>")
    assert '<a class="brand" href="/">Tierline</a>' in first
    assert '<a href="/sources">Sources</a>' in first
    assert first.count('class="bone"') == 3
    assert "<script" not in first and "<script" in scripts
    (own,) = re.findall(r"<script>(.*?)</script>", head, re.S)
    assert "prefers-color-scheme" in own


def test_every_inline_script_is_named_in_the_policy(client) -> None:
    answer = client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    inline = re.findall(r"<script(?: id=\"_dash-renderer\"[^>]*)?>(.*?)</script>", answer.text, re.S)
    assert len(inline) == 2
    for text in inline:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "script-src 'self'" in policy and "'unsafe-eval'" not in policy


def test_scripts_and_styles_are_packed_and_kept_by_the_browser(client) -> None:
    page = client.get("/").text
    bundle = re.search(r'src="(/_dash-component-suites/[^"]*dash_core_components\.v[^"]*)"', page)[1]
    style = re.search(r'href="(/files/tierline\.css\?m=[^"]*)"', page)[1]
    for address in (bundle, style):
        plain = client.get(address, buffered=True)
        packed = client.get(address, headers={"Accept-Encoding": "gzip"}, buffered=True)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert len(packed.data) < len(plain.data) / 2
        assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Content-Encoding" not in plain.headers
    assert "immutable" not in client.get(style.split("?")[0], buffered=True).headers.get("Cache-Control", "")
    assert "immutable" not in client.get("/").headers.get("Cache-Control", "")


def test_an_address_that_is_not_there_names_the_pages(reader) -> None:
    from dashboards.app import draw

    _, page = draw(reader, "/nonsense/<b>", "?team=finance")
    assert page.children[1].children[0].children == "Nothing stands at /nonsense/<b>."
    links = [item.children for item in page.children[2].children[1].children.children]
    assert ("Sources", "/sources?team=finance") in [(link.children, link.href) for link in links]

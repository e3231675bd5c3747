"""The first HTML of every page: the header's outline and the page's, painted before any script has come."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Any

from dash import Dash

from dashboards.site import shelf

SCHEME = """(function () {
    var chosen = null;
    try { chosen = window.localStorage.getItem("mantine-color-scheme-value"); } catch (error) { chosen = null; }
    if (chosen !== "light" && chosen !== "dark") {
        chosen = window.matchMedia && window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    }
    document.documentElement.setAttribute("data-mantine-color-scheme", chosen);
})();"""
"""Light or dark before the first paint, as Mantine will choose a moment later; in the page, so that nothing waits."""
BONES = (28, 210, 520)
"""Heights of the parts that an outline shows."""


def outline() -> str:
    """The page's outline as markup; its links work without the scripts."""
    links = "".join(f'<span><a href="{path}">{escape(words)}</a></span>' for path, words in shelf.nav())
    bones = "".join(f'<div class="bone" style="height:{height}px"></div>' for height in BONES)
    return (
        '<div class="band"><div class="band-inner"><div class="first"><a class="brand" href="/">Tierline</a>'
        f'<nav class="wide-nav" aria-label="pages">{links}</nav></div></div></div>'
        f'<div class="outline" aria-busy="true"><div class="bones">{bones}</div></div>'
        '<noscript><p class="outline">The pages need JavaScript. The figures are also under /api/results, and '
        "<code>tierline show</code> tells them.</p></noscript>"
    )


def csp_hash() -> str:
    """The policy's name for the script that stands in the page."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(SCHEME.encode()).digest()).decode() + "'"


class Dashboard(Dash):
    """Dash with a first paint of its own, and the colours of the reader's choice before it."""

    def interpolate_index(  # type: ignore[override]  # Dash passes all of them by name
        self, *, metas: str = "", css: str = "", config: str = "", scripts: str = "", renderer: str = "", **more: Any
    ) -> str:
        return (
            '<!DOCTYPE html>\n<html lang="en" dir="ltr">\n<head>\n'
            f"{metas}\n<title>Tierline</title>\n{more.get('favicon', '')}\n"
            f"<script>{SCHEME}</script>\n{css}\n</head>\n<body>\n"
            f'<div id="react-entry-point">{outline()}</div>\n'
            f"<footer>{config}\n{scripts}\n{renderer}</footer>\n</body>\n</html>\n"
        )

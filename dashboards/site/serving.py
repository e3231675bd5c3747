"""What the web listener adds to every answer: headers, the reader's locale, and the first thing that is painted."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from dash import Dash
from flask import Flask, Response, request

from dashboards.format import locale
from dashboards.site import index

CALLBACK = "/_dash-update-component"
_SMALL = 1024
_PACKED = ("text/", "application/javascript", "application/json", "image/svg+xml")


def speak(server: Flask) -> None:
    """A page's callbacks write in its reader's locale; every other answer is the same for all."""

    @server.before_request
    def choose() -> None:
        locale.enter(asked_for() if request.path == CALLBACK else locale.ENGLISH)


def asked_for() -> str:
    """The locale of the page that asks: its address (the referrer) names one, or the browser does."""
    asked = parse_qs(urlsplit(request.referrer or "").query).get("lang", [None])[-1]
    return locale.choose(asked, request.headers.get("Accept-Language"))


def guard(server: Flask, dash: Dash) -> None:
    """Headers: nothing from elsewhere, nothing framed, nothing sniffed."""
    scripts = " ".join(["'self'", index.csp_hash(), *(f"{one}" for one in dash.csp_hashes())])
    policy = (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'"
    )

    @server.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response


def pack(server: Flask) -> None:
    """Scripts and pages go out compressed; a fingerprinted script is kept by the browser for good."""

    @server.after_request
    def packed(response: Response) -> Response:
        if response.status_code == 200 and (_fingerprinted(request.path) or _dated(request.path)):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        if not _packable(response):
            return response
        response.direct_passthrough = False
        body = response.get_data()
        if len(body) < _SMALL:
            return response
        static = request.path.startswith(("/_dash-component-suites/", "/files/"))
        response.set_data(_kept(request.full_path, body) if static else gzip.compress(body, 1))
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
        response.headers.pop("ETag", None)
        return response


def _packable(response: Response) -> bool:
    plain = "Content-Encoding" not in response.headers and response.status_code == 200
    return (
        plain and "gzip" in request.headers.get("Accept-Encoding", "") and (response.mimetype or "").startswith(_PACKED)
    )


def _fingerprinted(path: str) -> bool:
    """Dash writes version and build into the names of its bundles: dcc.v4_1_0m1720000000.min.js."""
    return bool(re.search(r"\.v[0-9a-z_]+m\d+\.", path)) and path.startswith("/_dash-component-suites/")


def _dated(path: str) -> bool:
    """Own styles and scripts are asked for with the moment of their last change."""
    return path.startswith("/files/") and "m" in request.args


@lru_cache(64)
def _kept(path: str, body: bytes) -> bytes:
    """A static file, compressed well and once."""
    return gzip.compress(body, 6)

"""The dashboard: one Dash app over a reader, with its JSON API. Everything is served from here, nothing from a CDN.

Own routing by the address (``dcc.Location``): Dash's registry of pages is one per process, and two apps may live in it.
"""

from __future__ import annotations

import logging
from typing import Any, cast

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update
from flask import Flask

from dashboards.format import locale
from dashboards.pages import behind
from dashboards.parts import cards, nowhere
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader
from dashboards.site import api, header, index, serving, shelf
from dashboards.wording import words
from slo.errors import TierlineError

LOG = logging.getLogger("tierline.dashboard")
EVERY_MINUTE = 60_000
FIELDS = tuple(f"scope-{field}" for field in header.FIELDS)


def create_app(reader: Reader) -> Flask:
    """The WSGI app of the web listener: the pages of the shelf, JSON under /api/."""
    server = Flask("dashboards")
    server.register_blueprint(api.blueprint(reader))
    dash = index.Dashboard(
        "dashboards",
        server=cast(Any, server),
        serve_locally=True,
        assets_url_path="files",  # /assets/<name> is an asset's story
        suppress_callback_exceptions=True,
        title="Tierline",
        update_title="",
        compress=False,
        add_log_handler=False,
        meta_tags=[
            {"name": "viewport", "content": "width=device-width, initial-scale=1"},
            {"name": "color-scheme", "content": "light dark"},
        ],
    )
    dash.layout = _layout()
    _route(dash, reader)
    _renew(dash, reader)
    _explain(dash, reader)
    _choose(dash)
    for page in shelf.shelf().values():
        if hasattr(page, "wire"):
            page.wire(dash, reader)
    serving.speak(server)
    serving.guard(server, dash)
    serving.pack(server)
    return server


def _skeleton() -> html.Div:
    """The page's outline until its numbers are there."""
    bones = [dmc.Skeleton(height=height, radius=2) for height in (28, 210, 520)]
    return html.Div(bones, className="bones", **words.aria(busy="true"))


def _layout() -> dmc.MantineProvider:
    skip = html.A("Skip to the numbers", href="#page", className="skip")
    toggle = dmc.ColorSchemeToggle(
        lightIcon="☀",
        darkIcon="☾",
        variant="subtle",
        size="md",
        className="scheme",
        **words.aria(label="light or dark"),
    )
    top = html.Header([html.Div(id="band", className="band-inner"), toggle], className="band")
    page = html.Main(_skeleton(), id="page", tabIndex="-1")
    return dmc.MantineProvider(
        [
            dcc.Location(id="url", refresh="callback-nav"),
            dcc.Interval(id="tick", interval=EVERY_MINUTE),
            dcc.Store(id="seen"),
            skip,
            top,
            page,
        ],
        defaultColorScheme="auto",
        theme={"fontFamily": "var(--font)", "primaryColor": "gray", "defaultRadius": 4, "focusRing": "auto"},
    )


def draw(reader: Reader, path: str | None, search: str | None) -> tuple[list[Any], Any]:
    """(header, page) for an address; a failure is said in the page, the header stays usable."""
    place = (path or "/").rstrip("/") or "/"
    ask = scope.parse(search)
    if ask.lang:
        locale.enter(locale.choose(ask.lang))
    try:
        return header.band(reader.snapshot(), place, ask), _page(reader, place, ask, search or "")
    except TierlineError as error:
        return _safe_band(reader, place, ask), cards.trouble(str(error), "The other pages and /metrics still work.")
    except Exception:
        LOG.exception("drawing %s%s", path, search)
        words = "This page could not be drawn; the log says why."
        return _safe_band(reader, place, ask), cards.trouble(words, "The other pages and /metrics still work.")


def _safe_band(reader: Reader, place: str, ask: Ask) -> list[Any]:
    try:
        return header.band(reader.snapshot(), place, ask)
    except Exception:
        LOG.exception("drawing the header of %s", place)
        return [dcc.Link("Tierline", href="/", className="brand")]


def _page(reader: Reader, place: str, ask: Ask, search: str) -> Any:
    """The page of an address; one with choices of its own in the query (``OWN``) reads them itself."""
    found = shelf.find(place)
    if found is not None:
        page, rest = found
        if (lost := nowhere.window(reader.snapshot(), ask, place)) is not None:
            return lost
        own = {"own": scope.own(search, page.OWN)} if hasattr(page, "OWN") else {}
        return page.render(reader, ask, rest, **own)
    links = [html.Li(dcc.Link(words, href=scope.link(path, ask))) for path, words in shelf.nav()]
    nothing = cards.empty(f"Nothing stands at {place}.", "The address may be misspelt, or of another version.")
    return html.Div(
        [html.H1("There is no such page"), nothing, cards.panel("These are there", html.Ul(links, className="pages"))],
        className="narrow",
    )


def _route(dash: Dash, reader: Reader) -> None:
    """Draw on every change of the address."""

    @dash.callback(
        Output("band", "children"),
        Output("page", "children"),
        Output("seen", "data"),
        Input("url", "pathname"),
        Input("url", "search"),
    )
    def show(path: str | None, search: str | None) -> tuple[list[Any], Any, str]:
        return *draw(reader, path, search), _evaluation(reader)


def _evaluation(reader: Reader) -> str:
    """Which evaluation is shown; "" where there is none or it cannot be read."""
    try:
        return str(reader.snapshot().as_of or "")
    except TierlineError:
        return ""


def _renew(dash: Dash, reader: Reader) -> None:
    """A page left open follows the evaluations; a KPI's page keeps what is being read, only its header moves on."""

    @dash.callback(
        Output("band", "children", allow_duplicate=True),
        Output("page", "children", allow_duplicate=True),
        Output("seen", "data", allow_duplicate=True),
        Input("tick", "n_intervals"),
        State("url", "pathname"),
        State("url", "search"),
        State("seen", "data"),
        prevent_initial_call=True,
    )
    def renew(ticks: int | None, path: str | None, search: str | None, seen: str | None) -> tuple[Any, Any, Any]:
        return renewed(reader, path, search, seen)


def renewed(reader: Reader, path: str | None, search: str | None, seen: str | None) -> tuple[Any, Any, Any]:
    """(header, page, evaluation) after a newer evaluation, or no_update for what stays."""
    newest = _evaluation(reader)
    if newest == (seen or ""):
        return no_update, no_update, no_update
    band, page = draw(reader, path, search)
    reading = (path or "").startswith(("/kpi/", "/assets"))
    return band, no_update if reading else page, newest


def _explain(dash: Dash, reader: Reader) -> None:
    """What stands behind a number follows the page that shows it."""

    @dash.callback(
        Output("why", "children"),
        Output("drivers", "children"),
        Output("behind-facts", "children"),
        Input("behind", "data"),
    )
    def explain(asked: dict[str, str]) -> tuple[Any, Any, Any]:
        return explained(reader, asked["kpi"], asked["search"])


def explained(reader: Reader, kpi_id: str, search: str) -> tuple[Any, Any, Any]:
    """(why, assets, facts); a failure is said in the first and leaves the page as it is."""
    try:
        return behind.render(reader, scope.parse(search), kpi_id)
    except TierlineError as error:
        return cards.trouble(str(error), "The number and its trend above are as evaluated."), None, None
    except Exception:
        LOG.exception("explaining %s%s", kpi_id, search)
        words = "The facts behind this number could not be read; the log says why."
        return cards.trouble(words, "The number and its trend are as evaluated."), None, None


def _choose(dash: Dash) -> None:
    """A choice in the header goes into the address, where it can be kept and shared."""

    @dash.callback(
        Output("url", "search"),
        [Input(field, "value") for field in FIELDS],
        State("url", "search"),
        prevent_initial_call=True,
    )
    def choose(*values: Any) -> Any:
        *chosen, before = values
        picked = dict(zip(header.FIELDS, chosen, strict=True))
        return narrowed(picked, before)


def narrowed(picked: dict[str, str | None], before: str | None) -> Any:
    """The new query string, or no_update where the choice is what the address already says."""
    ask = scope.parse(before)
    tier = picked.get("tier")
    changes = {**picked, "window": picked.get("window") or ask.window, "tier": None if tier is None else int(tier)}
    after = scope.search(ask, **changes)
    return no_update if after == scope.search(ask) else scope.kept(after, before)

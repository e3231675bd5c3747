"""The JSON API beside the pages: the same results, unrounded."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, request

from dashboards.format.cells import cell
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader
from dashboards.report.forms import FORMS, draw
from dashboards.wording import answering
from slo.errors import ConfigError, TierlineError

FACTS = 10_000
COLUMNS = ("verdict", "at", "asset", "reason", "value", "source", "kind", "id", "url", "responsible", "began")


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _json(body: Any, status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False, default=_plain)
    return Response(text + "\n", status=status, mimetype="application/json")


def table(facts: Iterable[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    told = ({**fact, "began": answering.began(fact)} for fact in facts)
    writer.writerows([cell(fact.get(column)) for column in COLUMNS] for fact in told)
    return out.getvalue()


def _ask() -> Ask:
    return scope.parse(request.query_string.decode())


def _file(period: str, ask: Ask) -> str:
    """A report's file name without its ending."""
    parts = ("tierline", period, ask.team, ask.domain)
    return "-".join(re.sub(r"[^A-Za-z0-9_.-]+", "-", part) for part in parts if part)


def _named(body: bytes | str, kind: str, name: str, how: str = "attachment") -> Response:
    """A body of a media type under a file name, to be kept or (``inline``) looked at."""
    return Response(body, mimetype=kind, headers={"Content-Disposition": f'{how}; filename="{name}"'})


def _report(reader: Reader, name: str, ask: Ask) -> Response:
    period, _, form = name.rpartition(".")
    if form not in FORMS or not period:
        raise ConfigError(f"{name}: write a period and a form, as 2026-10.pdf; forms are {', '.join(FORMS)}")
    body = draw(reader.report(period, ask), form)
    # HTML is looked at, the others are kept.
    return _named(body, FORMS[form], f"{_file(period, ask)}.{form}", "inline" if form == "html" else "attachment")


def blueprint(reader: Reader) -> Blueprint:
    """/api/results, /api/sources, /api/coverage, /api/kpi/<id>, /api/kpi/<id>/explain, /api/kpi/<id>/facts.csv,
    /api/report/<period>.<form>."""
    routes = Blueprint("tierline_api", __name__, url_prefix="/api")

    @routes.get("/results")
    def results() -> Response:
        found = list(reader.snapshot().results)
        if request.args.get("window"):
            found = [one for one in found if one["window"]["name"] == request.args["window"]]
        return _json(found)

    @routes.get("/sources")
    def sources() -> Response:
        return _json(list(reader.snapshot().sources))

    @routes.get("/coverage")
    def coverage() -> Response:
        return _json(list(reader.snapshot().coverage))

    @routes.get("/kpi/<kpi>")
    def show(kpi: str) -> Response:
        return _json(reader.show(kpi, _ask()))

    @routes.get("/kpi/<kpi>/explain")
    def explain(kpi: str) -> Response:
        return _json(reader.explain(kpi, _ask(), FACTS))

    @routes.get("/kpi/<kpi>/facts.csv")
    def facts(kpi: str) -> Response:
        body = table(reader.explain(kpi, _ask(), FACTS).get("facts") or ())
        return _named(body, "text/csv", f"{kpi}.csv")

    @routes.get("/report/<name>")
    def report(name: str) -> Response:
        return _report(reader, name, _ask())

    @routes.errorhandler(TierlineError)
    def refuse(error: TierlineError) -> Response:
        return _json({"error": str(error)}, 400 if isinstance(error, ConfigError) else 503)

    return routes

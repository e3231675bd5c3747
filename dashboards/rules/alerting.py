"""Alerting rules: the four alerts of the watch, and two for when Tierline itself is not there to tell them."""

from __future__ import annotations

from dashboards.metrics.alerting import AFFECTED
from dashboards.metrics.product import EVALUATED
from dashboards.rules import templates
from dashboards.rules.rule import AGE, STALE, Alert, guarded, one_each, selected

OWN = {"tierline": "true"}
"""Tierline knows its own alerts by it and keeps them out of alert_precision."""
LASTING = "1m"
"""One more evaluation says the same; Tierline has already judged what is a blip."""
KEPT = "5m"
"""A failed scrape or a restart ends every series: an alert is over when it has been gone for so long. Where all series
are gone for so long, TierlineDown fires."""
BY = "job, cause, team, tier, severity"
_CAUSE, _AFFECTED = "{{ $labels.cause }}", "assets affected: {{ $value }}, the most critical of tier {{ $labels.tier }}"


def rules(page: str, job: str | None, team: str) -> list[Alert]:
    """``page``: the dashboard's address; ``job``: the scrape job that they are for (None: every one, and only the
    absence of all is an alert); ``team``: who is told of Tierline itself."""
    asset = templates.asset_page(page)
    return [
        _quoted(
            job, "DatasetLate", f"{_CAUSE} is late or makes others late; {_AFFECTED}",
            f"{_CAUSE} is the earliest in lineage that is late or failed." + _of("DatasetLate"), asset,
        ),
        _quoted(
            job, "RunFailing", f"{_CAUSE} fails or has not run; {_AFFECTED}",
            "No run has succeeded" + templates.since("RunFailing") + "." + _of("RunFailing"), asset,
        ),
        _quoted(
            job, "BudgetBurning", f"The error budget {_CAUSE} burns too fast",
            "It burns faster than its policy allows." + templates.budget(templates.CAUSE),
            templates.objective_page(page),
        ),
        _quoted(
            job, "TierlineBlind", f"Tierline is blind: {_CAUSE}",
            "What rests on it is not judged until it is read again; the sources' page says since when, and why.",
            f"{page}/sources",
        ),
        _stale(page, job, team),
        _absent(page, job, team),
    ]  # fmt: skip


def _of(alert: str) -> str:
    return templates.open_ones() + templates.eaten(alert)


def _quoted(job: str | None, name: str, summary: str, description: str, page: str) -> Alert:
    """An alert of the watch, by the cause that it is grouped by. The budget it eats is no label: it may change."""
    expr = guarded(one_each(BY, selected(AFFECTED.name, job, alert=name)))
    called = name if name.startswith("Tierline") else f"Tierline{name}"
    said = {"summary": summary, "description": description, "dashboard": page}
    return Alert(called, expr, LASTING, OWN, said, KEPT)


def _itself(team: str) -> dict[str, str]:
    return OWN | {"severity": "ticket", "team": templates.plain(team)}


def _stale(page: str, job: str | None, team: str) -> Alert:
    said = {
        "summary": "Tierline's newest evaluation is {{ $value | humanizeDuration }} old",
        "description": "Nothing newer has been judged, so its other alerts end without being over. Look at the "
        "log of `tierline serve`: who evaluates, and at what it stopped.",
        "dashboard": f"{page}/sources",
    }
    return Alert("TierlineEvaluationStale", f"{selected(AGE, job)} >= {STALE}", "2m", _itself(team), said, KEPT)


def _absent(page: str, job: str | None, team: str) -> Alert:
    return Alert("TierlineDown", f"absent({selected(EVALUATED.name, job)})", "5m", _itself(team), {
        "summary": "Tierline tells no evaluation",
        "description": "Prometheus gets no moment of an evaluation: the process is down, has not evaluated yet, was "
        "never scraped, or the target is wrong. Its other alerts, if any were open, end without being over.",
        "dashboard": page,
    })  # fmt: skip

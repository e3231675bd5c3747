"""Unit tests of the rules for ``promtool test rules``: what fires, what it says, and what keeps each of them quiet.

The expected sentences are written out here, not made by the templates."""

from __future__ import annotations

from typing import Any

from dashboards.metrics.alerting import (
    AFFECTED,
    INFO,
    LATE,
    LEFT,
    LOOKBACK_RATE,
    PRESENT,
    RUNS_OUT,
    SINCE,
    THRESHOLD,
    WORST,
)  # fmt: skip
from dashboards.metrics.product import EVALUATED
from dashboards.rules.recording import BURN, OPEN, OVER
from dashboards.rules.rule import quoted

SLO = "pipeline_success_rate-platform-1"
_ALIVE, _DEAD = "0+60x40", "0+60x5 300x35"


def document(rules: str, page: str, asked: str | None, team: str) -> dict[str, Any]:
    """``rules``: the file under test; ``asked``: the job that the rules name, if they name one; ``team``: who is told
    of Tierline itself."""
    job = asked or "tierline"
    return {
        "rule_files": [rules], "evaluation_interval": "30s",
        "tests": [
            _late(page, job), _two_processes(page, job), _gaps(page, job), _stale(page, job, team),
            _burning(page, job), _blind(page, job), _absent(page, asked, team), _jobs(job, asked),
        ],
    }  # fmt: skip


def _series(name: str, values: str, **labels: str) -> dict[str, str]:
    return {"series": _named(name, **labels), "values": values}


def _named(name: str, **labels: str) -> str:
    return f"{name}{{{','.join(f'{key}={quoted(value)}' for key, value in labels.items())}}}"


def _case(name: str, series: list[dict[str, str]], alerts: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"interval": "1m", "name": name, "input_series": series, "alert_rule_test": alerts, **more}


def _expected(at: str, alert: str, labels: dict[str, str] | None = None, **said: str) -> dict[str, Any]:
    """The alert with labels and sentences; without labels nothing."""
    found = [] if labels is None else [{"exp_labels": {**labels, "tierline": "true"}, "exp_annotations": said}]
    return {"eval_time": at, "alertname": alert, "exp_alerts": found}


def _alert(job: str, alert: str, cause: str, count: int, slo: str = "", **more: str) -> dict[str, str]:
    labels = {"alert": alert, "severity": "ticket", "cause": cause, "team": "orders", "tier": "0", "slo": slo} | more
    return _series(AFFECTED.name, f"{count}x40", job=job, **labels)


def _labels(job: str, cause: str, **more: str) -> dict[str, str]:
    return {"job": job, "cause": cause, "team": "orders", "tier": "0", "severity": "ticket"} | more


def _late(page: str, job: str) -> dict[str, Any]:
    """One alert for a cause and all that it holds up; it says what is open and the budget that it eats."""
    open_since = {"cause": "airflow/load", "team": "orders", "tier": "0", "domain": "sales"}
    return _case("a late dataset and the one that waits for it are one alert", [
        _series(EVALUATED.name, _ALIVE, job=job),
        _alert(job, "DatasetLate", "airflow/load", 2, SLO),
        _series(LATE.name, "7200x40", job=job, asset="db/orders", **open_since),
        _series(LATE.name, "3600x40", job=job, asset="db/report", **open_since),
        _series(LEFT.name, "0.25x40", job=job, slo=SLO),
        _series(PRESENT.name, "3.5x40", job=job, slo=SLO), _series(RUNS_OUT.name, "99999x40", job=job, slo=SLO),
    ], [
        _expected("30s", "TierlineDatasetLate"),
        _expected(
            "10m", "TierlineDatasetLate", _labels(job, "airflow/load"),
            summary="airflow/load is late or makes others late; assets affected: 2, the most critical of tier 0",
            description="airflow/load is the earliest in lineage that is late or failed. Open: db/orders (2h 0m 0s), "
            f"db/report (1h 0m 0s). Budget left: 25% of {SLO}. "
            "Burn in the last 3 days: 3.5 times the even pace. Gone by 1970-01-02 03:46 UTC at that pace.",
            dashboard=f"{page}/assets/airflow%2Fload",
        ),
    ])  # fmt: skip


def _two_processes(page: str, job: str) -> dict[str, Any]:
    """Two processes that expose the same make one alert, and one count; a budget that comes up makes no second."""
    held = {"job": job, "instance": "b"}
    return _case("two processes, one alert", [
        _series(EVALUATED.name, _ALIVE, job=job, instance="a"), _series(EVALUATED.name, _DEAD, **held),
        _alert(job, "RunFailing", "airflow/load", 1, instance="a"),
        _alert(job, "RunFailing", "airflow/load", 1, SLO, instance="b"),
        _series(SINCE.name, "1800x40", job=job, alert="RunFailing", cause="airflow/load"),
    ], [
        _expected(
            "20m", "TierlineRunFailing", _labels(job, "airflow/load"),
            summary="airflow/load fails or has not run; assets affected: 1, the most critical of tier 0",
            description="No run has succeeded since 1970-01-01 00:30 UTC.", dashboard=f"{page}/assets/airflow%2Fload",
        ),
    ], promql_expr_test=[
        {"expr": OPEN, "eval_time": "20m", "exp_samples": [
            {"labels": _named(OPEN, job=job, severity="ticket", team="orders"), "value": 1}]},
    ])  # fmt: skip


def _gaps(page: str, job: str) -> dict[str, Any]:
    """A scrape that failed at minute 10 and a restart from 16 to 20: the alert is the one that began at 0, until it has
    been gone for five minutes. The name of its cause is odd."""
    cause, gaps = "wh/a b+c%?", "stale 660+60x4 stale _ _ _ 1200+60x20"
    open_, name = "1x9 stale 1x4 stale _ _ _ 1x9 stale", "TierlineDatasetLate"
    said = {
        "summary": f"{cause} is late or makes others late; assets affected: 1, the most critical of tier 0",
        "description": f"{cause} is the earliest in lineage that is late or failed.",
        "dashboard": f"{page}/assets/wh%2Fa%20b%2Bc%25%3F",
    }
    began = _named("ALERTS_FOR_STATE", alertname=name, tierline="true", **_labels(job, cause))
    return _case("a failed scrape, then a restart, and it is still the same alert", [
        _series(EVALUATED.name, f"0+60x9 {gaps}", job=job),
        {**_alert(job, "DatasetLate", cause, 1), "values": open_},
    ], [
        *(_expected(at, name, _labels(job, cause), **said) for at in ("9m", "10m", "11m", "16m", "19m30s", "34m30s")),
        _expected("35m", name),
        *(_expected(at, "TierlineDown") for at in ("10m", "19m30s")),
    ], promql_expr_test=[
        {"expr": began, "eval_time": "25m", "exp_samples": [{"labels": began, "value": 0}]},
    ])  # fmt: skip


def _stale(page: str, job: str, team: str) -> dict[str, Any]:
    """An evaluation that stopped at minute 5: what it said counts until minute 15, and is kept on for five more; that
    it is old is said two minutes after the fifteenth."""
    words = {
        "description": "Nothing newer has been judged, so its other alerts end without being over. Look at the "
        "log of `tierline serve`: who evaluates, and at what it stopped.",
        "dashboard": f"{page}/sources",
    }
    own = {"job": job, "severity": "ticket", "team": team}
    return _case("a stale evaluation says nothing of now, and is an alert of its own", [
        _series(EVALUATED.name, _DEAD, job=job), _alert(job, "RunFailing", "airflow/load", 1),
    ], [
        _expected("14m", "TierlineRunFailing", _labels(job, "airflow/load"),
                  summary="airflow/load fails or has not run; assets affected: 1, the most critical of tier 0",
                  description="No run has succeeded.", dashboard=f"{page}/assets/airflow%2Fload"),
        _expected("21m", "TierlineRunFailing"),
        _expected("14m", "TierlineEvaluationStale"),
        _expected("20m", "TierlineEvaluationStale", own,
                  summary="Tierline's newest evaluation is 15m 0s old", **words),
        _expected("20m", "TierlineDown"),
    ])  # fmt: skip


def _burning(page: str, job: str) -> dict[str, Any]:
    """The burn of a lookback is that of its slower part; with one part alone there is none."""
    lookback = {"job": job, "slo": SLO, "lookback": "daily"}
    page_of = f"/slo/pipeline_success_rate/platform-1-0?window=30d&tier={0}"
    return _case("a burning budget", [
        _series(EVALUATED.name, _ALIVE, job=job),
        _alert(job, "BudgetBurning", SLO, 1, SLO, severity="page", team="platform"),
        _series(INFO.name, "1x40", job=job, slo=SLO, page=page_of),
        _series(LEFT.name, "-0.5x40", job=job, slo=SLO),
        _series(WORST.name, "0.6x40", job=job, slo=SLO, asset="airflow/load"),
        _series(WORST.name, "0.4x40", job=job, slo=SLO, asset="airflow/send"),
        _series(LOOKBACK_RATE.name, "6x40", part="long", **lookback),
        _series(LOOKBACK_RATE.name, "4.5x40", part="short", **lookback),
        _series(LOOKBACK_RATE.name, "9x40", part="long", **{**lookback, "lookback": "slow"}),
        _series(THRESHOLD.name, "3x40", severity="ticket", **lookback),
    ], [
        _expected(
            "10m", "TierlineBudgetBurning", _labels(job, SLO, severity="page", team="platform"),
            summary=f"The error budget {SLO} burns too fast",
            description=f"It burns faster than its policy allows. Budget left: -50% of {SLO}. "
            "Most of what was bad: airflow/load (60%), airflow/send (40%).",
            dashboard=f"{page}{page_of}",
        ),
    ], promql_expr_test=[
        {"expr": BURN, "eval_time": "10m", "exp_samples": [{"labels": _named(BURN, **lookback), "value": 4.5}]},
        {"expr": OVER, "eval_time": "10m", "exp_samples": [
            {"labels": _named(OVER, **lookback, severity="ticket"), "value": 1.5}]},
    ])  # fmt: skip


def _blind(page: str, job: str) -> dict[str, Any]:
    """What has no tier has no label of it."""
    own = {"job": job, "severity": "ticket", "team": "platform"}
    return _case("a source that is not read", [
        _series(EVALUATED.name, _ALIVE, job=job),
        _alert(job, "TierlineBlind", "airflow-prod", 1, tier="", team="platform"),
    ], [
        _expected(
            "10m", "TierlineBlind", {**own, "cause": "airflow-prod"},
            summary="Tierline is blind: airflow-prod",
            description="What rests on it is not judged until it is read again; the sources' page says since when, and "
            "why.",
            dashboard=f"{page}/sources",
        ),
        _expected("10m", "TierlineDown"),
    ])  # fmt: skip


def _absent(page: str, asked: str | None, team: str) -> dict[str, Any]:
    """No series at all: after five minutes it is said; the labels are the rule's own, with the job it names."""
    own = {"severity": "ticket", "team": team} | ({"job": asked} if asked else {})
    return _case("Tierline is not there", [_series("up", "0x40", job="other")], [
        _expected("4m", "TierlineDown"),
        _expected(
            "6m", "TierlineDown", own, summary="Tierline tells no evaluation",
            description="Prometheus gets no moment of an evaluation: the process is down, has not evaluated yet, was "
            "never scraped, or the target is wrong. Its other alerts, if any were open, end without being over.",
            dashboard=page,
        ),
    ])  # fmt: skip


def _jobs(job: str, asked: str | None) -> dict[str, Any]:
    """Each deployment has a job of its own: what one of them says is neither ended nor kept on by another. Rules for
    one job are silent of the other, which has rules of its own."""
    other = f"{job}-staging"
    well = [] if asked else [{"labels": _named("", job=other), "value": 1}]
    return _case("two deployments, the first one hung", [
        _series(EVALUATED.name, _DEAD, job=job), _series(EVALUATED.name, _ALIVE, job=other),
        _alert(job, "TierlineBlind", "airflow", 1), _alert(other, "TierlineBlind", "airflow", 1),
    ], [], promql_expr_test=[
        {"expr": f"count by (job) (ALERTS{{alertname={quoted(alert)},alertstate=\"firing\"}})", "eval_time": "21m",
         "exp_samples": found}
        for alert, found in (
            ("TierlineEvaluationStale", [{"labels": _named("", job=job), "value": 1}]), ("TierlineBlind", well),
        )
    ])  # fmt: skip

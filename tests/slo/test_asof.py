"""A fact as it looked at an instant."""

from __future__ import annotations

from datetime import timedelta

from slo.facts.asof import all_seen, last_moment, moments_after, seen
from tests.slo.tellings import HOUR, START, fact, run

INSTANT = timedelta(microseconds=1)


def test_a_run_that_ends_later_is_running_and_one_that_starts_later_is_absent() -> None:
    told = run("1", "p", START, "failed", minutes=60)
    during = seen(told, START + HOUR - INSTANT)
    assert during is not None and (during.state, during.ended_at) == ("running", None)
    after = seen(told, START + HOUR)
    assert after is told
    assert seen(told, START - INSTANT) is None
    assert seen(told, START) is not None


def test_what_is_planned_may_lie_ahead() -> None:
    item = fact("work_item", "1", kind="support", opened_at=START, due_at=START + 9 * HOUR, closed_at=START + 5 * HOUR,
                outcome="done")  # fmt: skip
    then = seen(item, START + HOUR)
    assert then is not None
    assert (then.due_at, then.closed_at, then.outcome) == (START + 9 * HOUR, None, None)


def test_an_alert_is_not_yet_acknowledged_and_keeps_its_label() -> None:
    alert = fact(
        "alert", "1", fired_at=START, acknowledged_at=START + HOUR, resolved_at=START + 2 * HOUR, label="noise"
    )
    then = seen(alert, START + HOUR)
    assert then is not None
    assert (then.acknowledged_at, then.resolved_at, then.label) == (START + HOUR, None, "noise")


def test_spans_of_an_incident_are_cut() -> None:
    spans = [[START, START + HOUR], [START + 3 * HOUR, START + 4 * HOUR]]
    incident = fact("incident", "1", started_at=START, spans=spans)
    ends = [(one.spans if (one := seen(incident, START + at * HOUR)) else None) for at in (0.5, 2, 3.5, 4)]
    assert ends == [
        [[START, None]], [[START, START + HOUR]], [[START, START + HOUR], [START + 3 * HOUR, None]], spans,
    ]  # fmt: skip


def test_coverage_reaches_as_of_at_most() -> None:
    watched = fact("coverage", "1", start=START, end=START + 5 * HOUR)
    then = seen(watched, START + 2 * HOUR)
    assert then is not None and then.end == START + 2 * HOUR


def test_the_last_moment_and_those_to_come() -> None:
    told = run("1", "p", START, minutes=60)
    assert last_moment(told, START + 30 * HOUR) == START + HOUR
    assert last_moment(told, START + HOUR / 2) == START
    assert moments_after(told, START) == [START + HOUR]
    assert moments_after(told, START - HOUR) == [START, START + HOUR]
    assert moments_after(told, START + HOUR) == []
    assert all_seen([told, run("2", "p", START + 9 * HOUR)], START + HOUR) == [told]

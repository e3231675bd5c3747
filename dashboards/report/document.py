"""The document of a period: all that the heart told, as figures, verdicts and sentences ready to be drawn."""

from __future__ import annotations

from typing import Any, Literal

from dashboards import format as fmt
from dashboards.format import locale
from dashboards.report import cards, figures, margins, misses, summary
from dashboards.report.sealing import plain
from dashboards.report.shape import Asked, Period, Report, Said
from dashboards.report.told import Told
from dashboards.wording import decided, words

KINDS: dict[str, Literal["month", "week", "quarter", "half"]] = {
    "M": "month",
    "W": "week",
    "Q": "quarter",
    "H": "half",
}
"""Periods that are reported, by the kind of their window."""


def document(told: Told) -> dict[str, Any]:
    """The whole report as plain data, with its hash. The same told gives the same bytes, whoever asks: it is written in
    English, whatever the reader's locale."""
    with locale.using(locale.ENGLISH):
        return plain(_report(told))


def _report(told: Told) -> Report:
    made = summary.promises(told)
    state = state_of(told)
    restricted = margins.restricted(told)
    coverage = margins.coverage(told)
    own = told.own
    noted = decided.of_period(told.decided, own[0]["window"]) if own else []
    intro = [_about(told), summary.asked(told), coverage.text, restricted.text]
    as_of = told.as_of.astimezone(told.zone)
    return Report(
        period=_period(told),
        scope=Asked(told.team, told.domain, told.profile, words.subject(told.of_whom)),
        as_of=as_of.isoformat(),
        as_of_text=figures.moment(as_of, told.zone),
        timezone=str(told.zone),
        state=state,
        state_text=state_text(told, state),
        closed=None,
        title=summary.title(told, made),
        intro=[text for text in intro if text],
        restricted=restricted,
        counts=summary.counts(made),
        counts_text=summary.counts_text(told, made),
        promises=made,
        misses=misses.misses(told),
        changes=summary.changed(told),
        changes_text=summary.changes_text(told),
        cost=summary.cost(told),
        words=told.words,
        restated=margins.restated(margins.news(told), told.as_of, told.zone),
        excluded=margins.excluded(told),
        disputed=margins.disputed(told),
        noted=[Said(*pair) for pair in noted],
        table=summary.table(told),
        families=cards.families(told),
        coverage=coverage,
        definitions=margins.definitions(told),
        reading=list(margins.READING),
    )


def _period(told: Told) -> Period:
    window = told.window
    start, end = (edge.astimezone(told.zone).isoformat() for edge in (window.start, window.end))
    return Period(window.name, KINDS[window.kind], figures.title(window), start, end, told.before.name,
                  figures.title(told.before))  # fmt: skip


def _about(told: Told) -> str:
    first, last = fmt.day(told.window.first_day, full=True), fmt.day(told.window.last_day, full=True)
    judged = f", judged by the {words.profile(told.profile)} profile" if told.profile else ""
    as_of = figures.moment(told.as_of, told.zone)
    return f"Data platform report of {first} to {last}{judged}; as of {as_of}; all times {told.zone}."


def state_of(told: Told) -> Literal["open", "provisional"]:
    """A period that nobody has closed."""
    return "open" if told.window.end > told.as_of else "provisional"


def state_text(told: Told, state: str) -> str:
    """What may still change."""
    if state == "open":
        return "The period is still running: its figures are those of the days so far."
    waiting = sum(bool(one["provisional"]) for one in told.own)
    unsettled = f" Of {fmt.plural(waiting, 'line')} a source has not settled (◇)." if waiting else ""
    return f"The period is not closed yet: later facts may still change these figures.{unsettled}"

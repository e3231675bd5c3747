"""Results as metric families: names, labels, units. One family a KPI; platform totals and breakdowns apart, so that
sum() is safe; no data gives no sample. Families come most important first, since the exporter cuts at a cap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboards.reading import scope
from dashboards.reading.reader import Snapshot

Result = Mapping[str, Any]
Sample = tuple[tuple[str, ...], float]
PREFIX = "dataplatform_"
ROLLING = ("1d", "7d", "28d")
CUTS = ("tier", "team", "domain")


@dataclass
class Family:
    """One gauge (or counter) family: its samples are (label values, value)."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    samples: list[Sample] = field(default_factory=list)

    def add(self, labels: Iterable[Any], value: float | None) -> None:
        if value is not None:
            self.samples.append((tuple(str(label) for label in labels), float(value)))


def window_labels(results: Iterable[Result]) -> dict[str, str]:
    """Window name -> its stable label: 1d, 7d, 28d, month, previous_month. Other windows are not exported."""
    labels = {name: name for name in ROLLING}
    months = {one["window"]["name"]: one for one in results if len(one["window"]["name"]) == 7}
    current = [name for name, one in months.items() if _running(one)]
    ended = sorted(name for name in months if name not in current)
    for name in current[-1:]:
        labels[name] = "month"
    for name in ended[-1:]:
        labels[name] = "previous_month"
    return labels


def _running(result: Result) -> bool:
    return datetime.fromisoformat(result["window"]["end"]) > datetime.fromisoformat(result["as_of"])


def dimension(result: Result) -> str | None:
    """ "" for the platform's total, the one dimension of a breakdown, None for a finer cut (not exported)."""
    cut = [key for key, value in result["scope"].items() if value is not None]
    if not cut:
        return ""
    return cut[0] if len(cut) == 1 and cut[0] in CUTS else None


class _Shelf:
    """Families by name, kept in the order in which they are first asked for."""

    def __init__(self) -> None:
        self.families: dict[str, Family] = {}

    def __call__(self, name: str, words: str, *labels: str) -> Family:
        return self.families.setdefault(name, Family(name, words, labels))


def of(snapshot: Snapshot) -> list[Family]:
    """Every family of the snapshot's results, in order of importance; families without a sample are left out."""
    windows = window_labels(snapshot.results)
    known = [(windows[one["window"]["name"]], one) for one in snapshot.results if one["window"]["name"] in windows]
    parts = {cut: [(window, one) for window, one in known if dimension(one) == cut] for cut in ("", *CUTS)}
    shelf = _Shelf()
    _values(shelf, "", parts[""])
    _judgements(shelf, parts[""])
    _counts(shelf, "", parts[""])
    for fill in (_values, _counts):
        for cut in CUTS:
            fill(shelf, cut, parts[cut])
    return [family for family in shelf.families.values() if family.samples]


Part = Sequence[tuple[str, Result]]


def _label(result: Result, cut: str) -> tuple[Any, ...]:
    return (result["scope"][cut],) if cut else ()


def _values(shelf: _Shelf, cut: str, part: Part) -> None:
    """dataplatform_<metric>{window}, dataplatform_<cut>_<metric>{<cut>,window}."""
    infix = f"{cut}_" if cut else ""
    labels = (cut, "window") if cut else ("window",)
    for window, one in part:
        where = f", by {cut}" if cut else ", the whole platform"
        family = shelf(PREFIX + infix + one["metric"], f"{one['title']}{where}: {one['definition']}", *labels)
        family.add((*_label(one, cut), window), one["value"])


def _judgements(shelf: _Shelf, part: Part) -> None:
    """Verdicts, targets and error budgets of the whole platform's targets."""
    status = shelf(
        PREFIX + "kpi_status",
        "1 for the KPI's headline status, one series a KPI and window; published: no target of it is adopted.",
        "kpi",
        "window",
        "status",
    )
    for window, one in part:
        status.add((one["kpi"], window, _word(scope.profile_status(one, None))), 1)
        for entry in one["targets"]:
            _target(shelf, window, one, entry)
            if window == "28d":
                _bound(shelf, one, entry)


def _word(status: str) -> str:
    return status.replace(" ", "_")


def _target(shelf: _Shelf, window: str, one: Result, entry: Mapping[str, Any]) -> None:
    labels = ("kpi", "profile", "row", "window")
    own = (one["kpi"], entry["profile"], entry["row"], window)
    status = shelf(
        PREFIX + "slo_status",
        "1 for the target's status, one series a target and window; published: nobody has adopted it.",
        *labels,
        "status",
    )
    promised = scope.is_judged(entry, None)
    status.add((*own, _word(entry["status"]) if promised else "published"), 1)
    budget = (entry.get("budget") if promised else None) or {}
    shelf(
        PREFIX + "slo_error_budget_remaining_ratio", "Share of the error budget left; negative when overspent.", *labels
    ).add(own, budget.get("remaining"))
    shelf(
        PREFIX + "slo_burn_rate",
        "Bad share over the allowed bad share: 1 spends the budget exactly in its window.",
        *labels,
    ).add(own, budget.get("burn_rate"))


def _bound(shelf: _Shelf, one: Result, entry: Mapping[str, Any]) -> None:
    """dataplatform_target_<metric>: the promised figures, in the KPI's own unit."""
    if entry["form"] not in scope.BOUNDS:
        return
    tier = scope.narrower(entry, one).get("tier")
    family = shelf(
        f"{PREFIX}target_{one['metric']}",
        f"Target figures of: {one['title']}; bound is floor or stretch.",
        "profile",
        "row",
        "tier",
        "bound",
    )
    for bound in ("floor", "stretch"):
        family.add((entry["profile"], entry["row"], "" if tier is None else tier, bound), entry.get(bound))


_PARTS = (
    ("good", "Good events (or seconds) that the ratio stands on; it can be restated."),
    ("bad", "Bad events (or seconds) that the ratio stands on; it can be restated."),
    ("unknown", "Events (or seconds) that could not be observed or judged."),
)
_FINE = ("", "tier")
"""Cuts that also tell what is unknown and how much was observed; teams and domains are many, so they tell less."""


def _counts(shelf: _Shelf, cut: str, part: Part) -> None:
    """What stands behind the values: dataplatform_slo_good{kpi,window}, ..., coverage."""
    infix = f"{cut}_" if cut else ""
    labels = ("kpi", cut, "window") if cut else ("kpi", "window")
    for window, one in part:
        own = (one["kpi"], *_label(one, cut), window)
        for key, words in _PARTS if cut in _FINE else _PARTS[:2]:
            judged = one.get("good") is not None
            shelf(f"{PREFIX}{infix}slo_{key}", words, *labels).add(own, one.get(key) if judged else None)
        if cut not in _FINE:
            continue
        shelf(
            f"{PREFIX}{infix}slo_coverage_ratio", "Share of what was expected that was really observed.", *labels
        ).add(own, one.get("coverage"))
        if not cut and one.get("good") is None:
            shelf(PREFIX + "slo_samples", "Samples behind a mean or quantile.", *labels).add(own, one.get("n"))


def product(snapshot: Snapshot) -> list[Family]:
    """tierline_*: the product itself, and its sources."""
    shelf = _Shelf()
    for name, words, when in (
        ("tierline_last_evaluation_timestamp_seconds", "When the results were last evaluated.", snapshot.evaluated_at),
        ("tierline_as_of_timestamp_seconds", "The moment that the results speak of.", snapshot.as_of),
    ):
        shelf(name, words).add((), _epoch(when))
    for source in sorted(snapshot.sources, key=lambda one: one["name"]):
        _source(shelf, source)
    for kind, stored in sorted(snapshot.facts.items()):
        shelf("tierline_facts", "Facts stored, by kind.", "kind").add((kind,), stored)
    return [family for family in shelf.families.values() if family.samples]


def _epoch(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _source(shelf: _Shelf, source: Mapping[str, Any]) -> None:
    own = (source["name"],)
    last, took = source.get("last_success"), source.get("duration")
    for name, words, value in (
        (
            "last_success_timestamp_seconds",
            "When the source was last read without an error.",
            _epoch(last),
        ),
        ("up", "1 when the source's last pass succeeded.", float(bool(source.get("ok", True)))),
        (
            "stale",
            "1 when the source is older than its interval and settle time allow.",
            float(bool(source.get("stale"))),
        ),
        ("last_pass_duration_seconds", "How long the last pass took.", took),
        ("last_pass_facts", "Facts stored by the last pass.", source.get("facts")),
        ("set_aside", "Records set aside, which could not be taken.", source.get("set_aside")),
        ("failed_passes", "Failed passes among the last ones kept.", source.get("errors")),
    ):
        shelf(f"tierline_source_{name}", words, "source").add(own, value)


def ages(snapshot: Snapshot, now: datetime) -> Family:
    """tierline_source_age_seconds, the one family that moves between two evaluations."""
    family = Family("tierline_source_age_seconds", "Time since the source was last read without an error.", ("source",))
    for source in sorted(snapshot.sources, key=lambda one: one["name"]):
        last = source.get("last_success")
        family.add((source["name"],), last and max((now - last).total_seconds(), 0.0))
    return family


def capped(families: Iterable[Family], cap: int) -> tuple[list[Family], int]:
    """The first ``cap`` series in order, and how many were left out; a family is cut at its sorted end."""
    kept: list[Family] = []
    left, dropped = cap, 0
    for family in families:
        samples = sorted(family.samples)
        taken = samples[:left]
        left -= len(taken)
        dropped += len(samples) - len(taken)
        if taken:
            kept.append(Family(family.name, family.help, family.labels, taken))
    return kept, dropped


def everything(snapshot: Snapshot, cap: int) -> Iterator[Family]:
    """The product's families whole, the results' up to the cap, and the cap itself said."""
    own = product(snapshot)
    said_elsewhere = 2 + len(snapshot.sources)  # the cap's own two, and the ages
    room = max(cap - sum(len(family.samples) for family in own) - said_elsewhere, 0)
    kept, dropped = capped(of(snapshot), room)
    yield from own
    yield from kept
    yield Family("tierline_series_cap", "The most series exposed (setting of the exporter).", (), [((), float(cap))])
    yield Family(
        "tierline_series_dropped",
        "Series left out because of the cap; breakdowns go first.",
        (),
        [((), float(dropped))],
    )

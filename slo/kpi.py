"""The contract of a KPI. A KPI maps facts to judged items; everything else (states,
windows, scopes, targets, explanations) follows from the items and from what it declares about itself.

One file a KPI under ``slo/kpis/``, named by its id, holding one subclass of :class:`Kpi`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from slo.assets import BEGINNING
from slo.beside.pairs import Figure
from slo.calendars import DAY
from slo.facts import Fact, place
from slo.left_out import LeftOut
from slo.measure import Item, State
from slo.store import ChangeRow, Mark
from slo.view import View
from slo.windows import Window, directly_before

if TYPE_CHECKING:
    from slo.folding import Scope

Params = Mapping[str, Any]
PLACED = (
    "run", "dataset_update", "check_result", "incident", "alert", "change", "work_item", "meter", "distribution",
    "figure",
)  # fmt: skip
WORDED = {
    "change": "kind", "work_item": "kind", "entry": "kind", "meter": "meter", "distribution": "metric", "figure": "kpi",
}  # fmt: skip
"""Fact kinds that hold several words, and the field that says which."""
READINGS = ("meter", "distribution", "figure")
"""A reading of a whole day belongs to that day in its own zone, which may begin before the platform's."""
LOOKED_BACK = timedelta(days=400)
"""How far before anybody watched for it something expected is told of as unseen: more than any calendar window."""
AT_MOST = timedelta(days=3660)
"""How far back something is judged whose asset is said to expect it since long ago ("1970-01-01", meaning always)."""


@dataclass(frozen=True)
class Reading:
    """A merged state with where it was read: what a KPI turns into the figures people see."""

    view: View
    window: Window
    params: Params
    state: Any
    """The merged state of the scope."""
    before: Any = None
    """The merged state of the days it is compared with, for KPIs that compare."""
    matches: Callable[[list[list[str | None]], int | None], bool] = lambda matches, tier: True
    """Whether the (asset, team, domain) triples and the tier of a platform row are in the asked scope."""
    days: frozenset[date] = frozenset()
    """Days of the window on which anything counted."""
    around: Mapping[str, Any] = field(default_factory=dict)
    """The merged states of the other stretches of days that the KPI asked for, by its names."""
    by_asset: Callable[[], Mapping[str | None, Any]] = dict
    """Asset -> its own merged state of the window in the scope; worked out when it is called."""
    light: bool = False
    """Only the value is wanted, not what stands beside it."""
    scope: Scope | None = None
    """The asked scope; None: the whole platform."""


@dataclass(frozen=True)
class Figures:
    """What is read off a state: the value (None: no data), its size for the minimum sample, and the parts to show."""

    value: float | None
    n: float
    parts: dict[str, Any] = field(default_factory=dict)
    good: int | float | None = None
    bad: int | float | None = None
    coverage: float | None = None
    provisional: bool = False
    """Something in the window has not settled, whatever the clock says."""
    counts: bool = False
    """``good`` and ``bad`` are events or seconds to judge on, exactly."""
    left_out: LeftOut = field(default_factory=LeftOut)
    """What was excluded by decision."""
    samples: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    """Of figures beside the value that a clause may name: their own sample and its minimum."""
    state: State | None = None
    """The merged state it was read from: what a change is told from noise by."""


class Kpi(ABC):
    """Declares what it measures; ``items`` does the measuring."""

    id: ClassVar[str]
    title: ClassVar[str]
    family: ClassVar[str]
    lens: ClassVar[str] = "lagging"
    """leading or lagging."""
    measure: ClassVar[type[State]]
    unit: ClassVar[str]
    better: ClassVar[str]
    """up, down, band or neither."""
    definition: ClassVar[str]
    formula: ClassVar[str]
    """In words, as explain prints it."""
    not_counted: ClassVar[str] = ""
    example: ClassVar[str] = ""
    """Worked with figures, in a sentence or two."""
    sentence: ClassVar[str] = ""
    """Its value as a title says it, with {value}, {when} and {who}, {whose} or {whose_cap}; empty: by its own title."""
    nouns: ClassVar[tuple[str, str]] = ("case", "bad case")
    """What a Ratio counts, and one that is bad."""
    facts: ClassVar[tuple[str, ...]]
    """Fact kinds whose changes it hears of."""
    needs: ClassVar[tuple[tuple[str, ...], ...]]
    """Evidence: of each group at least one "kind" or "kind.field" must be told by some source. For a field may
    stand a word of the fact's own kind ("change.deployment", "meter.cost"): a source says whether it tells these."""
    witness: ClassVar[str] = ""
    """"kind" or "kind.word" whose silence is a nought for a Count or Distinct; empty: the first of ``facts``."""
    by_asset: ClassVar[bool] = True
    """Its units are (asset, day); otherwise the platform's own days, each fact a row that may match several assets."""
    minimum: ClassVar[int] = 5
    """Under this sample there is no verdict."""
    complement: ClassVar[bool] = False
    """The value shown is bad / total."""
    seconds: ClassVar[bool] = False
    """A Ratio of time, kept in microseconds, shown in seconds."""
    amounts: ClassVar[bool] = False
    """A Ratio of amounts that need not be whole (requests that were extrapolated), kept in millionths."""
    singly: ClassVar[bool] = False
    """Each item is one of what its states count: how many there are is known without reading them."""
    by_profile: ClassVar[tuple[str, ...]] = ()
    """Parameters that an asked profile's own target chooses for the headline."""
    pick: ClassVar[str] = "mean"
    """Which figure of Samples is the value: mean, median or p95."""
    defaults: ClassVar[dict[str, Any]] = {}
    """Parameters and their defaults; a target or ``--param`` may choose others."""
    choices: ClassVar[dict[str, tuple[Any, ...]]] = {}
    dates: ClassVar[tuple[str, ...]] = ()
    """Parameters that are days, written as 2026-03-01."""
    asset_fields: ClassVar[tuple[str, ...]] = ()
    """Fields of an asset, beside its dimensions, that the items rest on."""
    expects: ClassVar[str | None] = None
    """The asset field that calls for things to happen (schedule, freshness): their absence is judged, too."""
    reread: ClassVar[bool] = False
    """Needs what it is compared with, too: the window directly before, unless ``compared_with`` says otherwise."""
    per_asset_reading: ClassVar[bool] = False
    """Its state must be read asset by asset, not from roll-ups."""
    timed: ClassVar[bool] = False
    """Its items change by the clock alone: what is due, or open, is looked at again on quiet days, too."""
    shown_beside: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Figures that are shown beside the value: part -> what it is, in words, and its unit."""
    restricted: ClassVar[bool] = False
    """What it counts tells an outsider where the platform is weak: left out of the report's default copy."""
    pair: ClassVar[str | Figure | None] = None
    """What it misleads without, shown beside it: another KPI (a caveat where that one is missed), or a figure of its
    own (a caveat where that is broken)."""
    version: ClassVar[int] = 1
    """Of the definition: raised, its states are rebuilt."""

    @abstractmethod
    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        """Judged items placed in [start, end). ``assets`` None means all; platform KPIs get None always."""

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        """Which units the changes touch. The default: the day the fact belongs to, now and before."""
        for fact in tellings(changes):
            moment = place(fact)
            if moment is not None:
                day = view.day(moment)
                yield Mark(getattr(fact, "asset", None) if self.by_asset else None, day, day)

    def seen_until(self, view: View, asset: str, start: datetime, end: datetime) -> datetime:
        """Until when it makes a difference whether an asset was watched in [start, end)."""
        return end

    def excluded_in(self, view: View, start: datetime, end: datetime) -> Iterator[Mark]:
        """What an exclusion of [start, end) reaches beyond its own days."""
        return iter(())

    def extent(self, view: View, asset: str | None) -> datetime | None:
        """The first instant at which the asset (None: the platform) can have an item."""
        moments = [self._first(view, kind, asset) for kind in self.facts if kind in PLACED]
        if self.expects is not None:
            moments.append(_first_expected(view, asset or "", self.expects, self.facts[0]))
        return min((moment for moment in moments if moment is not None), default=None)

    def _first(self, view: View, kind: str, asset: str | None) -> datetime | None:
        where: dict[str, Any] = {"placed_at": (None, None)}
        if self.by_asset:
            where["asset"] = asset
        found = view.store.read(kind, where, limit=1)
        first = place(found[0]) if found else None
        return first if first is None or kind not in READINGS else first - 2 * DAY

    def looks_ahead(self, view: View) -> timedelta:
        """How long after a day what is told of later moments may still change its verdicts (a deployment is good once
        nothing followed for a day)."""
        return timedelta(0)

    def witnesses(self, view: View) -> list[str]:
        """Sources whose silence is a nought: they have told such facts by as-of. One that tells other words of the kind
        only (a repository without tags and its deployments) is no witness of none."""
        kind, _, word = (self.witness or self.facts[0]).partition(".")
        telling = view.sources_telling([kind])
        return [source for source in telling if _has_told(view, source, kind, word)]

    def around(self, window: Window, as_of: datetime) -> Mapping[str, tuple[date, date]]:
        """Other stretches of days, first to last, whose states it reads beside the window's (the quarter before)."""
        return {}

    def compared_with(self, window: Window, params: Params) -> tuple[date, date]:
        """The first and the last of the days that ``Reading.before`` holds."""
        before = directly_before(window)
        return before.first_day, before.last_day

    @property
    def scale(self) -> int:
        """How many of what its Ratio keeps make one of what is shown."""
        return 1_000_000 if self.seconds or self.amounts else 1

    def figures(self, reading: Reading) -> Figures:
        """The value and its parts. Every KPI of a measure reads the same way unless it says otherwise."""
        from slo.figures import read  # it reads KPIs, so it stands above this contract

        return read(self, reading)

    def worth(self, reading: Reading) -> Mapping[str, Fraction] | None:
        """What each asset adds to the value, of a KPI that ranks its assets against one another: a group of them alone
        would be ranked otherwise. None: it does not rank."""
        return None

    @property
    def metric(self) -> str:
        """The metric's name without ``dataplatform_`` (kpi_rules, section 9)."""
        return self.id.removesuffix("_rate") + METRIC_SUFFIX[self.unit]


def _has_told(view: View, source: str, kind: str, word: str) -> bool:
    """Whether a source ever told such a fact by as-of, looked up once a view."""
    key = f"tells:{source}:{kind}.{word}"
    if key not in view.kept:
        where = {"source": source} | ({WORDED[kind]: word} if word else {})
        view.kept[key] = bool(view.read(kind, where, limit=1))
    return bool(view.kept[key])


METRIC_SUFFIX = {
    "ratio": "_ratio", "seconds": "_seconds", "business_days": "_business_days", "per_week": "_per_week",
    "per_month": "_per_month", "hours_per_week": "_hours_per_week", "count": "", "score": "",
    "currency_per_terabyte": "_per_terabyte",
}  # fmt: skip


def _first_expected(view: View, asset: str, name: str, kind: str) -> datetime | None:
    """Since when a field of the asset calls for facts of a kind: since it was told, but not long before its witness
    watched. Of a witness that gives no moment at all, a while before now."""
    history = view.history(asset)
    found = []
    for moment in history.breaks:
        told = history.told(moment).get(name)
        if told is not None:
            seen = next((start for start, _ in view.watched(told.source, kind, asset)), BEGINNING)
            found.append(max(moment, (view.as_of if seen == BEGINNING else min(seen, view.as_of)) - LOOKED_BACK))
    return max(min(found), view.as_of - AT_MOST) if found else None


def tellings(changes: Iterable[ChangeRow]) -> Iterator[Fact]:
    """Both sides of every change."""
    for change in changes:
        for fact in (change.old, change.new):
            if fact is not None:
                yield fact

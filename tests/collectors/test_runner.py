"""The runner: what is read in which order, what a kill leaves, versions, coverage, listings, set-asides."""

from __future__ import annotations

import contextlib
import functools
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors.base import Enumerated, Period, Raw, Source, SourceSettings
from collectors.runner import Progress, Runner, RunRecord
from slo import interchange
from slo.engine import Engine
from slo.errors import ConfigError, RetriableError, StoreError
from slo.platform import Platform, SourceInfo
from slo.results import Query
from slo.store import Store

T0 = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LEAD = timedelta(hours=25)
"""What is read before what is said to be observed."""


class Clock:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.at = T0

    def __call__(self) -> datetime:
        return self.at


@dataclass
class World:
    """What the fake source shows."""

    runs: list[dict[str, Any]] = field(default_factory=list)
    assets: dict[str, dict[str, Any]] = field(default_factory=dict)
    updates: list[datetime] = field(default_factory=list)
    """When the dataset ``d`` landed."""
    listed: bool = True
    periods: list[Period] = field(default_factory=list)
    dies: Callable[[Period, int], None] | None = None
    extra: list[Raw | Enumerated] = field(default_factory=list)


class Fake(Source):
    plugin, title, family = "fake", "Fake", "orchestrator"
    tells = {"run": ("asset", "state"), "asset": ("asset",), "dataset_update": ("asset",)}
    settle = timedelta(minutes=10)
    chunk = timedelta(days=7)
    world: World

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        self.world.periods.append(period)
        self.memory["passes"] = self.memory.get("passes", 0) + 1
        if period.latest:
            for name, content in self.world.assets.items():
                yield Raw("asset", {"fact": "asset", "asset": self.asset(name), **content})
            if self.world.listed:
                yield Enumerated("asset", frozenset(self.asset(name) for name in self.world.assets))
        for number, run in enumerate(self.world.runs):
            if self.world.dies:
                self.world.dies(period, number)
            moment = run["updated"] if period.incremental else run["at"]
            if period.start <= moment and (period.latest or moment < period.end):
                yield Raw("run", run)
        for at in self.world.updates:
            if period.start <= at and (period.latest or at < period.end):
                yield Raw("update", {"fact": "dataset_update", "id": str(at), "asset": self.asset("d"), "at": at})
        yield from self.world.extra

    def parse(self, raw: Raw) -> Iterator[dict[str, Any]]:
        if raw.kind == "run":
            data = raw.data
            yield {
                "fact": "run",
                "id": data["id"],
                "asset": self.asset("p"),
                "state": data["state"],
                "due_at": data["at"],
            }
        else:
            yield dict(raw.data)


def run(name: str, ago: timedelta, state: str = "success") -> dict[str, Any]:
    return {"id": name, "at": T0 - ago, "updated": T0 - ago, "state": state}


@dataclass
class House:
    store: Store
    clock: Clock
    world: World
    source: Fake
    runner: Runner

    def collect(self, **options: Any) -> RunRecord:
        return self.runner.collect("fake", **options)

    def later(self, step: timedelta) -> None:
        self.clock.at += step

    def ids(self, kind: str = "run") -> list[str]:
        return sorted(fact.id for fact in self.store.read(kind))

    def spans(self) -> list[tuple[datetime, datetime]]:
        return sorted((fact.start, fact.end) for fact in self.store.read("coverage"))  # type: ignore[attr-defined]

    def versions(self, name: str) -> list[Any]:
        found = self.store.read("asset", {"asset": f"fake/{name}"})
        return sorted(found, key=lambda version: version.valid_from)


@functools.cache
def _empty_store() -> Path:
    """A migrated store, made once and copied."""
    path = Path(tempfile.mkdtemp()) / "empty.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


def build(path: Path, world: World, people: Mapping[str, str] | None = None, **settings: Any) -> House:
    clock = Clock()
    shutil.copy(_empty_store(), path)
    store = Store(f"sqlite:///{path}")
    source = Fake("fake", SourceSettings(history_days=30, **settings), clock)
    source.world = world
    return House(store, clock, world, source, Runner(store, [source], clock, people=people))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = build(tmp_path / "t.db", World())
    yield made
    made.store.close()


def test_the_first_pass_reads_the_newest_day_then_backwards(house: House) -> None:
    house.world.runs = [run("new", timedelta(hours=1)), run("old", 20 * DAY), run("too-old", 32 * DAY)]
    seen: list[Progress] = []
    record = house.collect(progress=seen.append)
    spans = [(period.start, period.end, period.incremental, period.latest) for period in house.world.periods]
    assert spans == [
        (T0 - DAY - LEAD, T0, False, True),
        (T0 - 8 * DAY - LEAD, T0 - DAY - LEAD, False, False),
        (T0 - 15 * DAY - LEAD, T0 - 8 * DAY - LEAD, False, False),
        (T0 - 22 * DAY - LEAD, T0 - 15 * DAY - LEAD, False, False),
        (T0 - 29 * DAY - LEAD, T0 - 22 * DAY - LEAD, False, False),
        (T0 - 30 * DAY - LEAD, T0 - 29 * DAY - LEAD, False, False),
    ]
    assert [(one.start, one.floor) for one in seen] == [(start, T0 - 30 * DAY - LEAD) for start, *_ in spans]
    assert house.ids() == ["new", "old"]
    assert (record.ok, record.facts, record.unchanged, record.set_aside) == (True, 8, 0, 0)
    assert house.spans() == [(T0 - 30 * DAY, T0)]
    assert house.store.read("coverage")[0].kinds == ["dataset_update", "run"]  # type: ignore[attr-defined]


def test_later_passes_read_from_the_watermark_less_the_settle_time(house: House) -> None:
    house.world.runs = [run("r", timedelta(hours=1), "running")]
    house.collect()
    house.later(timedelta(minutes=5))
    house.world.runs[0].update(state="success", updated=T0 - timedelta(minutes=9))
    house.world.periods.clear()
    record = house.collect()
    at = T0 + timedelta(minutes=5)
    assert house.world.periods == [Period(T0 - timedelta(minutes=10), at, incremental=True, latest=True)]
    assert [fact.state for fact in house.store.read("run")] == ["success"]  # type: ignore[attr-defined]
    assert record.facts == 2, "the run and the longer coverage"
    assert house.spans() == [(T0 - 30 * DAY, at)]


def test_a_second_pass_over_the_same_changes_nothing(house: House) -> None:
    house.world.runs = [run("r", timedelta(minutes=1))]
    house.world.assets = {"p": {"tier": 1, "tags": ["a"]}}
    house.collect()
    before = house.store.read("run"), house.store.read("asset")
    house.later(timedelta(seconds=30))
    record = house.collect()
    assert (house.store.read("run"), house.store.read("asset")) == before
    assert (record.facts, record.unchanged) == (1, 1), "coverage grew; the run was told again as known"


class Killed(BaseException):
    """What a signal does to the process, as far as the store can tell."""


RUNS = [run(f"r{days}", timedelta(days=days, hours=1)) for days in (0, 3, 10, 29)]
WRITES = ("upsert", "write", "add_source_run")


def kill_at(store: Store, moment: int, after: bool, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Kills at the store's write number ``moment``, before it or right after it was committed. Returns how many
    writes are left until then."""
    left = [moment]

    def wrapped(write: Callable[..., Any]) -> Callable[..., Any]:
        def deadly(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] == 0 and not after:
                raise Killed(signal.SIGKILL)
            answer = write(*args, **kwargs)
            if left[0] == 0 and write.__name__ != "write":
                raise Killed(signal.SIGKILL)
            return answer

        return deadly

    for name in WRITES:
        monkeypatch.setattr(store, name, wrapped(getattr(store, name)))
    return left


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("moment", [1, 2, 3, 4, 5, 6, 7, 11, 15])
def test_a_kill_between_any_two_writes_loses_nothing_and_doubles_nothing(
    tmp_path: Path, moment: int, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = build(tmp_path / "calm.db", World(RUNS, {"p": {}}))
    calm.collect()
    shaken = build(tmp_path / "shaken.db", World(RUNS, {"p": {}}))
    with monkeypatch.context() as patch:
        left = kill_at(shaken.store, moment, after, patch)
        with contextlib.suppress(Killed):
            shaken.collect()
        assert left[0] <= 0, "the pass has fewer writes than that"
    assert shaken.collect().ok
    for kind in ("run", "asset", "coverage"):
        assert shaken.store.read(kind) == calm.store.read(kind)
    calm.store.close()
    shaken.store.close()


@pytest.mark.parametrize("moment", [0, 3, 9, 23])
def test_a_kill_while_reading_loses_nothing_and_doubles_nothing(house: House, tmp_path: Path, moment: int) -> None:
    calm = build(tmp_path / "calm.db", World(RUNS, {"p": {}}))
    calm.collect()
    calls = iter(range(1000))

    def dies(period: Period, number: int) -> None:
        if next(calls) == moment:
            raise Killed(signal.SIGKILL)

    house.world.runs, house.world.assets, house.world.dies = RUNS, {"p": {}}, dies
    with pytest.raises(Killed):
        house.collect()
    house.world.dies = None
    assert house.collect().ok
    for kind in ("run", "asset", "coverage"):
        assert house.store.read(kind) == calm.store.read(kind)
    calm.store.close()


def test_history_goes_on_where_the_killed_pass_was(house: House) -> None:
    def dies(period: Period, number: int) -> None:
        if period.end < T0 - 14 * DAY:
            raise Killed

    house.world.runs, house.world.dies = [run("r", DAY / 2)], dies
    with pytest.raises(Killed):
        house.collect()
    assert house.spans() == [(T0 - 15 * DAY, T0)]
    house.world.dies = None
    house.world.periods.clear()
    house.later(timedelta(hours=1))
    house.collect()
    starts = [(period.start, period.end) for period in house.world.periods]
    assert starts == [
        (T0 - timedelta(minutes=10), T0 + timedelta(hours=1)),
        (T0 - 22 * DAY - LEAD, T0 - 15 * DAY - LEAD),
        (T0 - 29 * DAY - LEAD, T0 - 22 * DAY - LEAD),
        (T0 - 30 * DAY - LEAD, T0 - 29 * DAY - LEAD),
    ]
    assert house.spans() == [(T0 - 30 * DAY, T0 + timedelta(hours=1))]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati"])
@pytest.mark.parametrize("history", [False, True], ids=["the newest alone", "the history too"])
def test_what_landed_before_the_first_deadline_seen_was_read(house: House, zone: str, history: bool) -> None:
    """Lands each day one minute after its local midnight, and is due 23:58: 20 hours or more before, at any clock."""

    def dies(period: Period, number: int) -> None:
        if not period.latest and not history:
            raise Killed

    midnights = [(T0 - back * DAY).astimezone(ZoneInfo(zone)).replace(hour=0) for back in range(-1, 40)]
    landed = [midnight + timedelta(minutes=1) for midnight in midnights]
    house.world.runs = [run("r", timedelta(hours=1)), run("old", 5 * DAY)]
    house.world.updates, house.world.dies, house.world.listed = [at for at in landed if at <= T0], dies, False
    house.world.assets = {"d": {
        "kind": "dataset", "valid_from": T0 - 90 * DAY,
        "freshness": {"deadline": "23:58", "tz": zone, "days": "daily"},
    }}  # fmt: skip
    with contextlib.nullcontext() if history else pytest.raises(Killed):
        house.collect()
    told = shown(house, "freshness_slo_attainment")
    seen = T0 - (30 if history else 1) * DAY
    first = min(due for due in (at.replace(hour=23, minute=58) for at in landed) if due >= seen)
    assert (told["good"], told["bad"]) == ((T0 - first).total_seconds(), 0), "fresh from the first deadline seen"


def shown(house: House, kpi: str) -> dict[str, Any]:
    """A KPI of the 40 days up to now, evaluated."""
    info = SourceInfo("fake", house.source.tells, house.source.settle, timedelta(minutes=5), "production")
    engine = Engine(house.store, Platform(sources=(info,)))
    engine.refresh(house.clock())
    answer: dict[str, Any] = engine.show(kpi, Query(window="40d"), house.clock())
    return answer


def test_what_was_stored_before_an_error_stays_and_the_watermark_waits(house: House) -> None:
    house.collect()

    def dies(period: Period, number: int) -> None:
        raise RetriableError("https://x/: HTTP 503. It kept failing.")

    house.later(DAY)
    house.world.runs, house.world.dies = [run("r", -DAY / 2)], dies
    record = house.collect()
    assert (record.ok, record.error) == (False, "https://x/: HTTP 503. It kept failing.")
    assert house.spans() == [(T0 - 30 * DAY, T0)], "what was not read was not observed"
    house.world.dies = None
    house.later(DAY)
    assert house.collect().ok
    assert house.world.periods[-1].start == T0 - timedelta(minutes=10)
    assert house.spans() == [(T0 - 30 * DAY, T0 + 2 * DAY)]
    assert house.ids() == ["r"]
    assert [(one["ok"], one["error"]) for one in house.store.source_runs("fake")] == [
        (True, None),
        (False, "https://x/: HTTP 503. It kept failing."),
        (True, None),
    ]


def test_one_source_failing_never_stops_another(house: House) -> None:
    class Broken(Fake):
        def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
            raise KeyError("dag_id")

    broken = Broken("broken", SourceSettings(), house.clock)
    runner = Runner(house.store, [broken, house.source], house.clock)
    first, second = runner.collect_all()
    assert (first.ok, second.ok) == (False, True)
    assert first.error == "broken: KeyError: 'dag_id'. That is a fault of the collector 'fake'."


def test_a_failing_store_stops_the_pass(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(house.store, "upsert", full)
    with pytest.raises(StoreError, match="disk is full"):
        house.collect()


def test_an_unknown_source_is_named_with_those_there_are(house: House) -> None:
    with pytest.raises(ConfigError, match="source 'fivetran' is not configured; expected one of fake"):
        house.runner.collect("fivetran")


def test_since_and_full_read_history_again(house: House) -> None:
    house.world.runs = [run("r", 10 * DAY, "failed")]
    house.collect()
    house.world.runs = [{**run("r", 10 * DAY), "updated": T0 - 10 * DAY}, run("older", 40 * DAY)]
    house.world.periods.clear()
    house.collect(since=T0 - 12 * DAY)
    assert [(period.start, period.end) for period in house.world.periods[1:]] == [
        (T0 - 7 * DAY, T0),
        (T0 - 12 * DAY - LEAD, T0 - 7 * DAY),
    ]
    assert [fact.state for fact in house.store.read("run")] == ["success"]  # type: ignore[attr-defined]
    house.collect(since=T0 - 41 * DAY)
    assert house.ids() == ["older", "r"]
    assert house.spans() == [(T0 - 41 * DAY, T0)]
    house.world.periods.clear()
    house.collect(full=True)
    assert house.world.periods[-1].start == T0 - 30 * DAY - LEAD


def test_a_gap_stays_a_gap_where_the_source_shows_the_present_only(tmp_path: Path) -> None:
    house = build(tmp_path / "t.db", World(), interval=timedelta(minutes=5))
    house.source.has_history = False  # type: ignore[misc]
    house.collect()
    assert house.spans() == [], "one look is no stretch"
    house.later(timedelta(minutes=5))
    house.collect()
    house.later(timedelta(hours=3))
    house.collect()
    house.later(timedelta(minutes=5))
    house.collect()
    minutes = [tuple((moment - T0) / timedelta(minutes=1) for moment in span) for span in house.spans()]
    assert minutes == [(0, 5), (185, 190)]
    assert all(period.latest for period in house.world.periods)
    house.store.close()


def test_an_asset_is_known_from_the_pass_on_and_versioned_when_it_changes(house: House) -> None:
    house.world.assets = {"p": {"schedule": "0 6 * * *"}}
    house.collect()
    house.later(timedelta(hours=1))
    house.collect()
    house.world.assets = {"p": {"schedule": "0 * * * *", "tier": 1}}
    house.later(timedelta(hours=1))
    house.collect()
    told = [(one.id, one.valid_from, one.schedule, one.tier, one.first_seen) for one in house.versions("p")]
    second = T0 + timedelta(hours=2)
    assert told == [
        ("fake/p@2026-11-21T12:00:00Z", T0, "0 6 * * *", None, None),
        ("fake/p@2026-11-21T14:00:00Z", second, "0 * * * *", 1, None),
    ]
    assert house.versions("p")[0].environment == "production"


def test_a_corrected_asset_gives_no_new_version(house: House) -> None:
    house.world.assets = {"p": {"team": "core", "first_seen": "2026-11-01T00:00:00Z"}}
    house.collect()
    version = house.versions("p")[0]
    laid = {"tier": 1, "team": None, "first_seen": "2026-10-01T00:00:00Z"}
    target = {"target_fact": "asset", "target_source": "fake", "target_id": version.id}
    correction = {"fact": "correction", "source": "by-hand", "id": "c", **target, "set": laid}
    house.store.upsert([interchange.parse(correction)])
    assert (house.versions("p")[0].tier, house.versions("p")[0].team) == (1, None)
    house.later(DAY)
    house.collect()
    assert len(house.versions("p")) == 1


def test_first_seen_is_told_only_after_the_first_complete_listing(house: House) -> None:
    house.world.assets, house.world.listed = {"a": {}}, False
    house.collect()
    house.world.assets, house.world.listed = {"a": {}, "b": {}}, True
    house.later(DAY)
    house.collect()
    house.world.assets = {"a": {}, "b": {}, "c": {}}
    house.later(DAY)
    house.collect()
    house.world.assets = {"a": {}, "b": {}, "c": {"tier": 2}}
    house.later(DAY)
    house.collect()
    assert [house.versions(name)[-1].first_seen for name in "abc"] == [None, None, T0 + 2 * DAY]
    assert len(house.versions("c")) == 2


def test_what_a_listing_lacks_is_retired_and_comes_back(house: House) -> None:
    house.world.assets = {name: {"tier": 1} for name in "abcd"}
    house.collect()
    house.later(DAY)
    del house.world.assets["a"]
    house.collect()
    house.later(DAY)
    house.collect()
    house.world.assets["a"] = {"tier": 1}
    house.later(DAY)
    house.collect()
    told = [(one.valid_from - T0, one.retired, one.tier) for one in house.versions("a")]
    assert told == [(timedelta(0), None, 1), (DAY, True, 1), (3 * DAY, None, 1)]


def test_an_incomplete_pass_retires_nothing(house: House) -> None:
    house.world.assets = {"a": {}, "b": {}}
    house.collect()

    def dies(period: Period, number: int) -> None:
        raise RetriableError("gone")

    house.later(DAY)
    house.world.assets, house.world.runs, house.world.dies = {"a": {}}, [run("r", -DAY)], dies
    house.collect()
    assert [one.retired for one in house.versions("b")] == [None]


@pytest.mark.parametrize(("known", "left"), [(20, 9), (3, 0)])
def test_a_listing_that_lacks_most_is_doubted(house: House, known: int, left: int) -> None:
    house.world.assets = {f"a{number}": {} for number in range(known)}
    house.collect()
    house.later(DAY)
    house.world.assets = {f"a{number}": {} for number in range(left)}
    house.world.runs = [run("r", -DAY / 2)]
    record = house.collect()
    assert record.error == (
        f"fake: its listing lacks {known - left} of {known} known asset entries. That looks like a fault or a lost "
        "right, so nothing was marked as gone. If they are really gone: tierline collect fake --full"
    )
    assert house.ids() == ["r"], "everything else is stored"
    assert house.spans() == [(T0 - 30 * DAY, T0 + DAY)]
    assert not any(one.retired for one in house.store.read("asset"))  # type: ignore[attr-defined]
    assert house.collect(full=True).ok
    assert sum(bool(one.retired) for one in house.store.read("asset")) == known - left  # type: ignore[attr-defined]


def test_other_kinds_are_told_as_deleted_and_edges_as_gone(house: House) -> None:
    item = {"fact": "work_item", "kind": "finding", "opened_at": "2026-11-01T00:00:00Z"}
    edges = [Raw("edge", {"fact": "edge", "id": name, "upstream": name, "downstream": "z"}) for name in ("a", "b")]
    items = [Raw("item", {**item, "id": name}) for name in ("i1", "i2")]
    house.source.tells = {"work_item": (), "edge": ()}  # type: ignore[misc]
    house.world.extra = [*items, *edges, Enumerated("work_item", frozenset({"i1", "i2"}))]
    house.collect()
    house.later(DAY)
    house.world.extra = [
        items[0], edges[0],
        Enumerated("work_item", frozenset({"i1"})), Enumerated("edge", frozenset({"a"})),
    ]  # fmt: skip
    assert house.collect().ok
    assert house.ids("work_item") == ["i1"]
    told = [(edge.id, edge.seen_at, edge.gone_at) for edge in house.store.read("edge")]  # type: ignore[attr-defined]
    assert sorted(told) == [("a", T0, None), ("b", T0, T0 + DAY)]


def test_a_record_that_does_not_parse_is_set_aside_and_the_others_go_in(house: House) -> None:
    house.world.runs = [run("good", timedelta(hours=1)), run("odd", timedelta(hours=2), "perplexed")]
    house.world.extra = [Raw("other", {"fact": "alert", "id": "x"}), Raw("other", 7)]
    record = house.collect(since=T0 - DAY)
    assert (record.ok, record.set_aside) == (True, 3)
    assert house.ids() == ["good"]
    aside = {(one["place"], one["error"]) for one in house.store.set_asides("fake")}
    assert ("fake: other", "alert.fired_at: missing; every alert names its fired_at") in aside
    assert ("fake: other", "TypeError: 'int' object is not iterable") in aside
    assert any(place == "fake: run" and "run.state: 'perplexed'" in error for place, error in aside)


def test_owners_are_teams_and_an_unmapped_person_is_not_stored(tmp_path: Path) -> None:
    people = {"ada@example.com": "core", "bob": "ops"}
    house = build(tmp_path / "t.db", World(), people)
    owners = {"a": "Ada <ADA@example.com>", "b": "eve@example.com", "c": "Bob", "d": "finance-eng"}
    house.world.assets = {name: {"owner": owner, "team": owner} for name, owner in owners.items()}
    house.collect()
    told = {name: (house.versions(name)[0].owner, house.versions(name)[0].team) for name in owners}
    assert told == {"a": ("core", "core"), "b": (None, None), "c": ("ops", "ops"), "d": ("finance-eng", "finance-eng")}
    house.store.close()


def test_texts_lose_the_addresses_in_them(tmp_path: Path) -> None:
    house = build(tmp_path / "t.db", World())
    house.world.assets = {"a": {"description": "Ask Eve <eve.b+x@mail.example.com>.", "tags": ["by:bob@x.io", "core"]}}
    page = {"fact": "incident", "id": "i", "detected_at": T0, "title": "eve@example.com cannot read; checkout@v4.1"}
    house.world.extra = [Raw("other", page), Raw("other", {"fact": "alert", "id": "x", "who": "eve@example.com"})]
    assert house.collect().set_aside == 6  # the one without fired_at, in each of six periods
    assert house.store.set_asides("fake")[0]["record"] == '{"fact": "alert", "id": "x", "who": "…"}'
    version = house.versions("a")[0]
    assert (version.description, list(version.tags)) == ("Ask Eve <…>.", ["by:…", "core"])
    assert [one.title for one in house.store.read("incident")] == ["… cannot read; checkout@v4.1"]
    house.store.close()


def test_memory_is_kept_only_once_the_pass_is_stored(house: House) -> None:
    house.collect(since=T0 - DAY)
    assert house.store.source_state("fake")["memory"] == {"passes": 1}

    def dies(period: Period, number: int) -> None:
        raise RetriableError("gone")

    house.world.runs, house.world.dies = [run("r", timedelta(0))], dies
    house.collect()
    assert house.store.source_state("fake")["memory"] == {"passes": 1}
    house.world.dies = None
    house.collect(since=T0 - DAY)
    assert house.store.source_state("fake")["memory"] == {"passes": 3}, "the failed fetch is forgotten; two follow"


def test_what_a_webhook_hands_in_is_stamped_and_versioned(house: House) -> None:
    told: list[dict[str, Any]] = [
        {"fact": "run", "id": "r", "asset": "fake/p", "state": "success", "started_at": "2026-11-21T11:00:00Z"},
        {"fact": "asset", "asset": "fake/p", "owner": "eve@example.com", "tier": 1},
        {"fact": "run", "id": "bad"},
    ]
    record = house.runner.push("fake", told)
    assert (record.facts, record.set_aside) == (2, 1)
    assert house.ids() == ["r"]
    assert [(one.tier, one.owner, one.environment) for one in house.versions("p")] == [(1, None, "production")]

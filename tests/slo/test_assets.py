"""Assets in time: several sources merged field by field, dimensions filled, retired and deleted, by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from slo.assets import AssetHistory
from slo.facts import Asset
from slo.measure.item import Dims

T = datetime(2026, 11, 2, tzinfo=UTC)
DAY = timedelta(days=1)
NAME = "shop/orders"


def version(source: str, day: float | None = 0, **fields: Any) -> Asset:
    start = None if day is None else T + day * DAY
    return Asset(source=source, id=f"{source}{day}", asset=NAME, valid_from=start, **fields)


def history(*versions: Asset, order: tuple[str, ...] = ("catalog", "airflow")) -> AssetHistory:
    return AssetHistory(NAME, versions, order)


def test_field_by_field_the_first_that_says_something_in_the_order_of_trust() -> None:
    made = history(version("airflow", tier=2, team="data"), version("catalog", tier=1))
    assert (made.get("tier", T), made.get("team", T), made.get("domain", T)) == (1, "data", None)
    other = history(version("airflow", tier=2, team="data"), version("catalog", tier=1), order=("airflow", "catalog"))
    assert other.get("tier", T) == 2


def test_why_a_value_holds_is_known() -> None:
    told = history(version("airflow", team="data"), version("catalog", 3, tier=1)).told(T + 4 * DAY)
    assert [(told[name].source, told[name].since) for name in ("team", "tier")] == [
        ("airflow", T), ("catalog", T + 3 * DAY),
    ]  # fmt: skip


def test_imports_go_first_the_latest_of_them_before_the_others() -> None:
    made = history(version("catalog", tier=3), version("sheet", 1, tier=1), version("mail", 2, tier=2))
    assert [made.get("tier", T + day * DAY) for day in (0, 1, 2)] == [3, 1, 2]


def test_of_one_source_the_newest_version_speaks_alone() -> None:
    """The second version says nothing of the description: it is gone. The tier is looked back at."""
    made = history(version("catalog", tier=1, description="Orders"), version("catalog", 2, team="data"))
    later = T + 3 * DAY
    assert (made.get("description", T + DAY), made.get("description", later)) == ("Orders", None)
    assert (made.get("tier", later), made.dims(later).tier) == (None, 1)


def test_an_empty_dimension_filled_later_counts_since_the_beginning() -> None:
    made = history(version("airflow"), version("airflow", 5, tier=1, team="data", domain="sales"))
    assert made.dims(T) == Dims(1, "data", "sales", None)
    assert made.dims(T - 90 * DAY) == Dims(1, "data", "sales", None)
    assert made.get("tier", T) is None


def test_a_changed_dimension_counts_from_its_date() -> None:
    made = history(version("airflow", tier=1), version("airflow", 5, tier=2))
    instant = timedelta(microseconds=1)
    assert [made.dims(T + 5 * DAY - gap).tier for gap in (instant, timedelta(0))] == [1, 2]


def test_before_the_first_version_its_attributes_hold_but_the_asset_is_not_there() -> None:
    made = history(version("airflow", 2, tier=1, environment="staging"))
    assert made.dims(T) == Dims(1, None, None, "staging")
    assert [made.exists(T + day * DAY) for day in (0, 1.99, 2)] == [False, False, True]


def test_without_valid_from_it_was_always_there() -> None:
    made = history(version("sheet", None, tier=1))
    assert made.exists(datetime(1990, 1, 1, tzinfo=UTC))
    assert made.dims(T).tier == 1


def test_retired_it_is_gone_and_its_dimensions_stay() -> None:
    made = history(version("airflow", tier=1), version("airflow", 3, tier=1, retired=True), version("airflow", 5))
    assert [made.exists(T + day * DAY) for day in (2.9, 3, 4, 5)] == [True, False, False, True]
    assert made.dims(T + 4 * DAY).tier == 1


def test_deleted_at_an_instant_it_ends_there() -> None:
    gone = version("airflow", 0, tier=1, deleted=True, revised_at=T + 3 * DAY)
    made = history(gone)
    assert [made.exists(T + day * DAY) for day in (0, 2.9, 3)] == [True, True, False]


def test_deleted_without_an_instant_it_was_never_told() -> None:
    assert history(version("airflow", tier=1, deleted=True)).begin is None


def test_one_source_ending_leaves_the_others() -> None:
    gone = version("catalog", 0, tier=1, deleted=True, revised_at=T + 3 * DAY)
    made = history(gone, version("airflow", tier=2))
    assert [made.get("tier", T + day * DAY) for day in (1, 4)] == [1, 2]
    assert made.exists(T + 4 * DAY)


def test_nothing_told_answers_nothing() -> None:
    made = history()
    assert (made.begin, made.told(T), made.exists(T), made.dims(T)) == (None, {}, False, Dims())


def test_segments_are_cut_where_a_version_begins_or_ends() -> None:
    made = history(version("airflow"), version("catalog", 2), version("airflow", 4))
    assert made.segments(T + DAY, T + 5 * DAY) == [
        (T + DAY, T + 2 * DAY), (T + 2 * DAY, T + 4 * DAY), (T + 4 * DAY, T + 5 * DAY),
    ]  # fmt: skip
    assert made.segments(T + 5 * DAY, T + 6 * DAY) == [(T + 5 * DAY, T + 6 * DAY)]


def test_peoples_own_words_go_before_imports_and_those_before_what_was_collected() -> None:
    """tierline.yaml, then what was applied, then imports, then the sources; what is inferred comes last."""
    order = ("config", "catalog", "inferred")
    inferred = version("inferred", tier=3, team="guess", domain="guess", owner="guess", layer="guess")
    catalog = version("catalog", tier=3, team="catalog", domain="catalog", owner="catalog")
    told = [inferred, catalog, version("sheet", 1, tier=2, team="sheet", domain="sheet")]
    made = history(*told, version("applied", tier=1, team="applied"), version("config", tier=0), order=order)
    later = T + 2 * DAY
    names = ("tier", "team", "domain", "owner", "layer")
    assert [made.get(name, later) for name in names] == [0, "applied", "sheet", "catalog", "guess"]
    unconfigured = history(version("sheet", 1, tier=2), version("applied", tier=1), order=())
    assert unconfigured.get("tier", later) == 1


def test_what_is_said_of_the_whole_past_leaves_staging_out_of_production() -> None:
    """The collected version begins later than the words: its environment holds before it, too."""
    for words in ("config", "applied", "inferred"):
        made = history(version("airflow", 5, environment="staging", layer="raw"), version(words, None, tier=1))
        assert [made.dims(T + day * DAY).environment for day in (-90, 4.9, 5)] == ["staging"] * 3
        assert made.get("layer", T) is None, "other fields are what the versions say"
        assert made.ahead(T) == T + 5 * DAY


def test_an_import_without_environment_counts_as_production_before_a_later_telling() -> None:
    made = history(version("sheet", None, tier=1), version("airflow", 5, environment="staging"))
    assert [made.dims(T + day * DAY).environment for day in (0, 6)] == [None, "staging"]


def test_the_versions_in_force_the_most_trusted_first() -> None:
    made = history(version("airflow"), version("catalog", 2), version("applied", 4), version("airflow", 6))
    assert [one.source for one in made.in_force(T - DAY)] == ["airflow"]
    assert [one.id for one in made.in_force(T + 7 * DAY)] == ["applied4", "catalog2", "airflow6"]
    assert history().in_force(T) == []


def test_words_since_a_date_leave_the_time_before_to_the_first_that_was_collected() -> None:
    """Collected from day 20 on as tier 3, then 2; said to be tier 1 since day 5. An empty team is filled as ever."""
    collected = (version("airflow", 20, tier=3), version("airflow", 25, tier=2))
    made = history(*collected, version("applied", 5, tier=1, team="data"))
    assert [made.dims(T + day * DAY).tier for day in (-90, 4.9, 5, 22, 30)] == [3, 3, 1, 1, 1]
    assert made.dims(T).team == "data"
    assert history(*collected).dims(T).tier == 3

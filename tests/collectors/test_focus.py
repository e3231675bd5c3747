"""FOCUS files to cost meters. The sample's sums are added up by hand from its rows; the rest is made row by row."""

from __future__ import annotations

import csv
import gzip
import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet
import pytest

from collectors.base import Period
from collectors.focus.rows import columns_of
from collectors.focus.sums import unit_bytes
from collectors.sources.focus import FocusSettings, FocusSource
from slo.errors import FactError, SourceError
from slo.interchange import parse

GOLDEN = Path(__file__).parents[1] / "golden/focus/focus_1.0.csv"
REAL = Path(__file__).parents[2] / "../shared/realdata/focus-sample/focus_sample_1.0_1000.csv"
NOW = datetime(2024, 10, 15, tzinfo=UTC)
FIRST = Period(NOW - timedelta(days=1), NOW, latest=True)
LATER = Period(NOW - timedelta(days=4), NOW + timedelta(hours=6), incremental=True, latest=True)
SEPTEMBER = {"BillingPeriodStart": "2024-09-01 00:00:00", "BillingPeriodEnd": "2024-10-01 00:00:00"}
OCTOBER = {"BillingPeriodStart": "2024-10-01T00:00:00Z", "BillingPeriodEnd": "2024-11-01T00:00:00Z"}
COLUMNS = [
    "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd", "BillingCurrency",
    "ChargeCategory", "ChargeClass", "EffectiveCost", "BilledCost", "ListCost", "ContractedCost", "ServiceName",
    "ResourceId", "SubAccountId", "ProviderName", "CommitmentDiscountId", "CommitmentDiscountStatus",
    "ConsumedQuantity", "ConsumedUnit", "Tags",
]  # fmt: skip


def charge(day: str, cost: str, **more: str) -> dict[str, str]:
    """One hour's usage of 10:00 of a day, in the September bill."""
    hour = {"ChargePeriodStart": f"{day} 10:00:00", "ChargePeriodEnd": f"{day} 11:00:00"}
    usual = {"BillingCurrency": "USD", "ChargeCategory": "Usage", "ServiceName": "Warehouse"}
    return {**SEPTEMBER, **hour, **usual, "EffectiveCost": cost, "BilledCost": cost, **more}


def write(path: Path, *rows: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="NULL")
        writer.writeheader()
        writer.writerows(rows)


def source(path: Path, **settings: Any) -> FocusSource:
    return FocusSource("aws", FocusSettings(path=path, **settings), lambda: NOW)


def told(focus: FocusSource, period: Period = FIRST) -> tuple[dict[str, Any], list[str]]:
    """(facts by id, messages of what was set aside)."""
    facts, aside = {}, []
    for raw in focus.fetch(period):
        try:
            facts.update({record["id"]: parse({**record, "source": "aws"}) for record in focus.parse(raw)})
        except FactError as error:
            aside.append(str(error))
    return facts, aside


def amounts(
    focus: FocusSource, period: Period = FIRST, meter: str = "cost"
) -> dict[tuple[str, str, str | None], float]:
    """(day, asset, category) -> amount, without zeros."""
    return {
        (f"{fact.at:%m-%d}", fact.asset, fact.category): fact.amount
        for fact in told(focus, period)[0].values()
        if fact.meter == meter and fact.amount
    }


EC2 = "aws/Amazon Elastic Compute Cloud"


def test_the_sample_s_effective_cost_by_day_and_service() -> None:
    assert amounts(source(GOLDEN)) == {
        ("09-12", EC2, "usage"): 2.0, ("09-13", EC2, "usage"): 1.0, ("09-18", EC2, "usage"): 2.0,
        ("09-22", EC2, "usage"): 2.0, ("09-24", EC2, "usage"): 3.0,  # 1 at 02:00 and 2 at 21:00
        ("09-24", EC2, "credit"): -3.0,  # apart: never netted with usage
        ("09-27", EC2, "usage"): 2.0, ("09-29", EC2, "usage"): 2.0,
    }  # fmt: skip


def test_the_sample_s_billed_cost_and_the_fields_of_a_fact() -> None:
    facts, aside = told(source(GOLDEN, cost="billed"))
    assert aside == []
    usage = facts["2024-09-24/cost/aws/Amazon Elastic Compute Cloud/usage/USD/billed 2024-09"]
    assert (usage.amount, usage.currency, usage.tz) == (2.764, "USD", "UTC")  # 1.14 + 1.624
    assert (usage.at, usage.until) == (datetime(2024, 9, 24, tzinfo=UTC), datetime(2024, 9, 25, tzinfo=UTC))
    assert usage.provisional is False
    october = facts["2024-09-30/cost/aws/COMPUTE/usage/USD/billed 2024-10"]
    assert (october.amount, october.provisional) == (0.24, True)  # October's bill is still open on the 15th
    assert facts["2024-09-12/cost/aws/COMPUTE/adjustment/USD/billed 2024-09"].amount == 0.192
    assert facts["2024-09-30/cost/aws/Elastic Load Balancing/usage/USD/billed 2024-09"].amount == 0.0000160599


@pytest.mark.skipif(not REAL.is_file(), reason="needs the whole FOCUS sample (../shared/realdata)")
@pytest.mark.parametrize(("cost", "column"), [("effective", "EffectiveCost"), ("billed", "BilledCost")])
def test_the_whole_sample_against_a_plain_loop(cost: str, column: str) -> None:
    expected: dict[tuple[str, str, str | None], Decimal] = {}
    with REAL.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            key = (row["ChargePeriodStart"][5:10], f"aws/{row['ServiceName']}", row["ChargeCategory"].lower())
            expected[key] = expected.get(key, Decimal(0)) + Decimal(row[column])
    found: dict[tuple[str, str, str | None], float] = {}
    facts, aside = told(source(REAL, cost=cost))
    for fact in facts.values():
        if fact.meter == "cost":
            key = (f"{fact.at:%m-%d}", fact.asset, fact.category)
            found[key] = found.get(key, 0.0) + fact.amount
    assert aside == []
    assert found == pytest.approx({key: float(amount) for key, amount in expected.items()}, rel=1e-12)


def gzipped(folder: Path) -> None:
    (folder / "part-0.csv.gz").write_bytes(gzip.compress(GOLDEN.read_bytes()))


def parquet(folder: Path) -> None:
    """As providers write it: times typed, costs as doubles and decimals, tags as a map."""
    options = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(columns_of(GOLDEN), pa.string()), null_values=["NULL", ""],
        strings_can_be_null=True, quoted_strings_can_be_null=True,
    )  # fmt: skip
    table = arrow_csv.read_csv(GOLDEN, convert_options=options)
    tags = [list(json.loads(text).items()) if text else None for text in table["Tags"].to_pylist()]
    place = table.schema.get_field_index("Tags")
    table = table.set_column(place, "Tags", pa.array(tags, pa.map_(pa.string(), pa.string())))
    for name in (*SEPTEMBER, "ChargePeriodStart", "ChargePeriodEnd"):
        typed = pc.assume_timezone(pc.cast(table[name], pa.timestamp("us")), "UTC")
        table = table.set_column(table.schema.get_field_index(name), name, typed)
    for name, kind in (("EffectiveCost", pa.float64()), ("BilledCost", pa.decimal128(28, 11))):
        table = table.set_column(table.schema.get_field_index(name), name, pc.cast(table[name], kind))
    arrow_parquet.write_table(table, folder / "part-0.parquet")


@pytest.mark.parametrize("make", [gzipped, parquet])
@pytest.mark.parametrize("cost", ["effective", "billed"])
def test_gzip_and_parquet_tell_the_very_same(tmp_path: Path, make: Callable[[Path], None], cost: str) -> None:
    make(tmp_path)
    settings = {"cost": cost, "group_by": "tag:application"}
    assert "aws/BrightPathMatrix" in {asset for _, asset, _ in amounts(source(GOLDEN, **settings))}
    assert told(source(tmp_path, **settings)) == told(source(GOLDEN, **settings))


def test_parts_add_up_exactly_in_any_order(tmp_path: Path) -> None:
    costs = ["0.1", "0.2", "1e16", "0.3", "-1e16"]
    for number, cost in enumerate(costs):
        write(tmp_path / f"a/{number}.csv", charge("2024-09-18", cost))
        write(tmp_path / f"b/{9 - number}.csv", charge("2024-09-18", cost))
    expected = {("09-18", "aws/Warehouse", "usage"): 0.6}  # floats would lose the tenths beside 1e16
    assert amounts(source(tmp_path / "a")) == amounts(source(tmp_path / "b")) == expected


def test_a_correction_posts_to_the_day_it_corrects_and_survives_the_old_file(tmp_path: Path) -> None:
    write(tmp_path / "09.csv", charge("2024-09-18", "5"))
    write(tmp_path / "10.csv", charge("2024-09-18", "-2", ChargeClass="Correction", **OCTOBER))
    focus = source(tmp_path)
    facts, _ = told(focus)
    found = [(name, fact.amount, fact.at.day) for name, fact in facts.items()]
    assert sorted(found) == [
        ("2024-09-18/cost/aws/Warehouse/usage/USD/billed 2024-09", 5.0, 18),
        ("2024-09-18/cost/aws/Warehouse/usage/USD/billed 2024-10", -2.0, 18),
    ]
    (tmp_path / "09.csv").unlink()  # the provider's folder keeps the newest months only
    assert told(focus, LATER) == ({}, [])


def test_a_commitment_s_purchase_is_apart_from_the_usage_it_covers(tmp_path: Path) -> None:
    plan = {"CommitmentDiscountId": "plan-1"}
    write(
        tmp_path / "09.csv",
        charge("2024-09-01", "0", BilledCost="300", ChargeCategory="Purchase", **plan),
        charge("2024-09-18", "6", BilledCost="0", CommitmentDiscountStatus="Used", **plan),
        charge("2024-09-18", "4", BilledCost="0", CommitmentDiscountStatus="Unused", **plan),
        charge("2024-09-18", "1"), charge("2024-09-18", "0.5", ChargeCategory="Tax"),
    )  # fmt: skip
    warehouse = "aws/Warehouse"
    assert amounts(source(tmp_path)) == {("09-18", warehouse, "usage"): 11.0, ("09-18", warehouse, "tax"): 0.5}
    assert amounts(source(tmp_path, cost="billed")) == {
        ("09-01", warehouse, "purchase"): 300.0, ("09-18", warehouse, "usage"): 1.0, ("09-18", warehouse, "tax"): 0.5,
    }  # fmt: skip
    assert amounts(source(tmp_path), meter="commitment_paid") == {("09-18", "aws/plan-1", None): 10.0}
    assert amounts(source(tmp_path), meter="commitment_used") == {("09-18", "aws/plan-1", None): 6.0}


def test_a_charge_for_longer_than_a_day_keeps_its_own_end(tmp_path: Path) -> None:
    month = {"ChargePeriodStart": "2024-09-01 00:00:00", "ChargePeriodEnd": "2024-10-01 00:00:00"}
    write(tmp_path / "09.csv", charge("2024-09-01", "30", **month), charge("2024-09-01", "1"))
    facts, _ = told(source(tmp_path))
    assert sorted((fact.amount, fact.at.day, fact.until) for fact in facts.values()) == [
        (1.0, 1, datetime(2024, 9, 2, tzinfo=UTC)), (30.0, 1, datetime(2024, 10, 1, tzinfo=UTC)),
    ]  # fmt: skip


def test_a_time_with_an_offset_falls_on_its_utc_day(tmp_path: Path) -> None:
    times = {"ChargePeriodStart": "2024-09-18T23:00:00-05:00", "ChargePeriodEnd": "2024-09-19T00:00:00-05:00"}
    write(tmp_path / "09.csv", charge("2024-09-18", "1", **times))
    assert amounts(source(tmp_path)) == {("09-19", "aws/Warehouse", "usage"): 1.0}
    (fact,) = told(source(tmp_path, period="hour"))[0].values()
    assert (fact.id[:13], fact.at, fact.until) == (
        "2024-09-19T04", datetime(2024, 9, 19, 4, tzinfo=UTC), datetime(2024, 9, 19, 5, tzinfo=UTC),
    )  # fmt: skip


def test_what_an_asset_is_and_whose_cost_counts(tmp_path: Path) -> None:
    write(
        tmp_path / "09.csv",
        charge("2024-09-18", "1", ResourceId="wh-1", Tags='{"app": "dwh", "n": 1}', SubAccountId="prod"),
        charge("2024-09-18", "2", ResourceId="wh-2", Tags='{"app": "dwh"}', SubAccountId="dev"),
        charge("2024-09-18", "4", Tags="not json", SubAccountId="prod"),
    )
    by: Callable[..., Any] = lambda **settings: {  # noqa: E731
        asset: amount for (_, asset, _), amount in amounts(source(tmp_path, **settings)).items()
    }
    assert by(group_by="resource") == {"aws/wh-1": 1.0, "aws/wh-2": 2.0, "aws/unassigned": 4.0}
    assert by(group_by="tag:app") == {"aws/dwh": 3.0, "aws/unassigned": 4.0}
    assert by(group_by="none") == {None: 7.0}
    assert by(where={"SubAccountId": ["prod"]}, namespace="cloud") == {"cloud/Warehouse": 5.0}
    assert by(group_by="tag:app", assets={"dwh": "snowflake://acct/wh"}) == {
        "snowflake://acct/wh": 3.0, "aws/unassigned": 4.0,
    }  # fmt: skip


def test_bytes_only_where_asked_for(tmp_path: Path) -> None:
    scanned = {"ConsumedUnit": "TB", "ResourceId": "scan"}
    write(
        tmp_path / "09.csv",
        charge("2024-09-18", "5", ConsumedQuantity="1.5", **scanned),
        charge("2024-09-18", "5", ConsumedQuantity="500", **{**scanned, "ConsumedUnit": "GB"}),
        charge("2024-09-18", "5", ConsumedQuantity="2", **{**scanned, "ConsumedUnit": "Hours"}),
        charge("2024-09-18", "5", ConsumedQuantity="7", ConsumedUnit="GB"),
    )
    assert amounts(source(tmp_path), meter="bytes") == {}
    focus = source(tmp_path, bytes_where={"ResourceId": ["scan"]})
    assert amounts(focus, meter="bytes") == {("09-18", "aws/Warehouse", None): 2e12}
    facts, aside = told(source(tmp_path, bytes_where={"ResourceId": ["scan"]}))
    assert [message.split(": ", 1)[1] for message in aside] == [
        "ConsumedUnit 'Hours' is no unit of data (1 rows); its cost is missing from the sums"
    ]
    assert sum(fact.amount for fact in facts.values() if fact.meter == "cost") == 20.0


def test_an_export_overwritten_in_place_replaces_and_deletes(tmp_path: Path) -> None:
    write(tmp_path / "09.csv", charge("2024-09-18", "5"), charge("2024-09-19", "1", ServiceName="Gone"))
    write(tmp_path / "10.csv", charge("2024-10-02", "3", **OCTOBER))
    focus = source(tmp_path)
    assert len(told(focus)[0]) == 3
    assert told(focus, LATER) == ({}, [])  # nothing changed: nothing is read
    write(tmp_path / "09.csv", charge("2024-09-18", "6.25"))
    facts, _ = told(focus, LATER)  # October is not told again
    assert {name: (fact.amount, fact.deleted) for name, fact in facts.items()} == {
        "2024-09-18/cost/aws/Warehouse/usage/USD/billed 2024-09": (6.25, False),
        "2024-09-19/cost/aws/Gone/usage/USD/billed 2024-09": (None, True),
    }
    assert told(focus, LATER) == ({}, [])


@pytest.mark.parametrize("before", ["day", "hour"])
def test_another_grouping_replaces_what_was_told_by_the_old_one(tmp_path: Path, before: str) -> None:
    write(tmp_path / "09.csv", charge("2024-09-18", "5", ResourceId="wh-1"))
    first = source(tmp_path, period=before)
    (old,) = told(first)[0]
    after = source(tmp_path, group_by="resource")
    after.memory = first.memory
    assert {name: fact.deleted for name, fact in told(after, LATER)[0].items()} == {
        old: True, "2024-09-18/cost/aws/wh-1/usage/USD/billed 2024-09": False,
    }  # fmt: skip


def test_the_newest_version_of_a_billing_period_counts_alone(tmp_path: Path) -> None:
    for hour, (folder, cost) in enumerate([("run-2", "5"), ("run-1", "7")]):
        write(tmp_path / folder / "a.csv", charge("2024-09-18", cost))
        write(tmp_path / folder / "b.csv", charge("2024-09-18", "1"))
        for name in "ab":
            os.utime(tmp_path / folder / f"{name}.csv", (1000 * hour + ord(name), 1000 * hour + ord(name)))
    day = ("09-18", "aws/Warehouse", "usage")
    assert amounts(source(tmp_path))[day] == 14.0  # parts: all add up
    assert amounts(source(tmp_path, versions="folders"))[day] == 8.0  # run-1 was written last
    assert amounts(source(tmp_path, versions="files"))[day] == 1.0  # its b.csv was the very last


def test_cost_is_provisional_until_its_bill_closes(tmp_path: Path) -> None:
    write(tmp_path / "10.csv", charge("2024-10-02", "3", **OCTOBER))
    focus = source(tmp_path)
    assert [fact.provisional for fact in told(focus)[0].values()] == [True]
    november = Period(LATER.start, datetime(2024, 11, 1, tzinfo=UTC), incremental=True, latest=True)
    before = Period(LATER.start, november.end - timedelta(seconds=1), incremental=True, latest=True)
    assert told(focus, before) == ({}, [])
    assert [fact.provisional for fact in told(focus, november)[0].values()] == [False]
    assert told(focus, november) == ({}, [])


def test_a_pass_reads_once_and_a_full_pass_reads_anyway(tmp_path: Path) -> None:
    write(tmp_path / "09.csv", charge("2024-09-18", "5"))
    focus = source(tmp_path)
    week = Period(NOW - timedelta(days=8), NOW - timedelta(days=1))
    assert [len(told(focus, period)[0]) for period in (FIRST, week, week)] == [1, 0, 0]
    assert [len(told(focus, period)[0]) for period in (LATER, week, week)] == [0, 1, 0]


def test_rows_that_cannot_be_summed_are_set_aside_by_number(tmp_path: Path) -> None:
    write(
        tmp_path / "09.csv",
        charge("2024-09-18", "5"), charge("2024-09-18", "n/a"), charge("2024-09-18", "NULL"),
        charge("2024-09-18", "1", ChargePeriodStart="yesterday"), charge("2024-09-18", "1", BillingCurrency="NULL"),
        charge("2024-09-18", "1", BillingPeriodStart=""), charge("2024-09-18", "2"),
    )  # fmt: skip
    with (tmp_path / "09.csv").open("a") as file:
        file.write("one,two,three\r\n")
    facts, aside = told(source(tmp_path))
    assert [fact.amount for fact in facts.values()] == [7.0]
    text = "\n".join(aside)
    assert len(aside) == 6
    assert "09.csv: row 2: EffectiveCost is 'n/a', no number" in text
    assert "09.csv: row 3: EffectiveCost is None, no number" in text
    assert "'ChargePeriodStart': 'yesterday'" in text
    assert "'BillingCurrency': None" in text
    assert "'BillingPeriodStart': None" in text
    assert "a line has 3 cells under 20 columns" in text


def not_focus(path: Path) -> None:
    (path / "x.csv").write_text("a,b\n1,2\n")


def cut_off(path: Path) -> None:
    (path / "x.csv.gz").write_bytes(gzip.compress(GOLDEN.read_bytes())[:-2000])


def no_parquet(path: Path) -> None:
    (path / "x.parquet").write_bytes(b"PAR1 no more")


def nowhere(path: Path) -> None:
    shutil.rmtree(path)


@pytest.mark.parametrize(("make", "words"), [
    (not_focus, "lacks the FOCUS columns BillingPeriodStart"), (cut_off, "cannot be read as FOCUS"),
    (no_parquet, "cannot be read as FOCUS"), (nowhere, "no such file or folder"),
])  # fmt: skip
def test_what_cannot_be_read_is_one_clear_error(tmp_path: Path, make: Callable[[Path], None], words: str) -> None:
    make(tmp_path)
    focus = source(tmp_path)
    with pytest.raises(SourceError, match=words):
        list(focus.fetch(FIRST))
    assert [finding.ok for finding in focus.check()] == [False]


def test_check_says_what_is_there(tmp_path: Path) -> None:
    assert [(finding.ok, finding.what) for finding in source(GOLDEN).check()] == [
        (True, "1 files of the billing periods 2024-09, 2024-10")
    ]
    assert [finding.ok for finding in source(tmp_path).check()] == [False]


@pytest.mark.parametrize(("unit", "expected"), [
    ("TB", 1e12), ("gb", 1e9), ("GiB", 2.0**30), ("Bytes", 1.0), ("GB-Months", None), ("Hours", None), (None, None),
])  # fmt: skip
def test_units_of_data(unit: str | None, expected: float | None) -> None:
    assert unit_bytes(unit) == expected

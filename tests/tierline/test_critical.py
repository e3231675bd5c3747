"""critical.csv: names as people write them, what is said of the assets they mean, and what is unclear in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from slo.facts import Asset, Edge
from slo.store import Store
from tierline.assets.critical import Critical, meant, read, warnings
from tierline.assets.declared import DECLARED
from tierline.assets.naming import Known
from tierline.cli import run
from tierline.config import load
from tierline.opening import tell_assets
from tierline.settings.problems import SettingsError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORDERS, LINES = "snowflake://acme/shop.public.orders", "snowflake://acme/shop.public.order_lines"
EVENTS, MODEL = "snowflake://acme/SHOP.RAW.EVENTS", "dbt/shop.raw.events"
NAMES = (ORDERS, LINES, "airflow/load_orders", "airflow/orders", EVENTS, MODEL)
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIERLINE_STORE", raising=False)
    (tmp_path / "tierline.yaml").write_text("store: sqlite:///x.db\ncritical: critical.csv\n")
    with Store("sqlite:///x.db") as store:
        store.migrate()
        store.upsert([Asset(source="s", id=name, asset=name, kind="dataset") for name in NAMES])
    yield tmp_path


def critical(folder: Path, *lines: str) -> Critical:
    path = folder / "critical.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read(path)


def said(one: Critical) -> list[tuple[int, str, dict[str, Any]]]:
    return [(name.line, name.name, name.told.model_dump(exclude_none=True)) for name in one.names]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        (ORDERS, [ORDERS]),
        ("shop.public.orders", [ORDERS]),
        ("public.orders", [ORDERS]),
        ("load_orders", ["airflow/load_orders"]),
        ("order_lines", [LINES]),
        ("ORDER_LINES", [LINES]),
        ("orders", ["airflow/orders", ORDERS]),
        ("shop.raw.events", ["dbt/shop.raw.events"]),
        ("SHOP.RAW.EVENTS", ["snowflake://acme/SHOP.RAW.EVENTS"]),
        ("Shop.Raw.Events", ["dbt/shop.raw.events", "snowflake://acme/SHOP.RAW.EVENTS"]),
        ("rders", []),
        ("acme", []),
    ],
)
def test_a_name_may_be_short_as_long_as_it_is_no_others(word: str, found: list[str]) -> None:
    assert Known(NAMES).find(word) == found


def test_what_is_unclear_names_the_nearest() -> None:
    known = Known(NAMES)
    assert known.unclear("orders") == f"'orders' may be airflow/orders or {ORDERS}; write one of them"
    assert known.unclear("load_order") == (
        f"'load_order' is no asset that is known; the nearest: airflow/load_orders, airflow/orders, {ORDERS}"
    )
    assert known.unclear("zzz") == "'zzz' is no asset that is known; `tierline assets list` shows what there is"
    assert known.matching("order*") == ["airflow/orders", LINES, ORDERS]
    assert Known(NAMES, told=["airflow/orders"]).matching("*") == ["airflow/orders"]


def test_columns_in_any_order_and_case_the_tier_one_where_empty(folder: Path) -> None:
    read_in = critical(
        folder, "Reason,Tier,ASSET,Team",
        ",,load_orders,", '"board, reads it",tier 0,public.orders,sales', ",3,order_lines,",
    )  # fmt: skip
    assert said(read_in) == [
        (2, "load_orders", {"tier": 1}), (3, "public.orders", {"tier": 0, "team": "sales"}),
        (4, "order_lines", {"tier": 3}),
    ]  # fmt: skip
    assert read_in.names[1].reason == "board, reads it"
    assert (read_in.problems, read_in.warnings) == ((), ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_as_excel_saves_it_with_mark_and_semicolons(folder: Path, encoding: str) -> None:
    path = folder / "c.csv"
    path.write_bytes("asset;tier;team\norders;;Umsätze\n".encode(encoding))
    assert said(read(path)) == [(2, "orders", {"tier": 1, "team": "Umsätze"})]


def test_as_an_excel_workbook(folder: Path) -> None:
    book = Workbook()
    for row in (["asset", "tier", "owner"], ["orders", 0, None], [None, None, None], ["lines", None, "Core"]):
        book.active.append(row)
    book.save(folder / "c.xlsx")
    assert said(read(folder / "c.xlsx")) == [
        (2, "orders", {"tier": 0}), (4, "lines", {"tier": 1, "owner": "Core"}),
    ]  # fmt: skip


def test_bad_lines_are_problems_of_the_settings_with_file_and_line(folder: Path) -> None:
    critical(folder, "asset,tier", "a,one", ",1", "b,4", "c,1,x,y")
    with pytest.raises(SettingsError) as caught:
        load("tierline.yaml", {})
    assert [str(problem) for problem in caught.value.problems] == [
        "critical.csv:2: critical: 'one' is no tier; write 0, 1, 2 or 3",
        "critical.csv:3: critical: names no asset; fill the column asset, or delete the line",
        "critical.csv:4: critical: '4' is no tier; write 0, 1, 2 or 3",
        "critical.csv:5: the line: has 4 cells under 2 columns; is a delimiter in it unquoted?",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "critical.csv: critical: cannot be read: No such file or directory; name another file"),
        ("name,tier\n", "critical.csv:1: critical: has no column 'asset'; its columns: name, tier"),
    ],
)
def test_a_file_that_cannot_be_read(folder: Path, text: str | None, words: str) -> None:
    if text is not None:
        (folder / "critical.csv").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load("tierline.yaml", {})
    assert str(caught.value) == words


def told(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Asset -> tier and team as config tells them."""
    config = load("tierline.yaml", {})
    with Store("sqlite:///x.db") as store:
        tell_assets(store, config, NOW)
        facts = store.read("asset", {"source": DECLARED})
    return {one.asset: (one.tier, one.team) for one in facts if not one.deleted}


def test_entries_before_critical_names_before_rules_and_names_before_patterns(folder: Path) -> None:
    (folder / "tierline.yaml").write_text(
        "store: sqlite:///x.db\ncritical: critical.csv\n"
        f"assets: {{'{LINES}': {{tier: 0}}}}\nrules: [{{match: '*', tier: 3, team: core}}]\n"
    )
    critical(folder, "asset,tier,team", "shop.public.*,2,sales", "public.orders,1,", "order_lines,1,")
    assert told(folder) == {
        ORDERS: (1, "sales"), LINES: (0, "sales"), "airflow/load_orders": (3, "core"), "airflow/orders": (3, "core"),
        EVENTS: (3, "core"), MODEL: (3, "core"),
    }  # fmt: skip


def test_what_it_does_not_name_stays_without_a_tier_and_what_leaves_it_loses_it(folder: Path) -> None:
    critical(folder, "asset", "load_orders", "public.orders")
    assert told(folder) == {"airflow/load_orders": (1, None), ORDERS: (1, None)}
    critical(folder, "asset", "public.orders")
    assert told(folder) == {ORDERS: (1, None)}


def test_a_name_that_is_not_known_yet_waits_for_its_asset(folder: Path) -> None:
    critical(folder, "asset", "shop.public.later")
    assert told(folder) == {}
    with Store("sqlite:///x.db") as store:
        name = "snowflake://acme/shop.public.later"
        store.upsert([Edge(source="s", id="1", upstream=ORDERS, downstream=name, seen_at=NOW)])
    assert told(folder) == told(folder) == {"snowflake://acme/shop.public.later": (1, None)}


def test_an_asset_that_was_told_as_gone_is_meant_no_more(folder: Path) -> None:
    critical(folder, "asset", "orders")
    assert told(folder) == {}, "two of the name"
    with Store("sqlite:///x.db") as store:
        store.upsert([Asset(source="s", id="airflow/orders", asset="airflow/orders", deleted=True)])
    assert told(folder) == {ORDERS: (1, None)}


def test_one_warning_for_each_name_that_is_unclear(folder: Path) -> None:
    names = ("orders,1", "load_order,", "zzz_*,", "public.orders,", "load_orders,", f"{ORDERS},")
    read_in = critical(folder, "asset,teir", *names)
    found = [str(problem) for problem in warnings(read_in, Known(NAMES))]
    assert [one.removeprefix(str(read_in.path)) for one in found] == [
        ":1: teir: nobody reads this column; did you mean `tier`?",
        f":2: asset: 'orders' may be airflow/orders or {ORDERS}; write one of them",
        ":3: asset: 'load_order' is no asset that is known; "
        f"the nearest: airflow/load_orders, airflow/orders, {ORDERS}",
        ":4: asset: 'zzz_*' fits no asset that is known; it holds as soon as one does",
        f":7: asset: {ORDERS} is named a second time; line 5 holds; delete one of them",
    ]
    lines = {asset: [one.line for one in found] for asset, found in meant(read_in.names, Known(NAMES)).items()}
    assert lines == {ORDERS: [5, 7], "airflow/load_orders": [6]}


def test_check_warns_and_is_right_all_the_same(folder: Path, capsys: Capture) -> None:
    critical(folder, "asset", "orders", "load_orders")
    assert run(["check"]) == 0
    shown = capsys.readouterr()
    words = f"'orders' may be airflow/orders or {ORDERS}; write one of them"
    assert shown.err == f"warning: critical.csv:2: asset: {words}\n"
    assert "0 assets, 0 rules, 2 critical names" in shown.out
    assert run(["check", "--format", "json"]) == 0
    (warning,) = json.loads(capsys.readouterr().out)["warnings"]
    assert (warning["file"], warning["line"], warning["remedy"]) == ("critical.csv", 2, "write one of them")


def test_check_makes_no_store_to_compare_with(folder: Path, capsys: Capture) -> None:
    (folder / "tierline.yaml").write_text("store: sqlite:///none.db\ncritical: critical.csv\n")
    critical(folder, "asset", "zzz")
    assert run(["check"]) == 0
    assert capsys.readouterr().err == "" and not (folder / "none.db").exists()

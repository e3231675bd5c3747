"""`tierline suggest`: a sheet that a spreadsheet opens, and that goes back in as it was edited."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.codeowners import Rule
from slo.facts import Asset, DatasetUpdate, Edge
from slo.store import Store
from slo.suggest import shelf
from tierline.assets.codeowned import CodeOwned, File, files, paths
from tierline.cli import run
from tierline.commands.suggest import KINDS

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STORE = "sqlite:///x.db"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERLINE_STORE", STORE)
    for place in ("suggest", "assets", ""):
        monkeypatch.setattr(f"tierline.commands.{place}.now" if place else "tierline.commands.now", lambda: NOW)
    with Store(STORE) as store:
        store.migrate()
    yield tmp_path


def tell(*facts: object) -> None:
    with Store(STORE) as store:
        store.upsert(facts)  # type: ignore[arg-type]


def platform() -> None:
    """raw > mart > board; mart lands every two hours; one table's name begins like a formula."""
    named = {"wh/raw": [], "wh/mart": [], "wh/board": ["exposure:dashboard"], "=cmd()": ["critical"]}
    tell(
        *(Asset(source="s", id=name, asset=name, kind="dataset", tags=tags or None) for name, tags in named.items()),
        Edge(source="s", id="1", upstream="wh/raw", downstream="wh/mart", seen_at=NOW),
        Edge(source="s", id="2", upstream="wh/mart", downstream="wh/board", seen_at=NOW),
        *(DatasetUpdate(source="s", id=str(n), asset="wh/mart", at=NOW - n * timedelta(hours=2)) for n in range(12)),
    )


def test_every_kind_can_be_asked_for() -> None:
    assert set(KINDS) == set(shelf())


def test_what_is_proposed_edited_and_applied_holds(folder: Path, capsys: Capture) -> None:
    platform()
    assert run(["suggest", "tiers", "--out", "t.csv"]) == 0
    assert capsys.readouterr().err == (
        "t.csv: 3 proposals. Delete the lines or empty the cells that you don't want, then "
        "`tierline assets apply t.csv`.\n"
    )
    content = (folder / "t.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(content.splitlines()))
    assert [(row["asset"], row["tier"], row["evidence"]) for row in rows] == [
        ("'=cmd()", "1", "50"), ("wh/raw", "1", "11"), ("wh/mart", "1", "10"),
    ]  # fmt: skip
    rows[1]["tier"], rows[2]["tier"] = "", "2"
    with (folder / "t.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    assert run(["assets", "apply", "t.csv", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {change["asset"]: change["value"] for change in told["changed"]} == {"=cmd()": 1, "wh/mart": 2}
    assert told["left_open"] == 1
    assert run(["suggest", "tiers", "--format", "json"]) == 0
    assert [row["asset"] for row in json.loads(capsys.readouterr().out)] == ["wh/raw"]


def test_an_edited_sheet_is_never_written_over(folder: Path, capsys: Capture) -> None:
    platform()
    (folder / "t.csv").write_text("asset,tier\nwh/raw,0\n")
    assert run(["suggest", "tiers", "--out", "t.csv"]) == 2
    assert "--out t.csv: is there already, and may be edited; name another file" in capsys.readouterr().err
    assert (folder / "t.csv").read_text() == "asset,tier\nwh/raw,0\n"


def test_a_sheet_is_csv_by_its_name_too(folder: Path, capsys: Capture) -> None:
    platform()
    assert run(["suggest", "tiers", "--out", "t.xlsx"]) == 2
    assert "--out t.xlsx: write a name that ends in .csv" in capsys.readouterr().err
    assert not (folder / "t.xlsx").exists()


def test_freshness_goes_the_same_way(folder: Path, capsys: Capture) -> None:
    platform()
    assert run(["suggest", "freshness", "--out", "f.csv"]) == 0
    assert run(["assets", "apply", "f.csv"]) == 0
    with Store(STORE) as store:
        (fact,) = store.read("asset", {"source": "applied"})
    assert (fact.asset, fact.freshness, fact.freshness_objective) == (  # type: ignore[attr-defined]
        "wh/mart", {"max_age_seconds": 7200}, 0.99,
    )  # fmt: skip


def test_the_table_says_that_nothing_is_decided(folder: Path, capsys: Capture) -> None:
    platform()
    assert run(["suggest", "tiers"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Tiers of assets: 3 proposals. Nothing is decided by them.\n")
    assert "wh/raw   1     1 exposure downstream and 1 asset downstream." in shown
    assert shown.endswith("`tierline suggest tiers --out tiers.csv` writes all as a sheet to edit.\n")


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_platform_is_told_what_to_connect(folder: Path, kind: str, capsys: Capture) -> None:
    assert run(["suggest", kind]) == 0
    assert capsys.readouterr().out == shelf()[kind].connect + "\n"


def test_a_place_where_nothing_can_be_written(folder: Path, capsys: Capture) -> None:
    assert run(["suggest", "tiers", "--out", "none/t.csv"]) == 1
    assert capsys.readouterr().err == (
        "error: none/t.csv: cannot be written: No such file or directory; name another file with --out\n"
    )


def test_codeowners_speak_for_the_paths_that_are_usual(folder: Path) -> None:
    """The last matching rule decides; a rule for everything says nothing of one file; persons were never kept."""
    assert list(paths("airflow-prod/load_orders", "pipeline")) == ["dags/load_orders.py"]
    assert list(paths("snowflake://acme/SHOP.SALES.ORDERS", "dataset")) == ["models/sales/orders.sql"]
    assert list(paths("lake/orders", "dataset")) == list(paths("x/y", "service")) == []
    everything, nobody = ["*", "core", 1], ["/dags/load_private*", None, 4]
    rules = [everything, ["/dags/load_*", "sales", 3], nobody, ["models/sales/", "shop", 5]]
    with Store(STORE) as store:
        tell(Asset(source="github", id="x", asset="x"))
        memory = {"codeowners": {"acme/data": {"path": ".github/CODEOWNERS", "rules": rules}}}
        with store.write() as tx:
            tx.set_source_state("github", {"memory": memory})
        found = files(store)
    owned = CodeOwned(found)
    assert owned("airflow/load_orders", "pipeline") == (
        "sales", "CODEOWNERS of acme/data, line 3 (/dags/load_*), names sales for dags/load_orders.py",
    )  # fmt: skip
    assert owned("wh/shop.sales.orders", "dataset") is not None
    assert [owned(name, "pipeline") for name in ("airflow/other", "airflow/load_private_x")] == [None, None]
    assert (
        CodeOwned([*found, File("acme/other", (Rule("dags/*.py", ("@acme/ops",), 1),))])(
            "airflow/load_orders", "pipeline"
        )
        is None
    ), "two repositories name two teams"

"""`tierline assets`: a sheet applied, the reasons of what then holds, and what KPIs make of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from slo.facts import Asset, Edge, Run
from slo.store import Store
from tierline.cli import run
from tierline.commands import assets

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
DAY = timedelta(days=1)
STORE = "sqlite:///x.db"
ORDERS, LOAD = "snowflake://acme/shop.public.orders", "airflow/load_orders"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two assets known since the first of November; the clock stands still."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIERLINE_STORE", raising=False)
    monkeypatch.setattr("tierline.commands.assets.now", lambda: NOW)
    monkeypatch.setattr("tierline.commands.now", lambda: NOW)
    settings(tmp_path)
    with Store(STORE) as store:
        store.migrate()
    tell(asset("wh", ORDERS, "dataset"), asset("airflow", LOAD, "pipeline", owner="core", team="core", tier=3))
    yield tmp_path


def settings(folder: Path, *more: str) -> None:
    (folder / "tierline.yaml").write_text("\n".join([f"store: {STORE}", *more]) + "\n")


def asset(source: str, name: str, kind: str, **told: Any) -> Asset:
    since = datetime(2026, 11, 1, tzinfo=UTC)
    return Asset(source=source, id=name, asset=name, kind=kind, valid_from=since, **told)  # type: ignore[arg-type]


def tell(*facts: Any) -> None:
    with Store(STORE) as store:
        store.upsert(facts)


def sheet(folder: Path, *lines: str) -> str:
    (folder / "x.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "x.csv"


def asked(capsys: Capture, *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--format", "json"]) == code
    return json.loads(capsys.readouterr().out)


def fields(capsys: Capture, name: str) -> dict[str, tuple[Any, ...]]:
    """Field -> value, source, rule, since, as `assets why` tells them."""
    told = asked(capsys, "assets", "why", name)["fields"]
    return {one["field"]: (one["value"], one["source"], one["rule"], one["since"]) for one in told}


def applied() -> list[tuple[str, str | None, dict[str, Any]]]:
    with Store(STORE) as store:
        found = [one for one in store.read("asset", {"source": "applied"}, order_by="id") if not one.deleted]
    names = ("tier", "team", "owner", "freshness", "freshness_objective")
    return [
        (one.asset, one.valid_from and one.valid_from.isoformat(), {name: getattr(one, name) for name in names if
         getattr(one, name) is not None}) for one in found
    ]  # fmt: skip


def test_what_stands_in_the_sheet_is_applied_and_why_says_so(folder: Path, capsys: Capture) -> None:
    name = sheet(folder, "asset,tier,team,max_age,objective", "public.orders,1,sales,26h,99%", "load_orders,2,,,")
    told = asked(capsys, "assets", "apply", name)
    assert {key: told[key] for key in ("lines", "assets", "changes", "left_open", "set_aside", "dry_run")} == {
        "lines": 2, "assets": 2, "changes": 5, "left_open": 0, "set_aside": 0, "dry_run": False,
    }  # fmt: skip
    since = "2026-11-21T12:30:00+00:00"
    assert applied() == [
        (LOAD, since, {"tier": 2}),
        (ORDERS, since, {
            "tier": 1, "team": "sales", "freshness": {"max_age_seconds": 93600}, "freshness_objective": 0.99,
        }),
    ]  # fmt: skip
    rule = "tierline assets apply"
    why = fields(capsys, "public.orders")
    assert why["tier"] == (1, "applied", rule, "always"), "it was empty: it counts for the whole past"
    assert why["freshness"] == ({"max_age_seconds": 93600}, "applied", rule, since), "an expectation counts from now"
    assert why["kind"] == ("dataset", "wh", "as wh tells it", "always"), "the first version speaks for all before it"
    loaded = asked(capsys, "assets", "why", "load_orders")["fields"][0]
    assert loaded == {
        "field": "tier", "value": 2, "source": "applied", "rule": rule, "since": since,
        "lost": [{"value": 3, "source": "airflow", "since": "2026-11-01T00:00:00+00:00"}],
    }, "a change counts from its date"  # fmt: skip
    assert [change["since"] for change in told["changed"]] == [since, "always", "always", since, since]
    assert asked(capsys, "assets", "apply", name)["changes"] == 0


def test_a_dry_run_changes_nothing_and_shows_everything(folder: Path, capsys: Capture) -> None:
    name = sheet(folder, "asset;tier;owner", "load_orders;1;core")
    told = asked(capsys, "assets", "apply", name, "--dry-run")
    assert told["changed"] == [
        {"asset": LOAD, "field": "tier", "value": 1, "was": 3, "was_source": "airflow",
         "since": "2026-11-21T12:30:00+00:00", "idle": False},
        {"asset": LOAD, "field": "owner", "value": "core", "was": "core", "was_source": "airflow",
         "since": "2026-11-21T12:30:00+00:00", "idle": False},
    ]  # fmt: skip
    assert applied() == []
    assert run(["assets", "apply", name, "--dry-run"]) == 0
    assert "Nothing was changed: without --dry-run it is applied." in capsys.readouterr().out


def test_names_alone_say_nothing_that_could_be_applied(folder: Path, capsys: Capture) -> None:
    assert run(["assets", "apply", sheet(folder, "asset,reason", "load_orders,closing")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: x.csv:1: has none of the columns tier, owner, team, domain, max_age")
    assert told.endswith("names alone may stand under `critical:` of tierline.yaml\n")


def test_a_time_zone_that_is_none_is_named(folder: Path, capsys: Capture) -> None:
    name = sheet(folder, "asset,deadline,tz", "public.orders,07:00,Europe/Berln")
    assert run(["assets", "apply", name]) == 1
    assert capsys.readouterr().err.splitlines()[0] == (
        "x.csv:2: asset: tz: 'Europe/Berln': no such time zone; write an IANA name such as Europe/Berlin or UTC"
    )


def test_bad_lines_are_set_aside_by_number_and_the_others_go_in(folder: Path, capsys: Capture) -> None:
    name = sheet(
        folder, "asset,tier,max_age,deadline,days,objective,reason",
        "load_order,1,,,,,", "load_orders,5,,,,,", ",1,,,,,", "public.orders,,2 weeks,,,,",
        "public.orders,,1h,07:00,,,", "public.orders,,,7:00,sundays,,", "public.orders,,,25:00,,,",
        "public.orders,,,,,120%,", "public.orders,,1h,,daily,,",
        "public.orders,0,,,,,because", "orders,1,,,,,", "load_orders,,,,,,nothing filled in",
    )  # fmt: skip
    assert run(["assets", "apply", name]) == 1
    shown = capsys.readouterr()
    assert shown.err.splitlines() == [
        f"x.csv:2: asset: 'load_order' is no asset that is known; the nearest: {LOAD}, {ORDERS}",
        "x.csv:3: asset: '5' is no tier; write 0, 1, 2 or 3",
        "x.csv:4: asset: names no asset; fill the column, or delete the line",
        "x.csv:5: asset: '2 weeks' is no age; write 26h, 90m or 2d",
        "x.csv:6: asset: says how fresh in no way, or in two; fill either max_age or deadline",
        "x.csv:7: asset: days: 'sundays': input should be 'business' or 'daily'",
        "x.csv:8: asset: '25:00' is no time of day; write 07:00",
        "x.csv:9: asset: '120%' is no share; write 99% or 0.99",
        "x.csv:10: asset: days belong to a deadline; leave days empty beside max_age",
        f"x.csv:12: asset: tier of {ORDERS} stands in line 11 already; keep one of them",
    ]
    assert [line.split()[-1] for line in shown.out.splitlines()[-5:]] == ["1", "1", "1", "1", "10"]
    assert applied() == [(ORDERS, "2026-11-21T12:30:00+00:00", {"tier": 0})]


def test_a_sheet_that_is_none(folder: Path, capsys: Capture) -> None:
    (folder / "y.csv").write_text("name,tier\n")
    for name, words in (
        ("none.csv", "error: none.csv: cannot be read: No such file or directory; name another file"),
        ("x.pdf", "error: x.pdf: is no spreadsheet by its name; write .csv or .xlsx"),
        ("y.csv", "error: y.csv:1: has no column 'asset'; its columns: name, tier"),
    ):
        assert run(["assets", "apply", name]) == 2
        assert capsys.readouterr().err.strip() == words


def test_since_beginning_and_since_a_day_restate(folder: Path, capsys: Capture) -> None:
    """A day is one of the platform's zone. Later versions say the same of what was restated, and keep the rest."""
    settings(folder, "timezone: Europe/Berlin")
    asked(capsys, "assets", "apply", sheet(folder, "asset,tier,team", "load_orders,2,one"))
    asked(capsys, "assets", "apply", sheet(folder, "asset,tier", "load_orders,1"), "--since", "2026-10-01")
    day, now = "2026-09-30T22:00:00+00:00", "2026-11-21T12:30:00+00:00"
    assert applied() == [(LOAD, day, {"tier": 1}), (LOAD, now, {"tier": 1, "team": "one"})]
    asked(capsys, "assets", "apply", sheet(folder, "asset,tier", "load_orders,0"), "--since", "beginning")
    assert applied() == [
        (LOAD, day, {"tier": 0}), (LOAD, now, {"tier": 0, "team": "one"}), (LOAD, None, {"tier": 0}),
    ]  # fmt: skip
    assert fields(capsys, LOAD)["tier"] == (0, "applied", "tierline assets apply", "always")
    assert run(["assets", "apply", "x.csv", "--since", "yesterday"]) == 2
    assert "'yesterday': write `beginning`, or a day such as 2026-10-01" in capsys.readouterr().err


def test_a_dash_takes_back_what_was_applied(folder: Path, capsys: Capture) -> None:
    asked(capsys, "assets", "apply", sheet(folder, "asset,tier,team,deadline", "load_orders,1,new,07:00"))
    asked(capsys, "assets", "apply", sheet(folder, "asset,tier,deadline", "load_orders,-,-"))
    assert applied() == [(LOAD, "2026-11-21T12:30:00+00:00", {"team": "new"})]
    asked(capsys, "assets", "apply", sheet(folder, "asset,team", "load_orders,-"))
    assert applied() == []
    assert fields(capsys, LOAD)["team"] == ("core", "airflow", "as airflow tells it", "always")


def test_why_names_the_line_of_the_settings_of_the_critical_names_and_the_inheritance(
    folder: Path, capsys: Capture
) -> None:
    (folder / "critical.csv").write_text("asset,team,reason\n\npublic.orders,sales,the board reads it\n")
    settings(
        folder, "critical: critical.csv", "rules:", "  - match: airflow/*", "    tier: 2", "assets:",
        f"  {LOAD}:", "    domain: shop", "sources: {p: {type: prometheus, url: 'http://127.0.0.1:1'}}",
    )  # fmt: skip
    tell(Edge(source="airflow", id="1", upstream=LOAD, downstream=ORDERS, seen_at=NOW - DAY))
    loaded, orders = fields(capsys, LOAD), fields(capsys, ORDERS)
    assert loaded["tier"] == (2, "config", "tierline.yaml:5 (match: airflow/*)", "always")
    assert loaded["domain"] == ("shop", "config", "tierline.yaml:8", "always")
    assert orders["tier"] == (1, "config", "critical.csv:3: the board reads it", "always")
    assert orders["owner"][:3] == ("core", "inferred", f"produced by {LOAD}")
    assert orders["domain"][:3] == ("shop", "inferred", f"produced by {LOAD}")
    assert orders["team"][:2] == ("sales", "config")


def test_what_the_settings_say_goes_before_what_is_applied(folder: Path, capsys: Capture) -> None:
    settings(folder, "rules: [{match: '*', tier: 2}]")
    (change,) = asked(capsys, "assets", "apply", sheet(folder, "asset,tier", "load_orders,1"))["changed"]
    assert change["idle"] is True
    assert fields(capsys, LOAD)["tier"][:2] == (2, "config")
    assert run(["assets", "apply", sheet(folder, "asset,tier", "load_orders,0")]) == 0
    assert "tierline.yaml goes before: no effect" in capsys.readouterr().out


def test_why_of_an_unknown_name_gives_the_nearest(folder: Path, capsys: Capture) -> None:
    assert run(["assets", "why", "load_order"]) == 2
    assert capsys.readouterr().err == (
        f"error: 'load_order' is no asset that is known; the nearest: {LOAD}, {ORDERS}\n"
    )
    assert run(["assets", "why", ORDERS]) == 0
    assert "It is not tiered yet: nobody says its tier." in capsys.readouterr().out


def test_the_list_puts_first_what_most_rests_on(folder: Path, capsys: Capture) -> None:
    tell(Edge(source="airflow", id="1", upstream=ORDERS, downstream=LOAD, seen_at=NOW - DAY))
    rows = asked(capsys, "assets", "list")
    assert [(row["asset"], row["tier"], row["score"]) for row in rows] == [(ORDERS, None, 1), (LOAD, 3, 0)]
    assert [row["asset"] for row in asked(capsys, "assets", "list", "--untiered")] == [ORDERS]
    assert run(["assets", "list"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("1 of 2 assets are not tiered yet; `tierline suggest tiers`.\n")
    assert f"{ORDERS}  dataset   not tiered yet" in shown and "1 asset downstream" in shown


def test_a_sheet_of_incidents_speaks_of_the_pagers_services(folder: Path, capsys: Capture) -> None:
    tell(asset("pager", "pager/PXY", "service"))
    name = sheet(
        folder, "source,service,incidents,first,last,team,tier,class,asset,reason",
        f"pager,PXY,3,2026-11-01,2026-11-02,sales,1,,{ORDERS},it failed around 3 of 3",
    )  # fmt: skip
    assert asked(capsys, "assets", "apply", name)["changes"] == 2
    assert applied() == [("pager/PXY", "2026-11-21T12:30:00+00:00", {"tier": 1, "team": "sales"})]


# What KPIs make of it


def ran(day: int, month: int, state: str) -> Run:
    due = datetime(2026, month, day, 6, tzinfo=UTC)
    return Run(
        source="airflow", id=f"{month}-{day}", asset=LOAD, state=state, trigger="schedule", due_at=due, started_at=due,
        ended_at=due + timedelta(minutes=5),
    )  # type: ignore[arg-type]  # fmt: skip


def rate(capsys: Capture, window: str, tier: int, *more: str) -> tuple[Any, ...]:
    told = asked(capsys, "show", "pipeline_success_rate", "--window", window, "--tier", str(tier), *more)
    return told["good"], told["bad"]


def test_since_a_day_splits_the_months_and_since_beginning_joins_them(folder: Path, capsys: Capture) -> None:
    """Three runs in October, one of them failed; two in November, one failed. airflow says tier 3."""
    tell(*(ran(day, 10, state) for day, state in ((5, "success"), (15, "failed"), (31, "success"))))
    tell(*(ran(day, 11, state) for day, state in ((1, "success"), (2, "failed"))))
    assert [rate(capsys, month, 3) for month in ("2026-10", "2026-11")] == [(2, 1), (1, 1)]
    name = sheet(folder, "asset,tier", "load_orders,1")
    asked(capsys, "assets", "apply", name, "--since", "2026-11-01")
    as_of = ("--as-of", "2026-11-10T00:00:00Z")
    assert [rate(capsys, month, 1, *as_of) for month in ("2026-10", "2026-11")] == [(0, 0), (1, 1)]
    assert [rate(capsys, month, 3, *as_of) for month in ("2026-10", "2026-11")] == [(2, 1), (0, 0)]
    asked(capsys, "assets", "apply", name, "--since", "beginning")
    assert [rate(capsys, month, 1, *as_of) for month in ("2026-10", "2026-11")] == [(2, 1), (1, 1)]
    assert [rate(capsys, month, 3) for month in ("2026-10", "2026-11")] == [(0, 0), (0, 0)]
    assert rate(capsys, "2026-10", 1, "--as-of", "2026-10-20T00:00:00Z") == (1, 1)


def test_forty_names_of_four_hundred_are_a_complete_tiering(folder: Path, capsys: Capture) -> None:
    """Each of 400 DAGs ran once, those with a number that 7 divides in vain; the first 40 stand in critical.csv."""
    due = datetime(2026, 11, 18, 6, tzinfo=UTC)
    names = [f"airflow/dag_{number:03}" for number in range(400)]
    tell(*(asset("airflow", name, "pipeline") for name in names))
    tell(*(
        Run(source="airflow", id=name, asset=name, state="failed" if number % 7 == 0 else "success",
            trigger="schedule", due_at=due, started_at=due, ended_at=due + timedelta(minutes=1))
        for number, name in enumerate(names)
    ))  # fmt: skip
    (folder / "critical.csv").write_text("asset\n" + "\n".join(f"dag_{number:03}" for number in range(40)) + "\n")
    settings(folder, "critical: critical.csv")
    assert rate(capsys, "2026-11", 1) == (34, 6), "0, 7, 14, 21, 28 and 35 failed"
    assert [rate(capsys, "2026-11", tier) for tier in (0, 2)] == [(0, 0), (0, 0)]
    told = asked(capsys, "show", "pipeline_success_rate", "--window", "2026-11")
    assert (told["good"], told["bad"]) == (342, 58)
    untiered = asked(capsys, "assets", "list", "--untiered")
    assert len(untiered) == 361, "360 DAGs, and the table that nobody speaks of"
    assert assets.UNTIERED == "not tiered yet"

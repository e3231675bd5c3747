"""What a digest says: sentences, what moved, sources behind; few of each, and no more than there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboards.digest import CALM, MOST, UNJUDGED, compose, statuses, text
from dashboards.reading.reader import Snapshot

PAGE = "https://tierline.example"


@pytest.fixture(scope="module")
def snapshot(reader) -> Snapshot:
    return replace(reader.snapshot(), watch={"alerts": [], "silenced": []})


def kpi(snapshot: Snapshot, *names: str) -> Snapshot:
    """The snapshot with only these KPIs."""
    return replace(snapshot, results=[one for one in snapshot.results if one["kpi"] in names])


def test_it_counts_what_was_missed(snapshot: Snapshot) -> None:
    found = [one for one in statuses(snapshot).values() if one in ("missed", "near", "met")]
    title = compose(snapshot, None, PAGE)["title"]
    assert title == f"{found.count('missed')} of {len(found)} judged KPIs missed a target in the last 28 days"
    assert 0 < found.count("missed") < len(found)


def test_attention_is_told_in_sentences_worst_first(snapshot: Snapshot) -> None:
    told = compose(snapshot, None, PAGE)["attention"]
    assert len(told) == MOST + 1 and told[-1].startswith("and ") and told[-1].endswith(" more on the page")
    assert all(line.startswith("▲ ") for line in told[:3])
    assert not any("in the last 28 days" in line for line in told)


def test_what_moved_since_the_last_one(snapshot: Snapshot) -> None:
    now = statuses(snapshot)
    missed = next(name for name, status in now.items() if status == "missed")
    kept = next(name for name, status in now.items() if status in ("met", "near"))
    other = next(name for name, status in now.items() if status in ("met", "near") and name != kept)
    told = compose(snapshot, {missed: "met", kept: "missed", other: "too few"}, PAGE)["changes"]
    titles = {one["kpi"]: one["title"] for one in snapshot.results}
    assert set(told) == {
        f"▲ {titles[missed]} misses its target now; it was met",
        f"{'●' if now[kept] == 'met' else '◐'} {titles[kept]} keeps its target again",
        f"{'●' if now[other] == 'met' else '◐'} {titles[other]} can be judged now: "
        + ("met" if now[other] == "met" else "met (minimum)"),
    }


def test_nothing_moved_where_nothing_did(snapshot: Snapshot) -> None:
    assert compose(snapshot, statuses(snapshot), PAGE)["changes"] == []
    assert compose(snapshot, None, PAGE)["changes"] == []


def test_a_source_that_fails_is_named_with_its_reason(snapshot: Snapshot) -> None:
    (told,) = compose(snapshot, None, PAGE)["sources"]
    assert told.startswith("✕ costs could not be read: 403 Forbidden from the bucket;")


def watched(*alerts: Any, silenced: Any = ()) -> Snapshot:
    """An evaluation of 09:12 in Berlin with these alerts."""
    watch = {"alerts": list(alerts), "silenced": list(silenced)}
    return Snapshot(as_of=datetime(2026, 11, 21, 8, 12, tzinfo=UTC), watch=watch, timezone="Europe/Berlin")


def alert(cause: str = "etl/p", **other: Any) -> dict[str, Any]:
    return {
        "alert": "RunFailing", "key": f"RunFailing:{cause}", "severity": "page", "cause": cause, "team": "core",
        "tier": "0", "domain": "orders", "since": "2026-11-21T01:55:00+00:00", "affected": [cause, "wh/a"], "slo": "",
        "remaining": None, "burn_rate": None, "runs_out": None, "worst": [], "page": f"/assets/{cause}",
        "summary": f"{cause} has been failing since 2026-11-21 02:55; 1 dataset is late: wh/a.",
    } | other  # fmt: skip


def test_a_calm_day_says_so() -> None:
    calm = compose(watched(), None, PAGE)
    assert calm["title"] == "No target could be judged in the last 28 days"
    first = f"{calm['title']} (as of 21 November 2026, 09:12 CET)"
    assert text(calm, "Europe/Berlin").splitlines() == [first, "", CALM, "", PAGE]


def test_what_nobody_has_evaluated_is_not_called_calm() -> None:
    never = compose(Snapshot(), None, PAGE)
    assert text(never, "UTC").splitlines() == [f"{never['title']} (not evaluated yet)", "", UNJUDGED, "", PAGE]
    before_alerts = compose(Snapshot(as_of=datetime(2026, 11, 21, tzinfo=UTC)), None, PAGE)
    assert before_alerts["alerts"] is None
    assert text(before_alerts, "UTC").splitlines()[1:-2] == [
        "", "Open alerts", "  ○ Which alerts are open is told by the next evaluation",
    ]  # fmt: skip


def test_open_alerts_stand_first_each_with_its_link_and_nothing_is_calm() -> None:
    """The budget's own sentence says nothing of since when it burns: 06:30 UTC, in Berlin an hour later."""
    burns = alert(
        "slo-1", alert="BudgetBurning", severity="ticket", team="platform", tier="0-1", affected=[],
        page="/slo/x?tier=0", since="2026-11-21T06:30:00+00:00",
        summary="Pipeline success rate, tier 0-1: burnt too fast.",
    )  # fmt: skip
    found = compose(watched(alert(), burns), None, PAGE)
    assert text(found, "Europe/Berlin").splitlines() == [
        "2 alerts are open; no target could be judged in the last 28 days (as of 21 November 2026, 09:12 CET)", "",
        "Open alerts",
        "  ▲ etl/p has been failing since 2026-11-21 02:55; 1 dataset is late: wh/a. Team core, tier 0, page, 2 assets "
        "affected.",
        f"    {PAGE}/assets/etl/p",
        "  △ Pipeline success rate, tier 0-1: burnt too fast. Open since 2026-11-21 07:30. Team platform, tier 0-1, "
        "ticket.",
        f"    {PAGE}/slo/x?tier=0", "", PAGE,
    ]  # fmt: skip
    first = found["alerts"][0]
    assert (first["key"], first["severity"], first["affected"]) == ("RunFailing:etl/p", "page", ["etl/p", "wh/a"])


def test_many_alerts_are_counted_and_the_silent_ones_apart() -> None:
    """Six are open, five are shown; silence is no alert, so it leaves the day calm."""
    quiet = [
        alert("a", why="maintenance: until 2026-11-21 10:00"), alert("b", why="explained by RunFailing:etl/p"),
        alert("c", why="explained by RunFailing:etl/p, which is over"),
    ]  # fmt: skip
    many = text(compose(watched(*(alert(f"p{n}") for n in range(6)), silenced=quiet), None, PAGE), "UTC")
    assert many.splitlines()[0].startswith("6 alerts are open; ")
    assert many.splitlines()[-4:-2] == [
        "  and 1 more on the page", "  3 silenced: 2 explained by another alert, 1 in maintenance",
    ]  # fmt: skip
    assert text(compose(watched(silenced=quiet[:1]), None, PAGE), "UTC").splitlines()[1:-2] == [
        "", "Open alerts", "  1 silenced: 1 in maintenance", "", CALM,
    ]  # fmt: skip


def test_the_text_has_each_part_once_and_the_link_last(snapshot: Snapshot) -> None:
    lines = text(compose(snapshot, {"pipeline_success_rate": "too few"}, PAGE), "Europe/Berlin").splitlines()
    assert lines[0].endswith("(as of 21 November 2026, 09:12 CET)")
    assert [line for line in lines if line and not line.startswith(" ")][1:] == [
        "Needs attention", "Changed since the last digest", "Sources", PAGE,
    ]  # fmt: skip

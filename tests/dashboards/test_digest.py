"""What a digest says: sentences, what moved, sources behind; few of each, and no more than there is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboards.digest import CALM, MOST, compose, statuses, text
from dashboards.reading.reader import Snapshot

PAGE = "https://tierline.example"


@pytest.fixture(scope="module")
def snapshot(reader) -> Snapshot:
    return reader.snapshot()


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


def test_a_calm_day_says_so() -> None:
    calm = compose(Snapshot(), None, PAGE)
    assert calm["title"] == "No target could be judged in the last 28 days"
    assert text(calm, "UTC").splitlines() == [f"{calm['title']} (not evaluated yet)", "", CALM, "", PAGE]


def test_the_text_has_each_part_once_and_the_link_last(snapshot: Snapshot) -> None:
    lines = text(compose(snapshot, {"pipeline_success_rate": "too few"}, PAGE), "Europe/Berlin").splitlines()
    assert lines[0].endswith("(as of 21 November 2026, 09:12 CET)")
    assert [line for line in lines if line and not line.startswith(" ")][1:] == [
        "Needs attention", "Changed since the last digest", "Sources", PAGE,
    ]  # fmt: skip

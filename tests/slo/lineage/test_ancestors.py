"""What a failure began with, by hand: chains, diamonds, circles, recoveries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from slo.facts import Edge
from slo.lineage.ancestors import DEEPEST, Event, Lineage, root

DAY = datetime(2026, 11, 3, tzinfo=UTC)


def at(clock: str, days: int = 0) -> datetime:
    hours, minutes = clock.split(":")
    return DAY + timedelta(days=days, hours=int(hours), minutes=int(minutes))


def lineage(*chains: str, **when: datetime) -> Lineage:
    """``a>b>c``: a stands upstream of b, b of c. ``seen_at``, ``gone_at`` of them all."""
    pairs = [pair for chain in chains for names in [chain.split(">")] for pair in pairwise(names)]
    return Lineage(Edge(source="dbt", id=f"{up}>{down}", upstream=up, downstream=down, **when) for up, down in pairs)


class Told:
    """Events by asset: ``a="02:00 bad, 03:00 ok"``; of a run "03:00 bad since 02:00"."""

    def __init__(self, **events: str) -> None:
        self.events = {name: [self.event(name, text) for text in line.split(", ")] for name, line in events.items()}

    @staticmethod
    def event(name: str, text: str) -> Event:
        clock, word, *since = text.split()
        began = at(since[-1]) if since else None
        return Event(name, at(clock), word == "ok", "" if word == "ok" else "failed", began=began)

    def __call__(self, asset: str) -> list[Event]:
        return self.events.get(asset, [])


def cause(lines: Lineage, told: Told, asset: str, clock: str) -> tuple[str, datetime] | None:
    found = root(lines, told, asset, at(clock))
    return None if found is None else (found.asset, found.at)


def test_the_end_of_a_chain_points_to_its_beginning() -> None:
    told = Told(a="02:00 bad", b="02:30 bad", c="03:00 bad")
    lines = lineage("a>b>c")
    assert cause(lines, told, "c", "03:00") == ("a", at("02:00"))
    assert cause(lines, told, "b", "02:30") == ("a", at("02:00"))
    assert cause(lines, told, "a", "02:00") is None


def test_what_lies_between_and_tells_nothing_is_passed_through() -> None:
    assert cause(lineage("a>table>c"), Told(a="02:00 bad", c="03:00 bad"), "c", "03:00") == ("a", at("02:00"))


def test_an_ancestor_that_failed_after_is_no_cause() -> None:
    assert cause(lineage("a>c"), Told(a="03:01 bad", c="03:00 bad"), "c", "03:00") is None


def test_one_that_failed_at_the_very_moment_is() -> None:
    assert cause(lineage("a>c"), Told(a="03:00 bad", c="03:00 bad"), "c", "03:00") == ("a", at("03:00"))


def test_an_ancestor_that_had_recovered_is_no_cause() -> None:
    assert cause(lineage("a>c"), Told(a="02:00 bad, 02:30 ok", c="03:00 bad"), "c", "03:00") is None


def test_of_two_failures_in_a_row_the_first_is_meant() -> None:
    told = Told(a="00:30 ok, 01:00 bad, 02:00 bad", c="03:00 bad")
    assert cause(lineage("a>c"), told, "c", "03:00") == ("a", at("01:00"))


def test_a_success_on_the_way_shields_from_what_came_before_it() -> None:
    told = Told(a="02:00 bad", b="02:30 ok", c="03:00 bad")
    assert cause(lineage("a>b>c"), told, "c", "03:00") is None


def test_a_success_before_the_failure_shields_nothing() -> None:
    told = Told(a="02:00 bad", b="01:30 ok", c="03:00 bad")
    assert cause(lineage("a>b>c"), told, "c", "03:00") == ("a", at("02:00"))


def test_its_own_success_in_between_absolves_the_ancestor() -> None:
    told = Told(a="02:00 bad", c="02:45 ok, 03:00 bad")
    assert cause(lineage("a>c"), told, "c", "03:00") is None


def test_who_had_been_failing_before_the_ancestor_began_by_itself() -> None:
    told = Told(a="02:00 bad", c="01:00 bad, 03:00 bad")
    assert cause(lineage("a>c"), told, "c", "03:00") is None


def test_in_a_diamond_the_way_that_is_open_counts() -> None:
    told = Told(a="02:00 bad", left="02:30 ok", right="02:40 bad", d="03:00 bad")
    assert cause(lineage("a>left>d", "a>right>d"), told, "d", "03:00") == ("a", at("02:00"))


def test_of_two_failing_ancestors_the_earlier_then_the_first_by_name() -> None:
    lines = lineage("a>d", "b>d")
    assert cause(lines, Told(a="02:10 bad", b="02:00 bad", d="03:00 bad"), "d", "03:00") == ("b", at("02:00"))
    assert cause(lines, Told(a="02:00 bad", b="02:00 bad", d="03:00 bad"), "d", "03:00") == ("a", at("02:00"))


def test_a_circle_comes_to_an_end_and_nobody_is_its_own_cause() -> None:
    told = Told(a="02:00 bad", b="02:30 bad", c="03:00 bad")
    lines = lineage("a>b>c>a", "c>c")
    assert cause(lines, told, "c", "03:00") == ("a", at("02:00"))
    assert cause(lines, Told(c="03:00 bad"), "c", "03:00") is None


def test_a_failure_of_more_than_a_day_ago_is_no_cause() -> None:
    day_before = Event("a", at("03:00", -1), False, "failed")
    lines = lineage("a>c")
    assert root(lines, lambda name: [day_before] if name == "a" else [], "c", at("03:00")) is None
    later = Event("a", at("03:01", -1), False, "failed")
    assert root(lines, lambda name: [later] if name == "a" else [], "c", at("03:00")) == later


@pytest.mark.parametrize(
    ("upstream", "found"),
    [
        ("03:30 bad since 02:00", True),
        ("03:30 bad since 03:15", False),
        ("03:20 ok, 03:30 bad since 02:00", False),
        ("02:50 ok, 03:30 bad since 02:00", True),
        ("03:30 bad", False),
    ],
)
def test_what_never_came_was_held_up_by_what_was_under_way(upstream: str, found: bool) -> None:
    """The slot of 03:00 is known as missed at 03:15; a run that failed at that time was not held up."""
    lines, missed = lineage("a>c"), Event("c", at("03:00"), False, "missed", known=at("03:15"))
    told = Told(a=upstream)
    assert (root(lines, lambda name: [missed] if name == "c" else told(name), "c", at("03:15")) is not None) is found
    failed = Event("c", at("03:15"), False, "failed", began=at("03:00"))
    assert root(lines, lambda name: [failed] if name == "c" else told(name), "c", at("03:15")) is None


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"seen_at": at("03:00")}, ("a", at("02:00"))),
        ({"seen_at": at("03:01")}, None),
        ({"gone_at": at("03:00")}, None),
        ({"gone_at": at("03:01")}, ("a", at("02:00"))),
    ],
)
def test_the_lineage_of_the_moment_counts(when: dict[str, datetime], expected: object) -> None:
    assert cause(lineage("a>c", **when), Told(a="02:00 bad", c="03:00 bad"), "c", "03:00") == expected


def test_the_way_up_is_bounded() -> None:
    names = [f"n{place}" for place in range(DEEPEST + 2)]
    lines = lineage(">".join(names))
    assert cause(lines, Told(n0="02:00 bad"), names[-1], "03:00") is None
    assert cause(lines, Told(n1="02:00 bad"), names[-1], "03:00") == ("n1", at("02:00"))


def test_every_ancestor_is_known_whatever_the_circle() -> None:
    assert lineage("a>b>c", "c>b", "x>y").ancestors(["c"]) == {"a", "b", "c"}

"""The incidents' pages: the sentence, the bars, what a quiet window says, and titles that would rather be markup."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboards.figures import swim
from dashboards.pages import incidents, naming
from dashboards.reading.reader import Ask

BERLIN = ZoneInfo("Europe/Berlin")
HOSTILE = '<img src=x onerror=alert(1)> "quoted" \u202emirrored'
OCTOBER = (datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC))


def led(told: dict[str, Any]) -> str:
    """Where a bar leads, for tests that ask something else."""
    return f"/incidents/{told['id']}"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Berlin's clock in October."""
    return datetime(2026, 10, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def line(key: str = "INC-1", began: datetime | None = None, hours: float | None = 2, **more: Any) -> dict[str, Any]:
    start = began or at(7, 8)
    end = None if hours is None else start + timedelta(hours=hours)
    told = {
        "source": "pager", "id": key, "url": "https://pager.example/1", "title": f"Title of {key}", "tier": 1,
        "severity": 3, "class": "freshness", "cause": None, "found_by": "monitor", "responsible": None,
        "assets": ["shop/orders"], "teams": ["sales"], "start": "told", "at": start, "started": start,
        "detected": start + timedelta(minutes=6), "acknowledged": start + timedelta(minutes=18), "restored": end,
        "spans": [(start, end)], "detect": 360.0, "acknowledge": 720.0, "until": end or at(31, 12),
        "age": 14 * 3600.0, "seconds": None if hours is None else hours * 3600.0,
    }  # fmt: skip
    return told | more


def told(**more: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        "open": [], "restored": [], "timeline": [], "listed": 0, "total": 0, "start": OCTOBER[0], "end": OCTOBER[1],
        "repeats": [], "duplicates": [], "unmapped": [], "watched": 1.0,
    }  # fmt: skip
    return nothing | more


def drawn(fake: Any, story: dict[str, Any], ask: Ask | None = None) -> str:
    reader = fake.FakeReader(stories={"incidents.incidents": story})
    reader.show = lambda kpi, ask: {**fake.result("mttr", ask.window), "kpi": kpi, "n": 41, "median": 5700.0, "bad": 4}
    return str(incidents.render(reader, ask or Ask()).to_plotly_json())


def text(component: Any) -> str:
    return str(component.to_plotly_json())


def test_the_title_is_written_by_the_data() -> None:
    results = {"mttr": {"n": 41, "median": 5700.0, "unit": "seconds"}, incidents.AGAIN: {"bad": 4}}
    story = told(open=[line("a"), line("b"), line("c")], total=44)
    ask = Ask(window="2026-10")
    assert incidents.title(story, results, ask) == (
        "3 incidents are open, the oldest for 14 h; 41 were restored in October 2026, median 95 min; 4 were repeats"
    )
    assert incidents.title(told(open=[line()], total=1), {"mttr": {"n": 0}, incidents.AGAIN: {"bad": 0}}, ask) == (
        "1 incident is open, for 14 h; none was restored in October 2026"
    )
    only = Ask(window="2026-10", team="sales")
    assert incidents.title(told(total=2), {"mttr": {**results["mttr"], "n": 1}, incidents.AGAIN: {"bad": 1}}, only) == (
        "Team sales: no incident is open; 1 was restored in October 2026, median 95 min; 1 was a repeat"
    )
    quiet = {"mttr": {"n": 0}, incidents.AGAIN: {"bad": 0}}
    assert incidents.title(told(), quiet, ask) == "No incident in October 2026"
    assert incidents.title(told(watched=None), quiet, ask) == "Nobody watches for incidents: no source tells them"


@pytest.mark.parametrize(
    ("watched", "said"),
    [(1.0, "Watched and quiet"), (0.5, "but nobody looked for 50.0 % of it"), (None, "No source tells incidents.")],
)
def test_quiet_is_told_from_not_watched(fake: Any, watched: float | None, said: str) -> None:
    shown = drawn(fake, told(watched=watched))
    assert said in shown
    assert [word for word in ("Watched and quiet", "nobody looked", "No source tells") if word in shown] == [
        next(word for word in ("Watched and quiet", "nobody looked", "No source tells") if word in said)
    ]


def test_an_open_incident_links_to_its_story_and_its_source(fake: Any) -> None:
    odd = line("7/a b", url="javascript:alert(1)", title=HOSTILE)
    shown = drawn(fake, told(open=[line(), odd], timeline=[line(), odd], total=2, listed=2), Ask(team="sales"))
    assert "/incidents/pager/INC-1?team=sales" in shown
    assert "https://pager.example/1" in shown
    assert "/incidents/pager/7%2Fa%20b?team=sales" in shown
    assert "javascript:" not in shown


def test_bars_darken_and_go_on_over_midnight() -> None:
    """22:00 to 03:00: two hours on the 7th, three on the 8th; seen after 6 min, taken on after 18."""
    over = line(began=at(7, 22), hours=5)
    figure = swim.days([over], *OCTOBER, BERLIN, led)
    assert figure is not None
    bars = {trace.name: list(zip(trace.x, trace.y, strict=True)) for trace in figure.data if trace.line.width == 5}
    assert bars["not yet detected"] == [(22.0, -24.0), (22.12, -24.0), (None, None)]  # never thinner than can be seen
    assert bars["not yet acknowledged"] == [(22.1, -24.0), (22.3, -24.0), (None, None)]
    assert bars["being restored"] == [
        (22.3, -24.0), (24.0, -24.0), (None, None), (0.0, -23.0), (3.0, -23.0), (None, None),
    ]  # fmt: skip


def test_a_bar_leads_to_its_incident_in_the_asked_scope() -> None:
    """One of an hour says it at each of its points, one of days for all; a name from outside stays in its place."""
    both = [line("a/b?c", at(2, 8), 1), line("long", at(1, 8), 76)]
    figure = swim.days(both, *OCTOBER, BERLIN, lambda told: naming.story_of(told, Ask(team="sales")))
    assert figure is not None
    assert [trace.meta for trace in figure.data if trace.hoverinfo == "text"] == [
        ("/incidents/pager/a%2Fb%3Fc?team=sales",) * 2, "/incidents/pager/long?team=sales",
    ]  # fmt: skip


def test_a_day_of_25_hours_is_that_long_and_what_overlaps_stands_apart() -> None:
    """The clock is set back on the 25th: its last hour is the 25th."""
    pair = [line("a", at(25, 22), 1), line("b", at(25, 22, 30), 0.5)]
    figure = swim.days(pair, *OCTOBER, BERLIN, led)
    assert figure is not None
    restored = next(trace for trace in figure.data if trace.name == "being restored" and trace.line.width == 5)
    ends = [(x, y) for x, y in zip(restored.x, restored.y, strict=True) if x is not None][1::2]
    assert ends == [(24.0, -5.75), (24.0, -6.25)]  # 22:00 stands 23 hours after midnight
    assert figure.layout.xaxis.range == (0, 25.0)


def test_an_hour_within_a_reopened_incident_that_was_calm_is_a_gap() -> None:
    twice = line(spans=[(at(7, 8), at(7, 9)), (at(7, 10), at(7, 12))])
    assert swim.phases_of(twice) == [
        (0, at(7, 8), at(7, 8, 6)), (1, at(7, 8, 6), at(7, 8, 18)), (2, at(7, 8, 18), at(7, 9)),
        (2, at(7, 10), at(7, 12)),
    ]  # fmt: skip


def test_an_open_one_that_nobody_took_on_waits_until_now() -> None:
    waiting = line(hours=None, acknowledged=None)
    assert swim.phases_of(waiting)[-1] == (1, at(7, 8, 6), at(31, 12))


def test_hover_shows_a_title_as_text() -> None:
    said = swim.told(line(title=HOSTILE), BERLIN)
    assert "<img" not in said
    assert said.endswith("<br>severity 3, tier 1<br>7 Oct 08:00, restored after 2 h")


def test_two_hundred_incidents_are_drawn_in_one_chart_of_readable_rows() -> None:
    many = [line(str(number), at(1 + number % 28, number % 24), 1.5) for number in range(200)]
    figure = swim.days(many, *OCTOBER, BERLIN, led)
    assert figure is not None
    # At the 25th's midnight two go on from the day before and two begin: four lanes of 7 px, for each of 31 days.
    assert (len(figure.data), figure.layout.height) == (7, 44 + 31 * 28)


def test_what_is_open_for_days_says_so_once_for_all_its_points() -> None:
    """1 to 4 October, 08:00 to 12:00 beside one of an hour: 17 + 25 + 25 + 13 points of its own, and 2 of the other."""
    long, brief = line("long", at(1, 8), 76), line("brief", at(2, 8), 1)
    figure = swim.days([long, brief], *OCTOBER, BERLIN, led)
    assert figure is not None
    said = [(len(trace.x), trace.hovertext) for trace in figure.data if trace.hoverinfo == "text"]
    assert said == [(2, (swim.told(brief, BERLIN),) * 2), (80, swim.told(long, BERLIN))]


def one(**more: Any) -> dict[str, Any]:
    story: dict[str, Any] = {
        "source": "pager", "id": "INC-1", "url": "https://pager.example/1", "title": HOSTILE, "as_of": at(31, 12),
        "steps": {"runbook followed": True, "severity set": False, "not called": None}, "main": None, "line": line(),
        "change": {"named": "c", "title": "Faster joins", "source": "git", "id": "c", "url": None, "kind": "deployment",
                   "asset": "shop/orders", "team": "sales", "at": at(7, 7), "state": "succeeded", "failure": None},
        "laid": [{"field": "severity", "told": 4, "reads": 3, "reason": "customers saw it", "ref": "REG-7",
                  "inferred": False}],
        "assets": [{"asset": "shop/orders", "kind": "pipeline", "tier": 1, "team": "sales", "domain": "shop"}],
        "began": [{"of": "shop/orders", "asset": "crm/people", "at": at(7, 7).isoformat(), "what": "failed",
                   "responsible": "platform", "source": "airflow", "fact": "r1", "url": None}],
        "lineage": True, "alerts": [], "folded": [], "earlier": [line("INC-0", at(2, 8))],
    }  # fmt: skip
    return story | more


def test_one_incidents_story(fake: Any) -> None:
    asked: list[dict[str, Any]] = []

    def answer(ask: Ask, **which: Any) -> dict[str, Any] | None:
        asked.append(which)
        return one() if which == {"source": "pager", "id": "team/INC-1"} else None

    reader = fake.FakeReader(stories={"incident.incident": answer})
    shown = text(incidents.render(reader, Ask(tier=1), "pager/team/INC-1"))
    assert asked == [{"source": "pager", "id": "team/INC-1"}]
    assert "/assets/shop%2Forders?tier=1" in shown
    for words in ("crm/people", "Faster joins", "REG-7", "1 of 2 done", "restored after 2 h"):
        assert words in shown
    assert "not called" not in shown


def test_an_alert_has_room_for_its_asset(fake: Any) -> None:
    """Half a page wide: the asset stands without its namespace, the whole name on hover."""
    alert = {"rule": "DatasetLate", "id": "a1", "url": None, "source": "pager", "at": at(7, 8), "acknowledged": None,
             "resolved": None, "asset": "snowflake://acme/shop.orders", "label": "noise"}  # fmt: skip
    reader = fake.FakeReader(stories={"incident.incident": one(alerts=[alert])})
    shown = text(incidents.render(reader, Ask(), "pager/INC-1"))
    assert "noise" in shown and "Bdi('shop.orders')" in shown and "title='snowflake://acme/shop.orders'" in shown


def test_an_incident_that_is_not_there_says_so(fake: Any) -> None:
    reader = fake.FakeReader(stories={"incident.incident": lambda ask, **which: None})
    assert "There is no such incident." in text(incidents.render(reader, Ask(), "pager/x"))


def test_a_duplicate_points_at_its_main_one(fake: Any) -> None:
    story = one(main=("pager", "INC-9"), line=None, change=None, laid=[], steps={})
    reader = fake.FakeReader(stories={"incident.incident": story})
    assert "/incidents/pager/INC-9" in text(incidents.render(reader, Ask(), "pager/INC-1"))


def test_a_reopened_incident_says_its_active_time_and_a_negative_one_that_it_is_left_out(fake: Any) -> None:
    """Open from 08:00 to 09:00 and since 10:00 of the 31st; it is noon: three hours."""
    spans = [(at(31, 8), at(31, 9)), (at(31, 10), None)]
    twice = one(line=line(hours=None, began=at(31, 8), spans=spans), began=[], change=None)
    reader = fake.FakeReader(stories={"incident.incident": twice})
    assert "open, active for 3 h" in text(incidents.render(reader, Ask(), "pager/INC-1"))
    back = one(line=line(hours=-1), began=[], change=None)
    reader = fake.FakeReader(stories={"incident.incident": back})
    assert "left out: it ends before it begins" in text(incidents.render(reader, Ask(), "pager/INC-1"))

"""What was promised by a date: it comes by the clock alone, and a finding goes on through quiet days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from slo.store import Tx
from tests.slo.tellings import fact

Make = Callable[..., Any]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def work(key: str, kind: str, **fields: Any) -> Any:
    moments = {name: at(value) for name, value in fields.items() if name.endswith("_at")}
    return fact("work_item", key, kind=kind, **(fields | moments))


def good_bad(found: dict[str, Any]) -> tuple[int, int]:
    return found["good"], found["bad"]


def test_an_action_falls_due_by_the_clock(watched: Make) -> None:
    """Told on the 5th, due on the 8th at noon, never done: nothing until then, bad from that instant on."""
    ours = watched("postmortem_action_completion")
    ours.tell(work("a", "action", opened_at="10-01", due_at="10-08 12:00"))
    found = [
        good_bad(ours.show("postmortem_action_completion", now, window="2026-10"))
        for now in ("2026-10-05 09:00", "2026-10-08 11:59", "2026-10-08 12:00", "2026-10-20 00:00")
    ]
    assert found == [(0, 0), (0, 0), (0, 1), (0, 1)]


def test_an_action_done_after_all_stays_late(watched: Make) -> None:
    ours = watched("postmortem_action_completion")
    ours.tell(work("a", "action", opened_at="10-01", due_at="10-08"))
    assert good_bad(ours.show("postmortem_action_completion", "2026-10-09 00:00", window="2026-10")) == (0, 1)
    ours.tell(work("a", "action", opened_at="10-01", due_at="10-08", closed_at="10-09", outcome="done"))
    assert good_bad(ours.show("postmortem_action_completion", "2026-10-10 00:00", window="2026-10")) == (0, 1)


def test_an_action_put_off_is_judged_by_its_new_date(watched: Make) -> None:
    ours = watched("postmortem_action_completion")
    ours.tell(work("a", "action", opened_at="10-01", due_at="10-08"))
    assert good_bad(ours.show("postmortem_action_completion", "2026-10-09 00:00", window="2026-10")) == (0, 1)
    ours.tell(work("a", "action", opened_at="10-01", due_at="11-08"))
    assert good_bad(ours.show("postmortem_action_completion", "2026-10-10 00:00", window="2026-10")) == (0, 0)


def test_under_five_there_is_no_verdict(watched: Make) -> None:
    """Four of four are too few; the fifth decides."""
    ours = watched("support_sla_adherence")
    for number in range(5):
        key = str(number)
        ours.tell(work(key, "support", priority="P2", opened_at="10-01", due_at="10-03", closed_at="10-02"))
        if number == 3:
            assert ours.show("support_sla_adherence", "2026-11-01 00:00", window="2026-10")["status"] == "too few"
    assert ours.show("support_sla_adherence", "2026-11-01 00:00", window="2026-10")["status"] == "met"


def test_an_open_finding_goes_on_day_by_day(watched: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened in September; in November, after weeks in which nobody looked, it is there, and costs the days gone by."""
    ours = watched("audit_findings")
    ours.tell(work("f", "finding", severity="high", opened_at="09-10"))
    assert ours.show("audit_findings", "2026-10-05 00:00", window="2026-10")["value"] == 1
    worked: list[tuple[Any, Any]] = []
    real = Tx.put_states
    monkeypatch.setattr(
        Tx, "put_states", lambda self, kpi, assets, days, rows, **more: worked.append(days) or real(
            self, kpi, assets, days, rows, **more
        )
    )  # fmt: skip
    assert ours.show("audit_findings", "2026-11-03 00:00", window="2026-11")["value"] == 1
    assert worked and min(first for first, _ in worked) == at("10-05").date()
    worked.clear()
    assert ours.show("audit_findings", "2026-11-03 09:00", window="2026-11")["value"] == 1
    assert worked == []


def test_a_finding_closed_leaves_the_days_after(watched: Make) -> None:
    ours = watched("audit_findings")
    ours.tell(work("f", "finding", severity="high", opened_at="09-10"))
    assert ours.show("audit_findings", "2026-11-03 00:00", window="2026-11")["value"] == 1
    ours.tell(work("f", "finding", severity="high", opened_at="09-10", closed_at="10-20", outcome="done"))
    found = [
        ours.show("audit_findings", "2026-11-03 00:00", window=window)["value"] for window in ("2026-10", "2026-11")
    ]
    assert found == [1, 0]


def test_a_finding_left_out_by_its_first_day_is_left_out_of_every_day(watched: Make) -> None:
    """Open from 10 September to 20 October. That of 10 September nothing counts is agreed later: October has none then,
    and of September, of which the source saw only a part, nobody knows."""
    ours = watched("audit_findings")
    ours.tell(work("f", "finding", severity="high", opened_at="09-10", closed_at="10-20", outcome="done"))
    shown = [ours.show("audit_findings", "2026-11-03 00:00", window=f"2026-{month}") for month in ("09", "10")]
    assert [one["value"] for one in shown] == [1, 1]
    ours.tell(fact("exclusion", "e", start=at("09-10"), end=at("09-11"), reason="agreed"))
    shown = [ours.show("audit_findings", "2026-11-03 00:00", window=f"2026-{month}") for month in ("09", "10")]
    assert [one["value"] for one in shown] == [None, 0]


def test_a_finding_is_listed_once(watched: Make) -> None:
    ours = watched("audit_findings")
    ours.tell(work("f", "finding", severity="high", opened_at="10-02", closed_at="10-20", outcome="done"))
    told = ours.explain("audit_findings", "2026-11-03 00:00", window="2026-10")
    assert [(line["id"], line["verdict"], line["reason"]) for line in told["facts"]] == [
        ("f", "bad", "high, opened on 2026-10-02, closed on 2026-10-20")
    ]


def clauses(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    target = next(one for one in found["targets"] if one["profile"] == "lead_platform")
    return [(clause["value"], clause["n"], clause["status"]) for clause in target["clauses"]]


def test_a_finding_misses_zero_for_certain_while_the_quarter_runs(watched: Make) -> None:
    """Four were remediated in time: their share has a sample of its own, too small for a verdict."""
    ours = watched("audit_findings")
    for key in "abcd":
        ours.tell(work(key, "finding", severity="high", opened_at="10-02", due_at="10-10", closed_at="10-05"))
    found = ours.show("audit_findings", "2026-11-03 00:00", window="2026-Q4")
    assert clauses(found) == [(4, 4, "missed"), (1, 4, "too few")]
    assert found["status"] == "missed"
    assert found["remediations"] == {"good": 4, "bad": 0, "excluded": 0}


def test_five_remediations_are_judged_exactly(watched: Make) -> None:
    ours = watched("audit_findings")
    for key in "abcde":
        due = "10-04" if key == "e" else "10-10"
        ours.tell(work(key, "finding", severity="critical", opened_at="10-02", due_at=due, closed_at="10-05"))
    found = ours.show("audit_findings", "2027-01-03 00:00", window="2026-Q4")
    assert clauses(found) == [(5, 5, "missed"), (0.8, 5, "missed")]


def test_one_late_remediation_of_all_misses_for_certain(watched: Make) -> None:
    """Every one was promised: while the quarter still runs, no later one can mend the fifth."""
    ours = watched("audit_findings")
    for key in "abcde":
        due = "10-04" if key == "e" else "10-10"
        ours.tell(work(key, "finding", severity="critical", opened_at="10-02", due_at=due, closed_at="10-05"))
    found = ours.show("audit_findings", "2026-11-03 00:00", window="2026-Q4")
    assert clauses(found)[1] == (0.8, 5, "missed")


def test_nothing_to_remediate_is_no_share(watched: Make) -> None:
    ours = watched("audit_findings")
    ours.tell(work("f", "finding", severity="low", opened_at="09-10"))
    found = ours.show("audit_findings", "2027-01-03 00:00", window="2026-Q4", profile="staff_platform")
    assert (found["value"], found["remediated_in_sla"], found["status"]) == (0, None, "met")

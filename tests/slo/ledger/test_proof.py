"""A month closed, disturbed and restated, checked to the fact; see worked.py for the month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.errors import ConfigError
from slo.facts import Fact
from slo.ledger.book import Ledger
from slo.ledger.closing import refuse_unless_closable
from slo.platform import Platform, SourceInfo
from slo.store import Store
from slo.stories.changes import changes
from slo.stories.ledger import periods, reported, restated
from slo.targets import load_targets
from tests.slo.ledger.worked import CLOSED, DAY, FIRST, HOUR, LATER, SUCCESS, Clock, close, engine_of, facts, october
from tests.slo.tellings import fact, run

LATE = run("late-1", "crm/people", FIRST + timedelta(days=11, hours=9), "failed")
RETOLD = october("crm/people", 7, "success", revised_at=CLOSED)
GONE = replace(october("shop/orders", 31), deleted=True, revised_at=CLOSED)
CORRECTION = fact(
    "correction", "c1", target_fact="run", target_id="shop/orders-05", set={"state": "success"},
    reason="it did finish", by="data platform", ref="CHG-7", at=CLOSED,
)  # fmt: skip
EXCLUSION = fact(
    "exclusion", "x1", assets="shop/orders", start=FIRST + 5 * DAY, end=FIRST + 6 * DAY, reason="maintenance"
)
RENAMED = fact("alias", "a1", old="crm/people", new="crm/persons")


@pytest.fixture
def engine(store: Store) -> Engine:
    store.upsert(facts())
    return engine_of(store)


def line(found: list[dict[str, Any]], **scope: Any) -> dict[str, Any]:
    """The restatement of the success rate in a scope."""
    wanted = {"tier": None, "team": None, "domain": None, **scope}
    (one,) = [one for one in found if one["kpi"] == SUCCESS and one["scope"] == wanted]
    return one


def counts(figures: dict[str, Any]) -> tuple[int, int, int]:
    return figures["parts"]["good"], figures["parts"]["bad"], figures["parts"]["excluded"]


def told(one: dict[str, Any]) -> list[tuple[Any, ...]]:
    """(what, kind, source, the facts' ids, when they came) a cause."""
    return [
        (
            cause["what"], cause["kind"], cause["source"], [each["id"] for each in cause["named"]],
            cause["first_arrived"],
        )
        for cause in one["causes"]
    ]  # fmt: skip


def at(hours: int) -> str:
    return (LATER + hours * HOUR).isoformat()


def test_a_closed_month_is_disturbed_and_restated_to_the_fact(engine: Engine, clock: Clock) -> None:
    store, ledger = engine.store, Ledger(engine.store)
    digest = close(engine)
    before = store.ledger.lines(1)

    def disturb(hours: int, *told: Fact) -> None:
        """What arrives at an hour is seen by the evaluation of a day later."""
        clock.now = LATER + hours * HOUR
        store.upsert(told)
        engine.restate(LATER + timedelta(days=1, hours=hours))

    disturb(0, LATE)  # people 30 of 32
    whole = line(ledger.restatements("2026-10"))
    assert (counts(whole["reported"]), counts(whole["now"])) == ((90, 3, 0), (90, 4, 0))
    assert whole["difference"] == 90 / 94 - 90 / 93
    assert told(whole) == [("late fact", "run", "import", ["late-1"], at(0))]
    (named,) = whole["causes"][0]["named"]
    assert named["at"] == "2026-10-12T09:00:00+00:00" and named["arrived"] == at(0)
    assert named["changed"]["state"] == [None, "failed"]
    assert whole["seen"] == (LATER + DAY).isoformat()

    disturb(1, RETOLD)  # people 31 of 32
    growth = line(ledger.restatements("2026-10"), team="growth")
    assert counts(growth["reported"]) == (30, 1, 0) and counts(growth["now"]) == (31, 1, 0)
    assert [name for _, _, _, name, _ in told(growth)] == [["late-1"], ["crm/people-07"]]
    assert growth["causes"][1]["named"][0]["changed"] == {"state": ["failed", "success"]}
    assert growth["first_seen"] == (LATER + DAY).isoformat()

    disturb(2, GONE)  # orders 28 of 30, the whole 90 of 93: by chance what was reported
    found = ledger.restatements("2026-10")
    assert {tuple(value for value in one["scope"].values() if value) for one in found} == {
        ("finance",), ("sales",), (1,), ("growth",), (2,)
    }  # fmt: skip
    assert told(line(found, tier=1)) == [("deletion", "run", "import", ["shop/orders-31"], at(2))]
    assert ledger.restatements("2026-10", scope={}) == []

    disturb(3, CORRECTION)  # orders 29 of 30
    tier = line(ledger.restatements("2026-10"), tier=1)
    assert told(tier)[0] == ("correction", "run", "import", ["shop/orders-05"], at(3))
    assert tier["causes"][0]["named"][0]["correction"] == {
        "id": "c1", "source": "import", "reason": "it did finish", "ref": "CHG-7", "withdrawn": False
    }  # fmt: skip
    assert tier["causes"][0]["text"] == "1 run of import: corrected (it did finish)"

    disturb(4, EXCLUSION)  # orders 29 of 29, one left out; the whole 91 of 92
    disturb(5, RENAMED)  # the history follows: nothing moves
    whole = line(ledger.restatements("2026-10"))
    assert counts(whole["now"]) == (91, 1, 1) and whole["now"]["value"] == 91 / 92
    assert told(whole) == [
        ("correction", "run", "import", ["shop/orders-05"], at(3)),
        ("deletion", "run", "import", ["shop/orders-31"], at(2)),
        ("exclusion", "exclusion", "import", ["x1"], at(4)),
        ("late fact", "run", "import", ["late-1"], at(0)),
        ("retold", "run", "import", ["crm/people-07"], at(1)),
    ]
    assert whole["first_seen"] == (LATER + timedelta(days=1, hours=3)).isoformat()  # since it was as reported
    assert whole["seen"] == (LATER + timedelta(days=1, hours=4)).isoformat()
    growth = line(ledger.restatements("2026-10"), team="growth")
    assert counts(growth["now"]) == (31, 1, 0) and "exclusion" not in [what for what, *_ in told(growth)]

    assert {one["kpi"] for one in ledger.restatements()} == {SUCCESS}  # incidents and run times were not touched
    assert [one["scope"]["tier"] for one in ledger.restatements() if one["scope"]["tier"] == 3] == []
    assert store.ledger.lines(1) == before
    assert ledger.verify() == [{"period": "2026-10", "hash": digest, "found": digest, "sound": True}]


def test_a_target_adopted_for_the_past_is_a_restatement_of_its_own(engine: Engine) -> None:
    close(engine)
    published = load_targets()
    row = ("associate_platform", 1)
    told_by = {"adopted": date(2026, 9, 1), "adopted_by": "data platform"}
    adopted = [
        one.model_copy(update={**told_by, "clauses": (one.clauses[0].model_copy(update={"floor": 0.96}),)})
        if one.key == row
        else one
        for one in published.versions
    ]
    engine_of(engine.store, replace(published, versions=tuple(adopted))).restate(LATER)
    whole = line(Ledger(engine.store).restatements())
    assert (whole["reported"]["status"], whole["now"]["status"], whole["difference"]) == ("missed", "near", 0.0)
    assert [(one["profile"], one["row"], one["reported"], one["now"]) for one in whole["targets"]] == [
        ("associate_platform", 1, "missed", "near")
    ]
    assert [(cause["what"], cause["facts"]) for cause in whole["causes"]] == [("target", 0)]
    assert whole["causes"][0]["text"].endswith("is now adopted from 2026-09-01 on")


def test_a_restatement_is_news_for_a_day(engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The closed October differs since the 11th, 09:00: said until the 12th, 09:00, once a KPI and not once a scope."""
    monkeypatch.setattr("slo.stories.changes.shelf", lambda: {SUCCESS: engine.shelf[SUCCESS]})
    close(engine)

    def news(at: datetime) -> list[tuple[str, str, str, datetime]]:
        found = engine.tell(changes, Query(), at)["restated"]
        return [(one["period"], one["kpi"], one["title"], one["at"]) for one in found]

    assert news(LATER) == []
    clock.now = LATER
    engine.store.upsert([LATE])
    seen = LATER + DAY
    engine.restate(seen)
    assert len({str(one["scope"]) for one in Ledger(engine.store).restatements("2026-10")}) > 1
    assert news(seen + 23 * HOUR) == [("2026-10", SUCCESS, "Pipeline success rate", seen)]
    assert news(seen + DAY) == []


def test_a_day_of_november_costs_a_closed_october_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    close(engine)
    engine.restate(LATER)

    def worked_out(*_: Any) -> None:
        raise AssertionError("a line of October was worked out anew")

    monkeypatch.setattr("slo.ledger.restating.line_of", worked_out)
    words = replace(facts()[0], classification="internal")
    engine.store.upsert([run("nov", "crm/people", CLOSED, "failed"), words])
    assert engine.restate(LATER + DAY) == 0
    assert engine.store.ledger.causes(1) == []


def test_a_difference_without_a_cause_is_said_to_have_none(engine: Engine) -> None:
    close(engine)
    engine.store.upsert([LATE])
    engine.refresh(LATER)
    with engine.store.write() as tx:  # as though the change had never been noted
        tx._connection.exec_driver_sql("DELETE FROM ledger_causes")
        tx.set_meta("ledger:1", '{"all":"as it was","kpis":{}}')  # every line is looked at
    engine.restate(LATER)
    whole = line(Ledger(engine.store).restatements())
    assert (counts(whole["now"]), whole["how"]) == ((90, 4, 0), "restated")
    assert [(one["what"], one["text"]) for one in whole["causes"]] == [
        ("not found", "no cause was found in the change log")
    ]


def test_what_stories_tell(engine: Engine) -> None:
    close(engine)
    engine.store.upsert([LATE])
    engine.restate(LATER)
    growth = Query(team="growth")
    (one,) = engine.tell(reported, growth, LATER, kpi=SUCCESS)
    assert (one["value"], one["now"], one["restated"], one["provisional"]) == (30 / 31, 30 / 32, True, False)
    (untouched,) = engine.tell(reported, Query(tier=3), LATER, kpi=SUCCESS)
    assert (untouched["value"], untouched["now"], untouched["restated"]) == (1.0, 1.0, False)
    assert engine.tell(reported, Query(team="growth", tier=2), LATER, kpi=SUCCESS) == []
    assert [one["kpi"] for one in engine.tell(restated, growth, LATER, since=LATER)] == [SUCCESS]
    assert engine.tell(restated, growth, LATER, since=LATER + HOUR) == []
    assert engine.tell(restated, growth, LATER, kpi="mttr") == []
    found = engine.tell(periods, growth, LATER)
    assert [(one["name"], one["state"], one["restatements"]) for one in found] == [
        ("2026-11", "open", 0), ("2026-Q4", "open", 0), ("2026-10", "closed", 1), ("2026-09", "provisional", 0),
        ("2026-Q3", "provisional", 0),
    ]  # fmt: skip
    assert found[2]["counts"] == {"missed": 1, "no data": 3}
    assert found[2]["by"] == "data platform" and found[2]["hash"] == Ledger(engine.store).closed("2026-10")["hash"]


@pytest.mark.parametrize(
    ("period", "moment", "said"),
    [
        ("2026-11", LATER, "2026-11: has not ended; it can be closed from 2026-12-01 00:00 [(]UTC[)] on"),
        ("2026-10-04", LATER, "2026-10-04: is no period of the ledger; name a week, month, quarter or half"),
        ("28d", LATER, "28d: is no period of the ledger"),
    ],
)
def test_what_cannot_be_closed(engine: Engine, period: str, moment: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        refuse_unless_closable(engine, period, moment)


def test_a_period_is_closed_once(engine: Engine) -> None:
    digest = close(engine)
    said = rf"2026-10: is closed already \(hash {digest[:12]}\).*`tierline ledger 2026-10`"
    with pytest.raises(ConfigError, match=said):
        close(engine, at=LATER)
    with pytest.raises(ConfigError, match="2026-05: nothing is known of it; collect or import its facts first"):
        close(engine, "2026-05")
    assert [row.name for row in engine.store.ledger.periods()] == ["2026-10"]


def test_a_closing_that_breaks_off_leaves_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from slo.store import ledger

    packed: Callable[[str], bytes] = ledger._packed
    monkeypatch.setattr(ledger, "_packed", lambda text: 1 / 0 if "as published" in text else packed(text))
    with pytest.raises(ZeroDivisionError):  # in the midst of it: period and lines are written, the reports are not
        close(engine)
    assert engine.store.ledger.periods() == [] and engine.store.ledger.lines(1) == []
    monkeypatch.undo()
    close(engine)
    assert Ledger(engine.store).document("2026-10", {}) == {"said": "as published"}


def test_what_was_altered_in_the_store_is_found(engine: Engine) -> None:
    digest = close(engine)
    with engine.store.write() as tx:
        tx._connection.exec_driver_sql("DELETE FROM ledger_lines WHERE kpi = 'mttr' AND scope = 'tier:3'")
    (found,) = Ledger(engine.store).verify()
    assert found["hash"] == digest and found["found"] != digest and found["sound"] is False


def test_what_was_published_as_provisional_settles_by_the_clock(store: Store) -> None:
    """The source settles ten days after a period's end: on the sixth it has not, on the eleventh it has."""
    tells = {"asset": ("tier", "team", "domain"), "run": ("state", "due_at"), "incident": ("started_at",)}
    source = SourceInfo("import", tells, settle=timedelta(days=10), interval=timedelta(days=30))
    store.upsert(facts())
    engine = engine_of(store, platform=Platform(sources=(source,)))
    close(engine)
    assert Ledger(store).lines("2026-10", SUCCESS, {"tier": 3})[0]["result"]["status"] == "provisional"
    assert engine.restate(LATER) == 0
    engine.restate(LATER + 2 * DAY)
    kept = line(Ledger(store).restatements(), tier=3)
    assert (kept["how"], kept["reported"]["status"], kept["now"]["status"]) == ("settled", "provisional", "met")
    assert kept["difference"] == 0.0 and [cause["what"] for cause in kept["causes"]] == ["settled"]
    (month,) = [one for one in engine.tell(periods, Query(tier=3), LATER + 2 * DAY) if one["name"] == "2026-10"]
    assert (month["restatements"], month["settled"], month["provisional_lines"]) == (0, 1, 1)


def test_while_a_period_is_closed_nobody_refreshes(engine: Engine) -> None:
    close(engine)
    with engine.holding(LATER) as renew:
        renew()
        assert engine.refresh(LATER + DAY) is False
    assert engine.refresh(LATER + DAY) is True


def test_many_facts_are_counted_and_the_worst_ten_named(engine: Engine) -> None:
    """24 event runs of the 20th come late, two of them failed: counted as what they are, the failed ones first."""
    close(engine)
    begin = FIRST + 19 * DAY
    late = [
        run(f"e{hour:02}", "crm/people", begin + hour * HOUR, "failed" if hour in (13, 17) else "success", due_at=None)
        for hour in range(24)
    ]
    engine.store.upsert([replace(one, trigger="event") for one in late])
    engine.restate(LATER)
    whole = line(Ledger(engine.store).restatements())
    assert counts(whole["now"]) == (90 + 22, 3 + 2, 0)
    (cause,) = whole["causes"]
    assert (cause["facts"], cause["first_at"], cause["last_at"]) == (
        24, begin.isoformat(), (begin + 23 * HOUR).isoformat()
    )  # fmt: skip
    assert [one["id"] for one in cause["named"]] == ["e13", "e17", *(f"e{hour:02}" for hour in range(8))]
    assert cause["text"] == "24 runs of import: came after the period was closed"


def test_an_incident_told_anew_restates_the_scopes_of_its_assets(engine: Engine) -> None:
    """Restored after five hours, not four. Nobody outside finance is touched."""
    close(engine)
    incident = facts()[-1]
    engine.store.upsert([replace(incident, resolved_at=incident.started_at + 5 * HOUR, revised_at=CLOSED)])
    engine.restate(LATER)
    found = [one for one in Ledger(engine.store).restatements() if one["kpi"] == "mttr"]
    assert [(one["scope"]["tier"], one["scope"]["team"], one["scope"]["domain"]) for one in found] == [
        (None, None, None), (None, None, "sales"), (None, "finance", None), (1, None, None)
    ]  # fmt: skip
    assert [(one["reported"]["value"], one["now"]["value"], one["difference"]) for one in found] == [
        (14400.0, 18000.0, 3600.0)
    ] * 4
    assert [told(one)[0][:4] for one in found] == [("retold", "incident", "import", ["I1"])] * 4
    assert found[0]["causes"][0]["named"][0]["changed"] == {
        "resolved_at": ["2026-10-05T10:00:00+00:00", "2026-10-05T11:00:00+00:00"]
    }

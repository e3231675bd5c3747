"""The decisions/ folder: read, judged with file and line, told as facts, taken back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any, get_args

import pytest

from slo.engine import Engine, Query
from slo.facts import KINDS, Exclusion, Fact, Run
from slo.store import Store
from tierline import decisions
from tierline.config import Config, load
from tierline.decisions import Watch
from tierline.decisions.decided import Correctable, Exclude
from tierline.settings.problems import SettingsError

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
NOW = MONDAY + timedelta(days=8)
OUTAGE = """
exclusions:
  - assets: shop/*
    start: 2026-11-02T00:00:00Z
    end: 2026-11-02T03:00:00Z
    reason: vendor
    by: platform
    ref: SNOW-1
"""
CORRECTION = """
corrections:
  - fact: run
    source: airflow
    id: r3
    set: {state: success}
    reason: the sensor was wrong, the table was there
    by: data-core
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "decisions").mkdir()
    settings = f"store: sqlite:///{tmp_path}/x.db\npeople: {{ann@corp.example: data-core}}\n"
    (tmp_path / "tierline.yaml").write_text(settings)
    return tmp_path


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{home}/x.db") as opened:
        opened.migrate()
        opened.upsert([_run(hour) for hour in range(10)])
        yield opened


def _run(hour: int) -> Fact:
    """Ten runs on Monday, one an hour; those of 01, 03 and 05 o'clock failed."""
    due = MONDAY + timedelta(hours=hour)
    state: Any = "failed" if hour in (1, 3, 5) else "success"
    return Run(source="airflow", id=f"r{hour}", asset="shop/orders", state=state, due_at=due, started_at=due)


def config(home: Path) -> Config:
    return load(str(home / "tierline.yaml"), {})


def decide(home: Path, text: str, name: str = "a.yaml") -> None:
    path = home / "decisions" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(dedent(text))
    stamp = path.stat().st_mtime_ns + 1
    os.utime(path, ns=(stamp, stamp))


def problems(home: Path) -> list[tuple[str, int, str, str, str]]:
    with pytest.raises(SettingsError) as caught:
        decisions.load(config(home))
    return [(Path(one.file).name, one.line, one.place, one.message, one.remedy) for one in caught.value.problems]


def counted(store: Store, home: Path) -> tuple[int, int, int]:
    """good, bad, excluded of Monday, with what is decided told."""
    decisions.tell(store, decisions.load(config(home)))
    engine = Engine(store, config(home).to_platform())
    result = engine.show("pipeline_success_rate", Query(window="2026-11-02"), NOW)
    return result["good"], result["bad"], result["excluded"]


def test_what_is_decided_counts_and_is_taken_back_with_its_file(home: Path, store: Store) -> None:
    assert counted(store, home) == (7, 3, 0)
    decide(home, OUTAGE)
    assert counted(store, home) == (5, 2, 3)
    decide(home, CORRECTION, "more/b.yml")
    assert counted(store, home) == (6, 1, 3)
    (home / "decisions" / "more" / "b.yml").unlink()
    assert counted(store, home) == (5, 2, 3)
    (home / "decisions" / "a.yaml").unlink()
    assert counted(store, home) == (7, 3, 0)
    decide(home, OUTAGE)
    assert counted(store, home) == (5, 2, 3)


def test_an_exclusion_that_is_changed_is_the_new_one_alone(home: Path, store: Store) -> None:
    decide(home, OUTAGE)
    assert counted(store, home) == (5, 2, 3)
    decide(home, OUTAGE.replace("T03:00", "T04:00"))
    assert counted(store, home) == (5, 1, 4)
    assert [fact.end for fact in store.read("exclusion")] == [MONDAY + timedelta(hours=4)]


def test_told_twice_is_told_once_wherever_it_stands(home: Path, store: Store) -> None:
    decide(home, OUTAGE)
    decide(home, CORRECTION, "b.yaml")
    assert decisions.tell(store, decisions.load(config(home))) == 2
    (home / "decisions" / "b.yaml").rename(home / "decisions" / "z.yaml")
    assert decisions.tell(store, decisions.load(config(home))) == 0


def test_others_exclusions_stay(home: Path, store: Store) -> None:
    told = Exclusion(source="pager", id="m1", assets="*", start=MONDAY, end=NOW, reason="maintenance")
    store.upsert([told])
    decide(home, OUTAGE)
    counted(store, home)
    (home / "decisions" / "a.yaml").unlink()
    counted(store, home)
    assert [fact.source for fact in store.read("exclusion")] == ["pager"]


def test_a_person_is_shown_as_their_team(home: Path, store: Store) -> None:
    decide(home, OUTAGE.replace("by: platform", "by: Ann <ann@corp.example>"))
    counted(store, home)
    assert [(fact.by, fact.ref) for fact in store.read("exclusion")] == [("data-core", "SNOW-1")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OUTAGE.replace("reason: vendor", "reson: vendor"), [
            (3, "exclusions[0].reason", "missing", "add `reason: ...` (vendor and upstream are put back \"as felt\")"),
            (6, "exclusions[0].reson", "unknown setting", "did you mean `reason`?"),
        ]),
        (OUTAGE.replace("00:00:00Z", "00:00:00"), [
            (4, "exclusions[0].start", "'2026-11-02T00:00:00': a time without its offset",
             "write it as 2026-11-02T08:00:00+01:00, or with Z for UTC"),
        ]),
        (OUTAGE.replace("    end: 2026-11-02T03:00:00Z\n", ""), [
            (3, "exclusions[0].end", "missing", "add `end: ...` (Until when, with its offset; not included)"),
        ]),
        (OUTAGE.replace("end: 2026", "end: 2028"), [
            (3, "exclusions[0]", "lasts 731 days", "end it within 366 days and decide anew"),
        ]),
        (OUTAGE.replace("T03", "T00"), [(3, "exclusions[0]", "ends before it starts", "end must be after start")]),
        (OUTAGE.replace("assets: shop/*", "kpis: [pipeline_succes]"), [
            (3, "exclusions[0].kpis[0]", "'pipeline_succes': no KPI of this name", "`tierline kpis` lists them"),
        ]),
        (OUTAGE.replace("    by: platform\n", ""), [
            (3, "exclusions[0].by", "missing", "add `by: ...` (The team or role that decided. A person is shown as "
             "their team, by `people` of tierline.yaml)"),
        ]),
        (OUTAGE.replace("by: platform", "by: bob@corp.example"), [
            (7, "exclusions[0].by", "'bob@corp.example' is a person whom no team is known for",
             "write the team, or add the person under `people:` of tierline.yaml"),
        ]),
        (OUTAGE.replace("SNOW-1", "mail of bob@corp.example"), [
            (8, "exclusions[0].ref", "'mail of bob@corp.example': names a person", "name the team, or a ticket"),
        ]),
        (CORRECTION.replace("state: success", "stat: success"), [
            (6, "corrections[0].set.stat", "a run has no such field to correct", None),
        ]),
        (CORRECTION.replace("state: success", "started_at: 2026-11-02T00:00:00"), [
            (6, "corrections[0].set.started_at", None, None),
        ]),
        (CORRECTION.replace("fact: run", "fact: runs"), [(3, "corrections[0].fact", None, None)]),
        (CORRECTION + "    id: r4\n", [(9, "corrections[0].id", "stands twice", "keep one of them")]),
        ("exclusions: [", [(1, "the file", None, None)]),
        ("- a list\n", [(1, "the file", "expected settings as `name: value` lines, found list", "")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(home: Path, text: str, expected: list[tuple[Any, ...]]) -> None:
    decide(home, text)
    found = problems(home)
    assert [(name, line, place) for name, line, place, _, _ in found] == [("a.yaml", *one[:2]) for one in expected]
    for (_, _, _, message, remedy), (_, _, wanted, cure) in zip(found, expected, strict=True):
        assert wanted in (None, message)
        assert cure in (None, remedy)
        assert message


def test_every_error_of_every_file_at_once(home: Path) -> None:
    decide(home, OUTAGE.replace("reason: vendor", "reason: weather"))
    decide(home, CORRECTION.replace("id: r3", "id: ''"), "b.yaml")
    assert [(one[0], one[2]) for one in problems(home)] == [
        ("a.yaml", "exclusions[0].reason"), ("b.yaml", "corrections[0].id"),
    ]  # fmt: skip


def test_two_exclusions_of_the_same_must_not_overlap(home: Path) -> None:
    decide(home, OUTAGE)
    decide(home, OUTAGE.replace("vendor", "maintenance").replace("T00:00", "T02:59"), "b.yaml")
    found = problems(home)
    assert [(name, line, place) for name, line, place, _, _ in found] == [("b.yaml", 4, "exclusions[0].start")]
    assert found[0][3].startswith("overlaps ")
    assert found[0][3].endswith("a.yaml:3, which lasts 2026-11-02T00:00:00+00:00 to 2026-11-02T03:00:00+00:00")
    decide(home, OUTAGE.replace("vendor", "maintenance").replace("T03", "T05").replace("T00", "T03"), "b.yaml")
    assert len(decisions.load(config(home)).entries) == 2
    decide(home, OUTAGE.replace("shop/*", "shop/lines"), "b.yaml")
    assert len(decisions.load(config(home)).entries) == 2


def test_the_same_twice_and_two_that_differ_on_one_field(home: Path) -> None:
    decide(home, CORRECTION)
    decide(home, CORRECTION, "b.yaml")
    assert problems(home)[0][3].endswith("a.yaml:3, too")
    decide(home, CORRECTION.replace("state: success", "state: skipped"), "b.yaml")
    assert problems(home)[0][2:] == (
        "corrections[0].set", f"{home}/decisions/a.yaml:3 says another state", "keep one, or give both their `at`",
    )  # fmt: skip
    for name, state, clock in (("a.yaml", "success", "09"), ("b.yaml", "skipped", "10")):
        dated = CORRECTION.replace("state: success", f"state: {state}") + f"    at: 2026-11-03T{clock}:00:00Z\n"
        decide(home, dated, name)
    assert len(decisions.load(config(home)).entries) == 2


def test_a_correction_of_what_is_not_stored_is_a_warning(home: Path, store: Store) -> None:
    decide(home, CORRECTION.replace("r3", "r33"))
    told = decisions.without_target(store, decisions.load(config(home)))
    assert [(one.line, one.place, one.message) for one in told] == [
        (5, "corrections[0].id", "no run of airflow has the id 'r33' so far")
    ]
    decide(home, CORRECTION)
    assert decisions.without_target(store, decisions.load(config(home))) == []


def test_notes_and_sign_offs_are_handed_on(home: Path) -> None:
    decide(home, OUTAGE + dedent("""
        notes:
          - {period: 2026-11, kpis: [pipeline_success_rate], text: A new region was added., by: ann@corp.example}
        sign_offs:
          - {exclusion: SNOW-1, by: finance, on: 2026-11-05}
          - {kpi: mttr, tier: 1, text: two hours, by: finance, on: 2026-11-06, ref: OPS-7}
    """))  # fmt: skip
    told = Watch(config(home), lambda _: None).told()
    assert told["notes"] == [
        {"period": "2026-11", "kpis": ["pipeline_success_rate"], "text": "A new region was added.", "by": "data-core",
         "ref": None, "start": "2026-11-01T00:00:00+00:00", "end": "2026-12-01T00:00:00+00:00"},
    ]  # fmt: skip
    assert [(one["exclusion"], one["kpi"], one["by"], one["on"]) for one in told["sign_offs"]] == [
        ("SNOW-1", None, "finance", "2026-11-05"), (None, "mttr", "finance", "2026-11-06"),
    ]  # fmt: skip
    assert told["sign_offs"][0]["agreed"]["reason"] == "vendor"
    assert told["sign_offs"][1]["agreed"] is None


def test_a_sign_off_names_an_exclusion_that_there_is(home: Path) -> None:
    decide(home, OUTAGE + "sign_offs:\n  - {exclusion: SNOW-2, by: finance, on: 2026-11-05}\n")
    assert problems(home) == [
        ("a.yaml", 10, "sign_offs[0].exclusion", "no exclusion has the ref 'SNOW-2'", "did you mean `SNOW-1`?")
    ]


def test_what_a_broken_file_may_hold_is_not_held_against_another(home: Path) -> None:
    """The exclusion stands in a file that cannot be read: its sign-off elsewhere is no second error."""
    decide(home, OUTAGE.replace("reason: vendor", "reason: vendr"))
    decide(home, "sign_offs:\n  - {exclusion: SNOW-1, by: finance, on: 2026-11-05}\n", "b.yaml")
    assert [(one[0], one[2]) for one in problems(home)] == [("a.yaml", "exclusions[0].reason")]


def test_a_bad_file_is_said_once_and_the_last_good_ones_stay(home: Path, store: Store) -> None:
    said: list[str] = []
    watch = Watch(config(home), said.append)
    decide(home, OUTAGE)
    assert watch.tell(store) == 1
    decide(home, OUTAGE.replace("reason: vendor", "reason: weather"))
    assert [watch.tell(store), watch.tell(store)] == [0, 0]
    assert len(said) == 1
    assert "a.yaml:6: exclusions[0].reason: " in said[0]
    assert len(store.read("exclusion")) == 1
    (home / "decisions" / "a.yaml").unlink()
    assert watch.tell(store) == 1
    assert store.read("exclusion") == []


def test_no_folder_decides_nothing_and_a_named_one_must_be_there(home: Path) -> None:
    (home / "decisions").rmdir()
    assert decisions.load(config(home)).entries == ()
    with (home / "tierline.yaml").open("a") as file:
        file.write("decisions: ruled\n")
    assert problems(home) == [
        ("tierline.yaml", 0, "decisions", f"{home}/ruled is no folder", "make it, or correct `decisions`")
    ]
    (home / "ruled").mkdir()
    (home / "ruled" / "a.yaml").write_text(OUTAGE)
    assert len(decisions.load(config(home)).entries) == 1


def test_what_can_be_corrected_and_why_are_the_vocabularys_words() -> None:
    assert set(get_args(Correctable)) == set(KINDS) - {"correction", "alias"}
    assert get_args(Exclude.model_fields["reason"].annotation) == get_args(get_args(_annotation())[0])


def _annotation() -> Any:
    from typing import get_type_hints

    return get_type_hints(Exclusion)["reason"]


def test_the_examples_of_the_page_work(home: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "putting-it-right.md").read_text(encoding="utf-8")
    folder, source = (dedent(part.partition("```")[0]) for part in page.split("```yaml\n")[1:])
    decide(home, folder)
    found = decisions.load(config(home))
    assert found.in_words() == "1 correction, 1 exclusion, 1 note, 2 sign-offs"
    path = home / "tierline.yaml"
    path.write_text(path.read_text() + source)
    assert [one.plugin.plugin for one in load(str(path), {"CALENDAR_SECRET": "abc"}).configured] == ["ical"]

"""``tierline adopt``: what is written into the user's file, what stays as it was, what is refused, and what it says."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from slo.errors import ConfigError
from slo.targets import SHIPPED_TARGETS, load_targets
from tierline.cli import run
from tierline.targets.adopting import Wish, figure, find, version
from tierline.targets.targetfile import with_version

ALL = load_targets()
DAY = date(2026, 11, 1)
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, and October: of 4 runs a day for 7 days of its last week one failed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIERLINE_STORE", raising=False)
    (tmp_path / "tierline.yaml").write_text("store: sqlite:///x.db\npeople: {ann@x.org: core}\n", encoding="utf-8")
    return tmp_path


def adopted(profile: str, row: int, **wish: object) -> dict[str, object]:
    return version(find(ALL, profile, row), Wish(**{"by": "core", "since": DAY, **wish}), {"ann@x.org": "core"})


def test_a_version_says_what_differs_from_the_published_row() -> None:
    assert adopted("staff_platform", 2) == {"row": 2, "valid_from": DAY, "adopted": DAY, "adopted_by": "core"}
    assert adopted("staff_platform", 2, by="Ann@x.org")["adopted_by"] == "core"
    assert adopted("staff_platform", 2, withdraw=True) == {
        "row": 2, "valid_from": DAY, "adopted": None, "adopted_by": None, "withdrawn_by": "core",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "wish", "clause"),
    [
        (14, {"floor": "97%"}, {"form": "at_least", "floor": 0.97, "stretch": 0.99}),  # 99 % is still harder
        (14, {"floor": "0.995"}, {"form": "at_least", "floor": 0.995}),  # 99 % would be easier: no stretch
        (14, {"floor": "0.97", "stretch": "98.5%"}, {"form": "at_least", "floor": 0.97, "stretch": 0.985}),
        (3, {"floor": "15m"}, {"form": "below", "floor": 900.0, "tiers": [1]}),
        (8, {"floor": "4h"}, {"form": "agreed", "floor": 14400.0, "direction": "down"}),
        (7, {"floor": "20%"}, {"form": "trend", "floor": 0.2, "stretch": 0.5, "direction": "down",
                                "baseline": {"kind": "yoy"}}),
    ],
)  # fmt: skip
def test_own_figures_replace_the_published_ones(row: int, wish: dict[str, str], clause: dict[str, object]) -> None:
    assert adopted("staff_platform", row, **wish)["clauses"] == [clause]


@pytest.mark.parametrize(
    ("profile", "row", "wish", "said"),
    [
        ("nosuch", 1, {}, "'nosuch' is no profile; there are: associate_platform"),
        ("staff_platform", 24, {}, "staff_platform has no row 24; it has 1 to 23"),
        ("platform", 13, {}, "platform has no row 13; it has 1 to 12"),
        ("staff_platform", 2, {"by": "bob@x.org"}, "--by bob@x.org: a promise is a team's"),
        ("staff_platform", 8, {}, "staff_platform row 8: no figure was published for it; say what you agreed on"),
        ("staff_platform", 4, {"floor": "1h"}, "staff_platform row 4: it names 2 figures that --floor could replace"),
        ("staff_platform", 18, {"floor": "1"}, "staff_platform row 18: it names no figures that --floor could replace"),
        ("staff_platform", 2, {"floor": "often"}, "--floor often: is no figure in ratio; write 0.995 or 99.5%"),
        ("staff_platform", 2, {"floor": "0.99", "stretch": "0.9"}, "the stretch 0.9 is easier than the floor 0.99"),
    ],
)
def test_what_cannot_be_adopted_is_said(profile: str, row: int, wish: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as error:
        adopted(profile, row, **wish)
    assert said in str(error.value)


def test_figures_in_the_kpis_unit() -> None:
    asked = (("99.5%", "ratio"), ("10m", "seconds"), ("2", "count"))
    assert [figure(text, unit, "--floor") for text, unit in asked] == [0.995, 600.0, 2.0]


def test_a_line_of_the_platform_view_is_the_row_it_names() -> None:
    assert [find(ALL, "platform", row).key for row in (1, 6, 12)] == [
        ("staff_platform", 2), ("distinguished_platform", 2), ("lead_platform", 18),
    ]  # fmt: skip


HELD = """# ours
profile: staff_platform  # the first one
targets:

  # agreed in the forum
  - row: 2
    adopted: 2026-08-01   # kept

  - row: 6
    valid_from: 2026-11-01
    adopted: 2026-11-01
    clauses:
      - {form: below, floor: 0.04}   # stricter
# the end
"""


def test_a_row_is_written_after_the_last_one_and_nothing_else_moves() -> None:
    told = with_version(
        HELD, "staff_platform", {"row": 14, "valid_from": DAY, "adopted": DAY, "adopted_by": "core"}, "f"
    )
    block = "\n  - row: 14\n    valid_from: 2026-11-01\n    adopted: 2026-11-01\n    adopted_by: core\n"
    assert told == HELD.replace("# stricter\n", f"# stricter\n{block}")


def test_the_same_row_of_the_same_day_is_replaced() -> None:
    told = with_version(HELD, "staff_platform", {"row": 6, "valid_from": DAY, "adopted": None}, "f")
    start = HELD.index("  - row: 6")
    assert told == HELD[:start] + "  - row: 6\n    valid_from: 2026-11-01\n    adopted: null\n# the end\n"


def test_a_file_without_rows_gets_the_first() -> None:
    told = with_version("profile: mine\nlines: [staff_platform/2]", "mine", {"row": 1}, "f")
    assert told == "profile: mine\nlines: [staff_platform/2]\ntargets:\n  - row: 1\n"
    with pytest.raises(ConfigError, match="f: targets: cannot be added to; write them as a list of `- row: 1` lines"):
        with_version("profile: mine\ntargets: [{row: 1}]\n", "mine", {"row": 2}, "f")


def facts(folder: Path) -> str:
    """4 runs a day from 26 October on, for 28 days; the third of them failed."""
    runs = [
        {"fact": "run", "source": "x", "id": str(n), "asset": "x/a", "trigger": "schedule",
         "state": "failed" if n == 2 else "success", "due_at": f"2026-10-{26 + n // 4:02}T{n % 4 * 6:02}:00:00Z"}
        for n in range(24)
    ]  # fmt: skip
    (folder / "f.jsonl").write_text("\n".join(map(json.dumps, runs)) + "\n", encoding="utf-8")
    return "f.jsonl"


def test_adopting_writes_the_file_and_is_judged_from_that_day(folder: Path, capsys: Capture) -> None:
    assert run(["facts", "import", facts(folder)]) == 0
    assert run(["adopt", "platform", "1", "--by", "core", "--from", "2026-10-28", "--dry-run"]) == 0
    assert not (folder / "targets").exists()
    capsys.readouterr()
    assert run(["adopt", "platform", "1", "--by", "core", "--from", "2026-10-28"]) == 0
    told = capsys.readouterr()
    assert "staff_platform row 2, Data pipeline success rate: >= 99.5% weekly" in told.out
    assert "adopted by core, from 28 October 2026 on; judged by the week" in told.out
    assert "written: targets/staff_platform.yaml" in told.err
    ask = ["show", "pipeline_success_rate", "--as-of", "2026-11-02T00:00:00Z", "--format", "json", "--window"]
    standing = {}
    for window in ("2026-10-27", "2026-10-28", "2026-W44"):
        assert run([*ask, window]) == 0
        standing[window] = json.loads(capsys.readouterr().out)["standing"]
    assert standing == {"2026-10-27": "published", "2026-10-28": "adopted", "2026-W44": "adopted"}


def test_the_table_says_missed_of_a_promise_only(folder: Path, capsys: Capture) -> None:
    """23 of 24 runs are 95.8 %: under every published floor (97 to 99.5 %)."""
    assert run(["facts", "import", facts(folder)]) == 0
    ask = ["show", "pipeline_success_rate", "--window", "2026-W44", "--as-of", "2026-11-02T00:00:00Z"]
    capsys.readouterr()
    assert run(ask) == 0
    shown = capsys.readouterr().out
    assert "· not adopted" in shown
    assert "published range 97 to 99.5 %; 95.8 % lies below it" in shown
    assert "missed" not in shown
    assert run([*ask, "--profile", "staff_platform"]) == 0
    assert "▲ missed  ≥ 99.5 %, judged as published; not adopted" in capsys.readouterr().out
    assert run(["adopt", "staff_platform", "2", "--by", "core", "--from", "2026-10-01"]) == 0
    capsys.readouterr()
    assert run(ask) == 0
    assert "▲ missed  ≥ 99.5 %, adopted by core, since 1 October 2026" in capsys.readouterr().out


def test_taking_back_leaves_the_past(folder: Path, capsys: Capture) -> None:
    assert run(["adopt", "staff_platform", "6", "--by", "forum", "--from", "2026-09-01", "--floor", "4%"]) == 0
    assert run(["adopt", "staff_platform", "6", "--by", "forum", "--from", "2026-10-01", "--withdraw"]) == 0
    capsys.readouterr()
    assert run(["adopt", "--list"]) == 0
    assert "Nothing is adopted yet" in capsys.readouterr().out
    own = load_targets(SHIPPED_TARGETS, folder / "targets")
    told = [next(one for one in own.in_force(day) if one.key == ("staff_platform", 6))
            for day in (date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 1))]  # fmt: skip
    assert [(one.adopted_by, one.floor) for one in told] == [(None, 0.05), ("forum", 0.04), (None, 0.05)]


def test_what_is_adopted_is_listed(folder: Path, capsys: Capture) -> None:
    assert run(["adopt", "platform", "2", "3", "--by", "core", "--from", "2026-10-01"]) == 0
    capsys.readouterr()
    assert run(["adopt", "--list", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(one["profile"], one["row"], one["adopted_by"], one["adopted"]) for one in listed] == [
        ("lead_platform", 3, "core", "2026-10-01"), ("staff_platform", 3, "core", "2026-10-01"),
    ]  # fmt: skip
    assert run(["kpis", "--format", "json"]) == 0
    targets = [one for kpi in json.loads(capsys.readouterr().out) for one in kpi["targets"]]
    assert (len(targets), sum(bool(one["adopted"]) for one in targets)) == (96, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profile: mine\ntargets:\n  - {row: 1, kpi: nosuch, window: M, clauses: [{form: zero}]}\n",
         "row 1: 'nosuch' is no KPI"),
        ("profile: mine\nlines: [staff_platform/99]\n", "mine.yaml:2: lines[0]: 'staff_platform/99': no profile has"),
        ("profile: staff_platform\ntargets:\n  - {row: 2, adopted: 2026-01-01, adopted_by: bob@x.org}\n",
         "row 2: adopted or withdrawn by a person; name the team or the forum"),
    ],
)  # fmt: skip
def test_a_fault_in_the_folder_is_told_with_its_place(folder: Path, capsys: Capture, text: str, said: str) -> None:
    (folder / "targets").mkdir()
    (folder / "targets" / "mine.yaml").write_text(text, encoding="utf-8")
    assert run(["show", "mttr"]) == 2
    assert said in capsys.readouterr().err


def test_a_profile_that_is_not_there_is_told(folder: Path, capsys: Capture) -> None:
    with (folder / "tierline.yaml").open("a", encoding="utf-8") as file:
        file.write("profile: staff_platfrom\n")
    assert run(["scorecard"]) == 2
    assert "profile: 'staff_platfrom' has no targets; did you mean `staff_platform`?" in capsys.readouterr().err


def test_an_own_profile_has_a_card(folder: Path, capsys: Capture) -> None:
    assert run(["facts", "import", facts(folder)]) == 0
    (folder / "targets").mkdir()
    (folder / "targets" / "mine.yaml").write_text("profile: mine\nlines: [staff_platform/2]\n", encoding="utf-8")
    capsys.readouterr()
    assert run(["scorecard", "mine", "--as-of", "2026-11-02T00:00:00Z"]) == 0
    shown = capsys.readouterr().out
    assert "1 line: 0 promised, 1 measured; 0 met, 0 met (minimum), 1 missed" in shown
    assert "Pipeline success rate  2026-W44  95.8 %  24  ▲ missed  >= 99.5% weekly" in shown

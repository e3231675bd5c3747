import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from slo.config_files import SHIPPED
from slo.errors import ConfigError
from slo.promises.clauses import Baseline
from slo.targets import Profile, applicable, load_targets, targets_schema

SHARED = Path(__file__).parents[2] / ".." / "shared"
ALL = load_targets()


def target(profile, row, targets=ALL, on=None):
    return next(one for one in targets.in_force(on) if (one.profile, one.row) == (profile, row))


def shared(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the project")
    return path.read_text(encoding="utf-8")


def test_every_published_row_is_there_once():
    assert Counter(one.profile for one in ALL.in_force()) == {
        "staff_platform": 23, "lead_platform": 20, "distinguished_platform": 18, "staff_dataops": 17,
        "associate_platform": 18,
    }  # fmt: skip
    for profile in ALL.profiles:
        rows = [one.row for one in ALL.in_force() if one.profile == profile]
        assert rows == list(range(1, len(rows) + 1))


def test_rows_are_worded_as_published():
    published = [
        (row["profile"], int(row["row"]), row["metric"], row["target_text"], row["cadence"], row["kpi"])
        for row in csv.DictReader(shared("kpi_sources.csv").splitlines())
    ]
    ours = [(one.profile, one.row, one.metric, one.text, one.cadence, one.kpi) for one in ALL.in_force()]
    assert sorted(ours) == sorted(published)
    assert len(ours) == 96


def encoded(text):
    """An encoded line read independently of the files: per clause (form, direction, floor, stretch, tiers)."""
    tier = None
    for part in re.split(r" \+ | OR ", text):
        form = re.search(r"at_least|at_most|above|below|within|trend|stable|zero|agreed", part)
        tiers = re.search(r"\bt(\d)(?:-(\d))?\b", part)
        tier = () if not tiers else tuple(int(one) for one in tiers.groups() if one)
        bound = re.search(r"(?:at_least|at_most|above|below|up|down) (-?\.?\d[\d.]*)(?:/(-?\.?\d[\d.]*))?", part)
        floor, stretch = bound.groups() if bound else (None, None)
        number = re.match(r"(-?\.?\d[\d.]*)", part)
        yield (
            form.group() if form else None,
            float(floor) if floor else (float(number.group()) if number and not form else None),
            float(stretch) if stretch else None,
            tier,
        )


def lines_of(text):
    profile = None
    for line in text.splitlines():
        if line.startswith("## "):
            profile = line[3:].strip()
        found = re.match(r"- (\d+) (.*)", line)
        if found:
            yield profile, int(found.group(1)), found.group(2)


# What the encoded lines write in words or in a notation of their own is worked out by hand below.
BY_HAND = {("staff_platform", 11), ("distinguished_platform", 11), ("distinguished_platform", 4), ("staff_platform", 5),
           ("lead_platform", 8), ("lead_platform", 16), ("distinguished_platform", 13), ("associate_platform", 5),
           ("associate_platform", 6), ("associate_platform", 14)}  # fmt: skip


def test_forms_bounds_tiers_and_windows_are_as_encoded():
    read = 0
    for profile, row, text in lines_of(shared("kpi_targets.md")):
        one = target(profile, row)
        assert one.window == re.sub(r"\(.*?\)", "", text).split()[-1], (profile, row)
        assert one.example == ("(example)" in text), (profile, row)
        assert (one.combine == "any") == (" OR " in text), (profile, row)
        if (profile, row) not in BY_HAND:
            ours = [(clause.form, clause.floor, clause.stretch, clause.tiers) for clause in one.clauses]
            assert ours == list(encoded(text)), (profile, row)
        read += 1
    assert read == 96


def clause(profile, row, place=0):
    return target(profile, row).clauses[place]


def test_rows_with_a_notation_of_their_own():
    growth = clause("staff_platform", 11)
    assert (growth.lo, growth.hi, growth.stretch_lo, growth.stretch_hi) == (-0.15, 0.15, -0.10, 0.10)
    band = clause("distinguished_platform", 11)
    assert (band.form, band.lo, band.hi, band.stretch_lo, band.stretch_hi) == ("within", 0.70, 0.90, None, None)
    assert [(one.floor, one.tier) for one in target("distinguished_platform", 4).clauses] == [(0.995, 0), (0.99, 1)]
    assert [(one.floor, one.params) for one in target("staff_platform", 5).clauses] == [
        (0.1, {"days": 30}),
        (0.1, {"days": 60}),
    ]
    assert (clause("lead_platform", 8).direction, target("lead_platform", 8).pair) == ("not_up", "volume")
    assert [(one.form, one.figure, one.floor) for one in target("lead_platform", 16).clauses] == [
        ("zero", None, None), ("at_least", "remediated_in_sla", 1),
    ]  # fmt: skip
    assert (clause("distinguished_platform", 13, 1).figure, clause("distinguished_platform", 13, 1).direction) == (
        "duplicate_share", "down",
    )  # fmt: skip
    assert (clause("associate_platform", 5, 1).form, clause("associate_platform", 5, 1).figure) == (
        "zero",
        "top_repeats",
    )
    assert (clause("associate_platform", 14).form, clause("associate_platform", 14).figure) == (
        "agreed",
        "critical_failures",
    )


def test_parameters_baselines_and_dates():
    assert clause("lead_platform", 4).params == clause("staff_dataops", 4).params == {"start": "detected"}
    assert clause("lead_platform", 5).params == {"severity": 2, "days": 90}
    assert clause("lead_platform", 6).params == {"user_visible": True}
    assert clause("lead_platform", 11).params == {"layer": "curated"}
    assert clause("lead_platform", 17).params == {"priority": "P2"}
    assert {one.params["scale"] for one in target("lead_platform", 19).clauses} == {"nps"}
    assert (clause("staff_platform", 21).params, clause("associate_platform", 16).params) == (
        {"scale": "10"},
        {"scale": "5"},
    )
    assert clause("staff_platform", 7).baseline == Baseline(kind="yoy")
    assert clause("lead_platform", 1, 1).against == Baseline(kind="previous")
    assert clause("staff_platform", 1).against is None
    points = clause("distinguished_platform", 16)
    assert (points.points, points.floor, points.baseline.kind) == (True, 10, "frozen")
    due = {("distinguished_platform", 1): 9, ("distinguished_platform", 7): 12, ("distinguished_platform", 15): 9,
           ("distinguished_platform", 16): 6, ("associate_platform", 9): 12}  # fmt: skip
    assert {(one.profile, one.row): one.due_months for one in ALL.in_force() if one.due_months} == due
    assert target("associate_platform", 1).scope == "domain"


def test_what_is_agreed_has_no_figure_yet():
    agreed = [(one.profile, one.row) for one in ALL.in_force() if one.form == "agreed"]
    assert agreed == [
        ("associate_platform", 14), ("associate_platform", 17), ("lead_platform", 20), ("staff_platform", 8),
        ("staff_platform", 23),
    ]  # fmt: skip
    assert all(target(*key).floor is None for key in agreed)


def test_a_mature_platform_is_held_to_the_stricter_band():
    young, mature = target("associate_platform", 6), target("associate_platform", 6, load_targets(mature=True))
    assert (young.floor, young.stretch) == (0.15, 0.10)
    assert (mature.floor, mature.stretch) == (0.10, 0.05)
    assert target("staff_platform", 6, load_targets(mature=True)).floor == 0.05


def test_a_target_for_a_tier_holds_for_more_critical_ones_without_their_own():
    mttr = target("staff_platform", 4)
    assert [[one.floor for one in mttr.clauses_for(tier)] for tier in (None, 0, 1, 2, 3)] == [
        [3600, 14400], [3600], [3600], [14400], [],
    ]  # fmt: skip
    mixed = target("lead_platform", 2)
    assert [[one.floor for one in mixed.clauses_for(tier)] for tier in (0, 1, 2)] == [
        [0.99, 0.97],
        [0.99, 0.97],
        [0.97],
    ]
    own = target("distinguished_platform", 3)
    assert [[one.floor for one in own.clauses_for(tier)] for tier in (0, 1, 2)] == [[3600], [14400], []]
    both = target("associate_platform", 2)
    assert [len(both.clauses_for(tier)) for tier in (0, 1, 2)] == [1, 1, 0]


def test_targets_of_a_kpi_and_those_that_apply():
    assert [one.profile for one in ALL.targets_for("mtta")] == ["associate_platform"]
    assert [one.row for one in ALL.targets_for("mttr", "lead_platform")] == [4]
    assert ALL.targets_for("no_such_kpi") == ()
    held = applicable(ALL.targets_for("pipeline_success_rate"), 3)
    assert [(one.profile, [part.floor for part in parts]) for one, parts in held] == [
        ("associate_platform", [0.98]), ("lead_platform", [0.97]), ("staff_platform", [0.995]),
    ]  # fmt: skip


def written(folder, text, name="staff_platform.yaml"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


OWN = """
profile: staff_platform
targets:
  - row: 2
    valid_from: 2026-07-01
    clauses: [{form: at_least, floor: 0.999}]
  - row: 8
    adopted: 2026-08-31
    due_months: 6
    clauses: [{form: agreed, direction: down, floor: 14400}]
"""


def test_the_users_rows_are_laid_over_the_shipped_ones(tmp_path):
    own = load_targets(SHIPPED / "targets", written(tmp_path / "targets", OWN))
    assert len(own.in_force()) == 96
    assert target("staff_platform", 8, own).floor == 14400
    assert target("staff_platform", 8, own).text == "within agreed runbook thresholds"
    assert target("staff_platform", 8, own).due == date(2027, 2, 28)
    assert target("staff_platform", 8).due is None


def test_a_later_version_leaves_the_past_alone(tmp_path):
    own = load_targets(SHIPPED / "targets", written(tmp_path / "targets", OWN))
    floors = [target("staff_platform", 2, own, on).floor for on in (date(2026, 6, 30), date(2026, 7, 1), None)]
    assert floors == [0.995, 0.999, 0.999]


ROW = "profile: mine\ntargets:\n  - row: 1\n    kpi: mttd\n    window: M\n    clauses:\n      - {clause}\n"


@pytest.mark.parametrize(
    ("clause", "fault"),
    [
        ("{form: atleast, floor: 1}", "targets[0].clauses[0].form: 'atleast': Input should be 'at_least'"),
        ("{form: at_least}", "targets[0].clauses[0]: at_least needs a floor, such as floor: 0.98"),
        (
            "{form: below, floor: 3600, stretch: 7200}",
            "the stretch 7200.0 is easier than the floor 3600.0; exchange them",
        ),
        ("{form: at_least, floor: 0.99, stretch: 0.9}", "the stretch 0.9 is easier than the floor 0.99; exchange them"),
        ("{form: within, lo: 0.9, hi: 0.7}", "within needs lo and hi, such as lo: 0.70, hi: 0.90"),
        ("{form: trend}", "trend needs a direction: up, down or not_up"),
        ("{form: agreed}", "agreed needs the direction that is better: up or down"),
        ("{form: zero, tiers: 7}", "targets[0].clauses[0].tiers[0]: 7: Input should be 0, 1, 2 or 3"),
        ("{form: zero, flor: 1}", "targets[0].clauses[0].flor: 1: no such setting here; remove it or correct its name"),
    ],
)
def test_a_fault_names_file_line_place_value_and_remedy(tmp_path, clause, fault):
    folder = written(tmp_path, ROW.replace("{clause}", clause), "mine.yaml")
    with pytest.raises(ConfigError) as error:
        load_targets(folder)
    assert str(error.value).startswith(f"{folder / 'mine.yaml'}:7: ")
    assert fault in str(error.value)


def test_every_fault_is_told_at_once(tmp_path):
    text = ROW.replace("{clause}", "{form: trend}") + "  - row: 0\n    kpi: x\n    window: Z\n    clauses: []\n"
    with pytest.raises(ConfigError) as error:
        load_targets(written(tmp_path, text))
    assert len(str(error.value).splitlines()) == 4


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("profile: a: b", ":1: is not valid YAML"),
        ("", ":1: the file: "),
        ("profile: mine\n", ":1: the file: holds no row; write `targets:` (rows of its own) or `lines:`"),
        (
            ROW.replace("{clause}", "{form: zero}") + "  - {row: 1, kpi: x, window: M, clauses: [{form: zero}]}\n",
            "row 1 stands twice",
        ),
    ],
)
def test_files_that_are_no_target_files(tmp_path, text, fault):
    with pytest.raises(ConfigError) as error:
        load_targets(written(tmp_path, text))
    assert fault in str(error.value)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"gone: is not a folder; targets are read from <folder>/<profile>.yaml"):
        load_targets(tmp_path / "gone")


def test_the_schema_accepts_the_shipped_files():
    schema = Draft202012Validator(targets_schema())
    assert set(Profile.model_fields) == set(schema.schema["properties"])
    for path in (SHIPPED / "targets").glob("*.yaml"):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert list(schema.iter_errors(data)) == []
        if "lines" in data:
            continue
        data["targets"][0]["clauses"][0]["form"] = "atleast"
        assert list(schema.iter_errors(data)) != []


def test_the_platform_view_shows_twelve_published_rows():
    assert [one.key for one in ALL.rows("platform")] == [
        ("staff_platform", 2), ("lead_platform", 3), ("staff_platform", 3), ("staff_platform", 4),
        ("staff_dataops", 17), ("distinguished_platform", 2), ("lead_platform", 7), ("lead_platform", 1),
        ("staff_platform", 14), ("lead_platform", 8), ("staff_dataops", 13), ("lead_platform", 18),
    ]  # fmt: skip
    assert len(ALL.in_force()) == len(ALL.published) == 96
    assert ALL.profiles[-1] == "platform"
    assert [one.row for one in ALL.targets_for("mttr", "platform")] == [4]
    assert ALL.holders(target("staff_platform", 4)) == ("staff_platform", "platform")


MINE = """
profile: mine
title: Our own
lines: [staff_dataops/13, staff_platform/2]
targets:
  - {row: 1, kpi: mttd, window: M, clauses: [{form: below, floor: 300}]}
"""


def test_an_own_profile_holds_own_rows_and_shows_others(tmp_path):
    own = load_targets(SHIPPED / "targets", written(tmp_path / "targets", MINE, "mine.yaml"))
    assert [one.key for one in own.rows("mine")] == [("staff_dataops", 13), ("staff_platform", 2), ("mine", 1)]
    assert len(own.in_force()) == 97
    assert len(own.published) == 96
    assert own.titles["mine"] == "Our own"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("staff_platform/99", "mine.yaml:4: lines[0]: 'staff_platform/99': no profile has such a row"),
        ("staff_platform", "'staff_platform' is no row; write profile/row, such as staff_platform/2"),
        ("staff_dataops/1, staff_dataops/1", "'staff_dataops/1' stands twice; keep one of them"),
    ],
)
def test_a_line_that_is_no_row(tmp_path, line, fault):
    text = MINE.replace("staff_dataops/13, staff_platform/2", line)
    with pytest.raises(ConfigError) as error:
        load_targets(SHIPPED / "targets", written(tmp_path / "targets", text, "mine.yaml"))
    assert fault in str(error.value)


ADOPTED = """
profile: staff_platform
targets:
  - row: 2
    valid_from: 2026-07-01
    adopted: 2026-07-01
    adopted_by: data platform
    clauses: [{form: at_least, floor: 0.99}]
  - {row: 2, valid_from: 2026-09-01, adopted: null, adopted_by: null, withdrawn_by: data platform}
  - {row: 6, adopted: 2026-08-01, adopted_by: architecture forum}
"""


def test_adopted_from_a_day_and_withdrawn_on_another(tmp_path):
    own = load_targets(SHIPPED / "targets", written(tmp_path / "targets", ADOPTED))
    days = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 8, 31), date(2026, 9, 1)]
    told = [target("staff_platform", 2, own, day) for day in days]
    assert [one.adopted_by for one in told] == [None, "data platform", "data platform", None]
    assert [one.floor for one in told] == [0.995, 0.99, 0.99, 0.995]
    assert told[3].withdrawn_by == "data platform"
    undated = [target("staff_platform", 6, own, day).adopted for day in (date(2026, 7, 31), date(2026, 8, 1))]
    assert undated == [None, date(2026, 8, 1)]

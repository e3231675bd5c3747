"""A source is added, and nothing else of the file moves: every byte before and behind it is as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from slo.errors import ConfigError
from tierline.init.sourcefile import new_file, with_source, write
from tierline.settings.yamlfile import parse

DBT = {"type": "dbt", "path": "target"}
ADDED = "  dbt:\n    type: dbt\n    path: target\n"


def test_the_first_source_of_a_new_file() -> None:
    assert with_source(new_file("Europe/Berlin"), "dbt", DBT, "t.yaml").endswith(
        "timezone: Europe/Berlin\n\nsources:\n" + ADDED
    )


def test_it_stands_behind_the_last_source_and_before_the_next_section() -> None:
    before = """\
# ours
timezone: Europe/Berlin   # zone

sources:
  airflow-prod:
    type: airflow
    # the one in Dublin
    url: "https://a"   # behind the proxy
    dags: ["a_*",
      b]

# what we say of assets
assets:
    a/b: {tier: 0}
rules:
- match: "x*"
  tier: 1
"""
    place = before.index("\n# what we say")
    assert with_source(before, "dbt", DBT, "t.yaml") == before[:place] + ADDED + before[place:]


def test_it_stands_in_as_far_as_the_others() -> None:
    before = "sources:\n    a:\n        type: alertmanager\nmature: true\n"
    added = "    dbt:\n        type: dbt\n        path: target\n"
    assert with_source(before, "dbt", DBT, "t.yaml") == before.replace("mature", added + "mature")


def test_a_comment_of_the_last_source_stays_with_it() -> None:
    before = "sources:\n  a:\n    type: alertmanager\n    # url: later\n  # b: one day\nmature: true\n"
    assert with_source(before, "dbt", DBT, "t.yaml") == before.replace("mature", ADDED + "mature")


@pytest.mark.parametrize(
    "last", ["    query: |\n      select 1\n      from x\n", "    query: >-\n      one\n\n      two\n"]
)
def test_a_text_of_several_lines_ends_where_it_ends(last: str) -> None:
    before = f"sources:\n  a:\n    type: x\n{last}"
    assert with_source(before + "mature: true\n", "dbt", DBT, "t.yaml") == before + ADDED + "mature: true\n"


def test_a_file_without_a_last_line_break() -> None:
    assert with_source("sources:\n  a:\n    type: x", "dbt", DBT, "t.yaml") == "sources:\n  a:\n    type: x\n" + ADDED


@pytest.mark.parametrize("before", ["sources: {}\n", "sources:\n", "sources: null\n", "sources: {a: {type: x}}\n"])
def test_another_form_is_written_anew_with_its_comments(before: str) -> None:
    text = with_source(f"# ours\n{before}# end\nmature: true  # yes\n", "dbt", DBT, "t.yaml")
    assert all(comment in text for comment in ("# ours", "# end", "# yes"))
    data = parse(text, "t.yaml").data
    known = {"a": {"type": "x"}} if "a" in before else {}
    assert data == {"sources": {**known, "dbt": DBT}, "mature": True}


def test_values_come_back_as_they_were() -> None:
    section = {
        "type": "x", "a": "yes", "b": "007", "c": [1, "x: y"], "d": {"e": None, "f": "17:00"}, "g": "NO", "h": "",
    }  # fmt: skip
    text = with_source("sources:\n  a:\n    type: x\n", "n", section, "t.yaml")
    assert parse(text, "t.yaml").data["sources"]["n"] == section


def test_the_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "tierline.yaml"
    write(path, "a: 1\n")
    path.chmod(0o600)
    write(path, "a: 2\n")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("a: 2\n", 0o600)
    assert [one.name for one in path.parent.iterdir()] == ["tierline.yaml"]


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"cannot be written: .*name another file with --config"):
        write(tmp_path / "file" / "tierline.yaml", "a: 1\n")

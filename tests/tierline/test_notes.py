"""notes/PERIOD.md: the lead's words, what is asked, and what became of the last asks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from slo.errors import ConfigError
from tierline.config import Config, judge
from tierline.decisions import notes
from tierline.settings.problems import SettingsError

OCTOBER = """\
# October, for whoever reads the file

## In my words
The warehouse stood still
for eight hours.

The rest went as planned.

## Decisions asked
- second-warehouse: A second one for the month's end,
  USD 2,000 a month.
* rota: Six people on call.

## What became of them
- tests: Agreed on 12 October.
"""
SEPTEMBER = "## Decisions asked\n- tests: Tests for tier 1.\n- budget: More money.\n"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "notes").mkdir()
    return replace(judge("{}", tmp_path / "tierline.yaml", {}), path=tmp_path / "tierline.yaml")


def write(config: Config, period: str, text: str) -> None:
    assert config.path is not None
    (config.path.parent / "notes" / f"{period}.md").write_text(text, encoding="utf-8")


def test_words_decisions_and_the_asks_of_the_period_before(config: Config) -> None:
    write(config, "2026-10", OCTOBER)
    write(config, "2026-09", SEPTEMBER)
    told = notes.words(config, "2026-10", "2026-09")
    assert told is not None and (told.file, told.asked_in) == ("notes/2026-10.md", "2026-09")
    assert told.paragraphs == ["The warehouse stood still for eight hours.", "The rest went as planned."]
    assert [(one.id, one.text) for one in told.decisions] == [
        ("second-warehouse", "A second one for the month's end, USD 2,000 a month."), ("rota", "Six people on call."),
    ]  # fmt: skip
    assert [(one.id, one.outcome, one.answered) for one in told.asks] == [
        ("tests", "Agreed on 12 October.", True), ("budget", "not answered", False),
    ]  # fmt: skip


def test_asks_are_listed_although_nobody_wrote_since(config: Config) -> None:
    assert notes.words(config, "2026-10", "2026-09") is None
    write(config, "2026-09", SEPTEMBER)
    told = notes.words(config, "2026-10", "2026-09")
    assert told is not None and [one.outcome for one in told.asks] == ["not answered", "not answered"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "## Decision asked\n",
            "notes/p.md:1: 'Decision asked' is no heading of notes; did you mean `decisions asked`?",
        ),
        ("## In my words\n## In my words\n", "notes/p.md:2: 'in my words' stands twice"),
        ("## Decisions asked\n- a: x\n- a: y\n", "notes/p.md:3: 'a' stands twice; give each its own name"),
        ("## Decisions asked\nmore money\n", "notes/p.md:2: is no item; write `- name: text`"),
        ("## In my words\nask ann@example.com\n", "notes/p.md:2: names a person"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        notes.parse(text, "notes/p.md")
    assert str(error.value).startswith(said)


def test_an_outcome_of_what_nobody_asked_is_refused(config: Config) -> None:
    write(config, "2026-10", "## What became of them\n- test: Done.\n")
    write(config, "2026-09", SEPTEMBER)
    with pytest.raises(ConfigError, match=r"notes/2026-10.md: 2026-09 asked no 'test'; did you mean `tests`\?"):
        notes.words(config, "2026-10", "2026-09")


def test_every_file_is_checked_at_once(config: Config) -> None:
    write(config, "2026-10", "## In my word\n")
    write(config, "2026-09", "## Decisions asked\nx\n")
    write(config, "october", "")
    with pytest.raises(SettingsError) as error:
        notes.check(config)
    told = [(Path(one["file"]).name, one["line"]) for one in error.value.as_records()]
    assert told == [("2026-09.md", 2), ("2026-10.md", 1), ("october.md", 1)]

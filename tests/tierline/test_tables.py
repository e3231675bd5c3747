"""Tables at a terminal of a given width."""

import pytest

from tierline.tables import table


def test_the_last_column_keeps_within_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    rows = [["url", "the address of the thing that is to be read"], ["token", "short"]]
    assert table(("name", "help"), rows, wrap=True).splitlines() == [
        "name   help",
        "─────  " + "─" * 32,
        "url    the address of the thing that is",
        "       to be read",
        "token  short",
    ]


def test_it_is_given_thirty_columns_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    lines = table(("a name of its own", "help"), [["x", "twenty-nine signs and one more word"]], wrap=True).splitlines()
    assert lines[2:] == ["x                  twenty-nine signs and one more", "                   word"]


def test_without_wrapping_a_row_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert len(table(("a", "b"), [["x", "word " * 30]]).splitlines()) == 3

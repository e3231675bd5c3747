"""Spans as settings have them: a text is a timedelta, and what no timedelta holds is said to be too long."""

from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from collectors.spans import Span

READ = TypeAdapter(Span).validate_python


@pytest.mark.parametrize(
    ("told", "hours"), [("90s", 0.025), ("5m", 1 / 12), ("2h", 2), ("1.5d", 36), (3600, 1), (timedelta(hours=3), 3)]
)
def test_a_text_with_its_unit_or_seconds(told: object, hours: float) -> None:
    assert timedelta(hours=hours) == READ(told)


@pytest.mark.parametrize("told", ["9999999999d", "9" * 400 + "s"])
def test_what_is_longer_than_time_is_counted_is_refused(told: str) -> None:
    with pytest.raises(ValidationError, match="is longer than time is counted"):
        READ(told)

"""Vendors' crons as five fields, and names that don't collide."""

from __future__ import annotations

import pytest

from collectors.crons import five_fields, quartz
from collectors.naming import distinct


@pytest.mark.parametrize(("text", "expected"), [
    ("0 5 * * 1-5", "0 5 * * 1-5"), ("  */15  6-18 * * *", "*/15 6-18 * * *"), ("0 5 * *", None), ("61 5 * * *", None),
    ("0 0 5 * * ?", None), ("", None), (None, None),
])  # fmt: skip
def test_five_fields(text: str | None, expected: str | None) -> None:
    assert five_fields(text) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("0 0 6 ? * MON-FRI Europe/Berlin", ("0 6 * * 1-5", "Europe/Berlin")),
    ("0 30 2 * * ?", ("30 2 * * *", "UTC")),
    ("0 0 12 ? * 2 UTC", ("0 12 * * 1", "UTC")),  # Quartz's Monday is 2
    ("0 0 12 ? * 2-6", ("0 12 * * 1-5", "UTC")),
    ("0 0 12 ? * SUN,WED America/Argentina/Buenos_Aires", ("0 12 * * 0,3", "America/Argentina/Buenos_Aires")),
    ("0 */15 * * * ?", ("*/15 * * * *", "UTC")),
    ("0 0 0 1 JAN ? *", ("0 0 1 JAN *", "UTC")),
    ("0 0 6 ? * */2", ("0 6 * * */2", "UTC")),
    ("0 0 6 L * ?", (None, None)), ("0 0 6 ? * 6#3", (None, None)), ("0 0 6 15W * ?", (None, None)),
    ("30 0 6 * * ?", (None, None)), ("0 0 6 * * ? 2027", (None, None)), ("0 0 6 * * ? Nowhere/Land", (None, None)),
    ("0 5 * * *", (None, None)), ("", (None, None)), (None, (None, None)),
])  # fmt: skip
def test_quartz(text: str | None, expected: tuple[str | None, str | None]) -> None:
    assert quartz(text) == expected


def test_the_first_of_a_name_keeps_it_and_each_further_one_gets_its_id() -> None:
    assert distinct([(7, "load"), (9, "load"), (8, "other"), (10, "load")]) == {
        7: "load", 9: "load (9)", 8: "other", 10: "load (10)",
    }  # fmt: skip

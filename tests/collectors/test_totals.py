"""What a source counts itself is kept with the pass, beside what came of it; so is how far its newest lay behind."""

from __future__ import annotations

import pytest

from collectors.airflow.listing import listed
from collectors.totals import adding_up, counted
from slo.errors import RetriableError


def test_listings_of_a_pass_are_added_up_and_what_was_set_aside_did_not_come() -> None:
    """8 of 10 and 5 of 5; a record more than was counted makes up for none that is missing."""
    with adding_up() as totals:
        assert totals.taken(0) is None
        counted(10, 8)
        counted(5, 6)
    assert (totals.told, totals.taken(0), totals.taken(3), totals.taken(20)) == (15, 13, 10, 0)
    counted(99, 0)
    assert totals.told == 15


def test_airflow_tells_its_own_count_also_where_records_are_missing() -> None:
    def pages(held: int) -> object:
        return lambda limit, offset: {"runs": [{"id": n} for n in range(offset, held)], "total_entries": 7}

    with adding_up() as whole:
        assert len(listed(pages(7), "runs", lambda one: one["id"], cursor=False)) == 7  # type: ignore[arg-type]
    with adding_up() as partly, pytest.raises(RetriableError, match="counts 7 entries, but its pages held only 4"):
        listed(pages(4), "runs", lambda one: one["id"], cursor=False)  # type: ignore[arg-type]
    assert (whole.told, whole.taken(0), partly.told, partly.taken(0)) == (7, 7, 7, 4)

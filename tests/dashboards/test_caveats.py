"""What warns beside a value: alike ones gathered, the others and their order kept."""

from __future__ import annotations

from dashboards.wording.caveats import gathered

STALE = "has not been read for longer than it should"


def test_sources_that_are_behind_are_named_in_one_sentence() -> None:
    told = [f"airflow-prod {STALE}", f"airbyte {STALE}", "1 of 3 starts are derived, not told", f"dbt {STALE}"]
    assert gathered(told) == [
        "airflow-prod, airbyte and dbt have not been read for longer than they should",
        "1 of 3 starts are derived, not told",
    ]
    assert gathered(told[1:3]) == told[1:3]
    assert gathered([told[2], told[2]]) == [told[2]]
    assert gathered([]) == []

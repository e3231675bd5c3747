"""Where each pitfall that is known of the field is a test: by its number in the test's name (``test_p04_...``) in this
folder, else by name here. A pitfall without a test, and a test that is gone, is seen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
KNOWN = TESTS.parents[1] / "shared" / "pitfalls.md"
ELSEWHERE = {
    5: "slo/trend/test_bootstrap.py",
    13: "collectors/airflow/test_lineage_and_verdicts.py::test_a_run_fails_with_the_tasks_that_decide",
    22: "slo/alerting/test_policies.py::test_lookbacks_that_cannot_fire_at_a_target_are_left_out",
    28: "slo/test_refresh.py::test_another_definition_rebuilds_that_kpi_alone",
    30: "collectors/test_runner.py::test_later_passes_read_from_the_watermark_less_the_settle_time",
    31: "collectors/test_runner.py::test_what_was_stored_before_an_error_stays_and_the_watermark_waits",
    32: "collectors/test_runner.py::test_an_incomplete_pass_retires_nothing",
    36: "conformance/service_slo_compliance",
    41: "dashboards/test_exporter.py::test_promtool_has_nothing_to_say",
}
"""P36 (any member bad, all bad): services add up by requests."""


def _named_here() -> set[int]:
    texts = (path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_pitfalls_*.py"))
    return {int(number) for text in texts for number in re.findall(r"^def test_p(\d\d)_", text, re.MULTILINE)}


def test_every_known_pitfall_has_a_test() -> None:
    if not KNOWN.is_file():
        pytest.skip("the list of pitfalls is not here (../shared/pitfalls.md)")
    known = {int(number) for number in re.findall(r"^\*\*P(\d+)\.", KNOWN.read_text(encoding="utf-8"), re.MULTILINE)}
    assert known - _named_here() - set(ELSEWHERE) == set()


@pytest.mark.parametrize("place", ELSEWHERE.values())
def test_the_tests_elsewhere_are_there(place: str) -> None:
    path, _, name = place.partition("::")
    assert (TESTS / path).exists()
    assert not name or f"def {name}(" in (TESTS / path).read_text(encoding="utf-8")

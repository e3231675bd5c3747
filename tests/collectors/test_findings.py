"""What a check says first."""

from collectors.base import Finding
from collectors.findings import credentials_first

WORKS = Finding(True, "version: 3.3.2")


def test_refused_credentials_are_one_line() -> None:
    dags = Finding(False, 'DAGs: https://a/dags: HTTP 403, {"detail":"Invalid JWT token"}', 'Grant "can read on DAGs"')
    runs = Finding(False, "DAG runs", 'https://a/runs: HTTP 401, {}. Grant "can read on DAG Runs"')
    found = credentials_first([WORKS, dags, runs])
    assert [one.ok for one in found] == [False, True]
    assert found[0].what == f"signing in: {dags.what}"
    assert found[0].remedy.startswith("The credentials are refused") and "Grant" not in found[0].remedy
    assert found[1] == WORKS


def test_a_missing_right_keeps_its_own_line() -> None:
    missing = [Finding(False, f"{what}: HTTP 403, forbidden", f"grant {what}") for what in ("DAGs", "runs")]
    assert credentials_first([WORKS, *missing]) == [WORKS, *missing]


def test_one_refusal_among_others_is_no_matter_of_the_credentials() -> None:
    one = Finding(False, "fields: HTTP 401", "grant fields")
    assert credentials_first([one, WORKS]) == [one, WORKS]

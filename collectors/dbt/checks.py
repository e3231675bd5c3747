"""Which kind of check a dbt test is, by the name of its generic test (dbt, dbt_utils, dbt_expectations, elementary)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TYPES: tuple[tuple[str, str], ...] = (
    (r"(.*_)?freshness.*|recency|.*recent_data", "freshness"),
    (r"(.*_)?volume.*|.*row_count_to_be_between|at_least_one", "volume"),
    (r"relationships.*|equal.*|.*equality|fewer_rows_than|.*_match_other.*|.*to_equal_other.*", "reconciliation"),
    (r"not_null.*|.*not_be_null|not_empty_string|.*null_proportion|not_constant", "null"),
    (r"accepted_.*|.*_to_be_between|.*values?_to_be_in_set|.*not_be_in_set|mutually_exclusive_ranges", "range"),
    (r"unique.*|.*to_be_unique|.*schema.*|.*to_exist|.*_columns_.*|.*of_type.*|.*type_list", "schema"),
)
"""First match wins. "unique" guards the table's key, which is part of its schema."""


def check_type(name: str | None, chosen: Mapping[str, str]) -> str:
    """The fact's ``type``; "custom" for tests of one's own. ``chosen`` (settings) goes first."""
    if name is None:
        return "custom"
    if name in chosen:
        return chosen[name]
    return next((kind for pattern, kind in _TYPES if re.fullmatch(pattern, name)), "custom")


def severity(node: Mapping[str, Any], status: str) -> str | None:
    """dbt's "error" is critical, "warn" a warning. A test that did warn is a warning whatever it could have been; one
    that did fail was configured as an error. None where neither manifest nor outcome tells."""
    if status in ("warn", "fail"):
        return "warning" if status == "warn" else "critical"
    told = str((node.get("config") or {}).get("severity") or "").lower()
    return {"error": "critical", "warn": "warning"}.get(told)


OUTCOMES = {
    "pass": "pass", "warn": "fail", "fail": "fail", "error": "error", "runtime error": "error", "skipped": "skip",
}  # fmt: skip
"""dbt's status -> outcome. What is not here ("reused", "no-op") ran no check and tells nothing."""

FRESHNESS = {"pass": "pass", "warn": "fail", "error": "fail", "runtime error": "error"}
"""Of a source's freshness: "error" is older than error_after, which is a finding, not a check that could not run."""


def freshness_severity(criteria: Mapping[str, Any] | None, status: str) -> str:
    """Critical where the source has an error_after, and it isn't only the warning that was passed."""
    limited = ((criteria or {}).get("error_after") or {}).get("count") is not None
    return "critical" if status != "warn" and (limited or status != "pass") else "warning"


_CONTRACT = re.compile(r"enforced contract that failed|contract error", re.IGNORECASE)


def contract_outcome(result: Mapping[str, Any]) -> str | None:
    """Whether a build kept the model's contract: dbt compares columns and types before it writes the table. None where
    it didn't come to that (skipped, or broken by something else): then nothing was tested."""
    if result.get("status") == "success":
        return "pass"
    broken = result.get("status") in ("error", "partial success")
    return "fail" if broken and _CONTRACT.search(str(result.get("message") or "")) else None

"""The tables of docs/alerting.md are of the policies that are shipped."""

from __future__ import annotations

import re
from pathlib import Path

from slo.alerting.policies import load_policies

DOC = Path(__file__).parents[3] / "docs" / "alerting.md"
MARK = re.compile(r"<!-- measured: (python -m bench\.alerts --write), policies (\w+) -->\n(.*)<!-- end of", re.DOTALL)


def test_what_was_measured_are_the_policies_that_are_shipped() -> None:
    found = MARK.search(DOC.read_text(encoding="utf-8"))
    assert found is not None
    command, digest, tables = found.groups()
    assert digest == load_policies().digest, f"other policies were measured; run {command}"
    assert {f"| {name} |" for name in load_policies().choose[1:]} <= set(
        re.findall(r"^\| [a-z-]+ \|", tables, re.MULTILINE)
    )

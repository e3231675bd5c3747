"""The files: rules, their unit tests for ``promtool test rules``, and a route for Alertmanager."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from dashboards.rules import alerting, alertmanager, recording, unit_tests
from dashboards.rules.rule import Group
from slo.platform import Alerting

RULES, TESTS, ROUTE = "tierline.rules.yaml", "tierline.rules.test.yaml", "alertmanager.example.yaml"
FILES = (RULES, TESTS, ROUTE)

_HEADS = {
    RULES: "Recording and alerting rules, written by `tierline rules`. They quote what Tierline has worked out.\n"
    "For Prometheus 2.42 or newer. Check them: promtool check rules tierline.rules.yaml",
    TESTS: "Unit tests of tierline.rules.yaml, written beside it.\n"
    "Run them: promtool test rules tierline.rules.test.yaml",
    ROUTE: "How Alertmanager may route Tierline's alerts: one message a cause, by severity and team. Fill in URLs.\n"
    "Check it: amtool check-config alertmanager.example.yaml",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """``page``: where people open the dashboard; ``job``: the scrape job that they are for (None: all);
    ``teams``: those with a route of their own; ``team``: who is told of Tierline itself."""

    page: str
    job: str | None = None
    teams: Sequence[str] = ()
    team: str = Alerting.team


def rules(asked: Asked) -> Group:
    """One group, evaluated from top to bottom: the age of the evaluation comes before what looks at it."""
    return Group(
        "tierline", [*recording.rules(asked.job), *alerting.rules(asked.page.rstrip("/"), asked.job, asked.team)]
    )


def files(asked: Asked) -> dict[str, str]:
    """File name -> text."""
    told = {
        RULES: {"groups": [rules(asked).told()]},
        TESTS: unit_tests.document(RULES, asked.page.rstrip("/"), asked.job, asked.team),
        ROUTE: alertmanager.document(asked.teams),
    }
    return {name: _text(_HEADS[name], told[name]) for name in FILES}


def _text(head: str, document: dict[str, Any]) -> str:
    comment = "".join(f"# {line}\n" for line in head.split("\n"))
    return comment + yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


class _Dumper(yaml.SafeDumper):
    """Text of several lines as it is read: a block."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _block)

"""What a KPI owes its readers, checked of every KPI on the shelf: ours by a test, one's own by ``tierline check``."""

from __future__ import annotations

from collections.abc import Callable

from slo.facts import KINDS
from slo.kpi import METRIC_SUFFIX, WORDED, Kpi

FAMILIES = ("reliability", "incidents", "delivery", "quality", "cost", "governance", "adoption")


def faults(kpi: Kpi) -> list[str]:
    """What is wrong with what a KPI says of itself, each with its remedy; empty where nothing is."""
    return [remedy for wrong, remedy in _RULES if wrong(kpi)] + _evidence(kpi)


def _unworked(kpi: Kpi) -> bool:
    return not (kpi.example.endswith(".") and any(letter.isdigit() for letter in kpi.example))


def _wild_defaults(kpi: Kpi) -> bool:
    return any(kpi.defaults.get(name) not in allowed for name, allowed in kpi.choices.items())


_RULES: tuple[tuple[Callable[[Kpi], bool], str], ...] = (
    (lambda kpi: not kpi.title, "title: missing; write what people call it"),
    (lambda kpi: not kpi.definition.endswith("."), "definition: is no sentence; end it with a full stop"),
    (_unworked, "example: work one with figures, in a sentence that ends with a full stop"),
    (lambda kpi: not kpi.formula, "formula: missing; write it in words"),
    (lambda kpi: not kpi.not_counted, "not_counted: missing; say what is left out"),
    (lambda kpi: kpi.family not in FAMILIES, f"family: write one of {', '.join(FAMILIES)}"),
    (lambda kpi: kpi.lens not in ("leading", "lagging"), "lens: write leading or lagging"),
    (lambda kpi: kpi.better not in ("up", "down", "band", "neither"), "better: write up, down, band or neither"),
    (lambda kpi: kpi.unit not in METRIC_SUFFIX, f"unit: write one of {', '.join(METRIC_SUFFIX)}"),
    (lambda kpi: bool(set(kpi.facts) - set(KINDS)), f"facts: write kinds of facts, of {', '.join(KINDS)}"),
    (_wild_defaults, "defaults: each must be among its choices"),
)


def _evidence(kpi: Kpi) -> list[str]:
    """Evidence and witness in words that the vocabulary has."""
    told = [evidence for group in kpi.needs for evidence in group if " " not in evidence]
    wrong = [evidence for evidence in told if evidence.partition(".")[0] not in KINDS]
    kind, _, word = kpi.witness.partition(".")
    if kpi.witness and (kind not in KINDS or (word and kind not in WORDED)):
        wrong.append(kpi.witness)
    return [f"{evidence!r}: write a kind of fact, or kind.field" for evidence in wrong]

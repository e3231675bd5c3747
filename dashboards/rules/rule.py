"""A rule as Prometheus' rule files have it, and the guard against a stale evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboards.metrics.product import STALE_AFTER

AGE = "tierline:evaluation_age:seconds"
STALE = int(STALE_AFTER.total_seconds())
FRESH = f"{AGE} < {STALE}"


@dataclass(frozen=True)
class Record:
    """A recording rule."""

    record: str
    expr: str

    def told(self) -> dict[str, Any]:
        return {"record": self.record, "expr": self.expr}


@dataclass(frozen=True)
class Alert:
    """An alerting rule. ``lasting``: how long it must hold (``for``); ``kept``: how long it goes on when it holds no
    more (``keep_firing_for``)."""

    alert: str
    expr: str
    lasting: str
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    kept: str | None = None

    def told(self) -> dict[str, Any]:
        kept = {"keep_firing_for": self.kept} if self.kept else {}
        return {
            "alert": self.alert, "expr": self.expr, "for": self.lasting, **kept,
            "labels": dict(self.labels), "annotations": dict(self.annotations),
        }  # fmt: skip


@dataclass(frozen=True)
class Group:
    """Rules that are evaluated together, one after the other."""

    name: str
    rules: Sequence[Record | Alert]

    def told(self) -> dict[str, Any]:
        return {"name": self.name, "interval": "30s", "rules": [rule.told() for rule in self.rules]}


def quoted(text: str) -> str:
    """A text as PromQL and Alertmanager's matchers read it."""
    inside = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{inside}"'


def selected(name: str, job: str | None, **labels: str) -> str:
    """A series of the job that the rules are for (None: of every job), with these labels."""
    named = {**({"job": job} if job else {}), **labels}
    matchers = ",".join(f"{label}={quoted(value)}" for label, value in named.items())
    return f"{name}{{{matchers}}}" if matchers else name


def guarded(expr: str) -> str:
    """Nothing is said of now by an evaluation that is old."""
    return f"({expr})\nand on (job) ({FRESH})"


def one_each(labels: str, series: str) -> str:
    """One series however many processes expose it."""
    return f"max by ({labels}) ({series})"

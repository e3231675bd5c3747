"""Freezing what a trend is measured from: the figure is stored in the user's own target file, with the window it was
measured over or the source it comes from, so that facts told later don't move it.

It is written into the row without a date (and into every dated version that has clauses of its own): it holds whoever
adopts the row, and when.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from slo.errors import ConfigError
from slo.promises.clauses import Baseline, Clause
from slo.promises.target import Target
from slo.shelf import get_kpi
from slo.targets import Targets
from slo.windows import Window, last_whole, parse_window
from tierline.targets.adopting import figure, write, written
from tierline.targets.promised import file_of
from tierline.targets.targetfile import with_version

if TYPE_CHECKING:
    from slo.results import Results
    from tierline.config import Config

__all__ = ["Frozen", "chosen", "file_with", "imported", "measured", "write"]
COMPARING = ("trend", "stable")


@dataclass(frozen=True)
class Frozen:
    """A figure for one clause of a row."""

    target: Target
    place: int
    baseline: Baseline


def chosen(targets: Targets, kpi: str, profile: str | None, row: int | None) -> list[Target]:
    """The rows to freeze for: those named, else every row of the KPI that asks for a frozen figure or has a due date.
    Raises ConfigError where there is none."""
    get_kpi(kpi)
    held = [one for one in targets.targets_for(kpi, profile) if row in (None, one.row)]
    found = [one for one in held if any(_asks(one, clause, named=row is not None) for clause in one.clauses)]
    if not found:
        rows = ", ".join(f"{one.profile} {one.row}" for one in targets.targets_for(kpi)) or "none"
        raise ConfigError(
            f"{kpi}: no such row compares with a frozen figure or has a due date; name a row that is a trend with "
            f"--profile and --row. The KPI's rows: {rows}"
        )
    return found


def _asks(target: Target, clause: Clause, named: bool) -> bool:
    """A frozen trend, or a bound with a due date (its path begins there); of a row that was named any trend."""
    if clause.form in COMPARING:
        return named or (clause.baseline is not None and clause.baseline.kind == "frozen")
    return target.due_months is not None and clause.floor is not None


def imported(targets: Sequence[Target], value: str, source: str, day: date, named: bool) -> list[Frozen]:
    """A figure that somebody knows, with where it comes from. Raises ConfigError where it is no figure."""
    unit = get_kpi(targets[0].kpi).unit
    told = Baseline(kind="frozen", value=figure(value, unit, "--value"), day=day, source=source)
    return [Frozen(target, place, told) for target in targets for place in _places(target, named)]


def measured(results: Results, targets: Sequence[Target], name: str | None, named: bool) -> list[Frozen]:
    """The KPI's own figure over a whole window (None: the last one of the target's own length), in the scope and
    parameters of each clause. Raises ConfigError where the window has not ended or says too little."""
    return [one for target in targets for one in _measured(results, target, name, named)]


def _measured(results: Results, target: Target, name: str | None, named: bool) -> Iterator[Frozen]:
    from slo.results import Query

    window, kpi = _window(results, target, name), get_kpi(target.kpi)
    entry = results.entry(results.asked(kpi, Query(window=window.name)), target, target.clauses)
    for place in _places(target, named):
        told = (entry.get("clauses") or [entry])[place]
        if told["value"] is None or told["n"] < kpi.minimum:
            said = "no data" if told["value"] is None else f"a sample of {told['n']:g}, under {kpi.minimum}"
            raise ConfigError(
                f"{target.profile} {target.row}: {kpi.id} has {said} in {window.name}; name another --window, or a "
                "figure you know with --value and --source"
            )
        yield Frozen(target, place, Baseline(
            kind="frozen", origin="measured", value=float(told["value"]), window=window.name, n=told["n"],
            definition=kpi.version, frozen_on=results.view.day(results.view.as_of),
        ))  # fmt: skip


def _window(results: Results, target: Target, name: str | None) -> Window:
    view = results.view
    zone = view.platform.timezone
    if name is None:
        return last_whole(target.window, view.as_of, zone)
    window = parse_window(name, view.as_of, zone)
    if window.end > view.as_of:
        raise ConfigError(f"--window {name}: has not ended; a baseline is frozen from a whole window")
    return window


def _places(target: Target, named: bool) -> list[int]:
    return [place for place, clause in enumerate(target.clauses) if _asks(target, clause, named)]


def file_with(config: Config, frozen: Sequence[Frozen], targets: Targets) -> tuple[Path, str]:
    """The user's file of a row with its figures in it (all of one row); nothing is written yet."""
    row = frozen[0].target
    path = file_of(config, row.profile)
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    told = (yaml.safe_load(text) or {}).get("targets") or [] if text.strip() else []
    own = [one for one in told if isinstance(one, dict) and one.get("row") == row.row]
    for raw in [one for one in own if one.get("valid_from") is None or "clauses" in one]:
        text = with_version(text, row.profile, _laid(raw, frozen, targets), str(path))
    if not any(one.get("valid_from") is None for one in own):
        text = with_version(text, row.profile, _laid({"row": row.row}, frozen, targets), str(path))
    return path, text


def _laid(raw: Mapping[str, Any], frozen: Sequence[Frozen], targets: Targets) -> dict[str, Any]:
    """A row of the file with the figures in its clauses: its own, else the published ones."""
    key = frozen[0].target.key
    base = targets.published[key].clauses if key in targets.published else frozen[0].target.clauses
    clauses = [Clause.model_validate(one) for one in raw["clauses"]] if raw.get("clauses") else list(base)
    for one in frozen:
        if one.place < len(clauses):
            clauses[one.place] = clauses[one.place].model_copy(update={"baseline": one.baseline})
    return {**raw, "clauses": [written(clause) for clause in clauses]}

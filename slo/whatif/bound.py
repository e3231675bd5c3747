"""A target with other bounds: the same row, form, tiers and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from slo.errors import ConfigError
from slo.promises.clauses import FALLING, RISING, Clause
from slo.promises.target import Key, Target

Applied = tuple[Target, tuple[Clause, ...], dict[str, Any]]
BOUNDS = RISING + FALLING
ORDER = ("missed", "provisional", "near", "met", "too few", "no data", "no target", "not set up")
"""Statuses, the most severe first."""


def bounded(applied: Sequence[Applied], kpi: str) -> Key:
    """The target that is changed: of those with a bound in the KPI's own unit an adopted one first, then one of a
    single clause, then the one that judges most severely.

    Raises ConfigError where no target has such a bound.
    """
    found = [
        (entry["adopted"] is None, len(clauses) > 1, ORDER.index(entry["status"]), target.key)
        for target, clauses, entry in applied
        if place_of(clauses) is not None
    ]
    if not found:
        raise ConfigError(
            f"--floor: no target of {kpi} that holds here has a bound in its own unit; `tierline kpis` lists them, "
            "--profile chooses one profile's"
        )
    return min(found)[3]


def place_of(clauses: Sequence[Clause]) -> int | None:
    """Which of a target's clauses holds the bound; None where none does."""
    return next((at for at, one in enumerate(clauses) if one.form in BOUNDS and one.figure is None), None)


def moved(clauses: tuple[Clause, ...], place: int, floor: float | None, stretch: float | None) -> tuple[Clause, ...]:
    """The clauses with one's bounds moved. A stretch that the new floor has passed is dropped.

    Raises ConfigError where the stretch is easier than the floor.
    """
    old = clauses[place]
    told = {"floor": old.floor if floor is None else floor, "stretch": stretch}
    if stretch is None and old.stretch is not None and told["floor"] is not None:
        passed = old.stretch < told["floor"] if old.form in RISING else old.stretch > told["floor"]
        told["stretch"] = None if passed else old.stretch
    try:
        new = Clause.model_validate(old.model_dump() | told | {"mature": None})
    except ValidationError as error:
        raise ConfigError(f"--floor, --stretch: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None
    return (*clauses[:place], new, *clauses[place + 1 :])

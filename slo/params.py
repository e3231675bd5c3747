"""Parameters of a KPI: their defaults, those that were chosen, and the word that states carry for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from slo.errors import ConfigError
from slo.kpi import Kpi, Params
from slo.promises.clauses import Clause

EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)
"""Days that a parameter may name."""


def settle_params(kpi: Kpi, given: Mapping[str, Any]) -> dict[str, Any]:
    """The KPI's parameters with those given laid over, as values of the right type. Raises ConfigError."""
    params = dict(kpi.defaults)
    for name, value in given.items():
        if name not in kpi.defaults:
            known = ", ".join(kpi.defaults) or "none"
            raise ConfigError(f"--param {name}: {kpi.id} has no such parameter; it has: {known}")
        params[name] = _typed(kpi, name, value)
    return params


def of_clause(kpi: Kpi, clause: Clause, given: Params | None = None) -> dict[str, Any]:
    """What a clause of a target is judged in: the parameters given, and over them its own, as far as the KPI has them.
    Raises ConfigError."""
    own = {name: value for name, value in clause.params.items() if name in kpi.defaults}
    return settle_params(kpi, {**(given or {}), **own})


def _typed(kpi: Kpi, name: str, value: Any) -> Any:
    choices = kpi.choices.get(name)
    if choices:
        for choice in choices:
            if str(value).lower() == str(choice).lower():
                return choice
        raise ConfigError(f"--param {name}={value}: expected one of {', '.join(str(choice) for choice in choices)}")
    if name in kpi.dates:
        return value if value is None else _day(name, value)
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            raise ConfigError(f"--param {name}={value}: expected a whole number") from None
    return value


def _day(name: str, value: Any) -> str:
    """A day as it is written, so that it can be printed and stored."""
    try:
        day = date.fromisoformat(str(value))
        if not EARLIEST <= day <= LATEST:
            raise ValueError
    except ValueError:
        raise ConfigError(f"--param {name}={value}: expected a day such as 2026-03-01") from None
    return day.isoformat()


def slice_name(kpi: Kpi, params: Params) -> str:
    """A parameter choice as the word that states carry: only what differs from the default."""
    chosen = [f"{name}={params[name]}" for name in sorted(params) if params[name] != kpi.defaults[name]]
    return ",".join(chosen)

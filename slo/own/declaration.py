"""What a file in kpis/ says: a KPI of one's own, what it means, and the query that gives its figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from slo.config_files import checked, read_yaml
from slo.errors import ConfigError

UNITS = {"ratio": ("ratio",), "samples": ("seconds", "score"), "count": ("count", "per_week", "per_month")}
"""Measure -> the units its value may have; the first is the default."""


class Declaration(BaseModel):
    """One KPI. The file's name is its id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{1,60}$", description="The file's name.")
    title: str = Field(min_length=3, description="As people call it.")
    family: Literal["reliability", "incidents", "delivery", "quality", "cost", "governance", "adoption"] = Field(
        description="The group it is shown in."
    )
    lens: Literal["leading", "lagging"] = Field(default="lagging", description="leading or lagging.")
    measure: Literal["ratio", "count", "samples"] = Field(
        description="ratio: the query gives good and bad, which add up. count: it gives a value, and values are added "
        "up over the window. samples: it gives a value, and their mean, median or p95 is read."
    )
    pick: Literal["mean", "median", "p95"] = Field(default="median", description="Of samples: which figure it is.")
    unit: str | None = Field(default=None, description="ratio; count, per_week, per_month; seconds, score.")
    better: Literal["up", "down", "band", "neither"] = Field(description="Which way is better.")
    definition: str = Field(min_length=10, description="One sentence: what is measured.")
    not_counted: str = Field(default="nothing is left out", description="What is left out.")
    example: str = Field(description="Worked with figures, in a sentence.")
    minimum: int | None = Field(default=None, ge=0, description="Under this sample there is no verdict.")
    version: int = Field(default=1, ge=1, description="Of the definition: raise it when the query means something new.")
    source: str | None = Field(default=None, description="The source of type sql that runs the query.")
    query: str | None = Field(
        default=None,
        description="Gives asset, day, good, bad (ratio) or asset, day, value, and url where there is a link; :start "
        "and :end are the first day and the day after the last.",
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.unit is not None and self.unit not in UNITS[self.measure]:
            raise ValueError(
                f"unit {self.unit!r} is none of a {self.measure}; write {' or '.join(UNITS[self.measure])}"
            )
        if (self.source is None) != (self.query is None):
            raise ValueError("source and query belong together; write both, or neither where the figures are imported")
        return self

    @property
    def shown_unit(self) -> str:
        return self.unit or UNITS[self.measure][0]


def read(folder: Path) -> list[Declaration]:
    """The KPIs of a folder, a file each. Raises ConfigError naming file, line, place and remedy."""
    if not folder.is_dir():
        raise ConfigError(f"{folder}: is not a folder; KPIs of your own are read from <folder>/<id>.yaml")
    return [_one(path) for path in sorted(folder.glob("*.yaml"))]


def _one(path: Path) -> Declaration:
    data: Any = read_yaml(path)
    if isinstance(data, dict):
        told = data.get("id", path.stem)
        if told != path.stem:
            raise ConfigError(f"{path}: id: {told!r} is not the file's name; remove it, or name the file {told}.yaml")
        data = {"id": path.stem, **data}
    return checked(Declaration, data, path)


def schema() -> dict[str, Any]:
    """The JSON Schema of such a file, for editors: the id is the file's name."""
    found = Declaration.model_json_schema()
    found["properties"].pop("id")
    found["required"].remove("id")
    return found

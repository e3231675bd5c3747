"""From a register's row to a field: columns, templates, words, and what a fact kind may be told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from collectors.cells import blank, text
from slo.facts import KINDS
from slo.interchange import choices, field_types, wire_name
from slo.kpi import WORDED

PLACE = re.compile(r"\{([^{}]+)\}")
"""A column in a template."""


def types_of(fact: str) -> dict[str, Any]:
    """Field -> type of what a mapping may fill."""
    return {wire_name(name): kind for name, kind in field_types(KINDS[fact]).items() if name not in ("source", "id")}


def words_of(fact: str, columns: Mapping[str, str | Column] | None = None) -> tuple[str, ...]:
    """Which sorts of a kind a mapping can tell (deployment, cost, toil): those its values name, or any."""
    field = WORDED.get(fact)
    if field is None or (columns is not None and field not in columns):
        return ()
    column = columns[field] if columns is not None else None
    if isinstance(column, Column) and column.value is not None:
        return (str(column.value),)
    if isinstance(column, Column) and column.values:
        return tuple(sorted({str(word) for word in column.values.values() if word is not None}))
    return tuple(word for word in choices(types_of(fact)[field]) or () if word is not None)


def zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name!r} is not a time zone; write it like Europe/Berlin") from None


class Column(BaseModel):
    """Where a field comes from: a column, a template of columns, or one value for all rows."""

    model_config = ConfigDict(extra="forbid")

    column: str | None = Field(default=None, description="The column; in JSON Lines a path like fields.status.")
    template: str | None = Field(default=None, description="Text with columns in braces.")
    value: Any = Field(default=None, description="The same for every row.")
    values: dict[str, Any] | None = Field(default=None, description="Cell -> value; '*' for any other cell.")
    timezone: str | None = Field(default=None, description="Zone of this column's times without offset.")
    time_format: str | None = Field(default=None, description="strptime format, or epoch, epoch_ms, excel.")

    @field_validator("values", mode="before")
    @classmethod
    def _keys_are_text(cls, values: Any) -> Any:
        return {text(key): item for key, item in values.items()} if isinstance(values, dict) else values

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str | None) -> str | None:
        zone(name)
        return name

    @model_validator(mode="after")
    def _one_origin(self) -> Column:
        if sum(origin is not None for origin in (self.column, self.template, self.value)) != 1:
            raise ValueError("name exactly one of column, template, value")
        return self


def at_path(cells: Mapping[str, Any], path: str) -> Any:
    """A cell by its column, or by a dotted path into nested objects. None where there is none."""
    if path in cells:
        return cells[path]
    found: Any = cells
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def filled(template: str, cells: Mapping[str, Any]) -> str | None:
    """The template with its columns' cells; None where one is blank."""
    parts = [at_path(cells, column) for column in PLACE.findall(template)]
    if any(map(blank, parts)):
        return None
    return PLACE.sub(lambda place: text(at_path(cells, place[1])), template)


def mapped(cell: Any, values: Mapping[str, Any] | None) -> Any:
    """What ``values`` says for a cell. Raises ValueError for a cell it doesn't know."""
    if values is None or blank(cell):
        return cell
    folded = {key.casefold(): item for key, item in values.items()}
    word = text(cell).casefold()
    if word not in folded and "*" not in folded:
        raise ValueError(f"is not among values: {', '.join(values)}")
    return folded.get(word, folded.get("*"))

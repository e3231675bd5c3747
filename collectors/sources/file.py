"""A register somebody keeps in a file (CSV, JSON Lines, Excel), as facts of any kind, by a mapping in the config."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator, model_validator

from collectors import tables
from collectors.base import Enumerated, Finding, Period, Raw, Source, SourceSettings
from collectors.cells import Reading, blank, text, value
from collectors.mapping import PLACE, Column, at_path, filled, mapped, types_of, words_of, zone
from collectors.once import OncePerPass
from slo.errors import FactError, SourceError
from slo.facts import KINDS, REQUIRED
from slo.interchange import wire_name

_NAMES = frozenset({"asset", "upstream", "downstream", "assets", "old", "new"})
"""Fields that hold assets' names."""
_OWN_NAME = {"asset": "{asset}", "edge": "{upstream} -> {downstream}", "alias": "{old}"}
"""Kinds that name themselves; their fields in braces."""


class FileSettings(SourceSettings):
    path: str = Field(description="The file, or a glob of files; a later name wins.")
    fact: str = Field(description="The kind of fact a row is (incident, work_item, entry, meter ...).")
    map: dict[str, str | Column] = Field(description="Field -> column, or a mapping with values, template, timezone.")
    id: str | None = Field(None, description="The row's own id: a text with columns in braces ({ticket}).")
    key: list[str] = Field(default_factory=list, description="Columns that together tell rows apart, where no id does.")
    complete: bool = Field(False, description="The file always holds everything: a row gone from it is a fact deleted.")
    timezone: str | None = Field(None, description="Zone of times without offset; without it they are set aside.")
    time_format: str | None = Field(None, description="strptime format, or epoch, epoch_ms, excel; default ISO 8601.")
    list_separator: str = Field(",", description="Between the entries of a list in one cell.")
    decimal_comma: bool = Field(False, description="Numbers are written 1.234,5.")
    format: str | None = Field(None, pattern="^(csv|jsonl|excel)$", description="Default: by the file's ending.")
    delimiter: str | None = Field(None, min_length=1, max_length=1, description="Default: found in the header.")
    encoding: str = Field("utf-8-sig", description="The text's encoding (cp1252 for old Excel exports).")
    sheet: str | None = Field(None, description="The workbook's sheet; the first by default.")
    header_row: int = Field(1, ge=1, description="The line with the columns' names.")

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str | None) -> str | None:
        zone(name)
        return name

    @model_validator(mode="after")
    def _mapping_fits(self) -> FileSettings:
        if self.fact not in KINDS:
            raise ValueError(f"fact: {self.fact!r} is not a kind of fact; expected one of {', '.join(KINDS)}")
        known = types_of(self.fact)
        if unknown := sorted(set(self.map) - set(known)):
            raise ValueError(f"map: {self.fact} has no {', '.join(unknown)}; it has {', '.join(known)}")
        if missing := [name for name in REQUIRED.get(self.fact, ()) if wire_name(name) not in self.map]:
            raise ValueError(f"map: every {self.fact} needs {', '.join(missing)}")
        if not (self.id or self.key or self.fact in _OWN_NAME):
            raise ValueError("id or key: say what tells rows apart, such as id: '{ticket}' or key: [date, team]")
        return self


class FileSource(Source):
    plugin = "file"
    title = "Register in a file (CSV, JSON Lines, Excel)"
    family = "register"
    tells = {kind: (*words_of(kind), *types_of(kind)) for kind in KINDS}
    interval = timedelta(minutes=15)
    chunk = timedelta(days=3660)
    tested = "CSV, JSON Lines and Excel files written by the tests (openpyxl 3.1), with the quirks of survey exports"
    grants = "Read access to the file."
    Settings = FileSettings

    def __init__(self, name: str, settings: Any, now: Callable[[], datetime]) -> None:
        super().__init__(name, settings, now)
        # What this register tells, not what any could.
        self.__dict__["tells"] = {settings.fact: (*words_of(settings.fact, settings.map), *settings.map)}
        self._types = types_of(settings.fact)
        self._once = OncePerPass()
        self._layout = tables.Layout(
            settings.format, settings.delimiter, settings.encoding, settings.sheet, settings.header_row
        )

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        """Every row at once, once a pass; nothing while the files and the mapping are the very same."""
        paths = tables.files(self.settings.path)
        signature = self._signature(paths)
        if not self._once.due(period, self.memory.get("read") == signature):
            return
        ids: set[str] = set()
        complete = self.settings.complete
        for path in paths:
            for row in self._table(path).rows:
                raw = Raw("row", row, {"place": f"{path.name}:{row.line}"})
                complete = complete and self._named(raw, ids)
                yield raw
        if complete:
            yield Enumerated(self.settings.fact, frozenset(ids))
        self.memory["read"] = signature

    def _signature(self, paths: list[Path]) -> str:
        """Changes with the files and with the settings they are read by."""
        try:
            stats = [(str(path), stat.st_mtime_ns, stat.st_size) for path in paths for stat in [path.stat()]]
        except FileNotFoundError as error:
            raise SourceError(f"{error.filename}: no such file; set path to the register") from None
        return _digest([stats, self.settings.model_dump_json()])

    def _table(self, path: Path) -> tables.Table:
        table = tables.read(path, self._layout)
        missing = sorted(self._columns() - set(table.columns)) if table.columns is not None else []
        if missing:
            raise SourceError(f"{path}: has no column {', '.join(missing)}; it has {', '.join(table.columns or ())}")
        return table

    def _columns(self) -> set[str]:
        """Every column the mapping names."""
        specs = [Column(column=spec) if isinstance(spec, str) else spec for spec in self.settings.map.values()]
        texts = [self.settings.id or "", *(spec.template or "" for spec in specs)]
        named = {name for words in texts for name in PLACE.findall(words)}
        return named | {spec.column for spec in specs if spec.column} | set(self.settings.key)

    def _named(self, raw: Raw, ids: set[str]) -> bool:
        """Adds the row's id. False for a row that cannot be told: then nothing is known to be gone."""
        try:
            ids.add(self._name(raw))
        except FactError:
            return False
        return raw.data.problem is None

    def parse(self, raw: Raw) -> Iterator[dict[str, Any]]:
        """The row's fact. Raises FactError with file, line, column and what was expected."""
        if raw.data.problem:
            raise FactError(f"{raw.context['place']}: {raw.data.problem}")
        fields = {name: self._field(name, raw) for name in self.settings.map}
        since = fields.get("valid_from")
        version = f"@{since.astimezone(UTC).isoformat().replace('+00:00', 'Z')}" if since else ""
        yield {"fact": self.settings.fact, "id": self._name(raw) + version, **fields}

    def _field(self, name: str, raw: Raw) -> Any:
        spec = self.settings.map[name]
        spec = Column(column=spec) if isinstance(spec, str) else spec
        cell = self._cell(spec, raw.data.cells)
        try:
            cell = mapped(cell, spec.values)
            found = None if blank(cell) else value(cell, self._types[name], self._reading(spec))
        except (ValueError, OverflowError, OSError) as error:
            place = f"{raw.context['place']}: {spec.column or name}"
            raise FactError(f"{place}: {cell!r} for {self.settings.fact}.{name}: {error}") from None
        return self._asset_names(name, found)

    def _cell(self, spec: Column, cells: Mapping[str, Any]) -> Any:
        if spec.column is not None:
            return at_path(cells, spec.column)
        return spec.value if spec.template is None else filled(spec.template, cells)

    def _reading(self, spec: Column) -> Reading:
        common = self.settings
        return Reading(
            zone(spec.timezone or common.timezone), spec.time_format or common.time_format, common.list_separator,
            common.decimal_comma,
        )  # fmt: skip

    def _asset_names(self, field: str, found: Any) -> Any:
        """Full names of assets: as they stand, or below the ``namespace`` that is set."""
        if field not in _NAMES or found is None or not self.settings.namespace:
            return found
        return [self.asset(name) for name in found] if isinstance(found, list) else self.asset(found)

    def _name(self, raw: Raw) -> str:
        """The fact's id: an asset's own name; else the template filled, else a hash of the key columns, else the
        kind's own name."""
        cells, own = raw.data.cells, _OWN_NAME.get(self.settings.fact)
        if self.settings.id and self.settings.fact != "asset" and (name := filled(self.settings.id, cells)):
            return name
        parts = [at_path(cells, column) for column in self.settings.key]
        if self.settings.fact != "asset" and not all(map(blank, parts)):
            return _digest([None if blank(part) else text(part) for part in parts])[:32]
        if own and (name := filled(own, {field: self._field(field, raw) for field in PLACE.findall(own)})):
            return name
        what = self.settings.id or ", ".join(self.settings.key) or "name"
        raise FactError(f"{raw.context['place']}: {what} is blank; every row needs its own id")

    def check(self) -> list[Finding]:
        """Reads each file's first rows by the mapping."""
        try:
            return [self._first_rows(path) for path in tables.files(self.settings.path)]
        except SourceError as error:
            return [Finding(False, str(error), "correct path, map or format")]

    def _first_rows(self, path: Path) -> Finding:
        count = 0
        for row, _ in zip(self._table(path).rows, range(20), strict=False):
            try:
                list(self.parse(Raw("row", row, {"place": f"{path.name}:{row.line}"})))
            except FactError as error:
                return Finding(False, str(error), "correct the row, or the mapping")
            count += 1
        return Finding(True, f"{path}: the first {count} rows are {self.settings.fact} facts")


def _digest(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, default=str).encode()).hexdigest()

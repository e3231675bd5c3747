"""FOCUS cost and usage files (FinOps Open Cost and Usage Specification 1.0-1.2), CSV or Parquet, as cost meters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from collectors.base import Finding, Period, Raw, Source, SourceSettings
from collectors.focus import rows as focus_rows
from collectors.focus.rows import BadRow
from collectors.focus.sums import TIMES, Slot, Sums, billing_name, fact_id, newest, tag, unit_bytes, utc, vanished
from collectors.once import OncePerPass
from slo.errors import FactError, SourceError

COSTS = {"effective": "EffectiveCost", "billed": "BilledCost", "list": "ListCost", "contracted": "ContractedCost"}
GROUPS = {"service": "ServiceName", "resource": "ResourceId", "sub_account": "SubAccountId", "provider": "ProviderName"}
COMMITMENT = ("CommitmentDiscountId", "CommitmentDiscountStatus")


class FocusSettings(SourceSettings):
    path: Path = Field(description="The export: a file, or the folder it is delivered to (searched at any depth).")
    cost: Literal["effective", "billed", "list", "contracted"] = Field(
        "effective", description="Which cost: effective (amortized) by default, billed as invoiced, or list."
    )
    group_by: str = Field(
        "service", description="What an asset is: service, resource, sub_account, provider, tag:NAME, or none.",
        pattern="^(service|resource|sub_account|provider|none|tag:.+)$",
    )  # fmt: skip
    assets: dict[str, str] = Field(
        default_factory=dict, description="Group -> full name of the platform's asset it is the cost of."
    )
    where: dict[str, list[str]] = Field(
        default_factory=dict, description="Column -> values: only these rows are the platform's cost."
    )
    period: Literal["day", "hour"] = Field("day", description="How finely cost is kept.")
    versions: Literal["parts", "files", "folders"] = Field(
        "parts",
        description="What several files of one billing period are: parts that add up, or versions of which the newest "
        "file, or the newest folder's files, replace the others.",
    )
    bytes_where: dict[str, list[str]] = Field(
        default_factory=dict, description="Column -> values: rows whose ConsumedQuantity is data processed (scanned)."
    )


class FocusSource(Source):
    plugin = "focus"
    title = "FOCUS cost files"
    family = "cost"
    tells = {
        "meter": ("cost", "bytes", "commitment_paid", "commitment_used", "asset", "at", "meter", "amount", "currency",
                  "category", "provisional", "until", "tz"),
    }  # fmt: skip
    settle = timedelta(days=3)
    interval = timedelta(hours=6)
    chunk = timedelta(days=3660)
    tested = "FinOps Foundation's FOCUS 1.0 sample (AWS, Azure, Oracle), as CSV, gzip and Parquet"
    grants = "Read access to the folder of the export."
    Settings = FocusSettings

    def __init__(self, name: str, settings: Any, now: Callable[[], datetime]) -> None:
        super().__init__(name, settings, now)
        if not settings.bytes_where:
            self.__dict__["tells"] = {"meter": tuple(field for field in self.tells["meter"] if field != "bytes")}
        self._once = OncePerPass()
        self._step = timedelta(days=1) if settings.period == "day" else timedelta(hours=1)

    def fetch(self, period: Period) -> Iterator[Raw]:
        """The sums of every billing period whose files changed since the last pass, and what vanished from them."""
        paths = {str(path): path for path in focus_rows.files(self.settings.path)}
        stats = {name: _stat(path) for name, path in paths.items()}
        memory = self.memory if self.memory.get("settings") == self.settings.model_dump_json() else {}
        known: Mapping[str, Any] = memory.get("files", {})
        changed = {
            name for name in stats.keys() | known.keys() if (known.get(name) or {}).get("stat") != stats.get(name)
        }
        closed = {name for name, end in memory.get("open", {}).items() if (utc(end) or period.end) <= period.end}
        if not self._once.due(period, not changed and not closed and bool(memory)):
            return
        held = {
            name: self._billings(path) if name in changed else known[name]["billings"] for name, path in paths.items()
        }
        touched = {
            one for name in changed for one in (*held.get(name, ()), *(known.get(name) or {}).get("billings", ()))
        }
        everything = {one for billings in held.values() for one in billings}
        dirty = everything & (touched | closed) if memory and period.incremental else everything
        sums = self._sums(paths, held, dirty)
        yield from self._told(sums, period.end)
        before = self.memory.get("told", {})
        told = {one: what for one, what in before.items() if one in everything - dirty} | sums.told()
        for gone in vanished(before, told, dirty, bool(self.memory.get("hourly"))):
            yield Raw("gone", gone)
        self.memory = {
            "settings": self.settings.model_dump_json(), "told": told, "hourly": self.settings.period == "hour",
            "files": {name: {"stat": stats[name], "billings": sorted(held[name])} for name in paths},
            "open": self._open(memory, everything - dirty, sums, period.end),
        }  # fmt: skip

    def _open(self, memory: Mapping[str, Any], kept: set[str], sums: Sums, at: datetime) -> dict[str, str]:
        """Billing periods that were not over: once they are, their sums are told again, no longer provisional."""
        still = {name: end for name, end in memory.get("open", {}).items() if name in kept}
        return still | {name: end.isoformat() for name, end in sums.ends.items() if end > at}

    def _billings(self, path: Path) -> list[str]:
        """The billing periods a file holds. Raises SourceError where it lacks a column that is needed."""
        needed = (*TIMES, "ChargeCategory", COSTS[self.settings.cost])
        there = focus_rows.columns_of(path)
        missing = [name for name in (*needed, *self._filters()) if name not in there]
        if missing:
            raise SourceError(f"{path}: lacks the FOCUS columns {', '.join(missing)}; is it a FOCUS export?")
        texts = {
            text
            for table in focus_rows.batches(path, ["BillingPeriodStart"], [])
            for text in pc.unique(pc.cast(table["BillingPeriodStart"], pa.string())).to_pylist()
        }
        return sorted(filter(None, map(billing_name, texts)))

    def _filters(self) -> list[str]:
        return [*self.settings.where, *self.settings.bytes_where]

    def _sums(self, paths: Mapping[str, Path], held: Mapping[str, Any], dirty: set[str]) -> Sums:
        """Reads the files that hold the given billing periods."""
        sums = Sums(self._step)
        owners = self._owners(paths, held)
        for name, path in paths.items():
            mine = {one for one in held[name] if one in dirty and owners[one] in (None, self._unit(path))}
            if mine:
                self._read(path, mine, sums)
        return sums

    def _unit(self, path: Path) -> str:
        return str(path.parent if self.settings.versions == "folders" else path)

    def _owners(self, paths: Mapping[str, Path], held: Mapping[str, Any]) -> dict[str, str | None]:
        """Billing period -> the version that counts; None: all files that hold it are parts of it."""
        versions: dict[str, list[tuple[float, str]]] = {}
        for name, path in paths.items():
            for billing in held[name]:
                versions.setdefault(billing, []).append((path.stat().st_mtime, self._unit(path)))
        parts = self.settings.versions == "parts"
        return {billing: None if parts else newest(found) for billing, found in versions.items()}

    def _read(self, path: Path, mine: set[str], sums: Sums) -> None:
        group = GROUPS.get(self.settings.group_by, "Tags")
        columns = {*TIMES, "ChargeCategory", *COMMITMENT, *self._filters(), *COSTS.values(), group}
        columns |= {"ConsumedQuantity", "ConsumedUnit"} if self.settings.bytes_where else set()
        for table in focus_rows.numbered(focus_rows.batches(path, sorted(columns), sums.bad)):
            table = focus_rows.matches(table, self.settings.where)
            self._cost(table, group, path, mine, sums)
            self._commitments(table, path, mine, sums)
            if self.settings.bytes_where:
                self._bytes(focus_rows.matches(table, self.settings.bytes_where), group, path, mine, sums)

    def _cost(self, table: pa.Table, group: str, path: Path, mine: set[str], sums: Sums) -> None:
        column = COSTS[self.settings.cost]
        keys = (*TIMES, "ChargeCategory", group)
        for row, amounts, rows in focus_rows.grouped(table, keys, [column], str(path), sums.bad):
            if _belongs(row, mine):
                category = row["ChargeCategory"].lower() if row["ChargeCategory"] else None
                sums.add(row, rows, str(path), "cost", self._asset(row[group]), category, amounts[column])

    def _commitments(self, table: pa.Table, path: Path, mine: set[str], sums: Sums) -> None:
        """Of each commitment: what its hours cost, and how much of that was used. Purchases are not usage of it."""
        usage = focus_rows.matches(table, {"ChargeCategory": ["Usage"]})
        keys = (*TIMES, *COMMITMENT)
        for row, amounts, rows in focus_rows.grouped(usage, keys, ["EffectiveCost"], str(path), []):
            if _belongs(row, mine) and row["CommitmentDiscountId"]:
                asset = self.asset(row["CommitmentDiscountId"])
                used = amounts["EffectiveCost"] if row["CommitmentDiscountStatus"] == "Used" else Decimal(0)
                sums.add(row, rows, str(path), "commitment_paid", asset, None, amounts["EffectiveCost"])
                sums.add(row, rows, str(path), "commitment_used", asset, None, used)

    def _bytes(self, table: pa.Table, group: str, path: Path, mine: set[str], sums: Sums) -> None:
        keys = (*TIMES, "ConsumedUnit", group)
        for row, amounts, rows in focus_rows.grouped(table, keys, ["ConsumedQuantity"], str(path), sums.bad):
            if not _belongs(row, mine):
                continue
            size = unit_bytes(row["ConsumedUnit"])
            if size is None:
                sums.bad.append(
                    BadRow(str(path), f"ConsumedUnit {row['ConsumedUnit']!r} is no unit of data ({rows} rows)")
                )
                continue
            amount = amounts["ConsumedQuantity"] * Decimal(size)
            sums.add(row, rows, str(path), "bytes", self._asset(row[group]), None, amount)

    def _asset(self, group: str | None) -> str | None:
        """The asset of a group's cost; what belongs to no group is "unassigned"."""
        if self.settings.group_by == "none":
            return None
        name = tag(group, self.settings.group_by[4:]) if self.settings.group_by.startswith("tag:") else group
        return self.settings.assets.get(name or "") or self.asset(name or "unassigned")

    def _told(self, sums: Sums, at: datetime) -> Iterator[Raw]:
        for row in sums.bad:
            yield Raw("bad row", {"place": row.place, "problem": row.problem})
        for slot, amount in sums.amounts.items():
            yield Raw("sum", slot, {"amount": amount, "provisional": sums.ends[slot.billing] > at})

    def parse(self, raw: Raw) -> Iterator[dict[str, Any]]:
        if raw.kind == "bad row":
            raise FactError(f"{raw.data['place']}: {raw.data['problem']}; its cost is missing from the sums")
        if raw.kind == "gone":
            yield {"fact": "meter", "id": raw.data, "deleted": True}
            return
        slot: Slot = raw.data
        start, what = slot.identity(self._step)
        yield {
            "fact": "meter", "id": fact_id(start, what, slot.billing), "asset": slot.asset, "meter": slot.meter,
            "at": slot.at, "until": slot.until, "tz": "UTC", "amount": float(raw.context["amount"]),
            "currency": slot.currency, "category": slot.category, "provisional": raw.context["provisional"],
        }  # fmt: skip

    def check(self) -> list[Finding]:
        try:
            found = focus_rows.files(self.settings.path)
            billings = {one for path in found for one in self._billings(path)}
        except SourceError as error:
            return [Finding(False, str(error), "point path at a FOCUS export this user may read")]
        held = f"{len(found)} files of the billing periods {', '.join(sorted(billings)) or '(none)'}"
        return [Finding(bool(found), held, "" if found else "deliver the export here, as .csv, .csv.gz or .parquet")]


def _belongs(row: Mapping[str, Any], mine: set[str]) -> bool:
    """Whether a row is of these billing periods; one without a billing period is taken, to be set aside."""
    billing = billing_name(row["BillingPeriodStart"])
    return billing is None or billing in mine


def _stat(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_mtime_ns, stat.st_size]

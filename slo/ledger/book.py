"""The ledger's book: closed periods as they were published, what has changed since, disputes. For reading only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from slo.errors import ConfigError
from slo.ledger.lines import hash_of
from slo.ledger.restating import AS_REPORTED
from slo.ledger.scopes import WHOLE, key_of, scope_of
from slo.shelf import shelf
from slo.store import Store
from slo.store.ledger import DisputeRow, PeriodRow, RestatementRow


class Ledger:
    """What a store's ledger says. Times are told in ``zone``."""

    def __init__(self, store: Store, zone: tzinfo = UTC) -> None:
        self._store, self._zone = store, zone

    def periods(self) -> list[dict[str, Any]]:
        """Every closed period, by its first day; see ``closed``."""
        return [self._head(row) for row in self._store.ledger.periods()]

    def closed(self, period: str) -> dict[str, Any] | None:
        """{"name", "kind", "start", "end", "as_of", "closed_at", "by", "seq" (the last change that is in it), "hash",
        "notes", "disputes" (that were open), "judged_by", "unsettled" (KPIs published as provisional)}; None where the
        period is not closed."""
        row = self._row(period)
        return None if row is None else self._head(row)

    @staticmethod
    def _head(row: PeriodRow) -> dict[str, Any]:
        return {**json.loads(row.body), "hash": row.hash}

    def _row(self, period: str) -> PeriodRow | None:
        return next((row for row in self._store.ledger.periods() if row.name == period), None)

    def lines(
        self, period: str, kpi: str | None = None, scope: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """What was reported: {"kpi", "scope" (a word), "result" (show's dict, without the days), "versions"} each, of
        one KPI or scope where asked. Empty where the period is not closed or the scope is not kept."""
        row, key = self._row(period), None if scope is None else key_of(scope)
        if row is None or (scope is not None and key is None):
            return []
        return [json.loads(body) for _, _, body in self._store.ledger.lines(row.id, kpi, key)]

    def document_text(self, period: str, scope: Mapping[str, Any]) -> str | None:
        """The report of a scope as it was published, JSON; None where none is kept."""
        row, key = self._row(period), key_of(scope)
        return None if row is None or key is None else self._store.ledger.documents(row.id, key).get(key)

    def document(self, period: str, scope: Mapping[str, Any]) -> dict[str, Any] | None:
        """The same, read."""
        text = self.document_text(period, scope)
        found: dict[str, Any] | None = None if text is None else json.loads(text)
        return found

    def restatements(
        self, period: str | None = None, scope: Mapping[str, Any] | None = None, kpi: str | None = None,
        since: datetime | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Lines that are not what was reported, the last seen first, of all scopes where none is asked; ``since``:
        those that moved at or after it. Shape: see slo/stories/ledger.py."""
        key = None if scope is None else key_of(scope)
        names = dict(self._store.ledger.spans())
        lines: dict[tuple[int, str, str], list[RestatementRow]] = {}
        for row in self._store.ledger.restatements(None, kpi):
            if period in (None, names[row.period_id]) and (scope is None or row.scope == key):
                lines.setdefault((row.period_id, row.kpi, row.scope), []).append(row)
        found = [(steps, _since_reported(steps)) for steps in lines.values()]
        standing = [own for _, own in found if own and (since is None or own[-1].seen >= since)]
        standing.sort(key=lambda own: _place(own[-1]))
        return [self._restatement(names[own[-1].period_id], own) for own in standing]

    def _restatement(self, period: str, steps: list[RestatementRow]) -> dict[str, Any]:
        row, known = steps[-1], shelf().get(steps[-1].kpi)
        was, now = row.body["reported"]["value"], row.body["now"]["value"]
        return {
            "period": period, "kpi": row.kpi, "title": known.title if known else row.kpi,
            "unit": known.unit if known else None, "better": known.better if known else None,
            "scope": scope_of(row.scope), "difference": None if was is None or now is None else now - was,
            "first_seen": self._time(steps[0].seen), "seen": self._time(row.seen), **row.body,
            "causes": [self._cause(cause) for cause in row.body["causes"]],
        }  # fmt: skip

    def _cause(self, cause: dict[str, Any]) -> dict[str, Any]:
        spans = {name: self._told(cause[name]) for name in ("first_at", "last_at", "first_arrived", "last_arrived")}
        named = [{**one, "at": self._told(one["at"]), "arrived": self._told(one["arrived"])} for one in cause["named"]]
        return {**cause, **spans, "named": named}

    def disputes(self, period: str | None = None, open_only: bool = False) -> list[dict[str, Any]]:
        """{"id", "period", "kpi", "domain", "text", "by", "opened_at", "settled_at", "settlement"}, oldest first."""
        rows = self._store.ledger.disputes(period)
        return [self._dispute(row) for row in rows if not open_only or row.settled is None]

    def _dispute(self, row: DisputeRow) -> dict[str, Any]:
        return {
            "id": row.id, "period": row.period, "kpi": row.kpi, "domain": row.domain, "text": row.text, "by": row.by,
            "opened_at": self._time(row.opened), "settlement": row.settlement,
            "settled_at": None if row.settled is None else self._time(row.settled),
        }  # fmt: skip

    def verify(self) -> list[dict[str, Any]]:
        """{"period", "hash" (as stored), "found" (worked out anew), "sound"} of every closed period."""
        found = []
        for row in self._store.ledger.periods():
            anew = self._hash(row)
            found.append({"period": row.name, "hash": row.hash, "found": anew, "sound": anew == row.hash})
        return found

    def _hash(self, row: PeriodRow) -> str:
        lines = [json.loads(body) for _, _, body in self._store.ledger.lines(row.id)]
        return hash_of(json.loads(row.body), lines, self._store.ledger.documents(row.id))

    def _time(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).isoformat()

    def _told(self, text: str | None) -> str | None:
        return None if text is None else self._time(datetime.fromisoformat(text))


def _since_reported(steps: list[RestatementRow]) -> list[RestatementRow]:
    """The steps since the line last was what had been reported; none where it is."""
    last = max((place for place, row in enumerate(steps) if row.body["how"] == AS_REPORTED), default=-1)
    return steps[last + 1 :]


def _place(row: RestatementRow) -> tuple[Any, ...]:
    """The last seen first; of one moment the whole before its parts."""
    return -row.seen.timestamp(), row.scope != WHOLE, row.kpi, row.scope, row.period_id


def need_closed(ledger: Ledger, period: str) -> dict[str, Any]:
    """The closed period. Raises ConfigError where it is none."""
    found = ledger.closed(period)
    if found is None:
        names = ", ".join(one["name"] for one in ledger.periods()) or "none"
        raise ConfigError(f"{period}: is not closed; `tierline close {period}` closes it (closed are: {names})")
    return found

"""Snowflake's SQL API (/api/v2/statements): one statement in, rows as Python values out.

200 holds the first partition of the rows and says how many follow; 202 means that the statement still runs; 422 and 408
are a statement that failed, which is no fault of the connection: :class:`StatementFailed` says why and what helps.
Source: Snowflake's SQL API reference and its guide "Handling responses".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from collectors.http import Http
from collectors.patience import Garbled, pause, persist
from collectors.secrets import starred
from collectors.snowflake.settings import SnowflakeSettings
from collectors.snowflake.sql import Statement
from slo.errors import SourceError

PATH = "/api/v2/statements"
FAILED = (408, 422)
_RUNNING = ("333333", "333334")
_UNKNOWN = ("002003", "003001", "002043")
"""Codes of "does not exist or not authorized" and "insufficient privileges": Snowflake tells no more."""
_NO_WAREHOUSE = "000606"
_NANOSECONDS = 10**14
"""A TIMESTAMP_TZ above this is in nanoseconds: the documentation shows both forms."""
Row = dict[str, Any]


class StatementFailed(SourceError):
    """One statement failed; others may well succeed. ``denied``: a right is missing, or what it names is not there."""

    def __init__(self, message: str, denied: bool) -> None:
        super().__init__(message)
        self.denied = denied


class SqlApi:
    """Runs statements one after the other, each with its own query tag and time limit."""

    def __init__(self, http: Http, settings: SnowflakeSettings) -> None:
        self.http = http
        self.settings = settings
        self._last: str | None = None

    def rows(self, part: str, statement: Statement) -> list[Row]:
        """All rows. Raises StatementFailed, or what the connection raises."""
        columns, data = self._table(part, statement)
        names = [str(column["name"]).lower() for column in columns]
        return [dict(zip(names, map(cell, row, columns), strict=True)) for row in data]

    def one(self, part: str, statement: Statement) -> tuple[Row, str]:
        """The only row, and the type of its first column."""
        columns, data = self._table(part, statement)
        names = [str(column["name"]).lower() for column in columns]
        return dict(zip(names, map(cell, data[0], columns), strict=True)), str(columns[0]["type"]).lower()

    def _table(self, part: str, statement: Statement) -> tuple[list[Any], list[Any]]:
        """The columns and the cells of every row."""
        first = persist(lambda: self._result(part, statement))
        self._last = first["statementHandle"]
        told = first["resultSetMetaData"]
        return told["rowType"], list(self._partitions(first["data"], self._last, told.get("partitionInfo") or []))

    def _result(self, part: str, statement: Statement) -> Row:
        """The answer of a finished statement. Raises Garbled where it belongs to another statement."""
        answer = self._finished(self.http.post(PATH, self._body(part, statement.sql)))
        told = answer.get("resultSetMetaData") or {}
        names = {str(column.get("name")).lower() for column in told.get("rowType") or []}
        if not names.issuperset(statement.columns) or answer.get("statementHandle") in (None, self._last):
            raise Garbled(f"{self.http.base}: the answer to {part} has the columns {', '.join(sorted(names)) or 'none'}"
                          f" in place of {', '.join(statement.columns)}, or is the one before")  # fmt: skip
        return answer

    def _body(self, part: str, statement: str) -> Row:
        ours = self.settings
        named = {"role": ours.role, "warehouse": ours.warehouse}
        return {
            "statement": statement, "timeout": max(1, round(ours.timeout.total_seconds())),
            "parameters": {"TIMEZONE": "UTC", "QUERY_TAG": f"{ours.query_tag}/{part}"},
            **{name: value for name, value in named.items() if value},
        }  # fmt: skip

    def _finished(self, answer: Any) -> Row:
        """The answer once the statement no longer runs."""
        waited, wait = 0.0, 1.0
        while _running(answer):
            if waited > self.settings.timeout.total_seconds() + 60:
                self.http.post(f"{PATH}/{answer['statementHandle']}/cancel", {})
                raise StatementFailed(f"it still ran after {waited:.0f} s and was cancelled; raise timeout", False)
            pause(wait)
            waited, wait = waited + wait, min(10.0, wait * 2)
            answer = self.http.get(f"{PATH}/{answer['statementHandle']}")
        if not isinstance(answer, Mapping):
            raise Garbled(f"{self.http.base}: expected a result, got {type(answer).__name__}")
        if "data" not in answer:
            raise _failure(answer)
        return dict(answer)

    def _partitions(self, data: list[Any], handle: Any, partitions: Sequence[Mapping[str, Any]]) -> Iterator[list[Any]]:
        """The rows of the first partition and of those that follow it."""
        yield from data
        before = data
        for number in range(1, len(partitions)):
            before = persist(partial(self._partition, handle, number, partitions[number], before))
            yield from before

    def _partition(self, handle: str, number: int, told: Mapping[str, Any], before: list[Any]) -> list[Any]:
        """One further partition. No two are alike, for no two rows of our statements are."""
        answer = self.http.get(f"{PATH}/{handle}", {"partition": str(number)})
        data = answer.get("data") if isinstance(answer, Mapping) else None
        if data is None or data == before or len(data) != told["rowCount"]:
            raise Garbled(f"{self.http.base}: partition {number} of a result is not the one that was announced")
        return list(data)


def _running(answer: Any) -> bool:
    return isinstance(answer, Mapping) and "data" not in answer and str(answer.get("code")) in _RUNNING


def _failure(answer: Mapping[str, Any]) -> StatementFailed:
    """Why a statement failed, on one line, with what helps."""
    code, text = str(answer.get("code")), " ".join(starred(answer.get("message") or "no reason told").split())
    if code == _NO_WAREHOUSE:
        return StatementFailed(f"{text} (code {code}). Set warehouse; GRANT USAGE ON WAREHOUSE ... TO ROLE ...;", False)
    return StatementFailed(f"{text} (code {code})", code in _UNKNOWN)


def cell(text: str | None, column: Mapping[str, Any]) -> Any:
    """A cell of jsonv2, which is always text: a number as Decimal or int, a date, an instant in UTC, or the text.
    A TIMESTAMP_NTZ is taken as UTC here; who knows its zone moves it."""
    kind = str(column.get("type")).lower()
    if text is None or kind == "text":
        return text
    if kind in ("fixed", "real"):
        return int(text) if kind == "fixed" and not column.get("scale") else Decimal(text)
    if kind == "date":
        return date(1970, 1, 1) + timedelta(days=int(text))
    return instant(text) if kind.startswith("timestamp") else text == "true" if kind == "boolean" else text


def instant(text: str) -> datetime:
    """Seconds of the epoch with a fraction; a TIMESTAMP_TZ has its offset in minutes behind it, which says nothing
    about the instant."""
    seconds = Decimal(text.split(" ")[0])
    seconds = seconds / 10**9 if abs(seconds) > _NANOSECONDS else seconds
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(seconds * 10**6))

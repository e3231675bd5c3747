"""Snowflake's SQL API in front of fakesnow: run in fakesnow's own environment, not a test.

``front.py PORT SEED``: runs the statements of SEED (separated by ``;`` at a line's end), then answers POST
/api/v2/statements and GET /api/v2/statements/{handle}?partition=n as Snowflake documents them. Every second statement
is first answered with 202; results come in partitions of two rows. fakesnow has no SHOW TASKS: a table of the same
columns stands for it.
"""

from __future__ import annotations

import json
import sys
import warnings
from datetime import UTC, date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import fakesnow
import snowflake.connector

PARTITION = 2
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TYPES = {0: "fixed", 1: "real", 2: "text", 3: "date", 6: "timestamp_ltz", 7: "timestamp_ltz", 8: "timestamp_ntz",
         13: "boolean"}  # fmt: skip
"""Type codes of the connector; fakesnow calls a TIMESTAMP_LTZ a TIMESTAMP_TZ."""


class Front:
    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self.results: dict[str, dict[str, Any]] = {}

    def submit(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        handle = f"01b00000-{len(self.results):04d}"
        try:
            self.results[handle] = self._run(body["statement"], handle)
        except snowflake.connector.errors.Error as error:
            return 422, {"code": f"{error.errno:06d}", "sqlState": error.sqlstate, "message": error.raw_msg,
                         "statementHandle": handle}  # fmt: skip
        if len(self.results) % 2:
            return 202, {"code": "333334", "message": "Asynchronous execution in progress.", "statementHandle": handle}
        return self.part(handle, 0)

    def part(self, handle: str, number: int) -> tuple[int, dict[str, Any]]:
        whole = self.results[handle]
        data = whole["data"][number * PARTITION : (number + 1) * PARTITION]
        return 200, {"data": data} if number else {**whole, "data": data}

    def _run(self, statement: str, handle: str) -> dict[str, Any]:
        self.cursor.execute(statement.replace("SHOW TASKS IN ACCOUNT", "SELECT * FROM snowflake.account_usage.shown"))
        rows, told = self.cursor.fetchall(), self.cursor.description
        columns = [{"name": one.name, "type": _type(index, one, rows), "scale": _scale(index, rows), "nullable": True}
                   for index, one in enumerate(told)]  # fmt: skip
        sizes = [len(rows[start : start + PARTITION]) for start in range(0, max(1, len(rows)), PARTITION)]
        return {
            "resultSetMetaData": {"numRows": len(rows), "format": "jsonv2", "rowType": columns,
                                  "partitionInfo": [{"rowCount": size} for size in sizes]},
            "data": [[_cell(value) for value in row] for row in rows], "code": "090001", "sqlState": "00000",
            "statementHandle": handle, "message": "Statement executed successfully.",
        }  # fmt: skip


def _type(index: int, column: Any, rows: list[Any]) -> str:
    exact = column.type_code == 1 and all(isinstance(row[index], Decimal | None) for row in rows)
    return "fixed" if exact else TYPES[column.type_code]


def _scale(index: int, rows: list[Any]) -> int:
    return 9 if any(isinstance(row[index], Decimal) for row in rows) else 0


def _cell(value: Any) -> str | None:
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        micros = (aware - EPOCH) // (EPOCH.resolution)
        return f"{micros // 10**6}.{micros % 10**6 * 1000:09d}"
    if isinstance(value, date):
        return str((value - EPOCH.date()).days)
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


class Handler(BaseHTTPRequestHandler):
    front: Front

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(*self.front.submit(body))

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        number, handle = int(parse_qs(url.query).get("partition", ["0"])[0]), url.path.rsplit("/", 1)[-1]
        self._answer(*(self.front.part(handle, number) if handle else (200, {})))

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def main(port: int, seed: Path) -> None:
    warnings.simplefilter("ignore")
    with fakesnow.patch():
        cursor = snowflake.connector.connect(database="SNOWFLAKE", schema="ACCOUNT_USAGE").cursor()
        for statement in seed.read_text().split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        Handler.front = Front(cursor)
        HTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

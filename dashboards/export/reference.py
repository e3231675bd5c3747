"""docs/export.md, made from the columns."""

from __future__ import annotations

from dashboards.export.columns import SHEETS, Sheet

_HEAD = """# Export

Made from the columns' own words by `make docs`; edit those. `tierline export` hands on what is evaluated and what was
closed:

    tierline export --out x.parquet                       # the usual windows, every KPI and scope
    tierline export --period 2026-10 --out x.csv          # one period, and what was reported of it
    tierline export --closed --out x.parquet              # only closed periods, as they were reported
    tierline export --out env:REPORTING_DATABASE          # tables of a database, by its SQLAlchemy URL

A file holds the first table; the others stand beside it under their own names (`x.targets.parquet`,
`x.periods.parquet` ...). Parquet has proper types: UTF-8 text, int64, double, boolean, date, timestamps in UTC. CSV is
UTF-8 with times in UTC; text that a spreadsheet would take for a formula has an apostrophe before it.

In a database each is a table (`tierline_results` ...; `--prefix` names them otherwise), made where it is missing. One
transaction replaces what the export speaks for: the windows, KPIs and closed periods in it. The same export twice
leaves the same rows; rolling windows of earlier days stay, so a daily export builds a history. No other table is
touched. PostgreSQL and SQLite work as installed; for another database install its SQLAlchemy driver.

Values are never rounded: ratios 0 to 1, spans in seconds (or business days, as the unit says), costs in `currency`.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(line for sheet in SHEETS for line in _table(sheet))]) + "\n"


def _table(sheet: Sheet) -> list[str]:
    rows = [f"| `{one.name}` | {_KINDS[one.kind]} | {one.what}{' Key.' if one.key else ''} |" for one in sheet.columns]
    return [f"## {sheet.name}\n", f"{sheet.what}\n", "| column | type | what |\n|---|---|---|", *rows, ""]


_KINDS = {"text": "text", "int": "integer", "real": "number", "time": "time", "date": "date", "bool": "yes or no"}

"""Names of what is in a Snowflake account, as OpenLineage and dbt write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from collectors.snowflake.settings import SnowflakeSettings

Name = tuple[str, str, str]
"""Database, schema, object, as Snowflake keeps them."""
_PART = re.compile(r'"((?:[^"]|"")*)"|([^.]+)')


def word(name: str) -> str:
    """An identifier in lower case, as people write it; one in mixed case was quoted and is kept."""
    return name.lower() if name == name.upper() else name


def dotted(parts: Sequence[str]) -> str:
    """database.schema.table"""
    return ".".join(map(word, parts))


def of(row: dict[str, Any]) -> Name | None:
    """The name a row tells; None for a row that lacks a part of it."""
    parts = (row.get("database_name"), row.get("schema_name"), row.get("name"))
    return parts if all(parts) else None  # type: ignore[return-value]


def split(text: str | None) -> Name | None:
    """ACCESS_HISTORY's objectName (DB.SCHEMA.TABLE, quoted where need be) in its parts; None for any other name."""
    parts = [quoted.replace('""', '"') or plain for quoted, plain in _PART.findall(text or "")]
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None


def wanted(ours: SnowflakeSettings, name: Sequence[str]) -> bool:
    """Whether the settings take this table. Globs are compared whatever the case."""
    text, database = ".".join(name).lower(), name[0].lower()
    return (
        any(fnmatchcase(database, glob.lower()) for glob in ours.databases)
        and any(fnmatchcase(text, glob.lower()) for glob in ours.tables)
        and not any(fnmatchcase(text, glob.lower()) for glob in ours.exclude)
    )


def freshness_column(ours: SnowflakeSettings, name: Sequence[str]) -> str | None:
    """The column that says when a row of this table was written: the first name or glob that fits."""
    text = ".".join(name).lower()
    return next((column for glob, column in ours.freshness.items() if fnmatchcase(text, glob.lower())), None)

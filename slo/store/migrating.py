"""Schema migrations, run from the installed package. The whole upgrade is one writing transaction in both databases:
killed at any moment, the store is as it was before or as it is after.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from slo.errors import StoreError
from slo.store.tables import metadata

SCRIPTS = Path(__file__).parents[1] / "migrations"


def revisions() -> list[str]:
    """Every revision this program knows, oldest first: the files' names begin with them."""
    return sorted(path.name.split("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


def current(connection: Connection) -> str | None:
    """The revision of the store; None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_current(connection: Connection, place: str) -> bool:
    """Whether nothing is to be done. Raises StoreError on a store made by a newer program, or a database of another."""
    found, known = current(connection), revisions()
    if found is None and (taken := sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))):
        raise StoreError(f"store: {place}: holds tables of something else ({', '.join(taken)}); name an empty database")
    if found is not None and found not in known:
        raise StoreError(
            f"store: {place}: its schema is {found}, newer than this program's {known[-1]}; upgrade tierline"
        )
    return found == known[-1]


def upgrade(connection: Connection) -> None:
    """Brings the schema to the newest revision, within the open writing transaction."""
    from alembic import command  # heavy: only loaded where there is something to do
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")

"""Migrations lead to the schema that the program works with, whole or not at all."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, event, inspect, text

from slo.errors import StoreError
from slo.facts import Run
from slo.store import Store, migrating
from slo.store.tables import metadata


def test_the_migrated_schema_is_the_tables(place):
    with Store(place.nothing()) as store:
        store.migrate()
    engine = create_engine(place.url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_migrated_indexes_and_tables_are_written_as_the_tables_would_be(place, tmp_path):
    """What comparing does not see: partial indexes and AUTOINCREMENT."""
    if place.kind != "sqlite":
        pytest.skip("SQLite keeps its statements; they are compared there")
    with Store(place.nothing()) as store:
        store.migrate()
    metadata.create_all(direct := create_engine(f"sqlite:///{tmp_path / 'direct.db'}"))
    assert statements(create_engine(place.url)) == statements(direct)


def statements(engine) -> dict[str, str]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    engine.dispose()
    return {
        name: " ".join(sql.replace('"', "").split())
        for name, sql in rows
        if name != "alembic_version" and (name.startswith("ix_") or "AUTOINCREMENT" in sql)
    }


def test_migrating_again_changes_nothing(place):
    with Store(place.nothing()) as store:
        store.migrate()
        store.upsert([Run(source="s", id="1", asset="a", state="success")])
        written = []
        event.listen(store._engine, "before_cursor_execute", lambda c, cur, sql, *_: written.append(sql.split()[0]))
        store.migrate()
        assert not {"BEGIN IMMEDIATE", "CREATE", "INSERT", "UPDATE"} & set(written)
        assert store.counts() == {"run": 1}


def test_the_revisions_are_those_alembic_knows():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrating.SCRIPTS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert [script.revision for script in scripts.walk_revisions()][::-1] == migrating.revisions()
    assert scripts.get_current_head() == migrating.revisions()[-1]


def test_a_newer_schema_is_left_alone(place):
    with Store(place.nothing()) as store:
        store.migrate()
        engine = create_engine(place.url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        engine.dispose()
        with pytest.raises(StoreError, match=r"its schema is 9999, newer than this program's \d+; upgrade tierline"):
            store.migrate()


def test_a_migration_that_breaks_off_leaves_nothing(place):
    with Store(place.nothing()) as store:

        def stop(connection, cursor, sql, *_):
            if "CREATE TABLE fact_run" in sql:
                raise KeyboardInterrupt

        event.listen(store._engine, "before_cursor_execute", stop)
        with pytest.raises(KeyboardInterrupt):
            store.migrate()
        event.remove(store._engine, "before_cursor_execute", stop)
        assert inspect(store._engine).get_table_names() == []
        store.migrate()
        assert store.counts() == {}

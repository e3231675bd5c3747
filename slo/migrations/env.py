"""Alembic's entry: the connection and its transaction are the caller's."""

from alembic import context

from slo.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

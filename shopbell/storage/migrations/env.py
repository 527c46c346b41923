"""Runs the migrations on the connection that `shopbell.storage.database.upgrade` hands over."""

from alembic import context

from shopbell.storage.database import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

"""What Alembic runs for each migration: on the connection that `calls.upgrade` hands over."""

from alembic import context

from calls.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

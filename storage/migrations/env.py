"""Run by Alembic; `storage.session.migrate` hands over the connection, whose transaction holds all migrations."""

from alembic import context

from storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()

"""Alembic's entry: runs on the connection that `app.schema` hands in."""

from alembic import context

from models.records import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()

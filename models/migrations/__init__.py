"""The schema's history. `HEAD` lets a start-up compare revisions without importing Alembic."""

HEAD = "0005"

"""The full-text index over all records, kept by triggers."""

from alembic import op

from models import search_index

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    search_index.install(op.get_bind())

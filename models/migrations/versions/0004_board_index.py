"""Count the closed deals behind the board from the index alone."""

from alembic import op

revision = "0004"
down_revision = "0003"

_OLD = "ix_deal_pipeline_id_stage_type_closed_on"
_COLUMNS = ["pipeline_id", "stage_type", "closed_on"]


def upgrade() -> None:
    op.drop_index(_OLD, table_name="deal")
    op.create_index(f"{_OLD}_stage_id_archived_at", "deal", [*_COLUMNS, "stage_id", "archived_at"])

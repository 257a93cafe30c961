"""Who is in, who does which job, and which computers may write to a shared file."""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "presence",
        sa.Column("process", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("read_only", sa.Boolean(), nullable=False),
        sa.Column("opened_at", models.base.Moment(), nullable=False),
        sa.Column("seen_at", models.base.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_presence")),
    )
    op.create_table(
        "job_lease",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("process", sa.String(length=40), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("until", models.base.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_lease")),
    )
    op.create_table(
        "machine_pass",
        sa.Column("machine", sa.String(length=64), nullable=False),
        sa.Column("mount", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("checked_with", sa.String(length=255), nullable=False),
        sa.Column("passed_at", models.base.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("machine", "mount", name=op.f("pk_machine_pass")),
    )

"""What comes in: mail with its threads and addresses, series of appointments, mappings, watchers."""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "import_mapping",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("shape", sa.String(length=64), nullable=False),
        sa.Column("definition", models.base.FrozenJSON(), nullable=False),
        sa.Column("used_at", models.base.Moment(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", models.base.Moment(), nullable=False),
        sa.Column("updated_at", models.base.Moment(), nullable=False),
        sa.Column("row_version", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", models.base.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
    )
    op.create_index(
        op.f("ix_import_mapping_shape_used_at"),
        "import_mapping",
        ["shape", "used_at"],
        unique=False,
    )
    op.create_table(
        "mail_account",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", sa.String(length=32), nullable=False),
        sa.Column("user_name", sa.String(length=320), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("polled_at", models.base.Moment(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", models.base.Moment(), nullable=False),
        sa.Column("updated_at", models.base.Moment(), nullable=False),
        sa.Column("row_version", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", models.base.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_mail_account_owner_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_account")),
    )
    op.create_table(
        "watched_folder",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("machine", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("mapping_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("looked_at", models.base.Moment(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", models.base.Moment(), nullable=False),
        sa.Column("updated_at", models.base.Moment(), nullable=False),
        sa.Column("row_version", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", models.base.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mapping_id"],
            ["import_mapping.id"],
            name=op.f("fk_watched_folder_mapping_id_import_mapping"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_watched_folder_owner_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched_folder")),
    )
    op.create_index(op.f("ix_watched_folder_machine"), "watched_folder", ["machine"], unique=False)
    op.create_table(
        "import_reject",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cells", models.base.FrozenJSON(), nullable=False),
        sa.Column("taken_at", models.base.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_reject_batch_id_import_batch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_reject")),
    )
    op.create_index(
        "ix_import_reject_batch_id_row_number",
        "import_reject",
        ["batch_id", "row_number"],
        unique=False,
    )
    op.create_table(
        "mail_folder",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.Column("is_chosen", sa.Boolean(), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=True),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", models.base.Moment(), nullable=False),
        sa.Column("updated_at", models.base.Moment(), nullable=False),
        sa.Column("row_version", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", models.base.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["mail_account.id"], name=op.f("fk_mail_folder_account_id_mail_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_folder")),
    )
    op.create_index(op.f("ix_mail_folder_account_id"), "mail_folder", ["account_id"], unique=False)
    op.create_table(
        "watched_file",
        sa.Column("folder_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("changed_ns", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", models.base.Moment(), nullable=False),
        sa.Column("updated_at", models.base.Moment(), nullable=False),
        sa.Column("row_version", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", models.base.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_watched_file_batch_id_import_batch")
        ),
        sa.ForeignKeyConstraint(
            ["folder_id"],
            ["watched_folder.id"],
            name=op.f("fk_watched_file_folder_id_watched_folder"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched_file")),
    )
    op.create_index(
        op.f("ix_watched_file_folder_id_digest"),
        "watched_file",
        ["folder_id", "digest"],
        unique=False,
    )
    op.create_index(
        op.f("ix_watched_file_folder_id_name"), "watched_file", ["folder_id", "name"], unique=False
    )
    op.create_table(
        "activity_participant",
        sa.Column("activity_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", models.base.Moment(), nullable=False),
        sa.Column("updated_at", models.base.Moment(), nullable=False),
        sa.Column("row_version", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", models.base.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_activity_participant_activity_id_activity"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_participant")),
    )
    op.create_index(
        op.f("ix_activity_participant_activity_id"),
        "activity_participant",
        ["activity_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_activity_participant_address_activity_id"),
        "activity_participant",
        ["address", "activity_id"],
        unique=False,
    )
    op.add_column("activity", sa.Column("thread_key", sa.String(length=998), nullable=True))
    op.add_column("activity", sa.Column("body_html", sa.Text(), nullable=True))
    op.create_index(op.f("ix_activity_thread_key"), "activity", ["thread_key"], unique=False)
    op.add_column("appointment", sa.Column("series", sa.Text(), nullable=True))
    op.add_column(
        "appointment", sa.Column("repeats", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("appointment", sa.Column("repeats_until", models.base.Moment(), nullable=True))
    op.add_column("appointment", sa.Column("time_zone", sa.String(length=64), nullable=True))
    op.create_index(
        op.f("ix_appointment_repeats_starts_at"),
        "appointment",
        ["repeats", "starts_at"],
        unique=False,
    )
    op.add_column("import_batch", sa.Column("source", sa.String(length=500), nullable=True))
    op.add_column("import_batch", sa.Column("links", models.base.FrozenJSON(), nullable=True))
    op.add_column("import_batch", sa.Column("headers", models.base.FrozenJSON(), nullable=True))
    op.add_column("import_batch", sa.Column("plan_digest", sa.String(length=64), nullable=True))
    op.add_column("import_batch", sa.Column("end_step", sa.BigInteger(), nullable=True))
    op.create_table(
        "pending_link",
        sa.Column("system", sa.String(length=60), nullable=False),
        sa.Column("target_kind", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=300), nullable=False),
        sa.Column("record_kind", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("column_name", sa.String(length=60), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", models.base.Moment(), nullable=False),
        sa.Column("updated_at", models.base.Moment(), nullable=False),
        sa.Column("row_version", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", models.base.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_link")),
    )
    op.create_index(
        op.f("ix_pending_link_system_value_target_kind"),
        "pending_link",
        ["system", "value", "target_kind"],
    )
    op.create_index(op.f("ix_pending_link_record_id"), "pending_link", ["record_id"])

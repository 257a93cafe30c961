"""What a workspace keeps about itself: views, settings, imports and the change log."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Choice, FrozenJSON, Moment, Record, column
from models.values import BatchState


class SavedView(Record):
    """A page's filter, columns, order and widths under a name; without owner it is everybody's."""

    __table_args__ = (Index(None, "page", "position"),)

    page: Mapped[str] = column(String(40))
    name: Mapped[str] = column(String(120))
    owner_id: Mapped[int | None] = column(ForeignKey("user.id"))
    definition: Mapped[Any] = column(FrozenJSON)
    position: Mapped[int] = column(Integer, default=0)


class WorkspaceSetting(Record):
    """One setting of the workspace, by key."""

    __table_args__ = (Index(None, "key", unique=True),)

    key: Mapped[str] = column(String(80))
    value: Mapped[Any] = column(FrozenJSON)


class ImportBatch(Record):
    """One file taken in, with its counts, to be undone as one."""

    __recorded__ = False  # an import has its own undo, through ImportRow
    __table_args__ = (Index(None, "started_at"),)

    file_name: Mapped[str] = column(String(500))
    kind: Mapped[str] = column(String(40))
    layout: Mapped[str | None] = column(String(80))
    digest: Mapped[str | None] = column(String(64))
    mapping: Mapped[Any | None] = column(FrozenJSON)
    state: Mapped[BatchState] = column(Choice(BatchState), default=BatchState.RUNNING)
    started_at: Mapped[datetime] = column(Moment)
    ended_at: Mapped[datetime | None] = column(Moment)
    user_id: Mapped[int | None] = column(ForeignKey("user.id"))
    read: Mapped[int] = column(Integer, default=0)
    created: Mapped[int] = column(Integer, default=0)
    updated: Mapped[int] = column(Integer, default=0)
    merged: Mapped[int] = column(Integer, default=0)
    unchanged: Mapped[int] = column(Integer, default=0)
    skipped: Mapped[int] = column(Integer, default=0)
    failed: Mapped[int] = column(Integer, default=0)
    problems: Mapped[Any | None] = column(FrozenJSON)  # the first thousand
    undo_report: Mapped[Any | None] = column(FrozenJSON)
    source: Mapped[str | None] = column(String(500))  # stdin, imap://…, a watched folder …
    links: Mapped[Any | None] = column(FrozenJSON)  # kind → how many rows were linked to one
    headers: Mapped[Any | None] = column(FrozenJSON)  # of the rejects' cells
    # By these an import of the same file again knows that nothing can have changed since.
    plan_digest: Mapped[str | None] = column(String(64))
    end_step: Mapped[int | None] = column(BigInteger)


class ImportReject(Base):
    """A row that an import did not take, with its cells and the reason; the first ten thousand."""

    __tablename__ = "import_reject"
    __table_args__ = (Index("ix_import_reject_batch_id_row_number", "batch_id", "row_number"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    cells: Mapped[Any] = mapped_column(FrozenJSON)
    taken_at: Mapped[datetime | None] = mapped_column(Moment)  # mended and taken since


class ImportRow(Base):
    """What an import did to one record; enough to take it back."""

    __tablename__ = "import_row"
    __table_args__ = (
        Index("ix_import_row_batch_id_id", "batch_id", "id"),
        Index("ix_import_row_record_id", "record_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int | None] = mapped_column(Integer)
    record_kind: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(10))  # created, updated
    row_version: Mapped[int] = mapped_column(BigInteger)  # as the import left it
    before: Mapped[Any | None] = mapped_column(FrozenJSON)
    after: Mapped[Any | None] = mapped_column(FrozenJSON)


class ChangeStep(Base):
    """One intention of a person: one commit, one step, one undo."""

    __tablename__ = "change_step"
    __table_args__ = (Index("ix_change_step_user_id_n", "user_id", "n"),)

    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    label: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    process: Mapped[str] = mapped_column(String(40))  # token of the process that wrote it
    undoable: Mapped[bool] = mapped_column(Boolean, default=True)
    undoes: Mapped[int | None] = mapped_column(BigInteger)  # the step this one took back
    undone_by: Mapped[int | None] = mapped_column(BigInteger)
    is_redo: Mapped[bool] = mapped_column(Boolean, default=False)


class ChangeLog(Base):
    """What a step did to one record: the columns that changed, before and after."""

    __tablename__ = "change_log"
    __table_args__ = (Index("ix_change_log_record_id_step", "record_id", "step"),)

    step: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int | None] = mapped_column(BigInteger)  # None: reload this kind
    action: Mapped[str] = mapped_column(String(10))  # created, updated, deleted, reload
    before: Mapped[Any | None] = mapped_column(FrozenJSON)
    after: Mapped[Any | None] = mapped_column(FrozenJSON)


class LogHead(Base):
    """The one row that numbers the steps, raised last before each commit."""

    __tablename__ = "log_head"

    one: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(BigInteger)


class NodeLease(Base):
    """A node number of the id maker, leased by one process, with the last stamp it has used."""

    __tablename__ = "node_lease"

    node: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    process: Mapped[str] = mapped_column(String(40))
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column(BigInteger)
    renewed_at: Mapped[datetime] = mapped_column(Moment)
    last_stamp: Mapped[int] = mapped_column(BigInteger)
    machine: Mapped[str] = mapped_column(Text)

"""Where data comes in from by itself, and how the columns of a file were mapped before."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped

from models.base import Choice, FrozenJSON, Moment, Record, column
from models.values import MailSecurity, WatchState


class ImportMapping(Record):
    """How a person mapped the columns of a file; `shape` is a digest of its headers."""

    __table_args__ = (Index(None, "shape", "used_at"),)

    name: Mapped[str] = column(String(120))
    kind: Mapped[str] = column(String(40))
    shape: Mapped[str] = column(String(64))
    definition: Mapped[Any] = column(FrozenJSON)
    used_at: Mapped[datetime] = column(Moment)


class WatchedFolder(Record):
    """A folder (or one file) of one computer that takes in what arrives there."""

    __table_args__ = (Index(None, "machine"),)

    path: Mapped[str] = column(Text)
    machine: Mapped[str] = column(String(255))
    kind: Mapped[str | None] = column(String(40))  # None: each file is recognised
    mapping_id: Mapped[int | None] = column(ForeignKey("import_mapping.id"))
    owner_id: Mapped[int | None] = column(ForeignKey("user.id"))
    is_paused: Mapped[bool] = column(Boolean, default=False)
    looked_at: Mapped[datetime | None] = column(Moment, info={"kept_by_program": True})
    error: Mapped[str | None] = column(Text, info={"kept_by_program": True})


class WatchedFile(Record):
    """One file of a watched folder as it was when it was taken; each content is taken once."""

    __recorded__ = False  # the program's own bookkeeping
    __table_args__ = (Index(None, "folder_id", "name"), Index(None, "folder_id", "digest"))

    folder_id: Mapped[int] = column(ForeignKey("watched_folder.id"))
    name: Mapped[str] = column(String(1000))
    size: Mapped[int] = column(BigInteger)
    changed_ns: Mapped[int] = column(BigInteger)
    digest: Mapped[str | None] = column(String(64))
    state: Mapped[WatchState] = column(Choice(WatchState))
    batch_id: Mapped[int | None] = column(ForeignKey("import_batch.id"))
    report: Mapped[str | None] = column(Text)


class MailAccount(Record):
    """A mailbox read over IMAP; its password is in the system's keyring, never here."""

    name: Mapped[str] = column(String(120))
    host: Mapped[str] = column(String(255))
    port: Mapped[int] = column(Integer)
    security: Mapped[MailSecurity] = column(Choice(MailSecurity))
    user_name: Mapped[str] = column(String(320))
    owner_id: Mapped[int | None] = column(ForeignKey("user.id"))
    since: Mapped[date | None] = column(Date)  # older mail stays where it is
    every_minutes: Mapped[int] = column(Integer, default=5)
    is_paused: Mapped[bool] = column(Boolean, default=False)
    polled_at: Mapped[datetime | None] = column(Moment, info={"kept_by_program": True})
    error: Mapped[str | None] = column(Text, info={"kept_by_program": True})


class MailFolder(Record):
    """A folder of a mailbox that is read, and how far."""

    __table_args__ = (Index(None, "account_id"),)

    account_id: Mapped[int] = column(ForeignKey("mail_account.id"))
    name: Mapped[str] = column(String(1000))
    is_chosen: Mapped[bool] = column(Boolean, default=True)
    uid_validity: Mapped[int | None] = column(BigInteger, info={"kept_by_program": True})
    last_uid: Mapped[int] = column(BigInteger, default=0, info={"kept_by_program": True})


class PendingLink(Record):
    """A link to a record that another program names by its id and that has not come yet.

    It stays when the link is made, so that an import of the target can be undone and repeated.
    """

    __recorded__ = False
    __table_args__ = (
        Index(None, "system", "value", "target_kind"),
        Index(None, "record_id"),
    )

    system: Mapped[str] = column(String(60))
    target_kind: Mapped[str] = column(String(40))
    value: Mapped[str] = column(String(300))
    record_kind: Mapped[str] = column(String(40))
    record_id: Mapped[int] = column()
    column_name: Mapped[str] = column(String(60))

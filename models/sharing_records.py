"""What an office that shares one workspace keeps about its computers; none of it is history."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment


class Presence(Base):
    """One running program that has the workspace open. Advisory: it never locks anything."""

    __tablename__ = "presence"

    process: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    host: Mapped[str] = mapped_column(String(255))
    machine: Mapped[str] = mapped_column(String(64))
    pid: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[str] = mapped_column(String(40))
    read_only: Mapped[bool] = mapped_column(Boolean, default=False)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)


class JobLease(Base):
    """Work that exactly one process does at a time; whoever holds it when `until` has passed, not.

    `turn` grows with every new holder, so that a holder that slept notices it was replaced.
    """

    __tablename__ = "job_lease"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    process: Mapped[str] = mapped_column(String(40))
    host: Mapped[str] = mapped_column(String(255))
    turn: Mapped[int] = mapped_column(BigInteger, default=1)
    until: Mapped[datetime] = mapped_column(Moment)


class MachinePass(Base):
    """A computer whose locks were seen to hold against another's, at one place of the file."""

    __tablename__ = "machine_pass"

    machine: Mapped[str] = mapped_column(String(64), primary_key=True)
    mount: Mapped[str] = mapped_column(String(64), primary_key=True)  # digest of what it is
    host: Mapped[str] = mapped_column(String(255))
    checked_with: Mapped[str] = mapped_column(String(255))  # the other computer's name
    passed_at: Mapped[datetime] = mapped_column(Moment)

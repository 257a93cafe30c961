"""Where leads come from."""

from datetime import date

from sqlalchemy import Date, Index, String, Text
from sqlalchemy.orm import Mapped

from models.base import Record, column


class LeadSource(Record):
    """A way by which people reach us."""

    __table_args__ = (Index(None, "name_key", unique=True),)

    name: Mapped[str] = column(String(120))
    name_key: Mapped[str] = column(String(120))


class Campaign(Record):
    """An effort with a cost that brings leads."""

    __table_args__ = (Index(None, "name_key"),)

    name: Mapped[str] = column(String(200))
    name_key: Mapped[str] = column(String(200))
    started_on: Mapped[date | None] = column(Date)
    ended_on: Mapped[date | None] = column(Date)
    cost_minor: Mapped[int | None] = column()
    currency: Mapped[str | None] = column(String(3))
    description: Mapped[str | None] = column(Text)

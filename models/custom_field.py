"""Fields that a workspace adds for itself."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, Numeric, String, Text
from sqlalchemy.orm import Mapped

from models.base import Choice, FrozenJSON, Record, column
from models.values import FieldType


class CustomField(Record):
    """A field on one kind of record (contact, company, deal, ticket)."""

    __table_args__ = (Index(None, "record_kind", "name_key", unique=True),)

    record_kind: Mapped[str] = column(String(40))
    name: Mapped[str] = column(String(120))
    name_key: Mapped[str] = column(String(120))
    type: Mapped[FieldType] = column(Choice(FieldType))
    choices: Mapped[Any | None] = column(FrozenJSON)  # CHOICE: the words; LINK: the linked kind
    position: Mapped[int] = column(Integer, default=0)


class CustomValue(Record):
    """What one record holds in a custom field; exactly the column of the field's type is filled."""

    __table_args__ = (
        Index(None, "record_id", "field_id", unique=True),
        Index(None, "field_id", "text"),
        Index(None, "field_id", "number"),
    )

    field_id: Mapped[int] = column(ForeignKey("custom_field.id"))
    record_id: Mapped[int] = column()
    text: Mapped[str | None] = column(Text)  # TEXT and CHOICE
    number: Mapped[Decimal | None] = column(Numeric(24, 8))
    money_minor: Mapped[int | None] = column()
    currency: Mapped[str | None] = column(String(3))
    day: Mapped[date | None] = column(Date)
    yes: Mapped[bool | None] = column(Boolean)
    linked_id: Mapped[int | None] = column()

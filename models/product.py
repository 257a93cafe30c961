"""What we sell."""

from sqlalchemy import Boolean, Index, String, Text
from sqlalchemy.orm import Mapped

from models.base import Record, column


class Product(Record):
    """Something with a price that stands on deals and orders."""

    __table_args__ = (Index(None, "name_key"), Index(None, "code"))

    name: Mapped[str] = column(String(300))
    name_key: Mapped[str] = column(String(300))
    code: Mapped[str | None] = column(String(100))
    category: Mapped[str | None] = column(String(200))
    description: Mapped[str | None] = column(Text)
    price_minor: Mapped[int | None] = column()
    currency: Mapped[str | None] = column(String(3))
    is_active: Mapped[bool] = column(Boolean, default=True)

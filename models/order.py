"""Purchases, and whatever else a customer did."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, Numeric, String
from sqlalchemy.orm import Mapped

from models.base import Choice, FrozenJSON, Moment, Record, column
from models.values import OrderStatus


class Order(Record):
    """A past purchase; `total_minor` and `refunded_minor` are in `currency`."""

    __table_args__ = (
        Index(None, "contact_id", "at"),
        Index(None, "company_id", "at"),
        Index(None, "at"),
        Index(None, "number"),
    )

    number: Mapped[str] = column(String(100))
    at: Mapped[datetime] = column(Moment)
    status: Mapped[OrderStatus] = column(Choice(OrderStatus), default=OrderStatus.PAID)
    channel: Mapped[str | None] = column(String(60))
    total_minor: Mapped[int] = column(default=0)
    refunded_minor: Mapped[int] = column(default=0)
    currency: Mapped[str] = column(String(3))
    contact_id: Mapped[int | None] = column(ForeignKey("contact.id"))
    company_id: Mapped[int | None] = column(ForeignKey("company.id"))
    deal_id: Mapped[int | None] = column(ForeignKey("deal.id"))
    campaign_id: Mapped[int | None] = column(ForeignKey("campaign.id"))


class OrderLine(Record):
    """A product on an order; a negative quantity is a return."""

    __table_args__ = (Index(None, "order_id", "position"), Index(None, "product_id"))

    order_id: Mapped[int] = column(ForeignKey("order.id"))
    product_id: Mapped[int | None] = column(ForeignKey("product.id"))
    name: Mapped[str | None] = column(String(300))
    quantity: Mapped[Decimal] = column(Numeric(14, 3), default=Decimal(1))
    unit_price_minor: Mapped[int] = column(default=0)
    position: Mapped[int] = column(Integer, default=0)


class Event(Record):
    """Anything a customer did, in Segment's vocabulary; never edited, so history leaves it out."""

    __recorded__ = False
    __table_args__ = (
        Index(None, "message_id", unique=True),
        Index("ix_event_name_contact_at_revenue", "name", "contact_id", "at", "revenue_minor"),
        Index(None, "contact_id", "at"),
        Index(None, "anonymous_id"),
    )

    name: Mapped[str] = column(String(120))
    at: Mapped[datetime] = column(Moment)
    message_id: Mapped[str] = column(String(200))
    contact_id: Mapped[int | None] = column(ForeignKey("contact.id"))
    anonymous_id: Mapped[str | None] = column(String(200))
    revenue_minor: Mapped[int | None] = column()
    currency: Mapped[str | None] = column(String(3))
    order_ref: Mapped[str | None] = column(String(100))
    cart_ref: Mapped[str | None] = column(String(100))
    properties: Mapped[Any | None] = column(FrozenJSON)

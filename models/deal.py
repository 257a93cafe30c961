"""Pipelines, their stages, and the deals that move through them."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
)
from sqlalchemy.orm import Mapped

from models.base import Choice, Moment, Record, column
from models.values import ForecastCategory, LostReason, StageType


class Pipeline(Record):
    """An ordered set of stages."""

    __table_args__ = (Index(None, "name_key"),)

    name: Mapped[str] = column(String(120))
    name_key: Mapped[str] = column(String(120))
    position: Mapped[int] = column(Integer, default=0)
    is_default: Mapped[bool] = column(Boolean, default=False)


class Stage(Record):
    """A column of the board; its type, not its name, says what it means."""

    __table_args__ = (
        Index(None, "pipeline_id", "position"),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability"),
    )

    pipeline_id: Mapped[int] = column(ForeignKey("pipeline.id"))
    name: Mapped[str] = column(String(120))
    position: Mapped[int] = column(Integer)
    type: Mapped[StageType] = column(Choice(StageType), default=StageType.OPEN)
    probability: Mapped[int] = column(Integer)  # percent
    rotting_days: Mapped[int] = column(Integer, default=0)  # 0 = off


class Deal(Record):
    """A possible sale. `amount_minor` is in `currency`; `rate` turns it into the workspace's."""

    __table_args__ = (
        Index(None, "stage_id", "board_order", "id"),
        # With all that counting the older closed deals asks for: 2 ms instead of 20 per 45,000.
        Index(None, "pipeline_id", "stage_type", "closed_on", "stage_id", "archived_at"),
        Index(None, "stage_type", "closed_on"),
        Index(None, "stage_type", "expected_close_on"),
        Index(None, "company_id"),
        Index(None, "contact_id"),
        Index(None, "owner_id", "stage_type"),
        Index(None, "sort_name", "id"),
    )

    name: Mapped[str] = column(String(300))
    sort_name: Mapped[str] = column(String(300))
    pipeline_id: Mapped[int] = column(ForeignKey("pipeline.id"))
    stage_id: Mapped[int] = column(ForeignKey("stage.id"))
    # Copied from the stage by the commands: every report asks "open, won or lost?" first.
    stage_type: Mapped[StageType] = column(Choice(StageType), default=StageType.OPEN)
    stage_since: Mapped[datetime] = column(Moment)
    board_order: Mapped[float] = column(Float, default=0.0)
    amount_minor: Mapped[int | None] = column()
    currency: Mapped[str] = column(String(3))
    rate: Mapped[Decimal] = column(Numeric(18, 8), default=Decimal(1))
    probability: Mapped[int | None] = column(Integer)  # percent; None = the stage's own
    forecast_category: Mapped[ForecastCategory] = column(
        Choice(ForecastCategory), default=ForecastCategory.PIPELINE
    )
    opened_on: Mapped[date] = column(Date)
    expected_close_on: Mapped[date | None] = column(Date)
    closed_on: Mapped[date | None] = column(Date)
    lost_reason: Mapped[LostReason | None] = column(Choice(LostReason))
    lost_note: Mapped[str | None] = column(Text)
    # Where a lost deal died.
    last_open_stage_id: Mapped[int | None] = column(ForeignKey("stage.id"))
    description: Mapped[str | None] = column(Text)
    company_id: Mapped[int | None] = column(ForeignKey("company.id"))
    contact_id: Mapped[int | None] = column(ForeignKey("contact.id"))
    owner_id: Mapped[int | None] = column(ForeignKey("user.id"))
    lead_source_id: Mapped[int | None] = column(ForeignKey("lead_source.id"))
    campaign_id: Mapped[int | None] = column(ForeignKey("campaign.id"))


class DealLine(Record):
    """A product on a deal; `unit_price_minor` is in the deal's currency."""

    __table_args__ = (Index(None, "deal_id", "position"), Index(None, "product_id"))

    deal_id: Mapped[int] = column(ForeignKey("deal.id"))
    product_id: Mapped[int | None] = column(ForeignKey("product.id"))
    name: Mapped[str | None] = column(String(300))
    quantity: Mapped[Decimal] = column(Numeric(14, 3), default=Decimal(1))
    unit_price_minor: Mapped[int | None] = column()
    position: Mapped[int] = column(Integer, default=0)


class StageChange(Record):
    """One move of a deal; the first has no `from_stage_id`."""

    __table_args__ = (Index(None, "deal_id", "at"), Index(None, "to_stage_id"))

    deal_id: Mapped[int] = column(ForeignKey("deal.id"))
    from_stage_id: Mapped[int | None] = column(ForeignKey("stage.id"))
    to_stage_id: Mapped[int] = column(ForeignKey("stage.id"))
    at: Mapped[datetime] = column(Moment)
    seconds_in_from: Mapped[int | None] = column()
    user_id: Mapped[int | None] = column(ForeignKey("user.id"))

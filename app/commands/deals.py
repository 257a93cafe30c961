"""Deals: making and changing them; moves are in deal_moves.py, lines in deal_lines.py."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.commands.common import archive_records, clean, load, money, restore_records
from app.commands.deal_lines import (
    add_deal_line,
    change_deal_line,
    priced_lines,
    remove_deal_line,
    set_deal_lines,
)
from app.commands.deal_moves import (
    check_lost_reason,
    close_deal,
    move_deal_to_stage,
    move_deals_to_stage,
    reorder_deal,
)
from app.commands.exchange_rates import minor_rate
from app.commands.settings import workspace_settings
from app.conflicts import fields_to_write
from app.database import acting_user
from app.errors import UserError
from models.base import Record
from models.clock import now, today
from models.ids import new_id
from models.records import (
    Campaign,
    Company,
    Contact,
    Deal,
    LeadSource,
    Pipeline,
    Stage,
    StageChange,
    User,
)
from models.values import ForecastCategory, LostReason, StageType, fold

__all__ = [
    "add_deal_line",
    "archive_deals",
    "assign_deals",
    "change_deal",
    "change_deal_line",
    "create_deal",
    "move_deal_to_stage",
    "move_deals_to_stage",
    "remove_deal_line",
    "reorder_deal",
    "restore_deals",
    "set_deal_lines",
]

_LINKS: Final[dict[str, type[Record]]] = {
    "company_id": Company,
    "contact_id": Contact,
    "owner_id": User,
    "lead_source_id": LeadSource,
    "campaign_id": Campaign,
}


def create_deal(
    session: Session,
    *,
    name: str,
    pipeline_id: int | None = None,
    stage_id: int | None = None,
    amount_minor: int | None = None,
    currency: str | None = None,
    company_id: int | None = None,
    contact_id: int | None = None,
    owner_id: int | None = None,
    expected_close_on: date | None = None,
    lines: Iterable[Mapping[str, Any]] = (),
    **more: Any,
) -> int:
    """Open a deal at the top of a stage, by default the first stage of the default pipeline.

    `more` takes every other field of `change_deal`, and `rate` (of one major unit).
    """
    stage = _first_stage(session, pipeline_id, stage_id)
    rate = more.pop("rate", None)
    money = (currency or workspace_settings(session).currency).upper()
    moment = now()
    deal = Deal(
        id=new_id(),
        name="",
        sort_name="",
        pipeline_id=stage.pipeline_id,
        stage_id=stage.id,
        stage_type=StageType.OPEN,
        stage_since=moment,
        board_order=_top_of(session, stage.id),
        currency=money,
        rate=minor_rate(session, money, rate),
        forecast_category=ForecastCategory.PIPELINE,
        opened_on=today(),
    )
    given = {
        "name": name,
        "amount_minor": amount_minor,
        "company_id": company_id,
        "contact_id": contact_id,
        "owner_id": owner_id if owner_id is not None else acting_user(session),
        "expected_close_on": expected_close_on,
    }
    reason, note = more.pop("lost_reason", None), more.pop("lost_note", None)
    closed_on = more.pop("closed_on", None)
    _apply(session, deal, {**given, **more})
    _follow_contact(session, deal)
    if stage.type is not StageType.OPEN:
        close_deal(session, deal, stage, reason, note)
        deal.closed_on = closed_on or deal.closed_on
    session.add(deal)
    session.flush()  # the deal first: its lines and its first stage change refer to it
    session.add(
        StageChange(
            id=new_id(),
            deal_id=deal.id,
            from_stage_id=None,
            to_stage_id=stage.id,
            at=moment,
            seconds_in_from=None,
            user_id=acting_user(session),
        )
    )
    for line in lines:
        add_deal_line(session, deal_id=deal.id, **line)
    return deal.id


def change_deal(
    session: Session,
    *,
    deal_id: int,
    row_version: int | None = None,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
    **fields: Any,
) -> int:
    """Change fields of a deal; its stage changes by `move_deal_to_stage` only."""
    deal = load(session, Deal, deal_id)
    fields = fields_to_write(
        session,
        deal,
        fields,
        row_version=row_version,
        opened=opened,
        resolution=resolution,
    )
    if "amount_minor" in fields and priced_lines(session, deal.id):
        raise UserError(
            "The amount follows the product lines. Change the lines instead.", field="amount_minor"
        )
    _change_currency(session, deal, fields)
    _apply(session, deal, fields)
    return deal.id


def assign_deals(session: Session, *, deal_ids: Sequence[int], owner_id: int | None) -> int:
    """Give several deals to one owner; return how many."""
    if owner_id is not None:
        load(session, User, owner_id)
    for deal_id in deal_ids:
        load(session, Deal, deal_id).owner_id = owner_id
    return len(deal_ids)


def archive_deals(session: Session, *, deal_ids: Sequence[int]) -> int:
    """Take deals out of the board, the lists and the figures, without losing them."""
    archive_records(session, kind="deal", ids=deal_ids)
    return len(deal_ids)


def restore_deals(session: Session, *, deal_ids: Sequence[int]) -> int:
    """Bring archived deals back."""
    restore_records(session, kind="deal", ids=deal_ids)
    return len(deal_ids)


def _first_stage(session: Session, pipeline_id: int | None, stage_id: int | None) -> Stage:
    if stage_id is not None:
        return load(session, Stage, stage_id)
    if pipeline_id is None:
        pipeline_id = session.scalar(
            select(Pipeline.id)
            .where(Pipeline.archived_at.is_(None))
            .order_by(Pipeline.is_default.desc(), Pipeline.position)
            .limit(1)
        )
    stage = session.scalar(
        select(Stage)
        .where(
            Stage.pipeline_id == pipeline_id,
            Stage.archived_at.is_(None),
            Stage.type == StageType.OPEN,
        )
        .order_by(Stage.position)
        .limit(1)
    )
    if stage is None:
        raise UserError("There is no pipeline to put the deal in. Make one first.")
    return stage


def _top_of(session: Session, stage_id: int) -> float:
    first = session.scalar(select(func.min(Deal.board_order)).where(Deal.stage_id == stage_id))
    return 0.0 if first is None else first - 1.0


def _follow_contact(session: Session, deal: Deal) -> None:
    """Take the company of the person the deal is with, when none is named."""
    if deal.company_id is None and deal.contact_id is not None:
        deal.company_id = load(session, Contact, deal.contact_id).company_id


def _change_currency(session: Session, deal: Deal, fields: dict[str, Any]) -> None:
    """Take `currency` and `rate` out of the fields; a closed deal keeps what it closed at."""
    if not fields.keys() & {"currency", "rate"}:
        return
    money = (fields.pop("currency", None) or deal.currency).upper()
    rate = fields.pop("rate", None)
    if money == deal.currency and rate is None:
        return
    if deal.stage_type is not StageType.OPEN:
        raise UserError(
            "A closed deal keeps the currency and the rate it closed at.", field="currency"
        )
    deal.currency, deal.rate = money, minor_rate(session, money, rate)


def _apply(session: Session, deal: Deal, fields: Mapping[str, Any]) -> None:
    unknown = fields.keys() - _SETTERS.keys()
    if unknown:
        raise TypeError(f"a deal has no {', '.join(sorted(unknown))}")
    for field, set_field in _SETTERS.items():
        if field in fields:
            set_field(session, deal, field, fields[field])


def _set_name(_session: Session, deal: Deal, _field: str, value: str) -> None:
    name = clean(value, 300, "name")
    if not name:
        raise UserError("Give the deal a name.", field="name")
    deal.name, deal.sort_name = name, fold(name)[:300]


def _set_amount(_session: Session, deal: Deal, field: str, value: int | None) -> None:
    if value is not None and value < 0:
        raise UserError("An amount is not below 0.", field=field)
    deal.amount_minor = money(value, field)


def _set_probability(_session: Session, deal: Deal, field: str, value: int | None) -> None:
    if value is not None and not 0 <= value <= 100:  # noqa: PLR2004  percent
        raise UserError("A probability lies between 0 and 100 %.", field=field)
    deal.probability = None if value is None else int(value)


def _set_link(session: Session, deal: Deal, field: str, value: int | None) -> None:
    if value is not None:
        load(session, _LINKS[field], value)
    setattr(deal, field, value)


def _set_category(_session: Session, deal: Deal, _field: str, value: str) -> None:
    deal.forecast_category = ForecastCategory(value)


def _set_day(_session: Session, deal: Deal, field: str, value: date | None) -> None:
    if value is None and field == "opened_on":
        raise UserError("A deal was opened on some day.", field=field)
    setattr(deal, field, value)


def _set_closing_day(_session: Session, deal: Deal, field: str, value: date | None) -> None:
    if (value is None) != (deal.stage_type is StageType.OPEN):
        raise UserError("A closed deal has a closing day, an open one has none.", field=field)
    deal.closed_on = value


def _set_reason(_session: Session, deal: Deal, field: str, value: str | None) -> None:
    if deal.stage_type is not StageType.LOST:
        raise UserError("Only a lost deal has a reason.", field=field)
    reason = None if value is None else LostReason(value)
    deal.lost_reason = check_lost_reason(reason, deal.lost_note)


def _set_note(_session: Session, deal: Deal, field: str, value: str | None) -> None:
    note = clean(value, 20_000, field)
    if deal.lost_reason is LostReason.OTHER:
        check_lost_reason(deal.lost_reason, note)
    deal.lost_note = note


def _set_description(_session: Session, deal: Deal, field: str, value: str | None) -> None:
    deal.description = clean(value, 100_000, field)


_SETTERS: Final[dict[str, Callable[[Session, Deal, str, Any], None]]] = {
    "name": _set_name,
    "amount_minor": _set_amount,
    "probability": _set_probability,
    "forecast_category": _set_category,
    "opened_on": _set_day,
    "expected_close_on": _set_day,
    "closed_on": _set_closing_day,
    # The note before the reason: the reason "other" needs it.
    "lost_note": _set_note,
    "lost_reason": _set_reason,
    "description": _set_description,
    **dict.fromkeys(_LINKS, _set_link),
}

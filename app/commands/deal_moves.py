"""How deals move: every move is written down; closing fixes the day and the rate."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.commands.common import clean, load
from app.commands.exchange_rates import exchange_rates, minor_rate
from app.conflicts import fields_to_write
from app.database import acting_user
from app.errors import UserError
from models.clock import now, today
from models.ids import new_id
from models.records import Deal, Stage, StageChange
from models.values import LostReason, StageType

# Below this distance two neighbours leave no room between them.
_MIN_GAP: Final = 1e-9


def move_deal_to_stage(
    session: Session,
    *,
    deal_id: int,
    stage_id: int,
    position: int | None = None,
    before_id: int | None = None,
    lost_reason: LostReason | None = None,
    lost_note: str | None = None,
    row_version: int | None = None,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
) -> int:
    """Move a deal to a stage and write the move down; a lost stage asks for the reason.

    It lands above the deal `before_id`, or as the `position`-th card (0 = top, the default).
    """
    deal = load(session, Deal, deal_id)
    wanted = fields_to_write(
        session,
        deal,
        {"stage_id": stage_id},
        row_version=row_version,
        opened=opened,
        resolution=resolution,
    )
    if "stage_id" not in wanted:
        return deal.id  # theirs was kept
    stage = load(session, Stage, wanted["stage_id"])
    if stage.archived_at is not None:
        raise UserError("The stage “{stage}” is no longer in use.", stage=stage.name)
    if stage.id == deal.stage_id:
        if before_id is not None or position is not None:
            _place(session, deal, stage.id, position, before_id)
        return deal.id
    if stage.type is StageType.OPEN:
        _reopen(session, deal)
    else:
        close_deal(session, deal, stage, lost_reason, lost_note)
    _write_move(session, deal, stage)
    _place(session, deal, stage.id, position, before_id)
    deal.pipeline_id, deal.stage_id, deal.stage_type = stage.pipeline_id, stage.id, stage.type
    return deal.id


def move_deals_to_stage(
    session: Session,
    *,
    deal_ids: Sequence[int],
    stage_id: int,
    position: int | None = None,
    before_id: int | None = None,
    lost_reason: LostReason | None = None,
    lost_note: str | None = None,
) -> int:
    """Move several deals as one step, keeping their order; return how many."""
    to_top = before_id is None and not position
    for offset, deal_id in enumerate(reversed(deal_ids) if to_top else deal_ids):
        move_deal_to_stage(
            session,
            deal_id=deal_id,
            stage_id=stage_id,
            position=position + offset if position else None,
            before_id=before_id,
            lost_reason=lost_reason,
            lost_note=lost_note,
        )
        session.flush()  # the next one asks for the top of the column
    return len(deal_ids)


def reorder_deal(
    session: Session, *, deal_id: int, before_id: int | None = None, position: int | None = None
) -> int:
    """Put a card elsewhere in its own column; without any place, at the bottom."""
    deal = load(session, Deal, deal_id)
    if before_id is None and position is None:
        last = session.scalar(
            select(func.max(Deal.board_order)).where(Deal.stage_id == deal.stage_id)
        )
        deal.board_order = (last or 0.0) + 1.0
        return deal.id
    _place(session, deal, deal.stage_id, position, before_id)
    return deal.id


def close_deal(
    session: Session, deal: Deal, stage: Stage, reason: LostReason | None, note: str | None
) -> None:
    """Make a deal won or lost today, at today's rate, before it takes its new stage."""
    if stage.type is StageType.LOST:
        deal.lost_note = clean(note, 20_000, "lost_note")
        deal.lost_reason = check_lost_reason(
            None if reason is None else LostReason(reason), deal.lost_note
        )
    else:
        deal.lost_reason = deal.lost_note = None
    was_open = deal.stage_type is StageType.OPEN
    if was_open and deal.stage_id != stage.id:
        deal.last_open_stage_id = deal.stage_id
    if was_open and deal.currency in exchange_rates(session):
        deal.rate = minor_rate(session, deal.currency)
    if deal.stage_type is not stage.type:
        deal.closed_on = today()
    deal.stage_type = stage.type


def check_lost_reason(reason: LostReason | None, note: str | None) -> LostReason:
    """Return the reason; none at all, or "other" without a note, is for the person to mend."""
    if reason is None or reason is LostReason.UNKNOWN:
        raise UserError("Say why the deal was lost.", field="lost_reason")
    if reason is LostReason.OTHER and not note:
        raise UserError("Say in a few words what the other reason was.", field="lost_note")
    return reason


def _reopen(session: Session, deal: Deal) -> None:
    if deal.stage_type is StageType.OPEN:
        return
    deal.closed_on = deal.lost_reason = deal.lost_note = deal.last_open_stage_id = None
    if deal.currency in exchange_rates(session):
        deal.rate = minor_rate(session, deal.currency)


def _write_move(session: Session, deal: Deal, stage: Stage) -> None:
    moment = now()
    spent = max(0, int((moment - deal.stage_since).total_seconds()))
    session.add(
        StageChange(
            id=new_id(),
            deal_id=deal.id,
            from_stage_id=deal.stage_id,
            to_stage_id=stage.id,
            at=moment,
            seconds_in_from=spent,
            user_id=acting_user(session),
        )
    )
    deal.stage_since = moment


def _place(
    session: Session, deal: Deal, stage_id: int, position: int | None, before_id: int | None
) -> None:
    """Give the deal a `board_order` between its new neighbours."""
    above, below = _neighbours(session, deal, stage_id, position, before_id)
    if below is None:
        deal.board_order = 0.0 if above is None else above + 1.0
    elif above is None:
        deal.board_order = below - 1.0
    elif below - above > _MIN_GAP:
        deal.board_order = (above + below) / 2
    else:
        deal.board_order = _make_room(session, deal, stage_id, position, before_id, below)


def _column(session: Session, deal: Deal, stage_id: int) -> list[tuple[int, float]]:
    rows = session.execute(
        select(Deal.id, Deal.board_order)
        .where(Deal.stage_id == stage_id, Deal.id != deal.id, Deal.archived_at.is_(None))
        .order_by(Deal.board_order, Deal.id)
    )
    return [(row.id, row.board_order) for row in rows]


def _neighbours(
    session: Session, deal: Deal, stage_id: int, position: int | None, before_id: int | None
) -> tuple[float | None, float | None]:
    if before_id is None and not position:
        live = Deal.stage_id == stage_id, Deal.id != deal.id, Deal.archived_at.is_(None)
        return None, session.scalar(select(func.min(Deal.board_order)).where(*live))
    column = _column(session, deal, stage_id)
    place = _index(column, position, before_id)
    above = column[place - 1][1] if place else None
    return above, column[place][1] if place < len(column) else None


def _index(column: list[tuple[int, float]], position: int | None, before_id: int | None) -> int:
    for place, (deal_id, _order) in enumerate(column):
        if deal_id == before_id:
            return place
    return min(position or 0, len(column)) if before_id is None else 0


def _make_room(
    session: Session,
    deal: Deal,
    stage_id: int,
    position: int | None,
    before_id: int | None,
    below: float,
) -> float:
    """Lift the cards above, which share their order with the one below (imported ones do)."""
    column = _column(session, deal, stage_id)
    lifted = column[: _index(column, position, before_id)]
    for place, (deal_id, _order) in enumerate(lifted):
        neighbour = session.get(Deal, deal_id)
        if neighbour is not None:
            neighbour.board_order = below - 1.0 - len(lifted) + place
    return below - 0.5

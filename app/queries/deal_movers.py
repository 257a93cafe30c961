"""Who moved deals last, for the board that shows a colleague's move."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.records import StageChange, User


@dataclass(frozen=True, slots=True)
class Mover:
    """The person who moved a deal last."""

    deal_id: int
    user_id: int
    name: str


def deal_movers(session: Session, deal_ids: Collection[int]) -> list[Mover]:
    """Return who moved each of these deals last."""
    rows = session.execute(
        select(StageChange.deal_id, User.id, User.name)
        .join(User, User.id == StageChange.user_id)
        .where(StageChange.deal_id.in_(list(deal_ids)))
        .order_by(StageChange.at, StageChange.id)
    )
    last = {deal_id: Mover(deal_id, user_id, name) for deal_id, user_id, name in rows}
    return list(last.values())

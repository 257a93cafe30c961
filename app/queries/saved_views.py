"""The saved views of a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.base import thaw
from models.records import SavedView


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A view: `definition` holds filter, columns and order as the page wrote them."""

    id: int
    name: str
    owner_id: int | None
    definition: Mapping[str, Any]


def saved_views(session: Session, page: str, user_id: int | None) -> list[ViewRow]:
    """Return everybody's and one's own views of a page, in their order."""
    found = session.execute(
        select(SavedView.id, SavedView.name, SavedView.owner_id, SavedView.definition)
        .where(
            SavedView.page == page,
            SavedView.archived_at.is_(None),
            or_(SavedView.owner_id.is_(None), SavedView.owner_id == user_id),
        )
        .order_by(SavedView.position, SavedView.id)
    )
    return [ViewRow(r.id, r.name, r.owner_id, thaw(r.definition) or {}) for r in found]

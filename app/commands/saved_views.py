"""Saved views: a page's filter, columns and order under a name."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.commands.common import load, required
from app.database import acting_user
from models.base import freeze
from models.ids import new_id
from models.records import SavedView


def save_view(
    session: Session,
    *,
    page: str,
    name: str,
    definition: Mapping[str, Any],
    everybody: bool = False,
) -> int:
    """Keep a view under a name, for oneself or for everybody; return its id."""
    last = session.scalar(select(func.max(SavedView.position)).where(SavedView.page == page))
    view = SavedView(
        id=new_id(),
        page=page,
        name=required(name, 120, "name"),
        owner_id=None if everybody else acting_user(session),
        definition=freeze(definition),
        position=0 if last is None else last + 1,
    )
    session.add(view)
    return view.id


def change_view(
    session: Session,
    *,
    view_id: int,
    name: str | None = None,
    definition: Mapping[str, Any] | None = None,
) -> int:
    """Rename a view, or keep the page's present filter, columns and order in it."""
    view = load(session, SavedView, view_id)
    if name is not None:
        view.name = required(name, 120, "name")
    if definition is not None:
        view.definition = freeze(definition)
    return view.id


def order_views(session: Session, *, view_ids: Sequence[int]) -> int:
    """Put the views of a page into this order."""
    for position, view_id in enumerate(view_ids):
        load(session, SavedView, view_id).position = position
    return len(view_ids)


def remove_view(session: Session, *, view_id: int) -> int:
    """Forget a view; the records it showed are untouched."""
    session.delete(load(session, SavedView, view_id))
    return view_id

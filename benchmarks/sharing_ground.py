"""The workspace an office of writers works on: a few deals, one contact, one counter."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.contacts import create_contact
from app.commands.deals import create_deal
from app.sharing.placement import Mode
from app.workspace import Workspace
from models.records import Stage
from models.values import StageType

DEALS = 30


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the office works, and the ids that the writers share."""

    location: str
    mode: str
    ids: dict[str, list[int]]


def open_workspace(
    location: str, mode: str, *, name: str | None = None, create: bool = False
) -> Workspace:
    """Open the workspace in the mode that is measured."""
    forced = {"local": Mode.LOCAL, "shared": Mode.SHARED}.get(mode)
    return Workspace.open(location, create=create, user_name=name, watch=False, mode=forced)


def set_up(location: str, mode: str) -> Ground:
    """Make the workspace with the records that all writers work on."""
    workspace = open_workspace(location, mode, name="Office", create=True)
    try:
        contact = workspace.change("Make contact", create_contact, name="Everybody's contact")
        counter = workspace.change("Make deal", create_deal, name="Counter", amount_minor=0)
        deals = [
            workspace.change("Make deal", create_deal, name=f"Deal {n}", contact_id=contact)
            for n in range(DEALS)
        ]
        stages = workspace.read(_open_stages)
    finally:
        workspace.close()
    ids = {"contact": [contact], "counter": [counter], "deals": deals, "stages": stages}
    return Ground(location, mode, ids)


def _open_stages(session: Session) -> list[int]:
    open_ = select(Stage.id).where(Stage.type == StageType.OPEN).order_by(Stage.position)
    return list(session.scalars(open_))

"""One change to many people or companies, as one undo step; "all" is handed on as the filter."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.common import archive_records, load, restore_records
from app.commands.tags import tag_records, untag_records
from app.queries.companies import CompanyFilter, company_ids
from app.queries.contacts import ContactFilter, contact_ids
from models.records import Company, Contact, User
from models.values import LeadStatus, Lifecycle

Chosen = Sequence[int] | ContactFilter | CompanyFilter
_PIECE: Final = 500


def chosen_ids(session: Session, chosen: Chosen) -> Sequence[int]:
    """Return the ids that a selection stands for."""
    if isinstance(chosen, ContactFilter):
        return contact_ids(session, chosen)
    if isinstance(chosen, CompanyFilter):
        return company_ids(session, chosen)
    return chosen


def assign_contacts(session: Session, *, chosen: Chosen, owner_id: int | None) -> int:
    """Give people to one owner, or to nobody; return how many had another."""
    return _set_all(session, Contact, chosen, owner_id=_user(session, owner_id))


def set_contacts_lifecycle(session: Session, *, chosen: Chosen, lifecycle: Lifecycle) -> int:
    """Say of several people how far they have come; return how many changed."""
    return _set_all(session, Contact, chosen, lifecycle=Lifecycle(lifecycle))


def set_contacts_status(session: Session, *, chosen: Chosen, lead_status: LeadStatus | None) -> int:
    """Say of several people what was done about them; return how many changed."""
    status = None if lead_status is None else LeadStatus(lead_status)
    return _set_all(session, Contact, chosen, lead_status=status)


def assign_companies(session: Session, *, chosen: Chosen, owner_id: int | None) -> int:
    """Give companies to one owner, or to nobody; return how many had another."""
    return _set_all(session, Company, chosen, owner_id=_user(session, owner_id))


def tag_chosen(session: Session, *, kind: str, chosen: Chosen, name: str) -> int:
    """Put a tag on people or companies; return how many did not have it."""
    return tag_records(session, kind=kind, ids=chosen_ids(session, chosen), name=name)


def untag_chosen(session: Session, *, kind: str, chosen: Chosen, tag_id: int) -> int:
    """Take a tag off people or companies; return how many had it."""
    return untag_records(session, kind=kind, ids=chosen_ids(session, chosen), tag_id=tag_id)


def archive_chosen(session: Session, *, kind: str, chosen: Chosen) -> int:
    """Take people or companies out of the lists; return how many."""
    return archive_records(session, kind=kind, ids=chosen_ids(session, chosen))


def restore_chosen(session: Session, *, kind: str, chosen: Chosen) -> int:
    """Bring archived people or companies back; return how many."""
    return restore_records(session, kind=kind, ids=chosen_ids(session, chosen))


def _user(session: Session, owner_id: int | None) -> int | None:
    return None if owner_id is None else load(session, User, owner_id).id


def _set_all(
    session: Session, record: type[Contact] | type[Company], chosen: Chosen, **values: Any
) -> int:
    changed = 0
    for piece in _pieces(chosen_ids(session, chosen)):
        rows: Sequence[Any] = session.scalars(select(record).where(record.id.in_(piece))).all()
        for row in rows:
            before = [getattr(row, key) for key in values]
            if before != list(values.values()):
                changed += 1
                for key, value in values.items():
                    setattr(row, key, value)
        session.flush()
        for row in rows:  # 100,000 people would not fit into memory comfortably
            session.expunge(row)
    return changed


def _pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _PIECE):
        yield list(ids[start : start + _PIECE])

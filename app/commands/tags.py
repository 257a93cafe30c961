"""Tags: words put on contacts, companies, deals and tickets."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.common import load, required
from app.errors import UserError
from models.ids import new_id
from models.records import Tag, TagLink
from models.values import name_key

TAGGED: Final[dict[str, Any]] = {
    "contact": TagLink.contact_id,
    "company": TagLink.company_id,
    "deal": TagLink.deal_id,
    "ticket": TagLink.ticket_id,
}
_PIECE: Final = 500


def ensure_tag(session: Session, *, name: str) -> int:
    """Return the tag of a name, made when there is none."""
    tidy = required(name, 80, "tag")
    key = name_key(tidy) or tidy.casefold()
    found = session.scalars(select(Tag).where(Tag.name_key == key)).first()
    if found is None:
        found = Tag(id=new_id(), name=tidy, name_key=key)
        session.add(found)
        session.flush()
    elif found.archived_at is not None:
        found.archived_at = None
    return found.id


def tag_records(session: Session, *, kind: str, ids: Collection[int], name: str) -> int:
    """Put a tag on records; return how many did not have it."""
    tag_id = ensure_tag(session, name=name)
    column, added, wanted = TAGGED[kind], 0, list(ids)
    for start in range(0, len(wanted), _PIECE):
        piece = wanted[start : start + _PIECE]
        have = set(
            session.scalars(select(column).where(TagLink.tag_id == tag_id, column.in_(piece)))
        )
        for record_id in dict.fromkeys(piece):
            if record_id not in have:
                session.add(TagLink(id=new_id(), tag_id=tag_id, **{column.key: record_id}))
                added += 1
        session.flush()
    return added


def untag_records(session: Session, *, kind: str, ids: Collection[int], tag_id: int) -> int:
    """Take a tag off records; return how many had it."""
    column, removed, wanted = TAGGED[kind], 0, list(ids)
    for start in range(0, len(wanted), _PIECE):
        piece = wanted[start : start + _PIECE]
        links = session.scalars(
            select(TagLink).where(TagLink.tag_id == tag_id, column.in_(piece))
        ).all()
        for link in links:
            session.delete(link)
        session.flush()
        removed += len(links)
    return removed


def set_tags(session: Session, *, kind: str, record_id: int, names: Iterable[str]) -> int:
    """Let a record have exactly these tags; return how many it has."""
    wanted = {ensure_tag(session, name=name) for name in names if name.strip()}
    column = TAGGED[kind]
    links = session.scalars(select(TagLink).where(column == record_id)).all()
    for link in links:
        if link.tag_id not in wanted:
            session.delete(link)
    for tag_id in wanted - {link.tag_id for link in links}:
        session.add(TagLink(id=new_id(), tag_id=tag_id, **{column.key: record_id}))
    return len(wanted)


def rename_tag(session: Session, *, tag_id: int, name: str) -> int:
    """Write a tag differently, everywhere."""
    tag = load(session, Tag, tag_id)
    tidy = required(name, 80, "tag")
    key = name_key(tidy) or tidy.casefold()
    taken = session.scalar(select(Tag.id).where(Tag.name_key == key, Tag.id != tag_id))
    if taken is not None:
        raise UserError("There is a tag “{name}” already.", field="tag", name=tidy)
    tag.name, tag.name_key = tidy, key
    return tag.id


def remove_tag(session: Session, *, tag_id: int) -> int:
    """Take a tag off everything and out of the list; return how many records had it."""
    tag = load(session, Tag, tag_id)
    links = session.scalars(select(TagLink).where(TagLink.tag_id == tag_id)).all()
    for link in links:
        session.delete(link)
    session.flush()
    session.delete(tag)
    return len(links)

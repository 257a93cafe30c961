"""Canned replies: ready answers of one person, a team or all, with places to fill in."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Session

from app.commands.common import archive_records, clean, load, required
from app.database import acting_user
from app.errors import UserError
from models.ids import new_id
from models.records import CannedReply
from models.values import name_key

PLACEHOLDERS: Final = (
    "first_name", "name", "company", "number", "subject", "my_name", "my_first_name",
)  # fmt: skip
_PLACE: Final = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")


class ReplyScope(StrEnum):
    """Who may use a canned reply."""

    PERSONAL = "personal"
    TEAM = "team"
    ALL = "all"


def create_canned_reply(
    session: Session,
    *,
    name: str,
    body: str,
    scope: ReplyScope = ReplyScope.ALL,
    team: str | None = None,
) -> int:
    """Keep an answer for the next time."""
    reply = CannedReply(id=new_id())
    _fill(session, reply, name, body, scope, team)
    session.add(reply)
    return reply.id


def change_canned_reply(
    session: Session,
    *,
    canned_reply_id: int,
    name: str,
    body: str,
    scope: ReplyScope = ReplyScope.ALL,
    team: str | None = None,
) -> int:
    """Change a canned reply."""
    reply = load(session, CannedReply, canned_reply_id)
    _fill(session, reply, name, body, scope, team)
    return reply.id


def archive_canned_reply(session: Session, *, canned_reply_id: int) -> int:
    """Put a canned reply away."""
    return archive_records(session, kind="canned_reply", ids=[canned_reply_id])


def filled_reply(body: str, values: Mapping[str, str]) -> str:
    """Return a canned reply with its places filled; one without a value is left out."""
    return _PLACE.sub(lambda found: values.get(found[1], ""), body)


def _fill(
    session: Session,
    reply: CannedReply,
    name: str,
    body: str,
    scope: ReplyScope,
    team: str | None,
) -> None:
    reply.name = required(name, 120, "name")
    reply.name_key = name_key(reply.name)
    reply.body = required(body, 100_000, "body")
    unknown = sorted(set(_PLACE.findall(reply.body)) - set(PLACEHOLDERS))
    if unknown:
        raise UserError(
            "There is nothing to fill in for {unknown}; write one of {known}.",
            field="body",
            unknown=", ".join(unknown),
            known=", ".join(PLACEHOLDERS),
        )
    reply.owner_id = acting_user(session) if scope is ReplyScope.PERSONAL else None
    reply.team = clean(team, 120, "team") if scope is ReplyScope.TEAM else None
    if scope is ReplyScope.TEAM and reply.team is None:
        raise UserError("Say which team.", field="team")

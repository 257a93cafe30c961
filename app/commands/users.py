"""Our own people."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.common import clean, load, required
from app.errors import UserError
from models.ids import new_id
from models.records import User
from models.values import Role, name_key

_LIMITS = {"name": 200, "email": 320, "team": 200, "region": 200, "time_zone": 64}


def create_user(
    session: Session,
    *,
    name: str,
    email: str | None = None,
    role: Role = Role.MEMBER,
    team: str | None = None,
    region: str | None = None,
    manager_id: int | None = None,
) -> int:
    """Add one of us."""
    tidy = required(name, 200, "name")
    user = User(
        id=new_id(),
        name=tidy,
        name_key=name_key(tidy),
        email=clean(email, 320, "email"),
        role=role,
        team=clean(team, 200, "team"),
        region=clean(region, 200, "region"),
        manager_id=manager_id,
    )
    session.add(user)
    return user.id


def change_user(session: Session, *, user_id: int, **fields: Any) -> int:
    """Change some fields of one of us."""
    user = load(session, User, user_id)
    if fields.get("manager_id") == user_id:
        raise UserError("Nobody is their own manager.", field="manager_id")
    for key, value in fields.items():
        if key in _LIMITS:
            setattr(user, key, clean(value, _LIMITS[key], key))
        elif key in {"role", "manager_id"}:
            setattr(user, key, value)
        else:
            raise UserError("There is no field named {name}.", name=key)
    user.name = required(user.name, 200, "name")
    user.name_key = name_key(user.name)
    return user_id


def enter_workspace(session: Session, *, name: str) -> int:
    """Return the user of a name, made when there is none."""
    tidy = required(name, 200, "name")
    found = user_named(session, tidy)
    if found is not None:
        return found
    first = session.scalar(select(User.id).limit(1)) is None
    return create_user(session, name=tidy, role=Role.OWNER if first else Role.MEMBER)


def user_named(session: Session, name: str) -> int | None:
    """Return the user of a name, None where there is none."""
    return session.scalar(
        select(User.id)
        .where(User.name_key == name_key(name.strip()), User.archived_at.is_(None))
        .order_by(User.id)
        .limit(1)
    )

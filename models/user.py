"""Our own people."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from models.base import Choice, Record, column
from models.values import Role


class User(Record):
    """One of us: owns records and is named in the history."""

    __table_args__ = (Index(None, "name_key"),)

    name: Mapped[str] = column(String(200))
    name_key: Mapped[str] = column(String(200))
    email: Mapped[str | None] = column(String(320))
    role: Mapped[Role] = column(Choice(Role), default=Role.MEMBER)
    team: Mapped[str | None] = column(String(200))
    region: Mapped[str | None] = column(String(200))
    manager_id: Mapped[int | None] = column(ForeignKey("user.id"))
    time_zone: Mapped[str | None] = column(String(64))

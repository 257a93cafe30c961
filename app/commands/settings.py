"""The settings that belong to a workspace and are shared by all who work in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import UserError
from models.base import thaw
from models.ids import new_id
from models.records import WorkspaceSetting
from models.values import TicketPriority

# Working minutes to first response and to resolution (SEMANTICS, Tickets).
DEFAULT_TARGETS: Mapping[str, tuple[int, int]] = {
    TicketPriority.URGENT: (30, 2 * 60),
    TicketPriority.HIGH: (60, 4 * 60),
    TicketPriority.NORMAL: (8 * 60, 24 * 60),
    TicketPriority.LOW: (24 * 60, 72 * 60),
}


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """All settings with their defaults; days count from Monday = 0, targets are working minutes."""

    name: str = "My business"
    currency: str = "EUR"
    phone_region: str = "DE"
    time_zone: str = ""  # "" = the computer's
    working_days: tuple[int, ...] = (0, 1, 2, 3, 4)
    working_start: str = "10:00"
    working_end: str = "18:00"
    holidays: tuple[date, ...] = ()
    targets: Mapping[str, tuple[int, int]] = field(default_factory=lambda: DEFAULT_TARGETS)
    monthly_goal_minor: int | None = None


def workspace_settings(session: Session) -> WorkspaceSettings:
    """Return the workspace's settings."""
    rows = session.execute(select(WorkspaceSetting.key, WorkspaceSetting.value)).all()
    stored = {row.key: thaw(row.value) for row in rows}
    known = {f.name for f in fields(WorkspaceSettings)}
    return WorkspaceSettings(**{k: _loaded(k, v) for k, v in stored.items() if k in known})


def change_workspace_settings(session: Session, **changes: Any) -> int:
    """Set some of the settings; return how many changed."""
    settings = workspace_settings(session)
    unknown = set(changes) - {f.name for f in fields(WorkspaceSettings)}
    if unknown:
        raise UserError("There is no setting named {name}.", name=", ".join(sorted(unknown)))
    wanted = replace(settings, **changes)
    _check(wanted)
    changed = 0
    for key in changes:
        if getattr(wanted, key) != getattr(settings, key):
            store_setting(session, key, _stored(getattr(wanted, key)))
            changed += 1
    return changed


def stored_setting(session: Session, key: str) -> Any:
    """Return any one stored value by key, None where there is none."""
    value = session.scalar(select(WorkspaceSetting.value).where(WorkspaceSetting.key == key))
    return thaw(value)


def store_setting(session: Session, key: str, value: Any) -> None:
    """Store any one value by key."""
    row = session.scalar(select(WorkspaceSetting).where(WorkspaceSetting.key == key))
    if row is None:
        session.add(WorkspaceSetting(id=new_id(), key=key, value=value))
    else:
        row.value = value


def _check(settings: WorkspaceSettings) -> None:
    if len(settings.currency) != 3 or not settings.currency.isalpha():  # noqa: PLR2004  ISO 4217
        raise UserError(
            "A currency is three letters, such as EUR or USD, not “{text}”.",
            field="currency",
            text=settings.currency,
        )
    try:
        start = time.fromisoformat(settings.working_start)
        end = time.fromisoformat(settings.working_end)
    except ValueError:
        raise UserError("Write working hours as 09:00.", field="working_start") from None
    if start >= end:
        raise UserError("The working day must end after it starts.", field="working_end")
    if not settings.working_days:
        raise UserError("Choose at least one working day.", field="working_days")


def _stored(value: Any) -> Any:
    if isinstance(value, tuple):
        return [x.isoformat() if isinstance(x, date) else x for x in value]
    if isinstance(value, Mapping):
        return {str(k): list(v) for k, v in value.items()}
    return value


def _loaded(key: str, value: Any) -> Any:
    if key == "holidays":
        return tuple(date.fromisoformat(x) for x in value)
    if key == "targets":
        return dict(DEFAULT_TARGETS) | {TicketPriority(k): tuple(v) for k, v in value.items()}
    return tuple(value) if isinstance(value, list) else value

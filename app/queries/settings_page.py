"""Everything the settings page shows, in one read."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.settings import WorkspaceSettings, workspace_settings
from models.base import thaw
from models.records import CustomField, Pipeline, Stage, User
from models.values import FieldType, Role, StageType


@dataclass(frozen=True, slots=True)
class UserRow:
    """One of us."""

    id: int
    name: str
    email: str | None
    team: str | None
    region: str | None
    role: Role


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage of a pipeline; probability in percent, rotting days 0 = off."""

    id: int
    name: str
    type: StageType
    probability: int
    rotting_days: int


@dataclass(frozen=True, slots=True)
class PipelineRow:
    """A pipeline with its stages in order."""

    id: int
    name: str
    is_default: bool
    stages: tuple[StageRow, ...]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of the workspace's own."""

    id: int
    record_kind: str
    name: str
    type: FieldType
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingsOverview:
    """The workspace's settings and what can be edited beside them."""

    settings: WorkspaceSettings
    users: tuple[UserRow, ...]
    pipelines: tuple[PipelineRow, ...]
    fields: tuple[FieldRow, ...]


def settings_overview(session: Session) -> SettingsOverview:
    """Return what the settings page shows."""
    return SettingsOverview(
        workspace_settings(session), _users(session), _pipelines(session), _fields(session)
    )


def _users(session: Session) -> tuple[UserRow, ...]:
    rows = session.execute(
        select(User.id, User.name, User.email, User.team, User.region, User.role)
        .where(User.archived_at.is_(None))
        .order_by(User.name_key, User.id)
    )
    return tuple(UserRow(*row) for row in rows)


def _pipelines(session: Session) -> tuple[PipelineRow, ...]:
    stages: dict[int, list[StageRow]] = {}
    for row in session.execute(
        select(
            Stage.pipeline_id,
            Stage.id,
            Stage.name,
            Stage.type,
            Stage.probability,
            Stage.rotting_days,
        )
        .where(Stage.archived_at.is_(None))
        .order_by(Stage.position, Stage.id)
    ):
        stages.setdefault(row[0], []).append(StageRow(*row[1:]))
    rows = session.execute(
        select(Pipeline.id, Pipeline.name, Pipeline.is_default)
        .where(Pipeline.archived_at.is_(None))
        .order_by(Pipeline.position, Pipeline.id)
    )
    return tuple(PipelineRow(*row, tuple(stages.get(row[0], ()))) for row in rows)


def _fields(session: Session) -> tuple[FieldRow, ...]:
    rows = session.execute(
        select(
            CustomField.id,
            CustomField.record_kind,
            CustomField.name,
            CustomField.type,
            CustomField.choices,
        )
        .where(CustomField.archived_at.is_(None))
        .order_by(CustomField.record_kind, CustomField.position, CustomField.id)
    )
    return tuple(FieldRow(row[0], row[1], row[2], row[3], _choices(row[4])) for row in rows)


def _choices(stored: object) -> tuple[str, ...]:
    held = thaw(stored)
    return tuple(map(str, held)) if isinstance(held, list) else ()

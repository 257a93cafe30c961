"""What every record has, and the column types that undo can rely on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, MetaData, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, declared_attr, mapped_column
from sqlalchemy.types import TypeEngine

from models.clock import now
from models.ids import new_id

E = TypeVar("E", bound=StrEnum)


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored in UTC (text on SQLite, timestamptz on PostgreSQL)."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Give PostgreSQL its own aware type."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC; a naive one is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        in_utc = value.astimezone(UTC)
        return in_utc if dialect.name == "postgresql" else in_utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware moment in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Choice(TypeDecorator[StrEnum]):
    """An enum stored as its text; a value of a newer version reads as an error, not as nonsense."""

    impl = String
    cache_ok = True

    def __init__(self, choices: type[StrEnum]) -> None:
        super().__init__(32)
        self.choices = choices

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Check and store the text."""
        del dialect
        return None if value is None else self.choices(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        """Give back the enum member."""
        del dialect
        return None if value is None else self.choices(value)


def freeze(value: Any) -> Any:
    """Return JSON data that cannot be changed in place: such a change would not be stored."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    return value


def thaw(value: Any) -> Any:
    """Return frozen JSON data as plain dicts and lists."""
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [thaw(item) for item in value]
    return value


class FrozenJSON(TypeDecorator[Any]):
    """JSON whose loaded value is frozen: assign a new value to change it."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Use JSONB where there is one."""
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else JSON())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Store plain data."""
        del dialect
        return thaw(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Give back frozen data."""
        del dialect
        return freeze(value)


def column(*args: Any, **kwargs: Any) -> MappedColumn[Any]:
    """Return a mapped column whose old value is always loaded, so that history can store it."""
    kwargs.setdefault("active_history", True)
    return mapped_column(*args, **kwargs)


class Base(DeclarativeBase):
    """The registry of all tables, with fixed constraint names for the migrations."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[Mapping[Any, Any]] = {datetime: Moment(), int: BigInteger()}


class Record(Base):
    """A thing the business speaks of: found by id, never shared between threads."""

    __abstract__ = True
    __recorded__: ClassVar[bool] = True  # whether history keeps its changes

    id: Mapped[int] = column(BigInteger, primary_key=True, autoincrement=False, default=new_id)
    created_at: Mapped[datetime] = column(Moment, default=now)
    updated_at: Mapped[datetime] = column(Moment, default=now, onupdate=now)
    row_version: Mapped[int] = column(BigInteger, default=new_id)
    archived_at: Mapped[datetime | None] = column(Moment)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  SQLAlchemy hands in the class
        """Give every save a version of its own, so that an undone delete does not restart at 1."""
        return {
            "version_id_col": cls.row_version,
            "version_id_generator": lambda _version: new_id(),
        }

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Name the table after the record, in snake case; it is also the record's kind.

        Once per class: as a declared attribute it was worked out anew at every access.
        """
        name = cls.__name__
        cls.__tablename__ = "".join(
            ("_" if i and c.isupper() else "") + c.lower() for i, c in enumerate(name)
        )
        super().__init_subclass__(**kwargs)

"""Sets plain fields of people and companies with the checks each kind of field needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from app.commands.common import clean, load
from app.errors import UserError
from models.records import Record


@dataclass(frozen=True, slots=True)
class Fields:
    """What may be set on a record: texts with limits, links, words of a list, the rest."""

    texts: Mapping[str, int]
    links: Mapping[str, type[Record]]
    choices: Mapping[str, type[StrEnum]] = field(default_factory=dict)
    plain: frozenset[str] = frozenset()
    amounts: frozenset[str] = frozenset()

    def __contains__(self, name: object) -> bool:
        return (
            name in self.texts
            or name in self.links
            or name in self.choices
            or name in self.plain
            or name in self.amounts
        )

    def apply(self, session: Session, record: Record, values: Mapping[str, Any]) -> None:
        """Set the values on the record; UserError names the field that does not fit."""
        for name, value in values.items():
            setattr(record, name, self._checked(session, record, name, value))

    def _checked(self, session: Session, record: Record, name: str, value: Any) -> Any:
        if name in self.texts:
            return clean(value, self.texts[name], name)
        if name in self.links:
            return load(session, self.links[name], value).id if value is not None else None
        if name in self.choices:
            return self.choices[name](value) if value is not None else None
        if name in self.amounts:
            return _whole(name, value)
        if name in self.plain:
            return value
        raise TypeError(f"a {record.__tablename__} has no {name}")


def _whole(name: str, value: Any) -> int | None:
    if value is None:
        return None
    try:
        whole = int(value)
    except (TypeError, ValueError):
        raise UserError("“{text}” is not a whole number.", field=name, text=value) from None
    if whole < 0:
        raise UserError("This cannot be below 0.", field=name)
    return whole

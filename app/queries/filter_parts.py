"""Conditions that lists of people and of companies share, and filters as JSON for saved views."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

from sqlalchemy import (
    BigInteger,
    Numeric,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session

from app.search import search_words
from models.clock import local_zone
from models.records import (
    Activity,
    Address,
    ContactPoint,
    CustomField,
    CustomValue,
    Deal,
    TagLink,
)
from models.values import FieldType, StageType

F = TypeVar("F")
_INDEX: Final = table("search_index")


def text_condition(session: Session, typed: str, kind: str, record: Any) -> Any | None:
    """Return "every word stands in the record, or in what belongs to it", None without words.

    `kind` is contact or company. Two letters can match a third of all people: SQLite is kept on the
    order of the list by the plus sign, so that it ends at the first page instead of sorting all.
    """
    words = search_words(typed)
    if not words:
        return None
    if session.get_bind().dialect.name != "sqlite":
        query = " & ".join(f"{word}:*" for word in words)
        owners: Any = select(literal_column("owner")).select_from(_INDEX)
        return record.id.in_(
            owners.where(
                text("words @@ to_tsquery('simple', :search) AND kind = :search_kind").bindparams(
                    search=query, search_kind=kind
                )
            )
        )
    both = " AND ".join(f'"{word}" *' for word in words)
    hits = (
        select(literal_column("rowid", BigInteger).label("id"))
        .select_from(_INDEX)
        .where(
            text("search_index MATCH :search").bindparams(
                search=f'{{title body}} : ({both}) AND {{kind}} : "{kind}"'
            )
        )
        .cte("hits")
        .prefix_with("MATERIALIZED")
    )
    hit_ids = select(hits.c.id)
    belonging = [
        select(getattr(part, f"{kind}_id")).where(part.id.in_(hit_ids))
        for part in (ContactPoint, Address)
    ]
    return literal_column(f"+{kind}.id", BigInteger).in_(hit_ids.union_all(*belonging))


def tag_conditions(tag_ids: Sequence[int], link: Any, record_id: Any) -> list[Any]:
    """Return "has each of these tags"."""
    return [
        record_id.in_(select(link).where(TagLink.tag_id == tag_id, link.is_not(None)))
        for tag_id in tag_ids
    ]


def day_conditions(moment: Any, start: date | None, end: date | None) -> list[Any]:
    """Return "on or between these days, in the computer's time zone"."""
    found = []
    if start is not None:
        found.append(moment >= _midnight(start))
    if end is not None:
        found.append(moment < _midnight(end + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), local_zone()).astimezone(UTC)


def custom_conditions(
    session: Session, wanted: Sequence[tuple[int, Any]], record_id: Any
) -> list[Any]:
    """Return "holds these values in custom fields"; a text matches as a part, in any case."""
    found = []
    for field_id, value in wanted:
        field = session.get(CustomField, field_id)
        if field is None:
            found.append(literal(value=False))
            continue
        holds = _custom_holds(field.type, value)
        having = select(CustomValue.record_id).where(CustomValue.field_id == field_id, holds)
        found.append(record_id.in_(having))
    return found


def _custom_holds(kind: FieldType, value: Any) -> Any:
    if kind is FieldType.TEXT:
        return func.lower(CustomValue.text).contains(str(value).lower(), autoescape=True)
    column, convert = _HELD[kind]
    return column == convert(value)


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


_HELD: Final[dict[FieldType, tuple[Any, Any]]] = {
    FieldType.NUMBER: (CustomValue.number, lambda value: Decimal(str(value))),
    FieldType.MONEY: (CustomValue.money_minor, int),
    FieldType.DATE: (CustomValue.day, _day),
    FieldType.YES_NO: (CustomValue.yes, bool),
    FieldType.LINK: (CustomValue.linked_id, int),
    FieldType.CHOICE: (CustomValue.text, str),
}


def open_deals_by(link: Any) -> Any:
    """Return a subquery: per record its open deals' count and sum in the workspace's currency."""
    amount = func.coalesce(Deal.amount_minor, 0) * cast(Deal.rate, Numeric(18, 8, asdecimal=False))
    return (
        select(
            link.label("record_id"), func.count().label("deals"), func.sum(amount).label("minor")
        )
        .where(Deal.stage_type == StageType.OPEN, Deal.archived_at.is_(None), link.is_not(None))
        .group_by(link)
        .subquery("open_deals")
    )


def touched_since(link: Any, moment: datetime) -> Any:
    """Return a select of the records that something happened with since a moment."""
    return select(link).where(
        Activity.at >= moment, Activity.archived_at.is_(None), link.is_not(None)
    )


def ordered(statement: Any, keys: Sequence[Any], record_id: Any, *, descending: bool) -> Any:
    """Order by the keys; rows without a value stand last in both directions."""
    ways = [(key.desc() if descending else key.asc()).nulls_last() for key in keys]
    return statement.order_by(*ways, record_id.desc() if descending else record_id)


def any_of(column: Any, values: Sequence[Any]) -> Any:
    """Return "is one of"; None stands for "has none"."""
    given = [value for value in values if value is not None]
    parts = [column.in_(given)] if given else []
    if len(given) < len(values):
        parts.append(column.is_(None))
    return or_(*parts)


def filter_to_json(chosen: Any) -> dict[str, Any]:
    """Return what differs from "everything", as JSON data; ids as text, as everywhere outside."""
    found = {}
    for field in fields(chosen):
        value = getattr(chosen, field.name)
        default = field.default if field.default is not MISSING else None
        if value != default:
            found[field.name] = _to_json(value)
    return found


def _to_json(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    return {"id": str(value)} if isinstance(value, int) else value


def filter_from_json(kind: type[F], data: Mapping[str, Any]) -> F:
    """Return the filter of JSON data; what a newer version wrote is left out."""
    readers: Mapping[str, Any] = getattr(kind, "READERS", {})
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name in known:
            try:
                values[name] = _from_json(value, readers.get(name))
            except (ValueError, TypeError):
                continue
    return kind(**values)


def _from_json(value: Any, reader: Any) -> Any:
    if isinstance(value, Mapping):
        return int(value["id"])
    if isinstance(value, list | tuple):
        return tuple(_from_json(item, reader) for item in value)
    return reader(value) if reader is not None and value is not None else value

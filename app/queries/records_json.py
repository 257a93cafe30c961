"""Any record as JSON data, for the command line: ids as text, money in major units, ISO moments."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from sqlalchemy import Select, inspect, or_, select
from sqlalchemy.orm import Session

from app.commands.settings import workspace_settings
from app.errors import UserError
from app.search import MIN_LETTERS, matching_ids, search_words
from models.base import Record, thaw
from models.records import (
    RECORDS,
    ChangeLog,
    ChangeStep,
    CustomField,
    CustomValue,
    ExternalId,
    Tag,
    TagLink,
    User,
)
from models.values import FieldType, Money

Json = dict[str, Any]

# Columns by which we sort and compare, of no use outside.
_INNER: Final = frozenset({"sort_name", "row_version", "board_order", "name_key"})
_KEY_SUFFIX: Final = "_key"
_MINOR: Final = "_minor"
# What lists are sorted by, and what stands for a record where another one links to it.
_ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "company": ("sort_name",),
    "contact": ("sort_name",),
    "deal": ("sort_name",),
    "ticket": ("number",),
    "task": ("due_at",),
    "activity": ("at",),
    "appointment": ("starts_at",),
    "order": ("at",),
    "event": ("at",),
}
_NAME: Final[Mapping[str, str]] = {
    "task": "title", "appointment": "title", "activity": "subject", "ticket": "subject",
    "order": "number",
}  # fmt: skip
_CHILDREN: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "contact": (
        ("points", "contact_point", "contact_id"),
        ("addresses", "address", "contact_id"),
        ("activities", "activity", "contact_id"),
    ),
    "company": (
        ("points", "contact_point", "company_id"),
        ("addresses", "address", "company_id"),
    ),
    "deal": (
        ("lines", "deal_line", "deal_id"),
        ("stage_changes", "stage_change", "deal_id"),
        ("activities", "activity", "deal_id"),
    ),
    "ticket": (("messages", "ticket_message", "ticket_id"),),
    "task": (("reminders", "reminder", "task_id"),),
    "appointment": (("reminders", "reminder", "appointment_id"),),
    "order": (("lines", "order_line", "order_id"),),
}
_NOT_INDEXED: Final = frozenset({"event"})  # there are too many of them for the search index
_TAGGED: Final = frozenset({"contact", "company", "deal", "ticket"})
_PIECE: Final = 500


def record_list(
    session: Session, kind: str, *, words: str = "", limit: int | None = None
) -> list[Json]:
    """Return the records of a kind, archived ones left out, in the order of their lists."""
    record = RECORDS[kind]
    statement = select(record).where(record.archived_at.is_(None))
    if words.strip():
        statement = _with_words(session, statement, kind, words)
    order = [getattr(record, name) for name in _ORDER.get(kind, (_NAME.get(kind, "name"),))]
    if kind == "activity":
        order = [order[0].desc()]
    found = session.scalars(statement.order_by(*order, record.id).limit(limit)).all()
    currency = workspace_settings(session).currency
    rows = [record_json(item, currency) for item in found]
    _add_names(session, record, rows)
    return rows


def full_record(session: Session, kind: str, record_id: int) -> Json:
    """Return one record with its points, lines, tags, custom values and history."""
    found = session.get(RECORDS[kind], record_id)
    if found is None:
        raise UserError("There is no {kind} {id}.", kind=kind.replace("_", " "), id=record_id)
    own = getattr(found, "currency", None) or workspace_settings(session).currency
    result = record_json(found, own)
    _add_names(session, RECORDS[kind], [result])
    for name, child, column in _CHILDREN.get(kind, ()):
        result[name] = _children(session, RECORDS[child], column, record_id, own)
    if kind in _TAGGED:
        result["tags"] = _tags(session, f"{kind}_id", record_id)
        result["custom"] = _custom(session, record_id)
    result["external_ids"] = [
        {"system": system, "value": value}
        for system, value in session.execute(
            select(ExternalId.system, ExternalId.value)
            .where(ExternalId.record_id == record_id, ExternalId.record_kind == kind)
            .order_by(ExternalId.system, ExternalId.value)
        )
    ]
    result["history"] = _history(session, record_id, own)
    return result


def record_json(found: Record, currency: str) -> Json:
    """Return a record's columns as JSON data; `currency` is taken where it names none itself."""
    own = getattr(found, "currency", None) or currency
    result: Json = {"id": str(found.id)}
    for attribute in inspect(type(found)).column_attrs:
        key = attribute.key
        if key == "id" or key in _INNER or key.endswith(_KEY_SUFFIX) or key == "content":
            continue
        value = getattr(found, key)
        if key.endswith(_MINOR):
            result[key.removesuffix(_MINOR)] = None if value is None else Money(value, own).text()
            result["currency"] = own
        elif key != "currency" or value is not None or "currency" not in result:
            result[key] = plain(key, value)
    return result


def plain(key: str, value: Any) -> Any:
    """Return a column's value as JSON data."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and (key == "id" or key.endswith("_id")):
        return str(value)  # 63 bits: readers of JSON round numbers above 53
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, Enum):
        return value.value
    return thaw(value)


def _with_words(session: Session, statement: Select[Any], kind: str, words: str) -> Select[Any]:
    record = RECORDS[kind]
    # What is too little for the index is looked for in the name.
    if kind in _NOT_INDEXED or sum(map(len, search_words(words))) < MIN_LETTERS:
        column = getattr(record, _NAME.get(kind, "name"))
        return statement.where(column.icontains(words.strip(), autoescape=True))
    ids = matching_ids(session, words, kind, limit=1_000_000)
    pieces = [record.id.in_(ids[i : i + _PIECE]) for i in range(0, len(ids), _PIECE)]
    return statement.where(or_(*pieces) if pieces else record.id.is_(None))


def _add_names(session: Session, record: type[Record], rows: Sequence[Json]) -> None:
    """Beside each link's id, put the name of what it links to."""
    for column in inspect(record).columns:
        keys = list(column.foreign_keys)
        if not keys:
            continue
        target = RECORDS[keys[0].column.table.name]
        ids = {int(row[column.key]) for row in rows if row.get(column.key)}
        names = _names(session, target, sorted(ids))
        for row in rows:
            linked = row.get(column.key)
            row[str(column.key).removesuffix("_id")] = names.get(int(linked)) if linked else None


def _names(session: Session, target: type[Record], ids: Sequence[int]) -> dict[int, str]:
    label = getattr(target, _NAME.get(target.__tablename__, "name"), None)
    names: dict[int, str] = {}
    if label is None:
        return names
    for start in range(0, len(ids), _PIECE):
        piece = ids[start : start + _PIECE]
        rows = session.execute(select(target.id, label).where(target.id.in_(piece)))
        names |= {row[0]: row[1] for row in rows}
    return names


def _children(
    session: Session, child: type[Record], column: str, record_id: int, currency: str
) -> list[Json]:
    order: Iterable[Any] = [
        getattr(child, name) for name in ("at", "position", "due_at") if hasattr(child, name)
    ]
    found = session.scalars(
        select(child).where(getattr(child, column) == record_id).order_by(*order, child.id)
    )
    rows = [record_json(item, currency) for item in found]
    _add_names(session, child, rows)
    for row in rows:  # every one of them says the same: the record that is shown
        del row[column], row[column.removesuffix("_id")]
    return rows


def _tags(session: Session, column: str, record_id: int) -> list[str]:
    statement = select(Tag.name).join(TagLink, TagLink.tag_id == Tag.id)
    return list(
        session.scalars(
            statement.where(getattr(TagLink, column) == record_id).order_by(Tag.name_key)
        )
    )


def _custom(session: Session, record_id: int) -> Json:
    rows = session.execute(
        select(CustomField, CustomValue)
        .join(CustomValue, CustomValue.field_id == CustomField.id)
        .where(CustomValue.record_id == record_id)
        .order_by(CustomField.position, CustomField.name_key)
    )
    return {field.name: _custom_value(field.type, value) for field, value in rows}


def _custom_value(kind: FieldType, value: CustomValue) -> Any:
    if kind is FieldType.MONEY:
        if value.money_minor is None or value.currency is None:
            return None
        amount = Money(value.money_minor, value.currency).text()
        return {"amount": amount, "currency": value.currency}
    if kind is FieldType.LINK:
        return plain("linked_id", value.linked_id)
    by_type = {
        FieldType.NUMBER: value.number,
        FieldType.DATE: value.day,
        FieldType.YES_NO: value.yes,
    }
    return plain("value", by_type.get(kind, value.text))


def _history(session: Session, record_id: int, currency: str) -> list[Json]:
    rows = session.execute(
        select(ChangeLog, ChangeStep, User.name)
        .join(ChangeStep, ChangeStep.n == ChangeLog.step)
        .outerjoin(User, User.id == ChangeStep.user_id)
        .where(ChangeLog.record_id == record_id)
        .order_by(ChangeLog.step)
    )
    return [
        {
            "step": step.n,
            "at": step.at.isoformat(),
            "label": step.label,
            "user": name,
            "action": line.action,
            "before": _logged(line.before, currency),
            "after": _logged(line.after, currency),
        }
        for line, step, name in rows
    ]


def _logged(values: Any, currency: str) -> Json:
    own = (values or {}).get("currency") or currency
    result: Json = {}
    for key, value in (values or {}).items():
        if key in _INNER or key.endswith(_KEY_SUFFIX):
            continue
        if key.endswith(_MINOR):
            result[key.removesuffix(_MINOR)] = None if value is None else Money(value, own).text()
        else:
            result[key] = plain(key, value)
    return result

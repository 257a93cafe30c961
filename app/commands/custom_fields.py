"""Fields that a workspace adds for itself, and what records hold in them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.commands.common import clean, load, money, required
from app.commands.settings import workspace_settings
from app.conflicts import fields_to_write
from app.errors import UserError
from models.clock import now
from models.ids import new_id
from models.records import RECORDS, CustomField, CustomValue
from models.values import FieldType, Money, name_key

FIELD_KINDS: Final = frozenset({"contact", "company", "deal", "ticket"})


def create_custom_field(
    session: Session,
    *,
    record_kind: str,
    name: str,
    type: FieldType,  # noqa: A002  the word of the record
    choices: Sequence[str] = (),
) -> int:
    """Add a field to a kind of record; `choices` are the words of CHOICE, the kind of LINK."""
    if record_kind not in FIELD_KINDS:
        raise UserError("Fields can be added to contacts, companies, deals and tickets.")
    tidy = required(name, 120, "name")
    _check_free(session, record_kind, tidy, None)
    last = session.scalar(
        select(func.max(CustomField.position)).where(CustomField.record_kind == record_kind)
    )
    field = CustomField(
        id=new_id(),
        record_kind=record_kind,
        name=tidy,
        name_key=name_key(tidy),
        type=FieldType(type),
        choices=_checked_choices(FieldType(type), choices),
        position=0 if last is None else last + 1,
    )
    session.add(field)
    return field.id


def change_custom_field(
    session: Session,
    *,
    field_id: int,
    name: str | None = None,
    choices: Sequence[str] | None = None,
    position: int | None = None,
) -> int:
    """Rename a field, change its choices or its place; its type stays."""
    field = load(session, CustomField, field_id)
    if name is not None:
        tidy = required(name, 120, "name")
        _check_free(session, field.record_kind, tidy, field.id)
        field.name, field.name_key = tidy, name_key(tidy)
    if choices is not None:
        field.choices = _checked_choices(field.type, choices)
    if position is not None:
        field.position = position
    return field.id


def archive_custom_field(session: Session, *, field_id: int) -> int:
    """Take a field off the forms; what records hold in it stays stored."""
    field = load(session, CustomField, field_id)
    field.archived_at = field.archived_at or now()
    return field.id


def restore_custom_field(session: Session, *, field_id: int) -> int:
    """Bring an archived field back."""
    field = load(session, CustomField, field_id)
    field.archived_at = None
    return field.id


def set_custom_value(
    session: Session,
    *,
    field_id: int,
    record_id: int,
    value: Any,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
) -> int:
    """Write what a record holds in a field; None or "" empties it."""
    field = load(session, CustomField, field_id)
    owner = load(session, RECORDS[field.record_kind], record_id)
    held = session.scalars(
        select(CustomValue).where(
            CustomValue.field_id == field_id, CustomValue.record_id == record_id
        )
    ).first()
    wanted = fields_to_write(
        session,
        held or owner,
        {"value": value},
        opened=opened,
        resolution=resolution,
        current={"value": _held_value(field, held)},
        label=field.name,
    )
    if "value" not in wanted:
        return field_id
    value = wanted["value"]
    if value is None or (isinstance(value, str) and not value.strip()):
        if held is not None:
            session.delete(held)
        return field_id
    columns = _columns(session, field, value)
    if held is None:
        session.add(CustomValue(id=new_id(), field_id=field_id, record_id=record_id, **columns))
        return field_id
    for key, item in columns.items():
        setattr(held, key, item)
    return field_id


def set_custom_values(
    session: Session, *, kind: str, record_id: int, values: Mapping[int, Any]
) -> int:
    """Write several fields of one record; return how many."""
    for field_id, value in values.items():
        if load(session, CustomField, field_id).record_kind != kind:
            raise UserError("This field belongs to another kind of record.")
        set_custom_value(session, field_id=field_id, record_id=record_id, value=value)
    return len(values)


def _held_value(field: CustomField, held: CustomValue | None) -> Any:
    """Return what a record holds in a field, in the form an editor shows."""
    if held is None:
        return None
    columns = {FieldType.MONEY: "money_minor", FieldType.LINK: "linked_id"}
    return getattr(held, columns.get(field.type) or _COLUMNS[field.type][0])


def _check_free(session: Session, kind: str, name: str, own_id: int | None) -> None:
    taken = session.scalar(
        select(CustomField.id).where(
            CustomField.record_kind == kind, CustomField.name_key == name_key(name)
        )
    )
    if taken is not None and taken != own_id:
        raise UserError("There is a field “{name}” already.", field="name", name=name)


def _checked_choices(kind: FieldType, choices: Sequence[str]) -> list[str] | None:
    words = list(dict.fromkeys(word.strip() for word in choices if word.strip()))
    if kind is FieldType.CHOICE:
        if not words:
            raise UserError("Write at least one word to choose.", field="choices")
        return words
    if kind is FieldType.LINK:
        if len(words) != 1 or words[0] not in FIELD_KINDS:
            raise UserError("Choose what the field links to.", field="choices")
        return words
    return None


def _columns(session: Session, field: CustomField, value: Any) -> dict[str, Any]:
    """Return the one filled column (two for money) of a value, checked by the field's type."""
    try:
        return _typed(session, field, value)
    except (InvalidOperation, ValueError, TypeError, AttributeError):
        raise UserError(
            "“{text}” does not fit into {field_name}.",
            field=str(field.id),
            text=value,
            field_name=field.name,
        ) from None


def _typed(session: Session, field: CustomField, value: Any) -> dict[str, Any]:
    if field.type is FieldType.MONEY:
        return _money(session, value)
    if field.type is FieldType.LINK:
        linked = RECORDS[field.choices[0]] if field.choices else None
        return {"linked_id": load(session, linked, int(value)).id if linked is not None else None}
    column, convert = _COLUMNS[field.type]
    return {column: convert(field, value)}


def _money(session: Session, value: Any) -> dict[str, Any]:
    if isinstance(value, Money):
        return {"money_minor": value.minor, "currency": value.currency}
    return {
        "money_minor": money(int(value), "value"),
        "currency": workspace_settings(session).currency,
    }


def _text(field: CustomField, value: Any) -> str | None:
    if not isinstance(value, str):
        raise TypeError(value)
    return clean(value, 100_000, str(field.id))


def _choice(field: CustomField, value: Any) -> str:
    if value not in (field.choices or ()):
        raise ValueError(value)
    return str(value)


def _yes_no(_field: CustomField, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _day(_field: CustomField, value: Any) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value)
    if not isinstance(value, date):
        raise TypeError(value)
    return value


_COLUMNS: Final[dict[FieldType, tuple[str, Callable[[CustomField, Any], Any]]]] = {
    FieldType.TEXT: ("text", _text),
    FieldType.CHOICE: ("text", _choice),
    FieldType.NUMBER: ("number", lambda _field, value: Decimal(str(value))),
    FieldType.DATE: ("day", _day),
    FieldType.YES_NO: ("yes", _yes_no),
}

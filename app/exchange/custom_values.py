"""Columns that become fields of the workspace's own, and what records hold in them."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.exchange.field_types import CUSTOM, custom_parts
from app.exchange.ledger import Ledger
from app.exchange.shaping import Shaped
from app.exchange.state import FileState
from models.records import CustomField
from models.values import FieldType, Money, name_key

_COLUMNS = ("text", "number", "money_minor", "currency", "day", "yes")


def prepare_custom(state: FileState, session: Session, ledger: Ledger) -> None:
    """Find or make the fields that the file's columns become."""
    wanted = [c.field for c in state.plan.guess.columns if (c.field or "").startswith(CUSTOM)]
    if not wanted:
        return
    kind = state.plan.kind
    stored = {
        field.name_key: (field.id, field.type)
        for field in session.scalars(select(CustomField).where(CustomField.record_kind == kind))
    }
    last = session.scalar(
        select(func.max(CustomField.position)).where(CustomField.record_kind == kind)
    )
    position = -1 if last is None else int(last)
    for key in wanted:
        type_, name = custom_parts(str(key))
        known = stored.get(name_key(name))
        if known is None:
            position += 1
            row = ledger.insert(
                "custom_field",
                {
                    "record_kind": kind,
                    "name": name[:120],
                    "name_key": name_key(name)[:120],
                    "type": type_,
                    "choices": [] if type_ is FieldType.CHOICE else None,
                    "position": position,
                },
            )
            ledger.note_created("custom_field", row, None)
            known = (row["id"], type_)
        if known[1] is type_:
            state.custom[str(key)] = known[0]


def write_custom(
    state: FileState, ledger: Ledger, shaped: Shaped, row: dict[str, Any], *, own: bool
) -> bool:
    """Write what a row has in its own fields; return whether that is anything new."""
    known = {v["field_id"]: v for v in state.directory.children("custom_value", row["id"])}
    added = False
    for key, value in shaped.custom.items():
        field_id = state.custom.get(key)
        if field_id is None:
            shaped.draft.complain(key, str(value), "The field of this name is of another type.")
            continue
        columns = _columns(key, value, state)
        stored = known.get(field_id)
        if stored is None:
            values = {"field_id": field_id, "record_id": row["id"], **columns}
            made = ledger.insert("custom_value", values, version=row["row_version"] if own else 0)
            if not own:
                ledger.note_created("custom_value", made, shaped.draft.row)
            state.directory.children("custom_value", row["id"]).append(made)
            added = True
            continue
        changes = {k: v for k, v in columns.items() if stored.get(k) != v}
        if changes and not own:
            ledger.update("custom_value", stored, changes, shaped.draft.row, own=False)
            added = True
    return added


def _columns(key: str, value: Any, state: FileState) -> dict[str, Any]:
    type_, _ = custom_parts(key)
    if type_ is FieldType.MONEY:
        amount, sign = value
        currency = sign or state.region.currency
        return {"money_minor": Money.of(amount, currency).minor, "currency": currency}
    column = {
        FieldType.NUMBER: "number",
        FieldType.DATE: "day",
        FieldType.YES_NO: "yes",
    }.get(type_, "text")
    return {column: value}

"""Columns that become fields of the workspace's own, and what records hold in them."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.exchange.field_types import CUSTOM, custom_parts
from app.exchange.ledger import Ledger
from app.exchange.shaping import Shaped
from app.exchange.state import FileState
from app.recorder import same_value, to_log
from models.records import CustomField, CustomValue
from models.values import FieldType, Money, fold, name_key

_OTHER_TYPE: Final = "The field of this name is of another type."
_MAX_NAME: Final = 120


def prepare_custom(state: FileState, session: Session, ledger: Ledger) -> None:
    """Find or make the fields that the file's columns become."""
    fields = (column.field or "" for column in state.plan.guess.columns)
    _make(state, session, ledger, state.plan.kind, [f for f in fields if f.startswith(CUSTOM)])


def make_fields(
    state: FileState, session: Session, ledger: Ledger, kind: str, rows: Sequence[Shaped]
) -> None:
    """Find or make the fields of rows of another kind than the file's: companies among people.

    Before their records: undone after them, when nothing uses them any more.
    """
    wanted = dict.fromkeys(key for row in rows if row.custom for key in row.custom)
    missing = [key for key in wanted if (kind, key) not in state.custom]
    if missing:
        _make(state, session, ledger, kind, missing)


def _make(
    state: FileState, session: Session, ledger: Ledger, kind: str, wanted: Iterable[str]
) -> None:
    keys = list(wanted)
    if not keys:
        return
    stored = {
        field.name_key: (field.id, field.type)
        for field in session.scalars(select(CustomField).where(CustomField.record_kind == kind))
    }
    last = session.scalar(
        select(func.max(CustomField.position)).where(CustomField.record_kind == kind)
    )
    position = -1 if last is None else int(last)
    for key in keys:
        type_, name = custom_parts(key)
        called = (name_key(name) or fold(name))[:_MAX_NAME]
        known = stored.get(called)
        if known is None:
            position += 1
            row = ledger.insert(
                "custom_field",
                {
                    "record_kind": kind,
                    "name": name[:_MAX_NAME],
                    "name_key": called,
                    "type": type_,
                    "choices": [] if type_ is FieldType.CHOICE else None,
                    "position": position,
                },
            )
            ledger.note_created("custom_field", row, None)
            known = stored[called] = (row["id"], type_)
        state.custom[kind, key] = known[0] if known[1] is type_ else None


def write_custom(
    state: FileState,
    ledger: Ledger,
    shaped: Shaped,
    row: dict[str, Any],
    *,
    own: bool,
    blanks_only: bool = False,
    again: bool = False,
) -> bool:
    """Write what a row has in its own fields; return whether that is anything new.

    `blanks_only`: what is there stays; `again`: an earlier row of the file said it, so say that.
    """
    held = state.directory.children("custom_value", row["id"])
    known = {v["field_id"]: v for v in held}
    added = False
    for key, value in shaped.custom.items():
        field_id = state.custom.get((shaped.draft.kind, key))
        if field_id is None:
            shaped.draft.complain(key, str(value), _OTHER_TYPE)
            continue
        columns = _columns(key, value, state)
        stored = known.get(field_id)
        if stored is None:
            values = {"field_id": field_id, "record_id": row["id"], **columns}
            made = ledger.insert("custom_value", values, version=row["row_version"] if own else 0)
            if not own:
                ledger.note_created("custom_value", made, shaped.draft.row)
            held.append(made)
            known[field_id] = made
            added = True
            continue
        changes = {
            k: v for k, v in columns.items() if not same_value(CustomValue, k, stored.get(k), v)
        }
        if not changes:
            continue
        if again or own:
            said = to_log(next(stored[k] for k in columns))
            shaped.draft.complain(
                key, str(value), f"An earlier row of this file says “{said}”; that was kept."
            )
        elif not blanks_only:
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

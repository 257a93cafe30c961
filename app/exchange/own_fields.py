"""Columns that fit no field become fields of the workspace's own, of the type their values have."""

from typing import Final

from app.exchange.field_types import custom_key
from app.exchange.plan import FilePlan
from app.exchange.shapes import ColumnLook, look_at
from models.values import FieldType

_SURE: Final = 0.95
_FEW: Final = 12  # distinct words of a choice
_ENOUGH: Final = 30  # values, before few words mean a choice
WITH_OWN_FIELDS: Final = frozenset({"contact", "company", "deal", "ticket"})


def type_of(look: ColumnLook) -> FieldType:
    """Return the type of field that a column's values ask for."""
    if not look.count:
        return FieldType.TEXT
    if look.date >= _SURE and look.number < _SURE:
        return FieldType.DATE
    if look.number >= _SURE:
        return FieldType.NUMBER
    if look.yes_no >= _SURE:
        return FieldType.YES_NO
    if look.few <= _FEW and look.count >= _ENOUGH and look.words <= 3:  # noqa: PLR2004  a word or three
        return FieldType.CHOICE
    return FieldType.TEXT


def own_fields(plan: FilePlan) -> dict[int, str | None]:
    """Return a new field for each column that has values and that nothing else takes.

    What a known program keeps for itself (with a reason to leave it out) stays out.
    """
    found: dict[int, str | None] = {}
    if plan.kind not in WITH_OWN_FIELDS or plan.stated:
        return found
    for column in plan.guess.columns:
        if column.field is None and column.confidence == 0:
            look = look_at([row[column.index] for row in plan.table.sample])
            if look.count:
                found[column.index] = custom_key(type_of(look), column.header[:120])
    return found

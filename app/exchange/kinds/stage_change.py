"""When a deal entered a stage, as another program has noted it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.exchange.field_types import Shape, a_field, a_kind

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

STAGE_CHANGE = a_kind(
    "stage_change",
    "Stage change",
    "stage-changes",
    (
        a_field("deal_ref", "Deal's id", Shape.ID, "deal id|opportunity id", 1.5, 300),
        a_field("stage_ref", "Stage's id", Shape.ID, "stage id|value|stage", 1.5, 300),
        a_field("at", "When", Shape.MOMENT, "date entered|entered|at|changed at|created date", 1.5),
    ),
    "deal_ref",
)


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of its record."""
    del shaper
    shaped.columns.update({key: values[key] for key in ("title",) if key in values})

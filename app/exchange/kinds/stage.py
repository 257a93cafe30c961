"""Stages of another program's pipelines, under its ids."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.exchange.field_types import ID_WORDS, Shape, a_field, a_kind

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

STAGE = a_kind(
    "stage",
    "Stage",
    "stages",
    (
        a_field("name", "Stage", Shape.NAME, "stage|stage label|stage name", 1.5, 120),
        a_field("pipeline_ref", "Pipeline's id", Shape.ID, "pipeline id", 1.5, 300),
        a_field("probability", "Probability", Shape.PERCENT, "probability|win probability", 1.0),
        a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|stage id", 0.8, 300),
    ),
    "name",
    "external_id",
)


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of its record."""
    del shaper
    shaped.columns.update({key: values[key] for key in ("title",) if key in values})

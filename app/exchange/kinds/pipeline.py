"""Pipelines of another program, under its ids."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.exchange.field_types import ID_WORDS, Shape, a_field, a_kind

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

PIPELINE = a_kind(
    "pipeline",
    "Pipeline",
    "pipelines",
    (
        a_field(
            "name",
            "Pipeline",
            Shape.NAME,
            "pipeline|pipeline label|pipeline name|deal pipeline label",
            1.5,
            120,
        ),
        a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|pipeline id", 0.8, 300),
    ),
    "name",
    "external_id",
)


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of its record."""
    del shaper
    shaped.columns.update({key: values[key] for key in ("title",) if key in values})

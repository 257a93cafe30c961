"""Appointments, single and in series."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.exchange.field_types import ID_WORDS, Shape, a_field, a_kind

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

APPOINTMENT = a_kind(
    "appointment",
    "Appointment",
    "appointments",
    (
        a_field(
            "title", "Title", Shape.TEXT, "appointment|event title|meeting title|termin", 1.2, 500
        ),
        a_field(
            "starts_at",
            "Starts",
            Shape.MOMENT,
            "starts|start time|start date time|starts at|beginnt am",
            1.8,
        ),
        a_field(
            "ends_at", "Ends", Shape.MOMENT, "ends|end time|end date time|ends at|endet am", 1.8
        ),
        a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|uid", 0.3, 300),
    ),
    "title",
)


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of its record."""
    del shaper
    shaped.columns.update({key: values[key] for key in ("title",) if key in values})
